"""Micro-batches on their way through several processes, and layers divided among them."""

import itertools

import pytest

from tasks.finetuning.parallel.schedule import divide, turns


@pytest.mark.parametrize(("size", "count"), list(itertools.product([2, 3, 5], [1, 2, 3, 8])))
def test_no_process_waits_for_ever_and_none_keeps_too_much(size: int, count: int) -> None:
    left = [turns(rank, size, count) for rank in range(size)]
    for rank, order in enumerate(left):
        ways = {way: [number for each, number in order if each == way] for way in ("forward", "back")}
        assert ways == {"forward": list(range(count)), "back": list(range(count))}
        kept = list(itertools.accumulate(1 if way == "forward" else -1 for way, _ in order))
        assert max(kept) <= min(count, size - rank)
    done: set[tuple[int, str, int]] = set()
    together = 0
    while any(left):
        ready = []
        for rank, order in enumerate(left):
            if order:
                way, number = order[0]
                needs = (rank - 1, "forward", number) if way == "forward" else (rank + 1, "back", number)
                if needs in done or needs[0] in (-1, size):
                    ready.append(rank)
        assert ready
        together = max(together, len(ready))
        done |= {(rank, *left[rank].pop(0)) for rank in ready}
    assert together >= min(2, count)


@pytest.mark.parametrize(
    ("sizes", "first", "last", "processes", "wanted"),
    [
        ([1, 1, 1, 1], 0, 0, 2, [2, 2]),
        ([1, 1, 1, 1], 2, 0, 2, [1, 3]),
        ([1, 1, 1, 1], 2, 2, 3, [1, 2, 1]),
        ([5, 1, 1, 1, 1, 1], 0, 0, 2, [1, 5]),
        ([1, 1, 1], 9, 9, 3, [1, 1, 1]),
        ([1] * 7, 0, 0, 3, [2, 2, 3]),
    ],
)
def test_the_largest_process_is_as_small_as_can_be(
    sizes: list[int], first: int, last: int, processes: int, wanted: list[int]
) -> None:
    blocks = divide(sizes, first, last, processes)
    assert [number for block in blocks for number in block] == list(range(len(sizes)))
    assert sorted(map(len, blocks)) == sorted(wanted)
    held = [sum(sizes[number] for number in block) for block in blocks]
    held[0] += first
    held[-1] += last
    assert max(held) == min(_largest(sizes, first, last, cuts) for cuts in _cuts(len(sizes), processes))


def _cuts(count: int, processes: int) -> list[tuple[int, ...]]:
    return [(0, *inner, count) for inner in itertools.combinations(range(1, count), processes - 1)]


def _largest(sizes: list[int], first: int, last: int, cuts: tuple[int, ...]) -> int:
    held = [sum(sizes[start:end]) for start, end in itertools.pairwise(cuts)]
    held[0] += first
    held[-1] += last
    return max(held)
