"""Payment cards: issuer prefix and length (ISO/IEC 7812-1 and what the schemes publish), Luhn's check digit, usual grouping."""

import re
from collections.abc import Iterator

from tasks.privacy.checksums import luhn
from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import digit_runs, words_before

_LEAST, _MOST = 13, 19  # digits
# First and last prefix, lengths in digits.
_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),
    ("300", "305", (14,)),  # Diners Club
    ("36", "36", (14,)),
    ("38", "39", (14,)),
    ("3528", "3589", (16,)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("6759", "6763", (16, 18, 19)),  # Maestro
)
_GROUPS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (6, 13)}
_NUMBER = re.compile(r"(?<![0-9])[0-9]{4,19}(?:([ \u00a0-])[0-9]{1,13}(?:\1[0-9]{1,5}){0,3})?(?![0-9])")
# 13 and 14 digits are also what article numbers and times in milliseconds have.
_SHORT = 15
_WORDS = re.compile(
    r"card|visa|amex|master|diners|maestro|credit|debit|karte|kreditk|carte|tarjeta|carta|cart[aã]o|kaart|kort|карт"
)
_OTHER = re.compile(r"(?:order|invoice|serial|imei|isbn|tracking|sku|ean|account|rechnung|bestell)[a-z .:#-]{0,12}$")


def find(text: str) -> Iterator[Finding]:
    """Card numbers in a text, written in one or in the groups that stand on the card."""
    for start, end in digit_runs(text):
        if end - start < _LEAST:
            continue
        for match in _NUMBER.finditer(text, start, end):
            if _is_card(match.group()) and _fits(text, match.start(), match.end()):
                yield Finding("card", match.start(), match.end())


def _is_card(written: str) -> bool:
    groups = re.split(r"[^0-9]", written)
    digits = "".join(groups)
    if not _LEAST <= len(digits) <= _MOST or (len(groups) > 1 and tuple(map(len, groups)) not in _GROUPS):
        return False
    known = any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)
    return known and luhn(digits) and len(set(digits)) > 1


def _fits(text: str, start: int, end: int) -> bool:
    if re.match(r"[.,/\w-]?[0-9]|\w", text[end : end + 2]) or re.search(r"[0-9][.,/-]$|[\w/]$", text[max(0, start - 2) : start]):
        return False  # a piece of a longer number, a fraction, a name or an address on the web
    before = words_before(text, start, 40)
    if sum(character.isdigit() for character in text[start:end]) < _SHORT:
        return bool(_WORDS.search(before))
    return not _OTHER.search(before)
