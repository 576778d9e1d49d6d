"""Batches drop nothing, keep lengths together and depend on seed and epoch alone."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.finetuning.batches import count_steps, endless_batches, pad, plan_epoch, plan_in_order

LENGTHS = st.lists(st.integers(1, 500), min_size=1, max_size=200)


@settings(max_examples=50, deadline=None)
@given(LENGTHS, st.integers(1, 9), st.integers(0, 9), st.integers(0, 3))
def test_every_example_is_in_an_epoch_once(lengths: list[int], size: int, seed: int, epoch: int) -> None:
    batches = plan_epoch(lengths, size, seed, epoch)
    assert sorted(itertools.chain(*batches)) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size
    assert plan_epoch(lengths, size, seed, epoch) == batches
    in_order = plan_in_order(lengths, size)
    assert sorted(itertools.chain(*in_order)) == list(range(len(lengths)))


def test_epochs_mix_batches_anew() -> None:
    lengths = [10 + index % 50 for index in range(100)]
    first, second = plan_epoch(lengths, 4, 0, 0), plan_epoch(lengths, 4, 0, 1)
    assert {tuple(sorted(batch)) for batch in first} != {tuple(sorted(batch)) for batch in second}
    stream = list(itertools.islice(endless_batches(lengths, 4, 0), len(first) + len(second)))
    assert stream == first + second


def test_batches_of_mixed_lengths_hold_little_padding() -> None:
    lengths = [5 + (index * 37) % 500 for index in range(256)]
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in plan_epoch(lengths, 4, 0, 0))
    assert sum(lengths) / padded > 0.9


def test_rows_are_padded_to_a_few_widths() -> None:
    array, lengths = pad([[1, 2, 3], list(range(33))])
    assert array.shape == (2, 65)
    assert array[0].tolist() == [1, 2, 3] + [0] * 62
    assert lengths.tolist() == [[0, 3], [0, 33]]
    assert pad([[7] * 32])[0].shape == (1, 33)


def test_steps_follow_epochs_up_to_the_most() -> None:
    assert count_steps(10, 4, 2.0, 100) == 6
    assert count_steps(10, 4, 2.0, 5) == 5
    assert count_steps(1, 4, 0.1, None) == 1
    assert count_steps(1000, 4, 3.0, None) == 750
