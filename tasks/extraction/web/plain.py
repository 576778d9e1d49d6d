"""The text of a web page without a parser: for pages too large or too damaged for one. Linear in time, bounded in memory."""

import html
import re
from collections.abc import Iterable, Iterator

from tasks.extraction.web.tables import INLINE

_SKIPPED = re.compile(r"<(?:(script|style|template|noscript|svg|head)\b|!--)", re.IGNORECASE)
_TAG = re.compile(r"<(?:/?([a-zA-Z][a-zA-Z0-9-]{0,30})|[!?])[^<>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\s*\n\s*\n\s*")
_END_OF_LINE = re.compile(r" ?\n ?")
_LONGEST_WAIT = 64 * 1024  # characters held back for the rest of a tag


def plain_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """The visible text, piece by piece, given the page's markup piece by piece."""
    waiting = ""
    closing = ""
    for piece in pieces:
        waiting, closing, shown = _without_skipped(waiting + piece, closing)
        end = _safe_end(shown)
        waiting = shown[end:] + waiting
        yield _text(shown[:end])
    if not closing:
        yield _text(waiting)


def plain_text(markup: str) -> str:
    """The visible text of a page."""
    return "".join(plain_pieces([markup])).strip()


def _without_skipped(markup: str, closing: str) -> tuple[str, str, str]:
    """What is left for later, the end of what is being skipped ("" for nothing), and the markup outside of skipped elements."""
    kept: list[str] = []
    at = 0
    while True:
        if closing:
            end = _find(markup, closing, at)
            if end < 0:
                return markup[max(at, len(markup) - len(closing)) :], closing, "".join(kept)
            at, closing = end + len(closing), ""
        opening = _SKIPPED.search(markup, at)
        if opening is None:
            kept.append(markup[at:])
            return "", "", "".join(kept)
        kept.append(markup[at : opening.start()] + " ")
        closing = f"</{opening.group(1).lower()}" if opening.group(1) else "-->"
        at = opening.end()


def _find(markup: str, closing: str, start: int) -> int:
    if closing == "-->":
        return markup.find(closing, start)
    found = re.compile(re.escape(closing), re.IGNORECASE).search(markup, start)
    return found.start() if found else -1


def _safe_end(markup: str) -> int:
    """Up to where markup can be turned into text before what follows is known."""
    opened = markup.rfind("<")
    end = opened if opened > markup.rfind(">") else max(markup.rfind(">"), markup.rfind(" "), markup.rfind("\n")) + 1
    return end if len(markup) - end < _LONGEST_WAIT else len(markup)


def _text(markup: str) -> str:
    bare = html.unescape(_TAG.sub(_instead_of_tag, markup))
    return _EMPTY_LINES.sub("\n\n", _END_OF_LINE.sub("\n", _SPACES.sub(" ", bare)))


def _instead_of_tag(tag: re.Match[str]) -> str:
    name = (tag.group(1) or "").lower()
    return "" if name in INLINE or not name else "\n"
