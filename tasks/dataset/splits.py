"""Groups that must stay together, and the split each group belongs to. Plain functions over ids, no text.

A group is a connected component over near-duplicate cluster and document: all parts of a document and all members of a
cluster. The hash of a group decides its split, so that a document stays where it is when others are added.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TRAIN, VALID, TEST = "train", "valid", "test"
FEWEST_GROUPS = 3  # one for each split


@dataclass(frozen=True)
class SplitPlan:
    """What goes where. of_group: group -> split. examples: split -> number, only splits that exist. notes: words for the card."""

    of_group: dict[str, str]
    examples: dict[str, int]
    notes: list[str]


def group_documents(documents: pa.ChunkedArray, clusters: pa.ChunkedArray) -> "tuple[pa.Array, npt.NDArray[np.int64]]":
    """The distinct documents, sorted, and for each the place of its group's smallest document among them.

    documents, clusters: ids, one row per part.
    """
    import numpy as np

    names = documents.unique()
    names = names.take(pc.sort_indices(names))
    of_row = pc.index_in(documents, names).to_numpy().astype(np.int64)
    cluster_of_row = pc.index_in(clusters, clusters.unique()).to_numpy().astype(np.int64)
    group = np.arange(len(names))
    while True:
        smallest = np.full(int(cluster_of_row.max(initial=-1)) + 1, len(names))
        np.minimum.at(smallest, cluster_of_row, group[of_row])
        joined = group.copy()
        np.minimum.at(joined, of_row, smallest[cluster_of_row])
        joined = joined[joined]  # the group of its smallest document is its own: long chains end soon
        if np.array_equal(joined, group):
            return names, group
        group = joined


def position(group: str, split: str, seed: int) -> float:
    """Where a group stands in the order of a split, uniform in [0, 1): from its name and the seed alone."""
    digest = hashlib.sha256(f"{seed}/{split}/{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def plan_splits(sizes: Mapping[str, int], fractions: Mapping[str, float], least: int, seed: int) -> SplitPlan:
    """Assign groups to splits. sizes: examples per group. fractions: of the held-out splits. least: examples in each of them.

    A held-out split takes the groups whose position is below its fraction, and when these hold fewer than `least` examples
    the next ones in order, as long as the training split stays the largest. A split that cannot be filled is left out, and
    its groups go to training. Adding documents that join no group therefore never moves an example from training into a
    held-out split, unless that split was left out before or its group was too large to hold out.
    """
    of_group = dict.fromkeys(sorted(sizes), TRAIN)
    examples = Counter({TRAIN: sum(sizes.values())})
    notes: list[str] = []
    if len(sizes) < FEWEST_GROUPS:
        notes.append(f"Only {len(sizes)} independent group(s) of documents: at least {FEWEST_GROUPS} are needed for all splits.")
    held_out = 0.0
    for split in (VALID, TEST):
        fraction = fractions[split]
        if fraction == 0:
            notes.append(f"No {split} split: its share is set to zero.")
            continue
        free = {group: sizes[group] for group in of_group if of_group[group] == TRAIN}
        taken = _take(split, free, examples, fraction=fraction / (1 - held_out), least=least, seed=seed)
        held_out += fraction
        if taken:
            of_group.update(dict.fromkeys(taken, split))
            examples[split] = sum(sizes[group] for group in taken)
            examples[TRAIN] -= examples[split]
        else:
            notes.append(f"No {split} split: there are too few documents to hold out {least} examples and train on more.")
    return SplitPlan(of_group, {split: examples[split] for split in (TRAIN, VALID, TEST) if examples[split]}, notes)


def _take(
    split: str, free: Mapping[str, int], examples: Mapping[str, int], *, fraction: float, least: int, seed: int
) -> list[str]:
    """Groups for a held-out split, [] when it cannot hold `least` examples beside a larger training split."""
    others = max((count for name, count in examples.items() if name != TRAIN), default=0)
    taken: list[str] = []
    count = 0
    for place, group in sorted((position(group, split, seed), group) for group in free):
        if place >= fraction and count >= least:
            break
        left = examples[TRAIN] - count - free[group]
        if left <= max(count + free[group], others):
            continue  # too large a group to give away; a smaller one further on may do
        taken.append(group)
        count += free[group]
    return taken if count >= least else []
