"""Names of parties, people and places, and postal addresses."""

import re

from tasks.annotation.schema import FieldSpec

_EDGE = ' \t\n*_`"“”„«»|,;:'
_HONORIFICS = re.compile(
    r"(?:(?:mr|mrs|ms|miss|sir|dame|dr|prof|professor|rev|hon|herr|herrn|frau|dipl-ing|ing|m|mme|mlle|monsieur|madame|maître|me"
    r"|sr|sra|srta|don|doña|d|dña|sig|sig\.ra|signor|signora|dott|dott\.ssa|avv|dhr|mevr|mw|mevrouw|de heer|ir|drs)\b\.?\s+)+",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"(?:the|die|der|das|la|le|les|el|los|il|lo|de|het|o|a)\s+(?=[^\W\d_])", re.IGNORECASE)


def normalize_party(text: str, field: FieldSpec) -> str | None:
    """The full name with its legal form, white space collapsed, without marks around it."""
    return " ".join(text.split()).strip(_EDGE) or None


def normalize_person(text: str, field: FieldSpec) -> str | None:
    """First name before family name, without titles: `Dr. Poe, Mary` is `Mary Poe`."""
    plain = _without_titles(text)
    if plain.count(",") == 1:
        family, first = plain.split(",")
        plain = _without_titles(f"{_without_titles(first)} {family}")
    return plain or None


def _without_titles(name: str) -> str:
    """The name without titles and marks before it, unless it is nothing but titles."""
    plain = " ".join(name.split()).strip(_EDGE)
    while (found := _HONORIFICS.match(plain)) and (rest := plain[found.end() :].strip(_EDGE)):
        plain = rest
    return plain


def normalize_place(text: str, field: FieldSpec) -> str | None:
    """White space collapsed, without an article: `the Netherlands` is `Netherlands`."""
    plain = " ".join(text.split()).strip(_EDGE + ".")
    found = _ARTICLES.match(plain)
    while found:
        plain = plain[found.end() :].strip(_EDGE + ".")
        found = _ARTICLES.match(plain)
    return plain or None


def normalize_address(text: str, field: FieldSpec) -> str | None:
    """On one line, its parts divided by `, `."""
    parts = [" ".join(part.split()).strip(_EDGE) for part in re.split(r"[\n,;|]", text)]
    return ", ".join(part for part in parts if part) or None
