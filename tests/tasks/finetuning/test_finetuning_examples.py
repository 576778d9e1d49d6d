"""Examples come with their prompts, and pieces of long ones lose no token."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tasks.finetuning.examples import PARQUET, Example, Text, UnfitError, cut_long, encode, read_texts


class Letters:
    """A tokenizer with a token for each letter."""

    eos_token_id = 0

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_prompts_are_read_where_there_are_some(tmp_path: Path) -> None:
    write(tmp_path, [{"text": "ab"}, {"text": "cd"}])
    assert read_texts(tmp_path, "train") == [Text("ab"), Text("cd")]
    assert read_texts(tmp_path, "valid") == []
    table = {"split": ["train", "valid", "train"], "prompt_tokens": [None, 9, 2]}
    parquet.write_table(pa.table(table), tmp_path / PARQUET)
    assert read_texts(tmp_path, "train") == [Text("ab", 0), Text("cd", 2)]
    write(tmp_path, [{"text": "ab", "prompt_tokens": 1}, {"text": "cd"}])
    assert read_texts(tmp_path, "train") == [Text("ab", 1), Text("cd", 0)]


def test_an_example_ends_with_the_end_of_text_and_is_not_cut() -> None:
    assert encode(Letters(), Text("ab", 1), 3) == Example([97, 98, 0], 1)
    assert encode(Letters(), Text("ab", 1), 3, mask_prompt=False).trained == 2
    with pytest.raises(UnfitError, match="an example has 3 tokens, more than max_seq_length 2"):
        encode(Letters(), Text("ab"), 2)


@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 99)), max_size=5), st.integers(2, 30))
def test_pieces_of_long_examples_have_the_same_targets(shapes: list[tuple[int, int]], longest: int) -> None:
    examples = [Example(list(range(length)), min(prompt, length)) for length, prompt in shapes]
    pieces = cut_long(examples, longest)

    def targets(found: list[Example]) -> list[int]:
        return [token for example in found for token in example.tokens[max(1, example.prompt) :]]

    assert targets(pieces) == targets(examples)
    assert all(len(piece.tokens) <= longest for piece in pieces)
