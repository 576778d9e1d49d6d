"""Prose that an engine takes for code because it is set in a typewriter font: bills, minutes, manuscripts."""

import re
from collections.abc import Sequence

LEAST_WORDS = 8  # of a block; fewer say nothing
LEAST_WORDS_PER_LINE = 4.5
# Of the words of a block. Measured on 8 real PDFs whose text comes with fences: code reaches 0.70, prose begins at 0.78.
LEAST_PLAIN = 0.75
MOSTLY = 0.5  # of the pages' words in blocks, and of these in blocks of prose: then the typewriter is their body font

_BLOCK = re.compile(r"^```[a-z]*\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_PLAIN = re.compile("[(\"'\u201c\u2018\\[]*[^\\W\\d_]+(?:[-\u2010\u00ad'\u2019][^\\W\\d_]+)*[.,;:?!)\"'\u201d\u2019\\]]*")


def free_prose(pages: Sequence[str]) -> list[str]:
    """Pages of Markdown without the fences around blocks of prose; without any fence where most of them is such prose."""
    blocks = [block for page in pages for block in _BLOCK.findall(page)]
    if not blocks:
        return list(pages)
    fenced = sum(len(block.split()) for block in blocks)
    prose = sum(len(block.split()) for block in blocks if is_prose(block))
    everywhere = fenced >= MOSTLY * sum(len(page.split()) for page in pages) and prose >= MOSTLY * fenced
    return [_BLOCK.sub(lambda found: found[1] if everywhere or is_prose(found[1]) else found[0], page) for page in pages]


def is_prose(block: str) -> bool:
    """Whether most words of a block are words of a language, with ordinary punctuation, and its lines are lines of text."""
    words = block.split()
    lines = [line for line in block.split("\n") if line.strip()]
    plain = sum(1 for word in words if _PLAIN.fullmatch(word))
    return len(words) >= LEAST_WORDS and len(words) >= LEAST_WORDS_PER_LINE * len(lines) and plain >= LEAST_PLAIN * len(words)
