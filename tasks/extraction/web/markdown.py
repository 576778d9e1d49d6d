"""Blocks of a web page as Markdown."""

from collections.abc import Iterable

from tasks.extraction.texts import fenced
from tasks.extraction.web.page import Block

_DEEPEST_LIST = 6
_DEEPEST_QUOTE = 4


def render(blocks: Iterable[Block]) -> str:
    """Markdown of blocks: items of a list follow each other line by line, everything else stands apart."""
    pieces: list[str] = []
    before = None
    for block in blocks:
        if before is not None:
            pieces.append("\n" if _are_one_list(before, block) else "\n\n")
        pieces.append(_quoted(_markdown(block), block.quotes))
        before = block
    return "".join(pieces)


def _are_one_list(before: Block, block: Block) -> bool:
    return before.kind == block.kind == "li" and before.quotes == block.quotes


def _markdown(block: Block) -> str:
    if block.kind == "h":
        return f"{'#' * block.level} {block.text}"
    if block.kind == "pre":
        return fenced(block.text, block.marker)
    if block.kind == "li":
        indent = "  " * min(block.level, _DEEPEST_LIST)
        inner = indent + " " * (len(block.marker) + 1 if block.marker else 2)
        first = f"{indent}{block.marker} " if block.marker else inner
        return first + block.text.replace("\n", f"\n{inner}")
    return block.text


def _quoted(text: str, depth: int) -> str:
    if not depth:
        return text
    mark = "> " * min(depth, _DEEPEST_QUOTE)
    return "\n".join((mark + line).rstrip() for line in text.split("\n"))
