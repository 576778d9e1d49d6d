"""In which order a process takes micro-batches through its block of layers, and how layers are divided into blocks."""

from collections.abc import Sequence
from typing import Literal

Turn = tuple[Literal["forward", "back"], int]  # and the number of the micro-batch


def turns(rank: int, size: int, count: int) -> list[Turn]:
    """What the process with this rank does with `count` micro-batches, in this order.

    One forward, one back (Narayanan et al. 2019, "PipeDream", without its stale weights: an update ends when all are back). A
    process that is `n` blocks before the end takes n micro-batches ahead and then goes back with one for each that it takes
    forward, so that it keeps what n + 1 of them need for their way back at most, however many there are.
    """
    ahead = min(count, size - 1 - rank)
    order: list[Turn] = [("forward", number) for number in range(ahead)]
    for number in range(count - ahead):
        order += [("forward", ahead + number), ("back", number)]
    return order + [("back", number) for number in range(count - ahead, count)]


def divide(sizes: Sequence[int], first: int, last: int, processes: int) -> list[range]:
    """Layers in contiguous blocks, one for each process, so that the largest process is as small as can be.

    sizes: of each layer, in bytes. first, last: what the first and the last process have besides (embeddings, head). There must
    be a layer for each process.
    """
    before = [0]
    for size in sizes:
        before.append(before[-1] + size)
    count = len(sizes)
    # Of the first layers in so many blocks: the best (largest block, sum of squares), and where the last block begins.
    best: dict[tuple[int, int], tuple[tuple[int, int], int]] = {(0, 0): ((0, 0), 0)}
    for block in range(1, processes + 1):
        for end in range(block, count - (processes - block) + 1):
            choices = []
            for start in range(block - 1, end):
                if (start, block - 1) in best:
                    weight = before[end] - before[start] + (first if block == 1 else 0) + (last if block == processes else 0)
                    (largest, squares), _ = best[start, block - 1]
                    choices.append(((max(largest, weight), squares + weight * weight), start))
            if choices:
                best[end, block] = min(choices)
    blocks = []
    end = count
    for block in range(processes, 0, -1):
        start = best[end, block][1]
        blocks.append(range(start, end))
        end = start
    return blocks[::-1]
