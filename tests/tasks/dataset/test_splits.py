"""Groups that stay together and splits that do not leak."""

from collections import Counter
from random import Random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dataset.splits import TEST, TRAIN, VALID, group_documents, plan_splits, position

FRACTIONS = {VALID: 0.1, TEST: 0.1}
MEMBERS = st.lists(st.tuples(st.integers(0, 30).map("doc{}".format), st.integers(0, 30).map("doc{}".format)), max_size=40)


def groups(number: int) -> dict[str, int]:
    return {f"group{index:04}": 1 + index % 3 for index in range(number)}


def grouped(members: list[tuple[str, str]]) -> dict[str, str]:
    columns = [pa.chunked_array([pa.array([member[side] for member in members], type=pa.string())]) for side in (0, 1)]
    names, group = group_documents(*columns)
    documents = names.to_pylist()
    return {document: documents[place] for document, place in zip(documents, group.tolist(), strict=True)}


def test_groups_join_documents_over_clusters_and_parts() -> None:
    members = [("b", "a"), ("a", "a"), ("c", "b2"), ("b", "b2"), ("z", "z")]
    assert grouped(members) == {"a": "a", "b": "a", "c": "a", "z": "z"}


@settings(max_examples=50, deadline=None)
@given(MEMBERS, st.randoms())
def test_groups_are_components_whatever_the_order(members: list[tuple[str, str]], random: Random) -> None:
    found = grouped(members)
    shuffled = list(members)
    random.shuffle(shuffled)
    assert grouped(shuffled) == found
    by_cluster: dict[str, set[str]] = {}
    for document, cluster in members:
        by_cluster.setdefault(cluster, set()).add(found[document])
    assert all(len(names) == 1 for names in by_cluster.values())
    assert all(found[name] == name for name in found.values())


@settings(max_examples=50, deadline=None)
@given(MEMBERS, st.lists(st.integers(1, 9), min_size=31, max_size=31), st.integers(1, 8), st.integers(0, 5))
def test_no_group_is_split_and_no_split_is_too_small(
    members: list[tuple[str, str]], examples: list[int], least: int, seed: int
) -> None:
    group_of = grouped(members)
    sizes: Counter[str] = Counter()
    for document, group in group_of.items():
        sizes[group] += examples[int(document[3:])]
    plan = plan_splits(sizes, FRACTIONS, least, seed)
    assert set(plan.of_group) == set(sizes)
    assert sum(plan.examples.values()) == sum(sizes.values())
    for document, group in group_of.items():
        for other, other_group in group_of.items():
            if group == other_group:
                assert plan.of_group[group_of[document]] == plan.of_group[group_of[other]]
    for split in (VALID, TEST):
        if split in plan.examples:
            assert least <= plan.examples[split] < plan.examples[TRAIN]


@settings(max_examples=50, deadline=None)
@given(st.integers(30, 120), st.integers(0, 120), st.integers(0, 1000))
def test_new_documents_never_move_a_training_group_into_a_held_out_split(number: int, more: int, seed: int) -> None:
    before = plan_splits(groups(number), FRACTIONS, 4, seed)
    after = plan_splits(groups(number + more), FRACTIONS, 4, seed)
    assert {VALID, TEST} <= set(before.examples)
    assert all(after.of_group[group] == TRAIN for group, split in before.of_group.items() if split == TRAIN)


def test_fractions_hold_for_many_groups() -> None:
    plan = plan_splits(dict.fromkeys(map(str, range(5000)), 1), {VALID: 0.2, TEST: 0.3}, 4, 7)
    assert abs(plan.examples[VALID] - 1000) < 100
    assert abs(plan.examples[TEST] - 1500) < 100


def test_the_next_groups_in_order_fill_a_small_split() -> None:
    plan = plan_splits(dict.fromkeys("abcdefghijklmnop", 1), {VALID: 1e-9, TEST: 0.0}, 3, 0)
    in_order = sorted("abcdefghijklmnop", key=lambda group: position(group, VALID, 0))
    assert {group for group, split in plan.of_group.items() if split == VALID} == set(in_order[:3])
    assert TEST not in plan.examples
    assert any("set to zero" in note for note in plan.notes)


def test_too_few_documents_are_said_and_stay_in_training() -> None:
    plan = plan_splits({"a": 3, "b": 2}, FRACTIONS, 4, 0)
    assert plan.examples == {TRAIN: 5}
    assert any("at least 3 are needed" in note for note in plan.notes)
    assert any(note.startswith("No valid split") for note in plan.notes)
    assert any(note.startswith("No test split") for note in plan.notes)


def test_another_seed_holds_out_others() -> None:
    one = plan_splits(groups(200), FRACTIONS, 4, 1).of_group
    two = plan_splits(groups(200), FRACTIONS, 4, 2).of_group
    assert one != two
