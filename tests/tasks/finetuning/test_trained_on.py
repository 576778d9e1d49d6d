"""Which held-out documents an adapter of another dataset was trained on."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.finetuning.trained_on import leave_out, trained_groups
from tasks.storage.artifacts import DatasetRef, write_manifest
from tasks.storage.root import atomic_output, remove_file
from tests.tasks.finetuning.stored_adapters import BASE_LOSSES, examination

Row = tuple[str, str, str]  # split, document, group


def store(name: str, rows: list[Row]) -> DatasetRef:
    columns = dict(zip(("split", "document_id", "group"), map(list, zip(*rows, strict=True)), strict=True))
    with atomic_output(f"datasets/{name}/examples.parquet") as stream:
        pq.write_table(pa.table(columns), stream)
    digest, sizes = write_manifest(f"datasets/{name}", {"examples.parquet": (1, name)}, {"name": name})
    return DatasetRef.model_construct(path=f"datasets/{name}", digest=digest, files=sizes, examples={}, tokens={})


@pytest.mark.usefixtures("data_root")
def test_groups_are_found_by_document_and_by_near_copy() -> None:
    earlier = store("old", [("train", "a", "a"), ("train", "b", "c"), ("test", "d", "d")])
    splits = [("test", "a", "a"), ("valid", "c", "c"), ("test", "d", "d"), ("train", "b", "b"), ("test", "e", "e")]
    newer = store("new", splits)
    assert trained_groups(earlier.digest, newer) == {"a", "c"}
    assert trained_groups(newer.digest, newer) == set()
    remove_file("datasets/old/examples.parquet")
    assert trained_groups(earlier.digest, newer) is None


def test_an_examination_without_a_document_keeps_the_rest() -> None:
    found = leave_out(examination(BASE_LOSSES, right=[3, 3, 3, 3]), {"d1"})
    assert [row.group for row in found.rows] == ["d0", "d2", "d3"]
    assert [answer.group for answer in found.answers] == ["d0", "d2", "d3"]
    assert len(found.general) == 4
