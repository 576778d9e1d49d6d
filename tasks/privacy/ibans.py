"""Bank accounts: IBAN, ISO 13616-1, with the length of each country in the SWIFT registry and the check digits MOD 97-10."""

import re
from collections.abc import Iterator

from tasks.privacy.checksums import mod_97_10
from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import letters_before_digits

# Characters of an IBAN by country: SWIFT, IBAN Registry, release 99.
_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ DJ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        33: "RU",
        32: "LC",
    }.items()
    for country in countries.split()
}
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?:[ \u00a0-]?[A-Z0-9]){11,29}")


def find(text: str) -> Iterator[Finding]:
    """Account numbers in a text, written in one or in groups."""
    for start in letters_before_digits(text):
        length = _LENGTHS.get(text[start : start + 2])
        if length is None or text[start - 1 : start].isalnum():
            continue
        match = _IBAN.match(text, start)
        end = _end_of(match.group(), length) if match else None
        if end is None or text[start + end : start + end + 1].isalnum():
            continue
        if mod_97_10(_bare(text[start + 4 : start + end]) + text[start : start + 4]):
            yield Finding("iban", start, start + end)


def _bare(value: str) -> str:
    return "".join(character for character in value if character.isalnum())


def _end_of(written: str, length: int) -> int | None:
    """Where the first `length` letters and digits end; None when there are fewer."""
    for at, character in enumerate(written, 1):
        length -= character.isalnum()
        if not length:
            return at
    return None
