"""Examining a model with mlx: the loss on held-out examples and general prompts, and answers in JSON, greedily.

Imported only in a process of its own and in tests. The examiner keeps the questions as tokens, so that the model before the
training, the one after it and an adapter of another day are asked exactly the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
import numpy as np
from mlx import nn

from tasks.finetuning.answers import Marks, mark_answer
from tasks.finetuning.examination import Answered, Examination, Scored
from tasks.finetuning.held_out import Question, Questions, read_general_prompts
from tasks.finetuning.losses import Batch
from tasks.finetuning.parallel.team import ALONE, Team, split_at

BATCH_TOKENS = 2048  # padding included: the logits of a large vocabulary take a gigabyte for that
PAD_TO = 32  # widths are multiples of this: few shapes, so buffers are used again


@dataclass(frozen=True)
class Row:
    """Tokens to be read. prompt: tokens at the head without a loss."""

    example: str
    group: str
    tokens: Sequence[int]
    prompt: int = 0


class Examiner:
    """Asks models the same questions. answer_tokens: most tokens of an answer."""

    def __init__(self, tokenizer: Any, questions: Questions, answer_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._questions = questions
        self._answer_tokens = answer_tokens
        self._rows = [
            Row(question.example, question.group, self._encode(question.text), question.prompt_tokens)
            for question in questions.rows
        ]
        self._general = [self._joined(prompt.name, prompt.prompt, prompt.continuation) for prompt in read_general_prompts()]

    def examine(self, model: Any, team: Team = ALONE) -> Examination:
        """Everything that is measured of a model, in the order of the questions; without answers where no process of the team can
        generate any."""
        was_training = model.training
        model.eval()
        found = Examination(
            rows=score_rows(model, self._rows, team),
            general=score_rows(model, self._general, team),
            answers=self._answers(model, team) if team.writes_texts else [],
        )
        model.train(was_training)
        return found

    def _encode(self, text: str) -> list[int]:
        """As mlx-lm encodes a text example: with the end-of-text token."""
        tokens: list[int] = list(self._tokenizer.encode(text))
        if not tokens or tokens[-1] != self._tokenizer.eos_token_id:
            tokens.append(self._tokenizer.eos_token_id)
        return tokens

    def _joined(self, name: str, prompt: str, continuation: str) -> Row:
        head = list(self._tokenizer.encode(prompt))
        return Row(name, name, [*head, *self._tokenizer.encode(continuation, add_special_tokens=False)], len(head))

    def _answers(self, model: Any, team: Team) -> list[Answered]:
        questions = self._questions.extraction
        marks = np.zeros((len(questions), 4))  # exact, right, given, expected: 0 for an answer that another process marks
        for index in team.part_of_answers(len(questions)):
            found = self._answer(model, questions[index])
            marks[index] = found.exact, found.right, found.given, found.expected
        told = split_at(team.sums(marks.reshape(-1).tolist()), [4] * len(questions))
        return [
            Answered(
                example=question.example,
                group=question.group,
                exact=exact > 0,
                right=int(right),
                given=int(given),
                expected=int(most),
            )
            for question, (exact, right, given, most) in zip(questions, told, strict=True)
        ]

    def _answer(self, model: Any, question: Question) -> Marks:
        from mlx_lm import generate

        prompt = self._encode(question.text)[: question.prompt_tokens]
        text: str = generate(model, self._tokenizer, prompt=prompt, max_tokens=self._answer_tokens)
        return mark_answer(text, question.answer or "")


def score_rows(model: Any, rows: Sequence[Row], team: Team = ALONE) -> list[Scored]:
    """The loss of each row, summed over its tokens; whatever shares a batch with it changes nothing."""
    cut = list(_batches([len(row.tokens) for row in rows]))
    batches = (_assemble([rows[index] for index in indices]) for indices in cut)
    nats = team.evaluate(model, batches, _nats, [len(indices) for indices in cut])
    found = {
        index: value for indices, values in zip(cut, nats, strict=True) for index, value in zip(indices, values, strict=True)
    }
    return [
        Scored(example=row.example, group=row.group, nats=found[index], tokens=len(row.tokens) - 1 - _unscored(row))
        for index, row in enumerate(rows)
    ]


def _unscored(row: Row) -> int:
    """How many targets at the head of a row have no loss."""
    return min(max(0, row.prompt - 1), len(row.tokens) - 1)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Every position once, sorted by length, at most BATCH_TOKENS with their padding if one row alone does not have more."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if batch and (len(batch) + 1) * _width(lengths[index]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _width(length: int) -> int:
    return -(-max(1, length - 1) // PAD_TO) * PAD_TO


def _assemble(rows: Sequence[Row]) -> Batch:
    shape = (len(rows), _width(max(len(row.tokens) for row in rows)))
    inputs, targets, weights = np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    for number, row in enumerate(rows):
        end = len(row.tokens) - 1
        inputs[number, :end] = row.tokens[:-1]
        targets[number, :end] = row.tokens[1:]
        weights[number, _unscored(row) : end] = 1
    return mx.array(inputs), mx.array(targets), mx.array(weights), None


def _nats(model: Any, batch: Batch) -> mx.array:
    """The loss of each row, summed over its tokens."""
    inputs, targets, weights, _ = batch
    logits = model(inputs).astype(mx.float32)  # half precision would round a loss to two digits
    return (nn.losses.cross_entropy(logits, targets) * weights).sum(axis=1)
