"""Djot as Markdown, whose next of kin it is: what differs is rewritten. Syntax: djot.net, reference of version 0.3."""

import re
from collections.abc import Iterator

from tasks.extraction.markup.document import Document, load_text
from tasks.extraction.readers.markdown import split_front_matter
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings

_ATTRIBUTES = re.compile(r"\s*\{[.#%\w][^{}]{0,500}\}\s*$")
_DIVISION = re.compile(r"\s*:{3,}\s*[\w-]{0,60}\s*$")
_TRAILING = re.compile(r"\{[.#][^{}\n]{1,200}\}")
_INLINE = re.compile(r"\{(?P<kind>[=*_+~^'\"-])(?P<text>[^{}\n]{1,500})(?P=kind)\}|\$(?P<display>\$?)`(?P<math>[^`\n]{1,1000})`")
_STRONG = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,300})(?<=[^\s*])\*(?![\w*])")
_KEPT = {"*": "**", "_": "*"}


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document."""
    text, title, language = split_front_matter(load_text(source))
    document = Document(title, language)
    document.add("\n".join(_lines(text.split("\n"))))
    yield from document.parts(settings)


def _lines(lines: list[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else fence or mark
        elif not fence:
            if _ATTRIBUTES.match(line) or _DIVISION.match(line):
                continue
            converted = _STRONG.sub(r"**\1**", _INLINE.sub(_replace, line))
            yield _TRAILING.sub("", converted).removeprefix("^ ")  # which begins a table's caption
            continue
        yield line


def _replace(found: re.Match[str]) -> str:
    if math := found.group("math"):
        mark = "$" + found.group("display")
        return f"{mark}{math}{mark}"
    kind, text = found.group("kind"), found.group("text")
    if kind == "-":
        return ""  # deleted text
    mark = _KEPT.get(kind, "")
    return f"{mark}{text}{mark}"
