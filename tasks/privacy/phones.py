"""Telephone numbers, as the numbering plans in phonenumbers (Apache-2.0) know them.

Its matcher is costly and takes many other numbers for one, so it sees only runs of digits that are written like one, or
stand after a word that says so. Numbers without a country code are tried in the plans of the chosen regions.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import digit_runs, words_before

_LEAST, _MOST = 7, 15  # digits; E.164 allows 15
_LONGEST_NATIONAL = 12  # digits
_AROUND = 3  # characters before a run that belong to a number: "+", "(", "+("
_SAYS_PHONE = re.compile(
    r"phone|telefon|t[eé]l[eé]fono|mobil|rufnummer|cellular|celular|whatsapp|hotline|"
    r"(?<![^\W_])(?:tel|t[eé]l|fax|cell|call|dial|sms|ruf|anruf|handy|ll[aá]m|m[oó]vil|appele|portable|chiam|bel|ring|soita|puh|ligue|"
    r"zadzwo|kom[oó]rk|тел|звон|факс|моб)|电话|電話|传真|전화|फ़ोन|फोन|هاتف"
)
_SAYS_OTHER = re.compile(
    r"(?:isbn|issn|order|invoice|rechnung|kunden|artikel|auftrag|bestell|part no|serial|patent|doi|iban|bic|konto|account|factur|"
    r"faktura|siret|siren|\bsku|\bean\b|\bgtin|upc|\bacn\b|\babn\b|batch|version|\bcase|protocollo|expediente|proces|tracking|registration|"
    r"reference|\bref\b|\bvat|ust|\bssn|social security|passport|licen[sc]e|policy|commission file|file n|employer|"
    r"\bein\b|\birs\b|\b(?:din|en|iso|iec|vde|astm|ieee|rfc)\b|§|n°|№|\bno\.|\bnr\.?|#)[^\n]{0,14}$"
)
_LONGEST_RUN = 200  # characters of digits and separators: more is a table of numbers, and the matcher would take seconds
_LEAST_UNSAID = 9  # digits where neither a country code nor a word says that it is a telephone number
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2}[-./][0-9]{1,2}[-./](?:19|20)?[0-9]{2})(?![0-9])"
)
# Letters of scripts without spaces may touch a number, ASCII ones not.
_GLUED_BEFORE = re.compile(r"[A-Za-z0-9.,/=_-]")
_YEARS_OR_PAGES = re.compile(
    r"(?:[0-9]{2} ){3}[0-9]{2}|[0-9]{3,5}\u2013[0-9]{3,5}|\+[0-9]{1,3}\.[0-9]{2}[^0-9].*|[0-9]{4}\.[0-9]{4,5}"
)
_GLUED_AFTER = re.compile(r"[.,/_-]?[0-9]|[A-Za-z_]")
# North America, and numbers that start with the trunk prefix 0: the two ways to write a number so that it shows what it is.
_NANP = re.compile(
    r"(?<![0-9.,-])(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}([ .-]))[2-9][0-9]{2}(?:(?(1)\1|[-. ]))[0-9]{4}(?![0-9])"
)
_TRUNK = re.compile(r"(?<![0-9.,-])\(?0[1-9][0-9]{0,4}\)?[ /.\u2013-]{1,3}[0-9]")


def find(text: str, regions: Sequence[str] = ("US",)) -> Iterator[Finding]:
    """Numbers in a text. regions: ISO 3166 codes of the countries whose numbers may stand without a country code."""
    for first, end in digit_runs(text):
        if end - first > _LONGEST_RUN:
            continue
        start = max(0, first - _AROUND)
        run = text[start:end]
        if sum(character.isdigit() for character in run) < _LEAST:
            continue
        for region in _regions_for(text, start, run, regions):
            if region and not _may_be_of(run, region):
                continue
            found = list(_matches(text, start, end, region))
            yield from found
            if found:
                break


def _regions_for(text: str, start: int, run: str, regions: Sequence[str]) -> Sequence[str | None]:
    """In whose plans to look; none when it is no telephone number by the way it is written and by the words before it."""
    if "+" in run:
        return [None, *regions]
    before = words_before(text, start + _AROUND, 40)
    if _SAYS_PHONE.search(before[-30:].rpartition("\n")[2]):
        return regions
    if _SAYS_OTHER.search(before) or _DATE.search(run) or sum(map(str.isdigit, run)) < _LEAST_UNSAID:
        return []
    if _NANP.search(run):
        return [region for region in regions if region in {"US", "CA"}]
    if _TRUNK.search(run):
        return [region for region in regions if region not in {"US", "CA"}]
    return []


def _may_be_of(run: str, region: str) -> bool:
    """Its digits, less a country code or a prefix of one digit, may be a number of the plan: spares most calls of the matcher."""
    digits = "".join(filter(str.isdigit, run))
    if len(digits) > _LONGEST_NATIONAL:
        return True  # may be several numbers
    code, plan = _plan(region)
    return any(plan.fullmatch(rest) for rest in (digits, digits[1:], digits.removeprefix(code), digits.removeprefix("00" + code)))


@lru_cache(maxsize=64)
def _plan(region: str) -> tuple[str, re.Pattern[str]]:
    from phonenumbers import PhoneMetadata

    metadata: Any = PhoneMetadata.metadata_for_region(region, None)
    return str(metadata.country_code), re.compile(metadata.general_desc.national_number_pattern)


def _matches(text: str, start: int, end: int, region: str | None) -> Iterator[Finding]:
    from phonenumbers import Leniency, PhoneNumberMatcher

    line = max(0, start - 1)
    window = text[line : end + 8]
    # With a country code, the country's lengths are enough: numbers out of use are somebody's all the same.
    leniency = Leniency.VALID if region else Leniency.POSSIBLE
    for match in PhoneNumberMatcher(window, region, leniency=leniency):
        digits = sum(character.isdigit() for character in match.raw_string)
        if (
            _LEAST <= digits <= _MOST + 4
            and line + match.start < end
            and _stands_alone(text, line + match.start, line + match.end)
        ):
            yield Finding("phone", line + match.start, line + match.end)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No piece of a longer number, an identifier, a decimal or an address on the web."""
    before, written = text[max(0, start - 1) : start], text[start:end].lstrip("([")
    glued = before.isalnum() and before.isascii() if text[start] in "+(" else _GLUED_BEFORE.match(before)
    return not (glued or _DATE.match(written) or _YEARS_OR_PAGES.fullmatch(written) or _GLUED_AFTER.match(text[end : end + 2]))
