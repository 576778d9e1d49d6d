"""What a value of a kind looks like: the piece of a form's value, or of a sentence after its label, that the field wants."""

import re
from collections.abc import Callable

from tasks.annotation import amounts
from tasks.annotation.finders.pairs import trimmed
from tasks.annotation.normalizers.identifiers import VAT_SHAPES, is_iban
from tasks.annotation.schema import FieldSpec

Span = tuple[int, int]

# Letters, digits and the marks within numbers of documents; at least one digit.
IDENTIFIER = re.compile(
    r"(?<![\w/.-])#?(?:[A-Z]{1,4}[ \u00a0](?=\d))?(?=[^\s\d]{0,12}\d)"
    r"[A-Za-z0-9]+(?:[/._-]{1,2}[A-Za-z0-9]+){0,6}(?![\w%€$£]|[.,]\d)"
)
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:\d\d){1,2}|(?:19|20)\d\d-\d\d-\d\d")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
VAT_ID = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(VAT_SHAPES)})[ .]?(?=[A-Z0-9. ]{{0,14}}\d)[A-Z0-9](?:[. ]?[A-Z0-9]){{1,12}}(?![A-Za-z0-9])"
)
EMAIL = re.compile(r"(?<![\w.+-])[\w+-](?:[\w.+-]{0,62}[\w+-])?@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w-])")
# With a scheme, with www., or a host of a top-level domain that is not a file's ending, and a path.
URL = re.compile(
    r"(?<![\w@./-])(?:https?://[^\s<>\"'()|\]\[]{3,300}|www\.[^\s<>\"'()|\]\[]{3,300}"
    r"|(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|io|dev|me|info|eu|de|fr|es|it|nl|pt|uk|ch|at|be)/[^\s<>\"'()|\]\[]{1,300})"
)
PHONE = re.compile(r"(?<![\w.,/+-])(?:\+|\(\+?|00)?\d[\d ()/.\u00a0-]{5,20}\d(?![\w-]|[.,]\d)")
_NUMBER = re.compile(rf"{amounts.MONEY.pattern}|{amounts.PLAIN.pattern}")


def kind_of(field: FieldSpec) -> str:
    """What the values of a field look like: its normalizer's name, or its type."""
    return field.normalizer or field.type


def piece_of(text: str, start: int, end: int, field: FieldSpec) -> Span | None:
    """The first place in text[start:end] that can be a value of the field; None when there is none."""
    finder = _PIECES.get(kind_of(field))
    if finder:
        return finder(text, start, end)
    bounds = trimmed(text, start, end)
    return bounds if bounds[0] < bounds[1] else None


def _first(pattern: re.Pattern[str]) -> Callable[[str, int, int], Span | None]:
    def find(text: str, start: int, end: int) -> Span | None:
        found = pattern.search(text, start, end)
        return without_closing_marks(text, *found.span()) if found else None

    return find


def without_closing_marks(text: str, start: int, end: int) -> Span:
    """The bounds without the full stop or bracket that ends the sentence around them."""
    while end > start and text[end - 1] in ".,;:!?)*_'\"" and not (text[end - 1] == ")" and "(" in text[start:end]):
        end -= 1
    return start, end


def _money(text: str, start: int, end: int) -> Span | None:
    """An amount with its currency, failing that a number that is no percentage."""
    found = amounts.MONEY.search(text, start, end) or amounts.PLAIN.search(text, start, end)
    return trimmed(text, *found.span()) if found else None


def iban_bounds(text: str, start: int, end: int) -> Span | None:
    """The first IBAN with right check digits; letters that follow after a blank are left out."""
    for found in IBAN.finditer(text, start, end):
        right = found.end()
        while right - found.start() >= 15:
            if is_iban(text[found.start() : right].replace(" ", "")):
                return found.start(), right
            cut = text.rfind(" ", found.start(), right)
            if cut < 0:
                break
            right = cut
    return None


def vat_bounds(text: str, start: int, end: int) -> Span | None:
    """The first number with the shape of a country's VAT identification numbers."""
    for found in VAT_ID.finditer(text, start, end):
        right = found.end()
        while right > found.start() + 3:
            plain = re.sub(r"[ .]", "", text[found.start() : right])
            if re.fullmatch(VAT_SHAPES[plain[:2]], plain[2:], re.ASCII):
                return found.start(), right
            right = max(text.rfind(" ", found.start(), right), text.rfind(".", found.start(), right))
    return None


def _party(text: str, start: int, end: int) -> Span | None:
    """The name of the organisation that the value begins with, failing that the value to the end of its sentence."""
    from tasks.annotation.finders.organisations import organisation_around

    left, right = trimmed(text, start, end)
    named = organisation_around(text, left, left + 1)
    if named and named.formal and named.start <= left < named.end <= right:
        return left, named.end
    right = min((mark for sign in (" (", ";", "<br") if (mark := text.find(sign, left, right)) > 0), default=right)
    return trimmed(text, left, right, " \t*_|,") if left < right and text[left].isalnum() else None


def _identifier(text: str, start: int, end: int) -> Span | None:
    """The first word with digits that is no date."""
    for found in IDENTIFIER.finditer(text, start, end):
        if not _DATE.fullmatch(found.group()):
            return without_closing_marks(text, *found.span())
    return None


def _person(text: str, start: int, end: int) -> Span | None:
    from tasks.annotation.finders.persons import person_bounds

    return person_bounds(text, start, end)


def _phone(text: str, start: int, end: int) -> Span | None:
    for found in PHONE.finditer(text, start, end):
        if 7 <= sum(map(str.isdigit, found.group())) <= 15:
            return found.span()
    return None


_PIECES: dict[str, Callable[[str, int, int], Span | None]] = {
    "email": _first(EMAIL),
    "iban": iban_bounds,
    "identifier": _identifier,
    "money": _money,
    "number": _first(_NUMBER),
    "party": _party,
    "percent": _first(amounts.PERCENT),
    "person": _person,
    "phone": _phone,
    "url": _first(URL),
    "vat_id": vat_bounds,
}
