"""Lines broken at a width are joined into paragraphs.

A block (lines without an empty line between them) counts as broken at a width when most of its lines could not have taken the
first word of the next one without becoming longer than the block's longest line, and when what follows a break mostly goes on in
lower case or in a script without cases. That holds for text that a program or a typist wrapped, and not for poems, addresses,
signatures, lists of names, logs, or text with one paragraph on each line. Two lines are joined when the first is as long as the
wrapped lines elsewhere in the text. Independent of any width, a long line of a printed page is joined to a next line that goes on
in lower case, and so are two typed lines.

What starts a line of its own starts a block: list items, numbered clauses, headings, quoted mail, labels ("Date: "), indented
first lines. Lines of tables and code, leaders of a table of contents, rules and lines full of symbols are never joined.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from tasks.normalization.blocks import Kind, classify_lines
from tasks.normalization.layout import PRINTED, TYPED

NARROWEST = 36  # characters of a block's longest line; narrower ones are verse, addresses or the columns of a table
NARROWEST_UNCASED = 14  # where a character is a syllable or a word
WIDEST = 200  # characters; longer lines are paragraphs
LEAST_FULL = 0.65  # of the breaks of a block come where the next word had no room
LEAST_CONTINUED = 0.3  # of the breaks are followed by a lower-case letter; German, with its capital nouns, has a half
SLACK = {True: 0.88, False: 0.97}  # share of the width that counts as full: for letters of differing widths, and for typewriting
LONG_LINE = 45  # characters of a line that a lower-case line of a printed page continues
LONG_TYPED_LINE, LONGEST_TYPED = 60, 100  # likewise of the first of two lines that were typed: what typists and programs wrap at
LEAST_BLOCKS = 2  # of three lines or more, from whose width that of blocks of two lines is known
SLACK_LAST = 3  # characters by which a last line may be longer than the one before it
LEAST_WORDS_PER_LINE = 4
MOST_SYMBOLS = 0.03  # of the characters of a block; code and markup have more
MOST_LISTED = 0.7  # of the lines of a block end with a comma or a semicolon; the items of a list or a call all do

_STARTS_BLOCK = re.compile(
    r"#{1,6}(?:\s|$)|>|[-*+o\u2022\u2023\u25aa\u25cf\u25e6\u2043\u00b7\u2013\u27a2\uf0b7\uf0a7]\s|"  # heading, quoted mail, item
    r"\(?(?:[0-9]{1,3}|[a-zA-Z]|[ivxIVX]{1,3})[.)]\s|"  # clause
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,5}\.?\s+[^a-z]|\[[0-9]{1,4}\]\s|"  # numbered clause, reference
    r"(?:\u00a7|Section|SECTION|Article|ARTICLE|Chapter|CHAPTER)\s[0-9IVX]{1,5}[.:]?(?:\s[A-Z]|$)"
)
_NAMES_OF_CLAUSES = ("Sect", "SECT", "Arti", "ARTI", "Chap", "CHAP")
_LABEL = re.compile(r"[^\s:]{1,20}(?:\s[^\s:]{1,20})?:\s")
_SYMBOL = re.compile(r"[{}<>=\\^~`@\[\]$#|_]")
_JUNCTION = re.compile(r"[._=:/](?=[^\W\d_])")  # of names in code: "a.b(c=d)"; also in a web address
_WORD_CHARACTER = re.compile(r"\w")
_DOUBLE_SPACE = re.compile(r"(?<=\S) {2}(?=\S)")
_SENTENCE_END = re.compile(r"[.!?:;\u3002\uff01\uff1f\u2026]['\")\]\u201d\u2019*_]{0,3}$")
_UNSPACED = re.compile(  # scripts that write words without spaces
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef\u0e00-\u0eff\u1780-\u17ff]"
)


def join_broken_lines(text: str, format_name: str) -> str:
    """The text with its wrapped lines joined; paragraphs that were told apart by their last lines get an empty line between."""
    printed = format_name in PRINTED
    if not (printed or format_name in TYPED):
        return text
    lines = text.split("\n")
    blocks = list(_blocks(lines, classify_lines(lines)))
    breaks = [_find_breaks(block, printed) for block in blocks]
    widths = [max(map(len, block)) for block, found in zip(blocks, breaks, strict=True) if len(found) > 1 and any(found)]
    width = median(widths) if len(widths) >= LEAST_BLOCKS else WIDEST
    parts: list[str] = []
    joined_before = False
    for block, found in zip(blocks, breaks, strict=True):
        of_two = len(block) == 2 and not any(found) and _fills(block, width, printed)
        if joined_before and _may_join(block[0]) and not _is_item(block[0].lstrip()):
            parts.append("")  # its indentation told it apart, which says nothing beside a joined paragraph
        joined_before = of_two or any(found)
        parts += _join_block(block, [True] if of_two else found) if joined_before else block
    return "\n".join(parts)


def _blocks(lines: Sequence[str], kinds: Sequence[Kind]) -> Iterator[list[str]]:
    """Runs of lines that may belong together; whatever may not is a run of one line."""
    block: list[str] = []
    in_item = False
    empty = [not line or line.isspace() for line in lines] + [True]
    for index, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        loose = empty[index] or (not block and empty[index + 1]) or kind is Kind.CODE or kind is Kind.TABLE or not _may_join(line)
        if block and (loose or kind is Kind.LIST or _begins_block(block[-1], line, in_item)):
            yield block
            block = []
        if loose:
            yield [line]
        else:
            in_item = in_item if block else _is_item(line.lstrip())
            block.append(line)
    if block:
        yield block


def _may_join(line: str) -> bool:
    """Whether a line is a line of prose: no heading, no columns, no leaders, no blanks to fill in."""
    odd = "|" in line or "\t" in line or "   " in line.strip() or "...." in line or ". . . ." in line or "____" in line
    return not odd and not line.lstrip().startswith("#") and _WORD_CHARACTER.search(line) is not None


def _begins_block(before: str, line: str, in_item: bool) -> bool:
    bare = line.lstrip()
    indented = len(line) - len(bare) > len(before) - len(before.lstrip()) + 1
    return _is_item(bare) or (indented and not in_item)


def _is_item(bare: str) -> bool:
    if bare[:4].isalpha() and not bare.startswith(_NAMES_OF_CLAUSES):
        return ": " in bare[:42] and _LABEL.match(bare) is not None
    return _STARTS_BLOCK.match(bare) is not None or (": " in bare[:42] and _LABEL.match(bare) is not None)


def _find_breaks(block: Sequence[str], printed: bool) -> list[bool]:
    """For each break of a block whether the lines beside it belong together."""
    if len(block) == 1 or not _is_prose(block):
        return [False] * (len(block) - 1)
    if len(block) == 2 and not printed:
        fits = len(block[1].rstrip()) <= len(block[0].rstrip()) <= LONGEST_TYPED
        return [fits and not _is_call(block) and _continues(block[0], block[1], LONG_TYPED_LINE)]
    wrapped = _wrapped_breaks(block, printed)
    if not printed:
        return wrapped
    return [at_width or _continues(*beside, LONG_LINE) for at_width, beside in zip(wrapped, pairwise(block), strict=True)]


def _fills(block: Sequence[str], width: float, printed: bool) -> bool:
    """Whether the first of two lines is as long as the document's wrapped lines are, and no sentence ends in it."""
    before, after = (line.rstrip() for line in block)
    full = width * SLACK[printed] - 1 - len(after.split(None, 1)[0]) < len(before) <= width * (2 - SLACK[printed])
    if not full or len(after) > len(before) + SLACK_LAST or _SENTENCE_END.search(before[-5:]):
        return False
    return _is_prose(block) and (printed or not _is_call(block))


