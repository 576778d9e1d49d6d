"""What was stored, as columns, says what the rows say."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality import memo
from tasks.quality.measure import GROUP_OF, Measured
from tasks.quality.stored import StoredParts, read_parts, read_steps
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.root import read_bytes, write_bytes
from tasks.storage.schemas import METRICS, NORMALIZATION, QUALITY, SIGNALS
from tasks.storage.stage import metrics_path

NAMES = sorted(GROUP_OF)[:6]
ENDING = {"reason": None, "detail": None}
measured = st.builds(
    Measured,
    groups=st.lists(st.sampled_from(["length", "symbols", "c4"]), unique=True).map(tuple),
    signals=st.dictionaries(st.sampled_from(NAMES), st.floats(0, 9)),
    language=st.sampled_from([None, "en", "und"]),
)


def key(number: int) -> dict[str, Any]:
    return {"document_id": f"{number:064x}", "part": number % 2}


def store(shard: int, parts: list[Measured], first: int = 0) -> dict[str, ParquetRef]:
    rows = [key(first + at) | {"format": "text"} | memo.columns_of(each) | ENDING for at, each in enumerate(parts)]
    return {"signals": write_table(f"stages/quality-signals/1.a-{shard}.parquet", rows, SIGNALS)}


def as_measured(stored: StoredParts) -> list[tuple[set[str], dict[str, float], str | None]]:
    rows = stored.rows_of(np.ones(len(stored), bool))
    groups = [{name for name in stored.groups if stored.measured(name)[row]} for row in range(len(stored))]
    return list(zip(groups, rows, stored.languages.tolist(), strict=True))


@given(st.lists(st.lists(measured, max_size=4), max_size=3))
@settings(max_examples=40, deadline=None)
def test_columns_say_what_the_rows_say(shards: list[list[Measured]]) -> None:
    outputs = [store(number, parts, first=10 * number) for number, parts in enumerate(shards)]
    expected = [(set(part.groups), dict(part.signals), part.language) for parts in shards for part in parts]
    stored = read_parts([{}, *outputs])
    assert as_measured(stored) == expected
    assert stored.reasons.tolist() == [None] * len(expected)
    assert stored.complete(["length", "c4"]).tolist() == [{"length", "c4"} <= groups for groups, _, _ in expected]


def test_there_may_be_nothing() -> None:
    assert len(read_parts([])) == len(read_parts([{}])) == 0
    assert read_steps([{}]) == ([], {})


def test_verdicts_and_scores_stand_with_their_parts() -> None:
    outputs = store(0, [Measured(), Measured(), Measured()])
    decided = [
        key(2) | {"score": 0.5, "audit": False} | ENDING,
        key(0) | {"score": None, "audit": False, "reason": "quality.symbols.ratio", "detail": "x"},
        key(7) | {"score": 0.1, "audit": False} | ENDING,  # of no part that is stored
    ]
    stored = read_parts([outputs | {"quality": write_table("q.parquet", decided, QUALITY)}])
    assert stored.reasons.tolist() == ["quality.symbols.ratio", None, None]
    assert np.isnan(stored.scores[:2]).all()
    assert stored.scores[2] == 0.5


def test_what_earlier_runs_measured_is_added_when_asked_for() -> None:
    outputs = store(0, [Measured(("length",), {"length.words": 3.0})])
    texts = {
        "format": "text",
        "text": "x",
        "title": None,
        "characters_before": 1,
        "removed": {},
        "flags": [],
        "encoding_damage": {},
    }
    outputs["normalization"] = write_table("n.parquet", [key(0) | texts | ENDING], NORMALIZATION)
    both = {"length.words": 3.0, "symbols.ratio": 0.25}
    known = {(key(0)["document_id"], 0): Measured(("length", "symbols"), both, "en")}
    known[key(1)["document_id"], 1] = Measured(("c4",), {"c4.lorem": 1.0})  # a part that this run has not
    memo.remember(memo.memo_path(outputs["normalization"], "1.a"), known, dict.fromkeys(known, "text"))
    assert as_measured(read_parts([outputs])) == [({"length", "symbols"}, both, "en")]
    assert as_measured(read_parts([outputs], remembered=False)) == [({"length"}, {"length.words": 3.0}, None)]


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _spoilt(content: bytes) -> bytes:
    middle = len(content) // 3
    return content[:middle] + bytes(200) + content[middle + 200 :]


@pytest.mark.parametrize("damage", [_cut, _spoilt, lambda _content: b"", lambda _content: b"PAR1 and no more PAR1"])
def test_a_damaged_memo_counts_as_none(damage: Callable[[bytes], bytes]) -> None:
    outputs = store(0, [Measured(("length",), {"length.words": 3.0})])
    outputs["normalization"] = write_table("n.parquet", [], NORMALIZATION)
    path = memo.memo_path(outputs["normalization"], "1.a")
    known = {(key(0)["document_id"], 0): Measured(("symbols",), {"symbols.ratio": 0.25}, "en", {"en": 1.0})}
    memo.remember(path, known, dict.fromkeys(known, "text"))
    write_bytes(path, damage(read_bytes(path)))
    assert as_measured(read_parts([outputs])) == [({"length"}, {"length.words": 3.0}, None)]


def test_a_memo_of_another_shape_counts_as_none() -> None:
    outputs = store(0, [Measured(("length",), {"length.words": 3.0})])
    outputs["normalization"] = write_table("n.parquet", [], NORMALIZATION)
    texts = pa.schema(
        [pa.field(name, pa.string()) for name in ("document_id", "part", "language", "languages", "groups", "signals")]
    )
    row = dict.fromkeys(texts.names, "x") | {"document_id": key(0)["document_id"], "part": "0"}
    write_table(memo.memo_path(outputs["normalization"], "1.a"), [row], texts)
    assert as_measured(read_parts([outputs])) == [({"length"}, {"length.words": 3.0}, None)]


def test_steps_are_read_where_a_stage_has_them() -> None:
    outputs = store(0, [Measured(), Measured()])
    common = {"stage": "quality-signals", "seconds": 1.0, "peak_mib": None}
    rows = [key(0) | common | {"steps": {"length": 0.5}}, key(1) | common | {"steps": None}]
    write_table(metrics_path(outputs["signals"].path), rows, METRICS)
    keys, steps = read_steps([outputs])
    assert keys == [(key(0)["document_id"], 0)]
    assert {name: values.tolist() for name, values in steps.items()} == {"length": [0.5]}
