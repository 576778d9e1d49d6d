"""Which lines of a text are program code or serialized data (JSON, YAML, markup) and not what a person wrote to be read."""

import bisect
import functools
import re
from collections.abc import Iterator
from itertools import groupby

LONGEST_LINE = 300  # characters; longer ones are prose
LEAST_SHARE = 0.3  # of a block's lines that look like code, from which on all of it is
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(
    r"\s*(?:[-*]\s)?(?:"
    r"[\"'][\w$./:@ -]{1,60}[\"']\s*:"  # "key":
    r"|[a-zA-Z0-9.-]{0,60}[$_][\w.$-]{0,60}\s{0,9}[:=](?!\S*//)"  # snake_case: or $ref:
    r"|[\[\](){}]+[,;]?\s*$"  # brackets alone
    r"|[\w.\[\]]{1,60}\s{0,9}(?:[-+*/|&]?=|:=|=>|->)\s*\S"  # x = 1
    r"|[\w -]{1,40}:\s*(?:\[\]|\{\}|''|\"\"|true|false|null|None|[|>&*][-\w]*)\s*,?\s*$"  # key: []
    r"|</?[a-z][\w:-]*(?:\s[^<>]*)?/?>|<!|<\?"
    r"|(?:def|class|import|return|const|let|var|function|public|private|static|package|#include|elif|async|await)\s+\S.*[\w)>:;{,\"']$"
    r"|from\s+[\w.]+\s+import\b|(?:if|for|while|with|else|try|except)\b[^.!?]{0,100}[:{]\s*$"
    r"|[\w.]+\([^()]*\)\s*[;{:,]?\s*$|//\s|/\*|\*/"
    r"|.*(?:[{;]|\}\)?;?,?|\\)\s*$"
    r")"
)


def stands_in_code(text: str, offset: int) -> bool:
    """Whether a character stands in a fenced block, or in a block of lines of which many look like code."""
    starts, ends = _spans(text)
    at = bisect.bisect_right(starts, offset) - 1
    return at >= 0 and offset < ends[at]


@functools.lru_cache(maxsize=4)
def _spans(text: str) -> tuple[list[int], list[int]]:
    found = list(_code_spans(text))
    return [start for start, _ in found], [end for _, end in found]


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of the blocks of code, in order."""
    for fenced, block in groupby(_lines(text), key=lambda line: line[2]):
        lines = list(block)
        if fenced is None:
            continue
        coded = sum(end - start <= LONGEST_LINE and bool(_CODE.match(text, start, end)) for start, end, _ in lines)
        if fenced < 0 or coded >= max(LEAST_SHARE * len(lines), 2):
            yield lines[0][0], lines[-1][1]


def _lines(text: str) -> Iterator[tuple[int, int, int | None]]:
    """(start, end, block): the number of the block of lines without an empty one between, negative for fenced code; None for a
    line that is empty."""
    fence, block, at = "", 1, 0
    for line in text.split("\n"):
        end = at + len(line)
        mark = _FENCE.match(line)
        inside = bool(fence)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            inside = True
        block += not line.strip() and not inside
        yield at, end, -block if inside else block if line.strip() else None
        at = end + 1
