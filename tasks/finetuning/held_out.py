"""What a model is examined on: held-out examples of the dataset, and general prompts that no dataset should make it forget."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARQUET = "examples.parquet"
GENERAL = Path(__file__).parent / "general_prompts.jsonl"
SPLITS = ("test", "valid", "train")  # the first one that has examples is measured
EXTRACTION = "extraction"
JOINED = ("kind", "messages", "prompt_tokens")  # what an older dataset has not, and a newer one may have in its Parquet only


@dataclass(frozen=True)
class Question:
    """A held-out example. group: of documents that stand or fall together. prompt_tokens: how many tokens at its head are read
    and not scored. answer: what is expected behind them; None for a text that is only to be read."""

    example: str
    group: str
    text: str
    prompt_tokens: int = 0
    answer: str | None = None


@dataclass(frozen=True)
class Questions:
    """What to measure. rows: for the loss. extraction: to be answered. The order is that of the dataset, a digest's: the first
    ones are a fair and steady choice."""

    split: str
    rows: Sequence[Question]
    extraction: Sequence[Question]


def read_questions(dataset: Path, most_rows: int, most_answers: int) -> Questions:
    """The held-out examples of a dataset folder: of its test split, else valid, else (nothing is held out then) train.

    Raises ValueError when the dataset is empty.
    """
    for split in SPLITS:
        if rows := _read_rows(dataset, split):
            break
    else:
        raise ValueError("the dataset has no examples")
    asked = [_question(number, row) for number, row in enumerate(rows) if row.get("kind") == EXTRACTION][:most_answers]
    chosen = [_question(number, row) for number, row in enumerate(rows[:most_rows])]
    return Questions(split, chosen, [question for question in asked if question.answer is not None])


def _question(number: int, row: dict[str, Any]) -> Question:
    messages = row.get("messages") or []
    if isinstance(messages, str):
        messages = json.loads(messages)
    answer = messages[-1]["content"] if messages and messages[-1]["role"] == "assistant" else None
    example = row.get("example_id") or str(number)
    return Question(example, row.get("group") or example, row["text"], int(row.get("prompt_tokens") or 0), answer)


def _read_rows(dataset: Path, split: str) -> list[dict[str, Any]]:
    file = dataset / f"{split}.jsonl"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="\n") as stream:
        rows = [json.loads(line) for line in stream]
    missing = [name for name in JOINED if rows and name not in rows[0]]
    if missing and (dataset / PARQUET).is_file():
        for row, more in zip(rows, _read_columns(dataset / PARQUET, split, missing), strict=True):
            row.update(more)
    return rows


def _read_columns(file: Path, split: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """Those of the wanted columns that the dataset's Parquet has, for the rows of a split: in the order of its JSONL."""
    from pyarrow import parquet

    names = [name for name in wanted if name in parquet.read_schema(file).names]
    rows: list[dict[str, Any]] = parquet.read_table(file, columns=["split", *names], filters=[("split", "=", split)]).to_pylist()
    return [{name: row[name] for name in names} for row in rows]


@dataclass(frozen=True)
class GeneralPrompt:
    """The beginning of a text that has nothing to do with anybody's documents, and how it goes on."""

    name: str
    prompt: str
    continuation: str


def read_general_prompts() -> list[GeneralPrompt]:
    """The prompts that come with doctune."""
    with GENERAL.open(encoding="utf-8") as stream:
        return [GeneralPrompt(**json.loads(line)) for line in stream]
