"""Mail: bodies, history, signatures, attached messages, mailboxes and Outlook files."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extraction.mail.history import cut_history, cut_signature
from tasks.extraction.mail.mime import read_message
from tasks.extraction.readers import eml, mbox, mhtml, msg
from tasks.extraction.reading import LimitError, Part, ReaderError, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.storage.messages import parse_message
from tests.tasks.extraction import documents

ANSWER = "Yes, we will come on Monday."
LONG = (
    f"{ANSWER} We bring the plans of the house, the letters of the council"
    " and whatever else of use turns up in the cellar until the end of the week."
)


def read(reader: object, content: bytes, **options: object) -> list[Part]:
    source = Source(Path("mail"), len(content), content, "eml")
    return list(reader.read(source, ExtractionSettings.model_validate(options)))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "history",
    [
        "On Mon, 2 Jun 2025 at 10:00, Ann <ann@example.org> wrote:\n> Will you come?\n> On Monday?",
        "Am 2. Juni 2025 schrieb Ann:\n\n> Kommt ihr?",
        "-----Original Message-----\nFrom: Ann\nWill you come?",
        "________________________________\nFrom: Ann <a@b.c>\nSent: Monday\nTo: Bob\nSubject: Visit\n\nWill you come?",
    ],
)
def test_history_is_cut_from_the_end(history: str) -> None:
    assert cut_history(f"{LONG}\n\n{history}").strip() == LONG
    assert cut_history(f"{ANSWER}\n\n{history}") == f"{ANSWER}\n\n{history}"


@pytest.mark.parametrize(
    "body",
    [
        "> only\n> a quotation",
        "> Will you come?\n\n" + ANSWER,
        "---------- Forwarded message ---------\nFrom: Ann <a@b.c>\nDate: Monday\nTo: Bob\n\nThe plan is this.",
        f"{LONG}\n-----Original Message-----\nFrom: Ann\n> Will you come?\n\nYes.\n\n> Where?\n\nHere.",
        "From: here to there\nis a long way",
    ],
)
def test_history_that_a_mail_consists_of_or_answers_stays(body: str) -> None:
    assert cut_history(body) == body


def test_signatures_are_cut() -> None:
    assert cut_signature(f"{ANSWER}\n-- \nBob\nHead of Visits") == ANSWER
    assert cut_signature(f"{ANSWER}\n\nSent from my iPhone") == ANSWER
    assert cut_signature("-- \nBob") == "-- \nBob"
    long = f"{ANSWER}\n--\n" + "line\n" * 30
    assert cut_signature(long).split() == long.split()


def test_settings_keep_history_and_signatures() -> None:
    content = f"Subject: s\n\n{LONG}\n-- \nBob\n\nOn Monday Ann wrote:\n> Will you come?\n".encode()
    (cut,) = read(eml, content)
    (kept,) = read(eml, content, keep_mail_quotes=True, keep_mail_signatures=True)
    assert cut.text == f"# s\n\n{LONG}"
    assert "Bob" in kept.text
    assert "Will you come?" in kept.text


def test_alternatives_count_once_and_a_stub_gives_way_to_html() -> None:
    start = b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    rest = b"\n--b\nContent-Type: text/html\n\n<p>" + ANSWER.encode() * 9 + b"</p>\n--b--\n"
    assert read(eml, start + ANSWER.encode() * 9 + rest)[0].text.count(ANSWER) == 9
    assert read(eml, start + b"No HTML?" + rest)[0].text.count(ANSWER) == 9


def test_flowed_text_is_joined() -> None:
    content = b"Content-Type: text/plain; format=flowed\n\nThis line \ngoes on.\nThis does not.\n"
    assert read_message(parse_message(content)).body == "This line goes on.\nThis does not."


def test_a_forwarded_message_is_part_of_the_text() -> None:
    inner = f"Subject: inner\n\n{ANSWER}"
    start = "Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\n"
    content = f"{start}--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    assert read(eml, content.encode())[0].text == f"# outer\n\nSee below.\n\n# inner\n\n{ANSWER}"


def test_a_mailbox_comes_in_parts() -> None:
    message = f"From a@b.c Mon Jan  1 00:00:00 2024\nSubject: s\n\n{ANSWER}\n>From here on.\nFrom there.\n\n"
    parts = read(mbox, message.encode() * 100, part_characters=1000)
    assert len(parts) > 3
    assert sum(part.text.count(ANSWER) for part in parts) == 100
    assert "\nFrom here on.\nFrom there." in parts[0].text


def test_a_web_archive_is_its_page() -> None:
    page = b"--b\nContent-Type: text/html\n\n<p>The page.</p>\n"
    content = b"Content-Type: multipart/related; boundary=b\n\n" + page + b"--b\nContent-Type: image/png\n\nx\n--b--"
    assert read(mhtml, content)[0].text.strip() == "The page."


def test_an_outlook_message() -> None:
    (part,) = read(msg, documents.msg("Greetings", f"{ANSWER}\r\nAnn"))
    assert part.title == "Greetings"
    assert part.text == (
        '# Greetings\n\nFrom: "Ann" <ann@example.org>  \nTo: "Bob" <bob@example.org>  \nDate: 2024-01-17T21:20:00+00:00\n\n'
        f"{ANSWER}\nAnn"
    )


@given(st.binary(max_size=300), st.sampled_from([eml, mbox, mhtml, msg]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_text_or_a_reason(content: bytes, reader: object) -> None:
    with suppress(ReaderError):
        assert all(isinstance(part.text, str) for part in read(reader, content))


@given(st.text())
def test_cutting_only_removes(body: str) -> None:
    assert set(cut_signature(cut_history(body)).split()) <= set(body.split())


def test_a_mail_of_a_mailbox_that_cannot_be_read_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    start = "From a@b.c Mon Jan  1 00:00:00 2024\nSubject: s\n"
    locked = f"{start}Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB\n\n"
    large = f"{start}\n{ANSWER}\n" + "x" * 3000 + "\n\n"
    deep = start + "".join(f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n" for at in range(3000)) + "\n"
    content = (f"{start}\n{ANSWER}\n\n" + locked + large).encode()
    (part,) = read(mbox, content)
    assert (part.pages, part.pages_lost) == (3, 1)
    (part,) = read(mbox, (deep + content.decode()).encode())
    assert (part.pages, part.pages_lost, ANSWER in part.text) == (4, 2, True)
    monkeypatch.setattr(mbox, "LARGEST_MESSAGE", 2000)
    (part,) = read(mbox, content)
    assert (part.pages, part.pages_lost, part.text.count(ANSWER)) == (3, 2, 2)


def test_a_message_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eml, "LARGEST_MESSAGE", 100)
    with pytest.raises(LimitError):
        read(eml, b"Subject: s\n\n" + b"x" * 100)
