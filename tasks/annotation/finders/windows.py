"""Where in an agreement its formalities stand: head, preamble and signatures. The finders of contracts look there only."""

import functools
import re
from dataclasses import dataclass

from tasks.annotation.document import TextDocument

HEAD = 4000  # characters; a title page and the preamble of an agreement without a table of contents
LATEST_PREAMBLE = 80_000  # characters; behind a table of contents and definitions
MOST_PREAMBLES = 3
MOST_CLOSINGS = 3

_PREAMBLE = re.compile(
    r"\b(?:by\s+and\s+(?:between|among)|entered\s+into|made\s+(?:and\s+executed\s+)?(?:as\s+of|on|this|effective)|is\s+between"
    r"|BETWEEN|AMONG)\b"
)
_WITNESS = re.compile(
    r"IN\s+WITNESS\s+(?:WHEREOF|HEREOF)|in\s+witness\s+whereof|INTENDING\s+TO\s+BE\s+LEGALLY\s+BOUND", re.IGNORECASE
)
_SIGNATURE = re.compile(r"/s/|\bBy:|\bSigned\b|\bSIGNED\b")


@dataclass(frozen=True)
class Window:
    """Part of a text. kind: `head`, `preamble` or `closing`."""

    start: int
    end: int
    kind: str


_LIST = re.compile(
    r"\b(?:Inc|INC|Ltd|LTD|LLC|L\.?P|Corp|CORP|Corporation|CORPORATION|Company|COMPANY|Limited|LIMITED|GmbH|S\.A|B\.V|AG|plc|PLC)\b|/s/|By:|behalf\s+of"
)
STEP = 600  # characters by which a window grows
LEAST_IN_STEP = 3  # legal forms and signatures, to go on
FARTHEST = 20_000  # characters


@functools.lru_cache(maxsize=8)
def windows_of(document: TextDocument) -> tuple[Window, ...]:
    """Head, preambles and signatures in the order of the text; they do not overlap."""
    text = document.text
    parts = [Window(0, min(HEAD, len(text)), "head")]
    preambles = [found.start() for found in _PREAMBLE.finditer(text, HEAD, LATEST_PREAMBLE)][:MOST_PREAMBLES]
    parts += [Window(at - 600, min(at + 2000, len(text)), "preamble") for at in preambles]
    closings = [found.start() for found in _WITNESS.finditer(text, HEAD // 4)][-MOST_CLOSINGS:]
    if not closings:
        closings = [found.start() - 500 for found in _SIGNATURE.finditer(text, HEAD)][:1]
    parts += [Window(max(at - 100, 0), min(at + 2000, len(text)), "closing") for at in closings]
    parts = [Window(part.start, _grown(text, part.end), part.kind) for part in parts]
    parts.sort(key=lambda part: (part.start, part.end))
    apart: list[Window] = []
    for part in parts:
        start = max(part.start, apart[-1].end) if apart else part.start
        if start < part.end:
            apart.append(Window(start, part.end, part.kind))
    return tuple(apart)


def _grown(text: str, end: int) -> int:
    """The end of a window behind which a list of companies or signatures goes on."""
    for _ in range(FARTHEST // STEP):
        if len(_LIST.findall(text, max(end - STEP, 0), end)) < LEAST_IN_STEP:
            break
        end += STEP
    return min(end, len(text))
