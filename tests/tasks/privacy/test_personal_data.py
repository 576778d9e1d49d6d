"""Each finder with values that are reserved for examples, and with what only looks like one."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.privacy import addresses, cards, checksums, emails, ibans, national_ids, phones
from tasks.privacy.finding import Finding
from tasks.privacy.settings import REGIONS


def values(find: Callable[[str], Iterator[Finding]], text: str) -> list[str]:
    return [text[found.start : found.end] for found in find(text)]


def find_phones(text: str) -> Iterator[Finding]:
    return phones.find(text, REGIONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to <jane.roe+x@mail.example.org>, or o'brien@example.ie.", ["jane.roe+x@mail.example.org", "o'brien@example.ie"]),
        ("jürgen@bücher.example und 联系li@example.cn谢谢", ["jürgen@bücher.example", "li@example.cn"]),
        ("a@xn--fsq.xn--0zwm56d", ["a@xn--fsq.xn--0zwm56d"]),
        ("[me@example.com](mailto:me@example.com)", ["me@example.com", "me@example.com"]),
        ("root@localhost @app.route('/') lodash@4.17.21 logo@2x.png git@github.com:a/b.git", []),
        ("A@B.mean() and a..b@example.com and x@.example.com", []),
        ("@" * 50 + "a@b@c", []),
    ],
)
def test_emails(text: str, expected: list[str]) -> None:
    assert values(emails.find, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call (202) 555-0143 or 646.555.0118", ["(202) 555-0143", "646.555.0118"]),
        ("+44 20 7946 0958; +49 30 23125-148", ["+44 20 7946 0958", "+49 30 23125-148"]),
        ("Tel. 030 23125 000", ["030 23125 000"]),
        ("Phone: 5035550147", ["5035550147"]),
        ("電話は03-1234-5678です", ["03-1234-5678"]),
        ("5035550147 units of 2025550143", []),
        ("from 2019-03-04 10:15 to 03.04.2020", []),
        ("ISBN 978-3-16-148410-0, order 202-555-0143", []),
        ("1,299.00 12,345,678 3.14159265358979", []),
        ("VDE 0100-410, Bestellnummer 0815-4711-2020", []),
    ],
)
def test_phones(text: str, expected: list[str]) -> None:
    assert values(find_phones, text) == expected


def test_phones_of_other_regions_need_their_country_code() -> None:
    assert values(lambda text: phones.find(text, ("US",)), "Tel. 030 23125 000, +49 30 23125 000") == ["+49 30 23125 000"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00 (BIC COBADEFFXXX)", ["DE89 3704 0044 0532 0130 00"]),
        ("GB82WEST12345698765432.", ["GB82WEST12345698765432"]),
        ("DE88 3704 0044 0532 0130 00", []),  # check digits
        ("DE89 3704 0044 0532 0130", []),  # too short
        ("GB82WEST123456987654321", []),  # too long
        ("ZZ89370400440532013000", []),  # no such country
    ],
)
def test_ibans(text: str, expected: list[str]) -> None:
    assert values(ibans.find, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111 1111 1111 1111, 378282246310005", ["4111 1111 1111 1111", "378282246310005"]),
        ("3782 822463 10005 and 5555-5555-5555-4444", ["3782 822463 10005", "5555-5555-5555-4444"]),
        ("4111 1111 1111 1112", []),  # check digit
        ("41 11111 111111 111", []),  # no card is grouped so
        ("1234567812345670", []),  # no issuer
        ("order 4111111111111111", []),
        ("0.4111111111111111 and https://example.com/4111111111111111", []),
        ("EAN 4222222222222", []),
        ("Visa card 4222222222222", ["4222222222222"]),
    ],
)
def test_cards(text: str, expected: list[str]) -> None:
    assert values(cards.find, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SSN 536-22-1874",
        "NINO AB 12 34 56 C",
        "NHS number 943 476 5919",
        "SIN 046 454 286",
        "PPS number 1234567FA",
        "Steuer-ID 86 095 742 719",
        "2 55 08 14 168 025 38",
        "DNI 12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "BSN 111222333",
        "85.07.30-033.28",
        "PESEL 44051401359",
        "811218-9876",
        "131052-308T",
        "CPR 070761-4285",
        "710319/2745",
        "CNP 1800101221144",
        "NIF 123456789",
        "756.9217.0769.85",
        "111.444.777-35",
        "HEGG560427MVZRRL04",
        "Aadhaar 2341 2341 2346",
        "ABCPE1234F",
        "11010519491231002X",
        "ID 8001015009087",
        "T.C. 10000000146",
        "TFN 123 456 782",
    ],
)
def test_national_ids(text: str) -> None:
    (found,) = national_ids.find(text)
    assert found.end == len(text)
    # Another last digit before the end fails the check, where there is one.
    last = max(at for at, character in enumerate(text) if character.isdigit())
    changed = text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]
    without_check = text.startswith(("SSN", "NINO", "CPR", "ABCPE"))
    assert bool(list(national_ids.find(changed))) == without_check


@pytest.mark.parametrize(
    "text",
    [
        "111222333",
        "44051401359",
        "2341 2341 2346",
        "000-12-3456",
        "666-12-3456",
        "AB123456C",
        "ABCDE1234F",
        "part 12-345-6789",
        "2021 0518 123",
    ],
)
def test_numbers_that_could_be_anything_need_a_word(text: str) -> None:
    assert list(national_ids.find(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 203.0.113.45:8080 and 2001:db8::8a2e:370:7334.", ["203.0.113.45", "2001:db8::8a2e:370:7334"]),
        ("2606:4700:4700::1111", ["2606:4700:4700::1111"]),
        ("ping 8.8.8.8", ["8.8.8.8"]),
        ("version 203.0.113.45, section 10.2.1.3, 1.2.3.4, 1.3.6.1.2.1.1.3.0", []),
        ("rules on goods from the shelves: 3.1.4.1 and from a user. 3.2.13.7", []),
        ("the address is 1.2.3.4, host: 1.2.3.5", ["1.2.3.4", "1.2.3.5"]),
        ("256.1.1.1 and 203.0.113.045.1", []),
        ("192.168.1.1 127.0.0.1 fe80::1 ::1", []),
        ("std::vector a::b 12:30:45 00:1A:2B:3C:4D:5E", []),
    ],
)
def test_addresses(text: str, expected: list[str]) -> None:
    assert values(addresses.find, text) == expected


def test_local_addresses_count_when_asked_for() -> None:
    assert values(lambda text: addresses.find(text, local=True), "192.168.1.1 fe80::1 ::1") == ["192.168.1.1", "fe80::1", "::1"]


@given(st.text(alphabet="0123456789", min_size=2, max_size=30))
def test_luhn_and_verhoeff_notice_every_changed_digit(digits: str) -> None:
    for check in (checksums.luhn, checksums.verhoeff):
        completions = [digit for digit in "0123456789" if check(digits + digit)]
        assert len(completions) == 1


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "1-", "a@", "a.", "@a.", "DE89", "1.", "a:", "::", "A1", "+1 ", "(2", "0 1/", "12.12."]
)
@pytest.mark.parametrize("find", [emails.find, find_phones, ibans.find, cards.find, national_ids.find, addresses.find])
def test_hostile_repetition_ends(find: Callable[[str], Iterator[Finding]], unit: str) -> None:
    text = unit * 20_000
    assert all(0 <= found.start < found.end <= len(text) for found in find(text))
