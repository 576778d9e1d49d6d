"""Which blocks of a web page are its main content.

A linear score over the features of a block (features.py); the weights were fitted by benchmarks/fit_main_content.py.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.extraction.web.features import COLUMNS, inherited_hints, measure
from tasks.extraction.web.hints import BIT
from tasks.extraction.web.page import Block, Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("weights.json")
THRESHOLD = 0.42  # of the score, above which a block is kept
_MOST_BLOCKS = 50_000  # what has more is a list or a book, not an article
_CLEAN = 0.02  # a page with less boilerplate than this share is a document, not a page of a site
_MOST_UNEXPLAINED = 0.25  # of a page's characters, left out by the score alone; on pages of articles it is 0.23 at most
_LEAST_KEPT = 0.05
_BOILERPLATE = sum(
    BIT[name] for name in ("comment", "nav", "related", "share", "tags", "consent", "promo", "footer", "sidebar", "teaser")
)


def main_content(page: Page) -> list[Block]:
    """The blocks to keep, in reading order.

    The score knows articles. A page that it would gut without a reason that can be named (a manual, a form, a list of links, an
    exported document) keeps all that does not look like boilerplate, and all there is where nearly nothing would be left.
    """
    blocks = page.blocks
    if not blocks or len(blocks) > _MOST_BLOCKS:
        return blocks
    boilerplate = _looks_like_boilerplate(page)
    total = sum(block.chars for block in blocks)
    if not page.has_frame and _chars(blocks, boilerplate) <= _CLEAN * total:
        return blocks
    kept = [bool(score > THRESHOLD) for score in score_blocks(page)]
    kept = _with_tables_and_code(blocks, kept, boilerplate)
    unexplained = _chars(blocks, [not keep and not bad for keep, bad in zip(kept, boilerplate, strict=True)])
    if unexplained > _MOST_UNEXPLAINED * total:
        kept = [keep or not bad for keep, bad in zip(kept, boilerplate, strict=True)]
    if _chars(blocks, kept) < _LEAST_KEPT * total:
        return blocks
    return _without_bare_headings(blocks, kept)


def _chars(blocks: list[Block], which: list[bool]) -> int:
    return sum(block.chars for block, counts in zip(blocks, which, strict=True) if counts)


def score_blocks(page: Page) -> "Scores":
    """How sure it is that each block belongs to the content, from 0 to 1."""
    import numpy as np

    weights, intercept = _weights()
    scores: Scores = 1 / (1 + np.exp(-np.clip(measure(page) @ weights + intercept, -30, 30)))
    return scores


@cache
def _weights() -> tuple["NDArray[np.float32]", float]:
    import numpy as np

    table = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return np.array([table[name] for name in COLUMNS], dtype=np.float32), float(table["intercept"])


def _looks_like_boilerplate(page: Page) -> list[bool]:
    """Whether a block is mostly links or stands in something that is named for what surrounds an article."""
    hints = inherited_hints(page).tolist()
    return [
        block.link_chars > 0.5 * block.chars or bool(hints[block.region] & _BOILERPLATE) or page.regions[block.region].hidden
        for block in page.blocks
    ]


def _with_tables_and_code(blocks: list[Block], kept: list[bool], boilerplate: list[bool]) -> list[bool]:
    """Keep also tables and code between blocks that are kept: they do not read like prose, by which the score goes."""
    chosen = [number for number, keep in enumerate(kept) if keep]
    if not chosen:
        return kept
    return [
        keep or (block.kind in ("table", "pre") and chosen[0] < number < chosen[-1] and not bad)
        for number, (block, keep, bad) in enumerate(zip(blocks, kept, boilerplate, strict=True))
    ]


def _without_bare_headings(blocks: list[Block], kept: list[bool]) -> list[Block]:
    """The kept blocks without headings at their end whose own text was left out."""
    last = len(blocks) - 1
    while last > 0 and (not kept[last] or (blocks[last].kind == "h" and last + 1 < len(blocks))):
        last -= 1
    return [block for block, keep in zip(blocks[: last + 1], kept, strict=False) if keep]
