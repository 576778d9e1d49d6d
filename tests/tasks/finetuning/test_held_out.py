"""Which examples a model is examined on."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tasks.finetuning.held_out import Question, read_general_prompts, read_questions

ASKED = [{"role": "user", "content": "Which date?"}, {"role": "assistant", "content": '{"date": "3 May"}'}]


def write_split(folder: Path, split: str, rows: list[dict[str, object]]) -> None:
    (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_the_test_split_comes_first_and_training_last(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no examples"):
        read_questions(tmp_path, 5, 5)
    for split in ("train", "valid", "test"):
        write_split(tmp_path, split, [{"text": split}])
        assert read_questions(tmp_path, 5, 5).split == split
    assert read_questions(tmp_path, 5, 5).rows == [Question("0", "0", "test")]


def test_extraction_examples_are_found_behind_the_first_rows(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"text": "plain", "kind": "text", "example_id": f"t{at}", "group": "a"} for at in range(3)]
    rows += [
        {
            "text": "Which date? {}",
            "kind": "extraction",
            "messages": ASKED,
            "prompt_tokens": 4,
            "example_id": f"x{at}",
            "group": "b",
        }
        for at in range(3)
    ]
    write_split(tmp_path, "test", rows)
    found = read_questions(tmp_path, 2, 2)
    assert [question.example for question in found.rows] == ["t0", "t1"]
    assert found.extraction == [Question(f"x{at}", "b", "Which date? {}", 4, '{"date": "3 May"}') for at in range(2)]
    assert read_questions(tmp_path, 2, 0).extraction == []


def test_columns_that_only_the_parquet_has_are_joined(tmp_path: Path) -> None:
    write_split(tmp_path, "test", [{"text": "one"}, {"text": "two"}])
    table = pa.table(
        {
            "split": ["train", "test", "test"],
            "kind": ["text", "text", "extraction"],
            "messages": [None, None, json.dumps(ASKED)],
            "prompt_tokens": pa.array([None, None, 3], pa.int32()),
        }
    )
    parquet.write_table(table, tmp_path / "examples.parquet")
    found = read_questions(tmp_path, 9, 9)
    assert [question.prompt_tokens for question in found.rows] == [0, 3]
    assert found.extraction[0].answer == '{"date": "3 May"}'
    write_split(
        tmp_path,
        "test",
        [{"text": at, "kind": kind, "prompt_tokens": 0} for at, kind in (("one", "text"), ("two", "extraction"))],
    )
    found = read_questions(tmp_path, 9, 9)
    assert [question.prompt_tokens for question in found.rows] == [0, 0]  # what the lines say themselves counts
    assert found.extraction[0].answer == '{"date": "3 May"}'
    parquet.write_table(table.select(["split"]), tmp_path / "examples.parquet")
    assert read_questions(tmp_path, 9, 9).extraction == []


def test_the_general_prompts_are_many_kinds_and_none_twice() -> None:
    prompts = read_general_prompts()
    assert len(prompts) >= 30
    assert len({prompt.name for prompt in prompts}) == len({prompt.prompt for prompt in prompts}) == len(prompts)
    assert all(prompt.continuation.strip() for prompt in prompts)