def _is_call(block: Sequence[str]) -> bool:
    """Whether two lines end as lines of code do, in which there may be whole sentences."""
    return block[0].rstrip()[-1] in "\"'()" or block[1].rstrip()[-1] in ",;{("


def _join_block(block: Sequence[str], breaks: Sequence[bool]) -> list[str]:
    """The paragraphs of a block, empty lines between them."""
    paragraphs = [block[0].rstrip()]
    for joined, line in zip(breaks, block[1:], strict=True):
        if joined:
            paragraphs[-1] = _joined(paragraphs[-1], line.strip())
        else:
            paragraphs += ["", line.rstrip()]
    return paragraphs


def _is_prose(block: Sequence[str]) -> bool:
    """Whether lines have the words of sentences, and neither the signs of code nor the sameness of records."""
    text = " ".join(block)
    words = text.count(" ") + 1
    if not _UNSPACED.search(block[0]) and words < LEAST_WORDS_PER_LINE * len(block):
        return False
    if len(_SYMBOL.findall(text)) > max(2, MOST_SYMBOLS * len(text)) or len(_JUNCTION.findall(text)) > max(2, words / 10):
        return False
    starts = [line.split(None, 1)[0] for line in block]
    alike = sum(before == after for before, after in pairwise(starts))
    listed = sum(line.rstrip()[-1] in ",;({" for line in block)
    return len(block) < 3 or (alike <= len(block) / 2 and listed <= MOST_LISTED * len(block))


def _wrapped_breaks(block: Sequence[str], printed: bool) -> list[bool]:
    """For each break whether it comes from wrapping; all False for a block that was not wrapped."""
    lengths = [len(line.rstrip()) for line in block]
    width = max(lengths)
    uncased = [not (line.lstrip()[0].isupper() or line.lstrip()[0].isdigit()) for line in block[1:]]
    all_capitals = all(map(str.isupper, block))
    unspaced = _UNSPACED.search(block[0]) is not None
    nothing = [False] * (len(block) - 1)
    if len(block) < 3 or not (NARROWEST_UNCASED if unspaced else NARROWEST) <= width <= WIDEST:
        return nothing
    room = width * SLACK[printed]
    full = [
        length + (0 if unspaced else 1 + len(after.split(None, 1)[0])) > room
        for length, after in zip(lengths, block[1:], strict=False)
    ]
    if sum(full) < LEAST_FULL * len(full) or not (all_capitals or sum(uncased) >= LEAST_CONTINUED * len(uncased)):
        return nothing
    return [
        is_full or (length > width / 2 and _continues(*beside, LONG_LINE))
        for is_full, length, beside in zip(full, lengths, pairwise(block), strict=False)
    ]


def _continues(before: str, after: str, least: int) -> bool:
    """Whether a sentence evidently goes on after a line of at least so many characters."""
    before = before.rstrip()
    goes_on = after.lstrip(" \t(\"'\u201c\u2018")[:1].islower()
    return len(before) >= least and goes_on and not _SENTENCE_END.search(before[-5:])


def _joined(before: str, after: str) -> str:
    after = _DOUBLE_SPACE.sub(" ", after)  # which deep indentation protected until here
    touching = _UNSPACED.match(before[-1]) and _UNSPACED.match(after[0])
    return before + after if touching else f"{before} {after}"
