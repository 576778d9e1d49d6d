"""Counting, masking, dropping; what masking must never do."""

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.privacy.engines import find_all
from tasks.privacy.finding import KINDS, Finding, resolve
from tasks.privacy.screening import screen_text
from tasks.privacy.settings import PrivacySettings

OFF = PrivacySettings(**dict.fromkeys(KINDS, "off"))
MASK = PrivacySettings(**dict.fromkeys(KINDS, "mask"))
TEXT = "Mail anna@example.com or bob@example.com, again anna@example.com; card 4111 1111 1111 1111; password: Tr0ub4dor&3"
VALUES = ("anna@example.com", "bob@example.com", "4111 1111 1111 1111", "Tr0ub4dor&3")

PIECES = st.sampled_from(
    [
        *(
            *VALUES,
            "+1 202-555-0143",
            "DE89370400440532013000",
            "536-22-1874",
            "203.0.113.45",
            "://a:hunter22@",
            "[EMAIL]",
            "[PHONE_2]",
        ),
        *(" ", "\n", "-", ".", "@", ":", "=", "1", "12 ", "a", "token ", "(", "[", "]", "password=", "tel ", "|"),
    ]
)


def test_by_default_secrets_are_masked_and_the_rest_is_counted() -> None:
    screened = screen_text(TEXT, PrivacySettings())
    assert screened.text == TEXT.replace("Tr0ub4dor&3", "[SECRET]")
    assert (screened.found, screened.masked, screened.reason) == ({"card": 1, "email": 3, "secret": 1}, 1, None)


def test_everything_off_passes_the_text_on() -> None:
    screened = screen_text(TEXT, OFF)
    assert (screened.text, screened.found, screened.masked) == (TEXT, {}, 0)


def test_placeholders_name_the_kind_and_numbers_tell_values_apart() -> None:
    assert screen_text(TEXT, MASK).text == "Mail [EMAIL] or [EMAIL], again [EMAIL]; card [CARD]; password: [SECRET]"
    numbered = screen_text(TEXT, MASK.model_copy(update={"numbered": True})).text
    assert numbered == "Mail [EMAIL_1] or [EMAIL_2], again [EMAIL_1]; card [CARD_1]; password: [SECRET_1]"


def test_masked_links_stay_links() -> None:
    assert screen_text("[me](mailto:me@example.com) <me@example.com>", MASK).text == "[me](mailto:[EMAIL]) <[EMAIL]>"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("me@example.com: my new address", "[EMAIL] : my new address"),
        ("Ask:\n> - me@example.com: late", "Ask:\n> - [EMAIL] : late"),
        ("Call +1 202-555-0143(office) or me@example.com[1]", "Call [PHONE] (office) or [EMAIL] [1]"),
        ("Write to me@example.com: soon", "Write to [EMAIL]: soon"),
        ("[me@example.com](mailto:me@example.com)", "[[EMAIL]](mailto:[EMAIL])"),
    ],
)
def test_a_placeholder_is_no_markdown_link(text: str, masked: str) -> None:
    assert screen_text(text, MASK).text == masked


def test_drop_counts_and_names_no_value() -> None:
    drop = PrivacySettings(email="drop", card="drop", drop_from=4)
    screened = screen_text(TEXT, drop)
    assert (screened.text, screened.reason, screened.detail) == (None, "privacy.personal_data", "1 card, 3 email")
    assert screen_text(TEXT, drop.model_copy(update={"drop_from": 5})).text is not None
    assert screen_text(TEXT, PrivacySettings(secret="drop")).reason == "privacy.secrets"


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_masking_twice_changes_nothing(text: str, numbered: bool) -> None:
    mask = MASK.model_copy(update={"numbered": numbered})
    once = screen_text(text, mask)
    twice = screen_text(once.text or "", mask)
    assert twice.text == once.text
    assert twice.masked == 0


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join)))
def test_findings_are_in_order_and_do_not_overlap(text: str) -> None:
    findings = find_all(text, PrivacySettings())
    assert all(0 <= found.start < found.end <= len(text) for found in findings)
    assert all(one.end <= other.start for one, other in itertools.pairwise(findings))


def test_the_longest_counts_then_the_more_specific_and_secrets_before_all() -> None:
    phone, card, long_phone = Finding("phone", 0, 9), Finding("card", 0, 9), Finding("phone", 0, 12)
    assert resolve([phone, card]) == [card]
    assert resolve([card, long_phone]) == [long_phone]
    assert resolve([Finding("secret", 3, 6), Finding("email", 0, 12)]) == [Finding("secret", 3, 6)]


def test_a_finding_shows_no_value() -> None:
    assert not any(value in repr(find_all(TEXT, PrivacySettings())) for value in VALUES)


def test_settings_refuse_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="XX"):
        PrivacySettings(phone_regions=("US", "XX"))
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ValidationError, match="install the extra"):
        PrivacySettings(engine="presidio")


def test_presidio_finds_the_same_kinds_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("presidio_analyzer")

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    screened = screen_text(TEXT, MASK.model_copy(update={"engine": "presidio"}))
    assert screened.text == "Mail [EMAIL] or [EMAIL], again [EMAIL]; card [CARD]; password: [SECRET]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=Tr0ub;adour&3 then", "password=[SECRET] then"),
        ("pwd=Winter#2020x;Server=db1", "pwd=[SECRET];Server=db1"),
        ('password="correct horse battery staple"', 'password="[SECRET]"'),
    ],
)
def test_a_password_is_masked_whole(text: str, masked: str) -> None:
    assert screen_text(text, PrivacySettings()).text == masked


def test_a_key_quoted_in_a_mail_is_masked_whole() -> None:
    head, foot = ("-----" + words + " PRIVATE KEY-----" for words in ("BEGIN", "END"))
    body = "> " + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2
    assert screen_text(f"> {head}\n{body}\n> {foot}\nBye", PrivacySettings()).text == "> [SECRET]\nBye"


def test_a_row_of_figures_is_no_telephone_number() -> None:
    assert screen_text("tel: " + "1 2 3 4 5 6 7 8 9 " * 2000, PrivacySettings()).found == {}
