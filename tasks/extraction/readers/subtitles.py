"""Subtitles as running text: SubRip and WebVTT (W3C), without numbers, times and styling."""

import html
import re
from collections.abc import Iterable, Iterator

from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces, text_lines

_TIMES = re.compile(r"\s*(?:\d{1,4}:)?\d{1,2}:\d{2}[,.]\d{1,3}\s+-->\s+(?:\d{1,4}:)?\d{1,2}:\d{2}[,.]\d{1,3}")
_VOICE = re.compile(r"<v(?:\.[^ >]{0,100})? ([^<>]{1,200})>")
_TAG = re.compile(r"</?[A-Za-z0-9:.][^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_ENDS = (".", "!", "?", "…", '"', "”", ":", "。", "\uff01", "\uff1f")  # the last two are full-width "!" and "?"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read subtitles; a sentence that runs over several cues is put together, a line that a cue repeats is left out."""
    with source.view() as view:
        lines = _spoken(text_lines(decode_pieces(view, source.encoding)))
        for text in cut_pieces(_sentences(lines), settings.part_characters):
            yield Part(text)


def _spoken(lines: Iterable[str]) -> Iterator[str]:
    """The lines that stand below a time, up to a blank line; what else stands there are numbers, notes and styles."""
    shown = False
    before = ""
    for line in lines:
        bare = line.strip()
        if _TIMES.match(line):
            shown = True
        elif not bare:
            shown = False
        elif shown:
            text = html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", bare))).strip()
            if text and text != before:
                yield text
            before = text


def _sentences(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line + ("\n" if line.endswith(_ENDS) else " ")
