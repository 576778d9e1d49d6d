"""Which instruction examples are drawn: never more than the settings say, evenly from the kinds, the same ones every time."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.dataset.first_reading import entry_type
from tasks.dataset.mixing import draw_instructions
from tasks.dataset.settings import InstructionSettings


def make_entries(kinds: list[int], negatives: list[bool], tokens: list[int]) -> Any:
    entries = np.zeros(len(kinds), dtype=entry_type())
    generator = np.random.default_rng(7)
    for half in ("high", "low"):
        entries["id"][half] = generator.integers(0, 2**63, len(kinds), dtype=np.uint64)
    entries["kind"], entries["negative"], entries["tokens"] = kinds, negatives, tokens
    return entries


ROW = st.tuples(st.integers(1, 4), st.booleans(), st.integers(1, 500), st.integers(0, 4))
FRACTION = st.sampled_from([0.0, 0.1, 0.3, 0.5])


@given(
    rows=st.lists(ROW, max_size=60), share=FRACTION, negatives=FRACTION, most=st.integers(1, 9), text_tokens=st.integers(0, 9000)
)
def test_no_bound_is_passed(
    rows: list[tuple[int, bool, int, int]], share: float, negatives: float, most: int, text_tokens: int
) -> None:
    entries = make_entries([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    documents = np.array([row[3] for row in rows], dtype=np.int64)
    settings = InstructionSettings(share=share, negatives=negatives, per_document=most)
    places = draw_instructions(entries, documents, text_tokens, settings)
    assert places.tolist() == sorted(set(places.tolist()))
    drawn = entries[places]
    asked = int(drawn["tokens"].sum())
    assert asked <= share * (asked + text_tokens) + 1e-6
    assert drawn["negative"].sum() <= negatives * len(drawn) + 1e-6
    assert max(np.bincount(documents[places]), default=0) <= most
    assert draw_instructions(entries, documents, text_tokens, settings).tolist() == places.tolist()


def draw(entries: Any, text_tokens: int, **options: Any) -> Any:
    settings = InstructionSettings(per_document=1000, negatives=0.5, **options)
    return entries[draw_instructions(entries, np.zeros(len(entries), dtype=np.int64), text_tokens, settings)]


def test_rare_kinds_are_not_crowded_out() -> None:
    entries = make_entries([1] * 300 + [2] * 30 + [4] * 10, [False] * 340, [10] * 340)
    counts = np.bincount(draw(entries, 1000, share=0.5)["kind"], minlength=5).tolist()
    assert counts[4] == 10
    assert counts[2] == 30
    assert counts[1] == 60


def test_the_seed_draws_others_and_the_order_of_rows_does_not_matter() -> None:
    entries = make_entries([1] * 100, [False] * 100, [10] * 100)
    ids = {seed: {entry["id"].tobytes() for entry in draw(entries, 300, share=0.5, seed=seed)} for seed in (0, 1)}
    assert len(ids[0]) == len(ids[1]) == 30
    assert ids[0] != ids[1]
    assert {entry["id"].tobytes() for entry in draw(entries[::-1], 300, share=0.5, seed=0)} == ids[0]


def test_all_are_drawn_where_there_is_room() -> None:
    entries = make_entries([1, 2, 3], [False, True, False], [10, 10, 10])
    assert len(draw(entries, 1000, share=0.3)) == 3
    assert len(draw(entries[:0], 1000, share=0.3)) == 0
