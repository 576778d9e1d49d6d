"""Who is in the dataset, and in which split.

The texts are read twice: once for the ids (first_reading.py), once for the rows (rows.py). Of all examples only numbers are in
memory at a time, some 100 bytes each, as columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dataset.errors import ContractError
from tasks.dataset.first_reading import KINDS, FirstReading, Sources
from tasks.dataset.leaving_out import Choice, LeftOut
from tasks.dataset.mixing import draw_instructions
from tasks.dataset.settings import InstructionSettings
from tasks.dataset.splits import TRAIN, SplitPlan, group_documents, plan_splits
from tasks.storage.parquet import ParquetRef, read_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Selection:
    """All examples sorted by (split, example_id), and how the splits came about.

    entries: one row per example. source, row: where its text is. id, text: the digests that name it and tell equal texts, as
    two halves. document, group: their places in `documents` (sorted; a group is named by its smallest document). split: place in
    `splits`. duplicates: parts that are duplicates. left_out: the chunks that are no examples for another reason. offered:
    instruction examples that there were to draw from, by kind.
    """

    entries: "npt.NDArray[Any]"
    documents: pa.Array
    splits: list[str]
    plan: SplitPlan
    duplicates: int
    left_out: list[LeftOut]
    paragraphs_removed: int
    offered: dict[str, int] = field(default_factory=dict)

    def kinds(self) -> dict[str, dict[str, tuple[int, int]]]:
        """Split -> kind -> examples and tokens, for the kinds that a split has."""
        found = {}
        for split in self.plan.examples:
            entries = self._of(split)
            found[split] = {
                kind: (count, int(entries["tokens"][entries["kind"] == KINDS.index(kind)].sum()))
                for kind, count in _by_kind(entries).items()
            }
        return found

    def tokens(self) -> dict[str, int]:
        """Tokens per split, in the order of the plan."""
        return {split: int(self._of(split)["tokens"].sum()) for split in self.plan.examples}

    def repeated_in_train(self) -> int:
        """Held-out examples whose text also stands, character for character, in a training example of another document."""
        import numpy as np

        train = np.unique(self._of(TRAIN)["text"])
        return int(sum(np.isin(self._of(split)["text"], train).sum() for split in self.splits if split != TRAIN))

    def document_ids(self) -> list[str]:
        """Distinct documents that gave examples, sorted."""
        import numpy as np

        found: list[str] = self.documents.take(pa.array(np.unique(self.entries["document"]))).to_pylist()
        return found

    def _of(self, split: str) -> "npt.NDArray[Any]":
        chosen: npt.NDArray[Any] = self.entries[self.entries["split"] == self.splits.index(split)]
        return chosen


def select_examples(
    sources: Sources,
    clusters: ParquetRef,
    choice: Choice,
    *,
    fractions: Mapping[str, float],
    least: int,
    seed: int,
    max_seq_length: int,
    mixing: InstructionSettings,
) -> Selection:
    """Choose the examples and their splits. mixing: which of the instruction examples go in.

    Only documents that have a text in the dataset are asked about. Raises ContractError for an empty or over-long example, or
    when there is none.
    """
    import numpy as np

    table = read_table(clusters, ["document_id", "part", "cluster", "reason"])
    grouped, group_of = group_documents(table["document_id"], table["cluster"])
    ended = table.filter(pc.field("reason").is_valid())
    duplicates = set(zip(ended["document_id"].to_pylist(), ended["part"].to_pylist(), strict=True))
    reader = FirstReading(sources, choice, duplicates, max_seq_length)
    entries, named = reader.texts()
    if not len(entries):
        left = f"; {len(reader.left_out)} piece(s) were left out for what they share" if reader.left_out else ""
        raise ContractError(f"no example is left: every document was rejected, too short or a duplicate{left}")
    offered, asked = reader.instructions()
    present_in_texts = pc.is_in(asked, named.unique()).combine_chunks()
    offered, asked = offered[present_in_texts.to_numpy(zero_copy_only=False)], asked.filter(present_in_texts)
    places = pc.index_in(asked, asked.unique()).to_numpy()
    drawn = draw_instructions(offered, places, int(entries["tokens"].sum()), mixing)
    entries = np.concatenate([entries, offered[drawn]])
    named = pa.chunked_array([*named.chunks, *asked.take(pa.array(drawn)).chunks])
    documents = pa.concat_arrays([grouped, named.unique()]).unique()
    documents = documents.take(pc.sort_indices(documents))
    entries["document"] = pc.index_in(named, documents).to_numpy()
    group = np.arange(len(documents), dtype=np.int32)
    if len(grouped):
        places = pc.index_in(grouped, documents).to_numpy()
        group[places] = places[group_of]
    entries["group"] = group[entries["document"]]
    present, sizes = np.unique(entries["group"], return_counts=True)
    names = documents.take(pa.array(present)).to_pylist()
    plan = plan_splits(dict(zip(names, sizes.tolist(), strict=True)), fractions, least, seed)
    splits = sorted(plan.examples)
    split_of = np.zeros(len(documents), dtype=np.int8)
    split_of[present] = [splits.index(plan.of_group[name]) for name in names]
    entries["split"] = split_of[entries["group"]]
    entries = entries[np.lexsort((entries["id"]["low"], entries["id"]["high"], entries["split"]))]
    refuse_leaks(entries["document"], entries["group"], entries["split"])
    return Selection(
        entries, documents, splits, plan, len(duplicates), reader.left_out, reader.paragraphs_removed, _by_kind(offered)
    )


def _by_kind(entries: "npt.NDArray[Any]") -> dict[str, int]:
    """How many entries there are of each kind that there is."""
    counts = {kind: int((entries["kind"] == number).sum()) for number, kind in enumerate(KINDS)}
    return {kind: count for kind, count in counts.items() if count}


def refuse_leaks(documents: "npt.NDArray[np.int32]", groups: "npt.NDArray[np.int32]", splits: "npt.NDArray[np.int8]") -> None:
    """Raises ContractError when a group or a document is in two splits. Cannot happen, and must not."""
    import numpy as np

    for what, members in (("group", groups), ("document", documents)):
        pairs = np.unique(np.stack([members.astype(np.int64), splits.astype(np.int64)]), axis=1)[0]
        twice = pairs[1:][pairs[1:] == pairs[:-1]]
        if len(twice):
            raise ContractError(f"{len(twice)} {what}(s) are in more than one split")
