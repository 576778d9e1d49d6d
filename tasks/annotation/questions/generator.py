"""Questions about a document: written by a model, checked by rules, answered by the model anew, and kept if all agree.

The model is asked with the care of the leg that annotates: one budget, answers remembered per document, failures told.
"""

import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tasks.annotation.document import TextDocument
from tasks.annotation.model import leg
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.memo import Memo, path_of
from tasks.annotation.model.salvage import EXTRACTIONS
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions import prompt
from tasks.annotation.questions.faithfulness import Faithful, Pair, check_pair, is_duplicate, is_same_answer
from tasks.annotation.questions.passages import LONGEST, choose_passages
from tasks.annotation.questions.settings import QuestionSettings

if TYPE_CHECKING:
    from langextract.core.base_model import BaseLanguageModel

    from tasks.annotation.model.asking import CarefulModel

KINDS = {(prompt.ASKED, prompt.ANSWER): prompt.PAIRS, (prompt.ANSWER,): 1}  # fields of an answer -> items that it may have
KEPT_CHARACTERS = 300  # of what was refused
NO_TIME = "not asked: the time for this document was used up"
Connect = Callable[[ModelSettings, tuple[str, ...]], "BaseLanguageModel"]


@dataclass
class QuestionReport:
    """What became of a document. refused: pairs with the reason, a key of REFUSALS. failures: a line for each request that the
    model failed on. Every pair that was written is in kept or in refused."""

    kept: list[Faithful] = field(default_factory=list)
    refused: list[tuple[Pair, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def rows(self) -> dict[str, Any]:
        """As columns of ANNOTATED."""
        kept = sorted(self.kept, key=lambda each: (each.passage, each.start, each.question))
        refused = sorted(
            (reason, pair.question[:KEPT_CHARACTERS], pair.answer[:KEPT_CHARACTERS]) for pair, reason in self.refused
        )
        return {
            "questions": [
                {
                    "question": each.question,
                    "answer": each.answer,
                    "start": each.start,
                    "end": each.end,
                    "passage_start": each.passage[0],
                    "passage_end": each.passage[1],
                }
                for each in kept
            ],
            "refused_questions": [
                {"question": question, "answer": answer, "reason": reason} for reason, question, answer in refused
            ],
            "question_failures": self.failures,
        }


class QuestionWriter:
    """A model that writes questions. Nothing is loaded or connected to before the first passage.

    budget: the one of the leg that annotates. connect: makes the provider for the fields of an answer; for tests. Where it raises
    ModelError, so does `write`.
    """

    def __init__(
        self, model: ModelSettings, settings: QuestionSettings, budget: Budget | None = None, connect: Connect | None = None
    ) -> None:
        self._model, self._settings = model, settings
        self._budget = budget or Budget(model)
        self._connect = connect or connect_for
        self._providers: dict[tuple[str, ...], BaseLanguageModel] = {}

    def write(self, document: TextDocument, until: float | None = None) -> QuestionReport:
        """Questions about a document, and what became of the rest. until: by time.monotonic(), from when on nothing more is
        asked; the next run takes it up. Answers are remembered below the data root, whatever ends the writing."""
        # Of three pairs about a passage, half or more are refused mostly.
        passages = choose_passages(document.text, (self._settings.per_document + 1) // 2)
        report = QuestionReport()
        if not passages:
            return report
        memo = Memo(path_of(document.text, {"questions": prompt.VERSION, "settings": self._model.cache_identity()}))
        try:
            self._select(document, self._candidates(document, passages, memo, report, until), memo, report, until)
        finally:
            memo.write()
        return report

    def _candidates(
        self,
        document: TextDocument,
        passages: Sequence[tuple[int, int]],
        memo: Memo,
        report: QuestionReport,
        until: float | None,
    ) -> list[Faithful]:
        """The pairs that the rules let pass: the first of each passage, then the second ones, and so on."""
        text, found = document.text, []
        asked = [prompt.write_prompt(text[start:end]) for start, end in passages]
        for passage, (items, failure) in zip(passages, self._said(asked, _WRITTEN, memo, text, until), strict=True):
            if failure is not None:
                report.failures.append(f"questions on characters {passage[0]} to {passage[1]}: {failure}")
            of_passage = []
            for pair in pairs_of(items):
                checked = check_pair(pair, text, passage, document.language, prompt.EXAMPLE_QUESTIONS)
                if isinstance(checked, Faithful):
                    of_passage.append(checked)
                else:
                    report.refused.append((pair, checked))
            found.append(of_passage)
        return [each for turn in zip_longest(*found) for each in turn if each is not None]

    def _select(
        self, document: TextDocument, candidates: list[Faithful], memo: Memo, report: QuestionReport, until: float | None
    ) -> None:
        """Keep candidates until there are enough: as many as are missing are asked again together, then the next ones."""
        waiting = iter(candidates)
        seen: list[Faithful] = []
        while missing := self._settings.per_document - len(report.kept):
            batch: list[Faithful] = []
            for each in waiting:
                if is_duplicate(each, seen):
                    report.refused.append((Pair(each.question, each.answer), "duplicate"))
                    continue
                seen.append(each)
                batch.append(each)
                if len(batch) == missing:
                    break
            if not batch:
                break
            self._ask_again(document, batch, memo, report, until)
        report.refused += [(Pair(each.question, each.answer), "spare") for each in waiting]

    def _ask_again(
        self, document: TextDocument, batch: list[Faithful], memo: Memo, report: QuestionReport, until: float | None
    ) -> None:
        """Keep those that the model answers as before."""
        if not self._settings.round_trip:
            report.kept += batch
            return
        text = document.text
        asked = [prompt.reply_prompt(text[slice(*each.passage)], each.question) for each in batch]
        for each, (items, failure) in zip(batch, self._said(asked, _REPLIED, memo, text, until), strict=True):
            answers = [item[prompt.ANSWER] for item in items if prompt.ANSWER in item]
            if answers and is_same_answer(answers[0], each.answer):
                report.kept.append(each)
                continue
            if failure is not None:
                report.failures.append(f"question on characters {each.passage[0]} to {each.passage[1]}: {failure}")
            report.refused.append((Pair(each.question, each.answer), "round_trip" if failure is None else "unchecked"))

    def _said(
        self, prompts: Sequence[str], fields: tuple[str, ...], memo: Memo, text: str, until: float | None
    ) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
        """Of each prompt the items of its answer, and what went wrong."""
        careful = self._careful(fields, memo, text)
        at_once = self._model.parallel if self._model.is_remote else self._model.batch
        for at in range(0, len(prompts), at_once):
            group = prompts[at : at + at_once]
            if until is not None and time.monotonic() >= until:
                yield from [([], NO_TIME)] * len(group)
                continue
            before = len(careful.failures)
            outputs = [output.output or "" for (output,) in careful.infer(group)]
            for output, failure in zip(outputs, careful.failures[before:], strict=True):
                yield (json.loads(output)[EXTRACTIONS] if output else []), failure

    def _careful(self, fields: tuple[str, ...], memo: Memo, text: str) -> "CarefulModel":
        from tasks.annotation.model.asking import CarefulModel

        if fields not in self._providers:
            self._providers[fields] = self._connect(self._model, fields)
        return CarefulModel(
            self._providers[fields],
            fields,
            memo.known,
            budget=self._budget,
            retries=self._model.retries,
            parallel=self._model.parallel,
            together=self._model.provider == "mlx",
            secret=self._model.api_key() if self._model.api_key_env else "",
            keep=memo.write_now_and_then,
            document=text,
        )


_WRITTEN, _REPLIED = KINDS


def pairs_of(items: Sequence[dict[str, Any]]) -> Iterator[Pair]:
    """Each question with the answer right behind it; what stands alone has an empty one."""
    question = ""
    for item in items:
        if prompt.ASKED in item:
            if question:
                yield Pair(question, "")
            question = item[prompt.ASKED]
        else:
            yield Pair(question, item[prompt.ANSWER])
            question = ""
    if question:
        yield Pair(question, "")


@functools.lru_cache(maxsize=4)
def writer_of(model: ModelSettings, settings: QuestionSettings) -> QuestionWriter:
    """The writer of this process for some settings, made once; it spends what the leg may spend."""
    return QuestionWriter(model, settings, leg.source_of(model).budget)


def connect_for(settings: ModelSettings, fields: tuple[str, ...]) -> "BaseLanguageModel":
    """The provider for answers with some fields. Raises ModelError."""
    frame = max(len(prompt.write_prompt("")), len(prompt.reply_prompt("", "")))
    bounded, unbounded = (prompt.said_schema(fields, KINDS[fields], bounded) for bounded in (True, False))
    return leg.open_provider(settings, bounded, unbounded, frame + LONGEST + prompt.LONGEST_SAID)
