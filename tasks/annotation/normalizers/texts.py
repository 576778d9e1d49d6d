"""Texts, enums, addresses of the web and of mail, and lines of the kind `key: value`."""

import re

from tasks.annotation.schema import FieldSpec

_MARKUP = " \t\n*_`\"'“”„\u2018\u2019«»|"
_LINK = re.compile(r"\[([^\]\[]{1,300})\]\([^()\s]{0,500}\)")
_KEY_VALUE = re.compile(r"[*_ \t]*[:\uff1a|][*_ \t|]*")


def normalize_text(text: str, field: FieldSpec) -> str | None:
    """White space collapsed, without the marks of Markdown and the quotation marks around it; None when nothing is left."""
    plain = _LINK.sub(r"\1", text) if "](" in text else text
    return " ".join(plain.split()).strip(_MARKUP) or None


def normalize_enum(text: str, field: FieldSpec) -> str | None:
    """The value of the field whose word the text is or, failing that, contains; None for neither."""
    folded = " ".join(text.split()).casefold()
    meanings = {word.casefold(): value for value, words in field.values.items() for word in (value, *words)}
    if folded in meanings:
        return meanings[folded]
    inside = [word for word in meanings if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded)]
    return meanings[max(inside, key=lambda word: (len(word), word))] if inside else None


def normalize_email(text: str, field: FieldSpec) -> str | None:
    """Lower case, without `mailto:`; None for what has no `@` between two parts."""
    plain = "".join(text.split()).strip("<>()[]," + _MARKUP).lower()
    plain = plain.removeprefix("mailto:")
    name, _, host = plain.rpartition("@")
    return plain if name and "." in host.strip(".") else None


def normalize_url(text: str, field: FieldSpec) -> str | None:
    """With a scheme, its host in lower case, without a closing slash; None for what is no address of the web."""
    plain = "".join(text.split()).strip("<>()[],;" + _MARKUP).rstrip("./")
    scheme, found, rest = plain.partition("://")
    if not found:
        scheme, rest = "https", plain
    host, slash, path = rest.partition("/")
    if "." not in host.strip(".") or not re.fullmatch("[a-zA-Z]{2,10}", scheme):
        return None
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"


def normalize_key_value(text: str, field: FieldSpec) -> str | None:
    """`key: value`, whether it stood in a line or in two cells of a table."""
    key, mark, value = _KEY_VALUE.sub("\0", text.strip(_MARKUP + ":\uff1a"), count=1).partition("\0")
    parts = [(normalize_text(part, field) or "").strip(_MARKUP + ":\uff1a") for part in ((key, value) if mark else (text,))]
    return ": ".join(part for part in parts if part) or None
