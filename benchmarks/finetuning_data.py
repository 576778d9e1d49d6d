"""Datasets for benchmarks/finetuning.py: running text, cut to lengths of three distributions."""

import json
import random
from collections.abc import Callable
from pathlib import Path

from tasks.finetuning.starter import TOKENIZER

MOST_FILES = 60
LONGEST = 510  # tokens, and one for the end of text
# Lengths in tokens: of a corpus of documents in chunks (median 75, a tenth above 420), of questions with answers (mean 90), and
# of chunks of nearly one size.
DISTRIBUTIONS: dict[str, Callable[[random.Random], float]] = {
    "mixed": lambda source: source.lognormvariate(4.32, 1.34),
    "qa": lambda source: source.lognormvariate(4.35, 0.5),
    "uniform": lambda source: source.gauss(480, 40),
}


def read_text(folder: Path) -> list[str]:
    """The words of all texts in a folder, in order of the files' names."""
    files = sorted(folder.rglob("*.txt"))[:MOST_FILES]
    return [word for file in files for word in file.read_text(encoding="utf-8", errors="replace").split()]


def write_dataset(folder: Path, words: list[str], distribution: str, examples: dict[str, int]) -> None:
    """Write a dataset as doctune and mlx-lm read it. examples: split -> how many."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    source = random.Random(f"{distribution} 1")
    folder.mkdir(parents=True)
    for split, count in examples.items():
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8") as stream:
            for _ in range(count):
                length = min(LONGEST, max(4, round(DISTRIBUTIONS[distribution](source))))
                start = source.randrange(len(words) - length)
                tokens = tokenizer.encode(" ".join(words[start : start + length])).ids[:length]
                stream.write(json.dumps({"text": tokenizer.decode(tokens, skip_special_tokens=False)}) + "\n")
