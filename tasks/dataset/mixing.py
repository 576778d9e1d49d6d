"""Which instruction examples go into the dataset beside the texts: numbers only, the choice drawn by a seed."""

import hashlib
from typing import TYPE_CHECKING, Any

from tasks.dataset.settings import InstructionSettings
from tasks.storage.words import mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def draw_instructions(
    entries: "npt.NDArray[Any]", documents: "npt.NDArray[np.int64]", text_tokens: int, settings: InstructionSettings
) -> "npt.NDArray[np.int64]":
    """Places of the entries that are taken, ascending. documents: a number for the document of each. text_tokens: of the texts.

    Examples are drawn from the kinds in turn, of each in an order that the seed and their ids give: at most `per_document` of
    each document, and together at most `share` of the dataset's tokens. Negative ones beyond their share of what was drawn are
    put back.
    """
    import numpy as np

    seed = int.from_bytes(hashlib.sha256(f"{settings.seed}/instructions".encode()).digest()[:8], "big")
    order = np.lexsort((entries["id"]["low"], mix(entries["id"]["high"] ^ np.uint64(seed))))
    order = order[np.argsort(_rank_within(entries["kind"][order]), kind="stable")]
    drawn = order[_rank_within(documents[order]) < settings.per_document]
    budget = text_tokens * settings.share / (1 - settings.share)
    drawn = drawn[np.cumsum(entries["tokens"][drawn].astype(np.int64)) <= budget]
    negative = entries["negative"][drawn]
    allowed = int(np.sum(~negative) * settings.negatives / (1 - settings.negatives))
    taken = drawn[~negative | (np.cumsum(negative) <= allowed)]
    return np.sort(taken)


def _rank_within(groups: "npt.NDArray[np.int64]") -> "npt.NDArray[np.int64]":
    """For each place how many earlier ones are of its group."""
    import numpy as np

    order = np.argsort(groups, kind="stable")
    in_order = groups[order]
    firsts = np.searchsorted(in_order, in_order, side="left")
    ranks = np.empty(len(groups), dtype=np.int64)
    ranks[order] = np.arange(len(groups)) - firsts
    return ranks
