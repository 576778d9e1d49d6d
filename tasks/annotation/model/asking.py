"""The model as LangExtract sees it: never raises, answers every prompt in order, and always in whole JSON.

Around the provider itself: answers of earlier runs, the budget, further tries, salvage of broken answers, and a record of what
became of each piece. LangExtract alone would lose all pieces for one error, and a piece for one bad item, without a word.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from langextract.core.base_model import BaseLanguageModel
from langextract.core.exceptions import InferenceConfigError
from langextract.core.types import ScoredOutput

from tasks.annotation.errors import ModelError
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.failures import BROKEN, CUT, TOO_MANY
from tasks.annotation.model.salvage import ATTRIBUTES, EXTRACTIONS, Salvaged, salvage

CONFIDENCE = "confidence"  # attribute of an item
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before the second try, doubled for each further one, and at most
HOPELESS = frozenset({400, 401, 403, 404, 422})  # HTTP status of a request that would be refused again
MESSAGE = 300  # characters of an error that are kept
MOST_ITEMS = 200  # of an answer; more are a model that goes round in circles
DELIMITER = "\u241f"  # LangExtract's own; it raises for a value with this character
Probability = Callable[[int, int], float]


@dataclass(frozen=True)
class _Said:
    """One try: an answer, or the error instead. wait: seconds before another makes sense, None for never. is_cut: the answer ends
    where its budget did."""

    text: str = ""
    probability: Probability | None = None
    error: str | None = None
    wait: float | None = 0.0
    is_cut: bool = False


class CarefulModel(BaseLanguageModel):
    """A provider with all the care around it, for the pieces of one document.

    fields: names of values that count. known: answers by digest of their prompt, added to as they come. together: hand a batch to
    the provider whole, which then reports its failures as MLXOutput does; else each prompt by itself, `parallel` at a time.
    secret: kept out of messages. keep: called when `known` has grown. document: the text that the pieces are of; those who ask
    about the same one in turn spend one document of the budget.
    After `infer`, `failures` has for each prompt so far None or what went wrong, in order.
    """

    def __init__(
        self,
        model: BaseLanguageModel,
        fields: Collection[str],
        known: dict[str, str],
        *,
        budget: Budget,
        retries: int,
        parallel: int = 1,
        together: bool = False,
        secret: str = "",
        keep: Callable[[], None] = lambda: None,
        document: str | None = None,
    ) -> None:
        super().__init__()
        self.set_fence_output(False)
        self.failures: list[str | None] = []
        self.turn = 0  # which pass over the document this is; a pass may answer otherwise than the one before
        self._model, self._fields, self._known = model, fields, known
        self._budget, self._retries, self._parallel, self._together = budget, retries, parallel, together
        self._secret, self._keep, self._document = secret, keep, document
        self._begun = False
        self._refusal: str | None = None

    def infer(self, batch_prompts: Sequence[str], **_unused: Any) -> Iterator[Sequence[ScoredOutput]]:
        """One output per prompt, in order. Raises ModelError when there is no model at all, and nothing else."""
        keys = [hashlib.sha256(f"{self.turn} {prompt}".encode("utf-8", "surrogatepass")).hexdigest() for prompt in batch_prompts]
        missing = [at for at, key in enumerate(keys) if key not in self._known]
        asked = dict(zip(missing, self._ask([batch_prompts[at] for at in missing]), strict=True))
        for at, key in enumerate(keys):
            said = asked.get(at)
            failure: str | None = None
            answer = self._known.get(key, "")
            if said is not None:
                result = self._salvage(said)
                answer = _whole(result, said.probability)
                failure = said.error or (CUT.format(len(result.items)) if said.is_cut else _lost(result))
                if failure is None:
                    self._known[key] = answer
            self.failures.append(failure)
            yield [ScoredOutput(1.0, answer)]
        if missing:
            self._keep()

    def _ask(self, prompts: Sequence[str]) -> list[_Said]:
        """What was said to each prompt at last; of several broken answers the one with most in it."""
        said = self._try(prompts)
        for attempt in range(self._retries):
            waits = {at: each.wait for at, each in enumerate(said) if each.wait is not None and self._is_bad(each)}
            if not waits:
                break
            if longest := max(waits.values()):
                self._budget.pause(min(LONGEST_WAIT, max(longest, FIRST_WAIT * 2**attempt)))
            for at, each in zip(waits, self._try([prompts[at] for at in waits]), strict=True):
                said[at] = max(each, said[at], key=self._worth)
        return said

    def _salvage(self, said: _Said) -> Salvaged:
        """The items of an answer; without the last one when that was cut, as the rest of its value is missing."""
        result = salvage(said.text, self._fields)
        return Salvaged(result.items[:-1], result.broken) if said.is_cut else result

    def _is_bad(self, said: _Said) -> bool:
        return said.error is not None or self._salvage(said).broken

    def _worth(self, said: _Said) -> tuple[bool, int]:
        return not self._is_bad(said), len(self._salvage(said).items)

    def _try(self, prompts: Sequence[str]) -> list[_Said]:
        if self._together:
            return self._batch(prompts)
        with ThreadPoolExecutor(self._parallel) as threads:
            tries: list[_Said | Future[_Said]] = []
            for prompt in prompts:  # in order, so that a cap always falls on the last pieces
                refusal = self._permit(prompt)
                tries.append(_Said(error=refusal, wait=None) if refusal else threads.submit(self._one, prompt))
            return [each.result() if isinstance(each, Future) else each for each in tries]

    def _permit(self, prompt: str) -> str | None:
        """None when a prompt may be sent, or what forbids it. A document counts with its first request."""
        if not self._begun:
            self._begun = True
            self._refusal = self._budget.take_document(self._document)
        return self._refusal or self._budget.take_request(len(prompt))

    def _batch(self, prompts: Sequence[str]) -> list[_Said]:
        if not prompts:
            return []
        try:
            outputs = [next(iter(each)) for each in self._model.infer(batch_prompts=prompts)]
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - a provider is a plug-in; what it raises costs these pieces, not the document
            return [_Said(error=self._message(error)) for _ in prompts]
        if len(outputs) != len(prompts):
            return [_Said(error=f"{len(outputs)} answers to {len(prompts)} prompts") for _ in prompts]
        return [_said(each) for each in outputs]

    def _one(self, prompt: str) -> _Said:
        try:
            said = _said(next(iter(next(iter(self._model.infer(batch_prompts=[prompt]))))))
        except Exception as error:  # noqa: BLE001 - as above: server down, no answer, a bug in the provider
            self._budget.note(failed=True)
            return _Said(error=self._message(error), wait=_wait(error))
        self._budget.note(failed=False)
        return said

    def _message(self, error: BaseException) -> str:
        """An error on one line, without the key, which some servers repeat."""
        text = " ".join(f"{type(error).__name__}: {error}".split())
        return (text.replace(self._secret, "[key]") if self._secret else text)[:MESSAGE]


def _said(output: ScoredOutput) -> _Said:
    """An output; MLXOutput has more to tell, but importing it would import mlx where a server is asked."""
    answer = getattr(output, "answer", None)
    if answer is None:
        return _Said(output.output or "", error=getattr(output, "error", None))
    return _Said(answer.text, answer.probability, is_cut=not answer.finished)


def _lost(result: Salvaged) -> str | None:
    """What of an answer is lost; None for nothing."""
    if result.broken:
        return f"{BROKEN}; {len(result.items[:MOST_ITEMS])} values of it are kept" if result.items else BROKEN
    if len(result.items) > MOST_ITEMS:
        return TOO_MANY.format(len(result.items), MOST_ITEMS)
    return None


def _whole(result: Salvaged, probability: Probability | None) -> str:
    """The items as LangExtract reads them, with their probability where it is known."""
    items: list[dict[str, Any]] = []
    for each in result.items[:MOST_ITEMS]:
        item: dict[str, Any] = {each.field: each.text.replace(DELIMITER, "\ufffd")}
        if probability is not None:
            item[f"{each.field}{ATTRIBUTES}"] = {CONFIDENCE: f"{probability(each.start, each.end):.4f}"}
        items.append(item)
    return json.dumps({EXTRACTIONS: items}, ensure_ascii=False)


def _wait(error: BaseException) -> float | None:
    """Seconds before the same request may succeed: what the server says, else a guess; None for never."""
    cause = getattr(error, "original", None) or error
    response = getattr(cause, "response", None)
    status = getattr(cause, "status_code", None) or getattr(cause, "code", None) or getattr(response, "status_code", None)
    if isinstance(error, InferenceConfigError) or status in HOPELESS:
        return None
    headers = getattr(response, "headers", None) or {}
    told = str(headers.get("retry-after", ""))
    return float(told) if told.isdigit() else FIRST_WAIT
