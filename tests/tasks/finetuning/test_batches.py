"""Batches drop nothing, hold little padding, keep the size that was asked for, and depend on seed and epoch alone."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.finetuning.batches import (
    Layout,
    assemble,
    count_updates,
    padding_share,
    plan_epoch,
    plan_in_order,
    round_up,
    share_update,
    updates_per_epoch,
)
from tasks.finetuning.examples import Example

PLACES = st.lists(st.integers(1, 500), min_size=1, max_size=150)


@settings(max_examples=60, deadline=None)
@given(PLACES, st.integers(1, 40), st.integers(64, 2000), st.booleans(), st.integers(0, 9), st.integers(0, 3))
def test_an_epoch_has_every_example_once(
    places: list[int], size: int, micro_tokens: int, packed: bool, seed: int, epoch: int
) -> None:
    layout = Layout(size, micro_tokens, packed)
    updates = plan_epoch(places, layout, seed, epoch)
    found = [[index for micro in update for row in micro for index in row] for update in updates]
    assert sorted(itertools.chain(*found)) == list(range(len(places)))
    assert len(updates) == updates_per_epoch(len(places), size)
    assert all(len(update) == size for update in found[:-1])  # the batch that was asked for, whatever fits at once
    assert plan_epoch(places, layout, seed, epoch) == updates
    for micro in itertools.chain(*updates):
        assert packed or all(len(row) == 1 for row in micro)
        width = round_up(max(sum(places[index] for index in row) for row in micro), packed)
        assert len(micro) == 1 or len(micro) * width <= micro_tokens
        assert not packed or width <= round_up(max([*places, micro_tokens]), packed)
    in_order = plan_in_order(places, micro_tokens)
    assert sorted(index for micro in in_order for row in micro for index in row) == list(range(len(places)))


def test_epochs_mix_updates_anew_and_a_smaller_memory_does_not() -> None:
    places = [10 + index % 50 for index in range(100)]

    def members(micro_tokens: int, epoch: int) -> list[list[int]]:
        updates = plan_epoch(places, Layout(8, micro_tokens), 0, epoch)
        return [sorted(index for micro in update for row in micro for index in row) for update in updates]

    assert members(1000, 0) != members(1000, 1)
    assert members(1000, 0) == members(64, 0)


@pytest.mark.parametrize("batch_size", [4, 8, 16, 32, 64])
def test_mixed_lengths_make_little_padding(batch_size: int) -> None:
    places = [5 + (index * index * 37) % 500 for index in range(512)]
    assert padding_share(places, plan_epoch(places, Layout(batch_size, 4096), 0, 0)) <= 0.1
    assert padding_share(places, plan_epoch(places, Layout(batch_size, 4096, True), 0, 0), packed=True) <= 0.01


def test_short_examples_are_computed_together() -> None:
    assert len(plan_in_order([10] * 64, 4096)) == 1


def test_arrays_hold_each_target_once() -> None:
    examples = [Example([1, 2, 3]), Example([4, 5, 6, 7], prompt=2), Example([8])]
    arrays = assemble(examples, [[0, 1], [2]], packed=True)
    assert arrays.inputs.tolist() == [[1, 2, 4, 5, 6, 0, 0, 0], [0] * 8]
    assert arrays.targets.tolist() == [[2, 3, 5, 6, 7, 0, 0, 0], [0] * 8]
    assert arrays.weights.tolist() == [[1, 1, 0, 1, 1, 0, 0, 0], [0] * 8]
    assert arrays.segments is not None
    assert arrays.segments.tolist() == [[1, 1, 2, 2, 2, 0, 0, 0], [0] * 8]
    assert assemble(examples, [[0]]).segments is None


def test_a_prompt_has_no_loss() -> None:
    for prompt in range(6):
        example = Example([7, 7, 7, 7], prompt=prompt)
        assert assemble([example], [[0]]).weights.sum() == example.trained == min(3, max(0, 4 - max(1, prompt)))


def test_updates_follow_epochs_up_to_the_most() -> None:
    assert count_updates(10, 4, 2.0, 100) == 6
    assert count_updates(10, 4, 2.0, 5) == 5
    assert count_updates(1, 4, 0.1, None) == 1
    assert count_updates(1000, 4, 3.0, None) == 750


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("size", [2, 3, 7])
def test_processes_share_an_update(packed: bool, size: int) -> None:
    places = [5, 40, 12, 33, 8, 21, 6, 17, 9, 30]
    layout = Layout(10, 64, packed)
    for update in plan_epoch(places, layout, 0, 0):
        shares = [share_update(update, places, layout, rank, size) for rank in range(size)]
        found = [[index for micro in share for row in micro for index in row] for share in shares]
        assert sorted(index for each in found for index in each) == sorted(range(10))
        filled = [sum(places[index] for index in each) for each in found]
        assert max(filled) - min(filled) <= max(places)
        assert [len(row) for share in shares for micro in share for row in micro] == [1] * 10 or packed


def test_a_process_may_have_no_part_of_an_update() -> None:
    assert share_update([[[0]], [[1]]], [4, 9], Layout(2, 64), 2, 3) == []
