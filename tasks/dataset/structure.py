"""Where Markdown may be cut: sections, blocks, sentences. Plain spans over the text, no tokenizer."""

import bisect
import re
from dataclasses import dataclass

HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*?)(?:[ \t]+#+)?[ \t\r]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
NESTED_FENCE = re.compile(r"[ \t>]*(?:(?:[*+-]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})")  # also in lists and quotations
# After the mark that ends a sentence (with closing quotes or brackets), or after a line: rows of tables and lines of code.
# The space goes to what follows: tokenizers join it to the next word, so the counts of sentences add up.
SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019\u00bb)\]]*(?=[^\S\n])|[\u3002\uff01\uff1f]|\n+")
HEADING_JOINT = " > "


@dataclass(frozen=True)
class Block:
    """A paragraph, table, list or code block. start, end: characters [start, end), the blank lines after it included.

    section: number of the heading it stands under, in order of appearance.
    """

    start: int
    end: int
    section: int


@dataclass(frozen=True)
class Structure:
    """Blocks that tile a text without gap, and the heading path of each section (None above the first heading)."""

    blocks: list[Block]
    headings: list[str | None]

    def heading_at(self, position: int) -> str | None:
        """The heading path of the block that a character stands in."""
        at = bisect.bisect_right(self.blocks, position, key=lambda block: block.start) - 1
        return self.headings[self.blocks[at].section] if at >= 0 else None


def read_structure(text: str) -> Structure:
    """Find headings and blocks. A heading belongs to the block that follows it; fenced code is one block.

    ATX headings only (CommonMark 4.2): the line's own mark. Underlined ones look like tables and rules in converted text.
    """
    blocks: list[Block] = []
    headings: list[str | None] = [None]
    stack: list[tuple[int, str]] = []
    fence = ""
    start = 0
    after_blank = after_heading = False
    position = 0
    for line in text.split("\n"):
        heading = None if fence else HEADING.match(line)
        blank = not line.strip()
        if position > start and not fence and (heading or (after_blank and not blank and not after_heading)):
            blocks.append(Block(start, position, len(headings) - 1))
            start = position
        if heading:
            level = len(heading[1])
            stack = [entry for entry in stack if entry[0] < level] + [(level, heading[2].strip())]
            headings.append(HEADING_JOINT.join(title for _, title in stack))
        fence = fence_after(fence, line)
        after_heading = bool(heading) or (after_heading and blank)
        after_blank = blank and not fence
        position += len(line) + 1
    if start < len(text):
        blocks.append(Block(start, len(text), len(headings) - 1))
    return Structure(blocks, headings)


def fenced_spans(text: str) -> list[tuple[int, int]]:
    """Spans [start, end) of fenced code with its fences, that in lists and quotations too; what is not closed goes on to the
    end."""
    spans: list[tuple[int, int]] = []
    fence = ""
    start = position = 0
    for line in text.split("\n"):
        before, fence = fence, fence_after(fence, line, NESTED_FENCE)
        if fence and not before:
            start = position
        position += len(line) + 1
        if before and not fence:
            spans.append((start, position - 1))
    return [*spans, (start, len(text))] if fence else spans


def fence_after(fence: str, line: str, mark: re.Pattern[str] = FENCE) -> str:
    """The code fence that is open after a line; "" for none. It is closed by its own kind, at least as long (CommonMark 4.5)."""
    found = mark.match(line)
    if not found:
        return fence
    if not fence:
        return found[1]
    closes = found[1][0] == fence[0] and len(found[1]) >= len(fence) and not line[found.end() :].strip(" \t\r")
    return "" if closes else fence


def sentence_cuts(text: str, start: int, end: int) -> list[int]:
    """Positions strictly inside [start, end) where a sentence (with the space before it) or a line begins."""
    cuts = [found.end() for found in SENTENCE_END.finditer(text, start, end)]
    return [cut for cut in cuts if start < cut < end]
