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
_THRESHOLD = 0.42
_LEAST_SHARE = 0.3  # of a page's characters; a page whose content seems to be less than this is looked at again
_MOST_BLOCKS = 50_000  # what has more is a list or a book, not an article
_MOST_BOILERPLATE = 0.5  # of the characters left out
_BOILERPLATE = sum(
    BIT[name] for name in ("comment", "nav", "related", "share", "tags", "consent", "promo", "footer", "sidebar", "teaser")
)


def main_content(page: Page) -> list[Block]:
    """The blocks to keep, in reading order; all of them where the page has little that looks like boilerplate."""
    if not page.blocks:
        return []
    if len(page.blocks) > _MOST_BLOCKS:
        return page.blocks
    scores = score_blocks(page)
    kept = [bool(score > _THRESHOLD) for score in scores]
    total = sum(block.chars for block in page.blocks)
    chosen = sum(block.chars for block, keep in zip(page.blocks, kept, strict=True) if keep)
    if chosen < _LEAST_SHARE * total:
        boilerplate = _looks_like_boilerplate(page)
        left_out = sum(block.chars for block, keep, bad in zip(page.blocks, kept, boilerplate, strict=True) if bad and not keep)
        if left_out < _MOST_BOILERPLATE * (total - chosen):
            kept = [keep or not bad for keep, bad in zip(kept, boilerplate, strict=True)]
    return _without_bare_headings([block for block, keep in zip(page.blocks, kept, strict=True) if keep])


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


def _without_bare_headings(blocks: list[Block]) -> list[Block]:
    """Drop headings at the end: what they announced was left out."""
    while len(blocks) > 1 and blocks[-1].kind == "h":
        blocks.pop()
    return blocks
