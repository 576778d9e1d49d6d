"""Markdown, passed through; its front matter becomes title and language."""

import re
from collections.abc import Iterator

from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, cut_pieces, decode_pieces

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"(?m)^(title|lang|language):[ \t]*(.+)$", re.IGNORECASE)
_HEADING = re.compile(r"(?m)^#[ \t]+(.+?)[ \t]*#*[ \t]*$")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read Markdown. The title is that of the front matter, else the first heading of the first level."""
    with source.view() as view:
        texts = cut_pieces(decode_pieces(view, source.encoding), settings.part_characters)
        first, title, language = split_front_matter(next(texts, ""))
        yield Part(first, title, language)
        for text in texts:
            yield Part(text, title, language)


def split_front_matter(text: str) -> tuple[str, str | None, str | None]:
    """The text after the front matter, the title and the language. Front matter is YAML; only plain values are understood."""
    found = _FRONT_MATTER.match(text)
    fields = {}
    if found and re.search(r"(?m)^[\w-]+:", found.group(1)):
        fields = {name.lower(): value.strip().strip("\"'") for name, value in _FIELD.findall(found.group(1))}
        text = text[found.end() :].lstrip("\n")
    heading = _HEADING.search(text)
    title = fields.get("title") or (heading.group(1) if heading else None)
    return text, clean_title(title), clean_language(fields.get("lang") or fields.get("language"))
