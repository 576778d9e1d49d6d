"""Learns the head of the second stage from texts that people gave a verdict on."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.quality.facts import PartFacts
from tasks.quality.label_file import Label
from tasks.quality.label_import import VERDICTS
from tasks.quality.measure import Measured, measure_group
from tasks.quality.order import LAST
from tasks.quality.score import ScoreModel, log_odds, probability
from tasks.quality.second.embed import excerpts_of
from tasks.quality.second.head import DIGITS, FEWEST, FEWEST_OF_EACH, FOLDS, EmbeddingHead, Examples, fit, predict_folds
from tasks.quality.second.look import Key, Text, embed_all
from tasks.quality.second.stage import SECOND_STAGE
from tasks.quality.second.vectors import Vectors, keep, labels_path, recall
from tasks.quality.text_view import view_text
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import TextAt

VERDICT_NAMES = ("verdict", "keep", "natural")


class TooFewLabels(ValueError):
    """There are not enough labelled texts, or not enough of each verdict, to learn a head from."""


@dataclass(frozen=True)
class LabelledText:
    """A text with a verdict. text: None where it is out of reach, so that only a known embedding can serve. odds: log-odds of
    the first score. keep: whether it is good enough. language: None where nobody said."""

    key: Key
    text: Text | None
    odds: float
    keep: bool
    language: str | None = None


@dataclass(frozen=True)
class Learned:
    """A head and what to expect of it, on texts that the head which judged them had not seen.

    texts: of an uncertain score, that it was learned from; rejected: of these. brier_before, brier_after: their mean squared
    error without and with the second stage. gain: the first less the second; gain_error: its standard error. Left out were those
    that are sure (the second stage would not look at them), missing (out of reach), or failed (could not be embedded).
    """

    head: EmbeddingHead
    texts: int
    rejected: int
    brier_before: float
    brier_after: float
    gain: float
    gain_error: float
    sure: int
    missing: int
    failed: int

    @property
    def helps(self) -> bool:
        """Whether the gain is more than chance would bring: above twice its standard error."""
        return self.gain > 2 * self.gain_error


def read_labelled_texts(file: str, model: ScoreModel) -> list[LabelledText]:
    """The texts of a JSONL file: {"text": ..., "verdict": "keep" or "reject"}; "keep" or "natural" with true or false serve too,
    and "language" may be there.

    model: of the first score. Raises ValueError for a line that is none, naming it, and OSError.
    """
    found: dict[Key, LabelledText] = {}
    try:
        content = Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: not UTF-8") from error
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            text, verdict, language = _parse(file, number, line)
            key = hashlib.sha256(text.encode()).hexdigest(), 0
            signals = measure_group(LAST, view_text(text), PartFacts(), Measured()).signals
            found[key] = LabelledText(key, excerpts_of(text), log_odds(signals, model), verdict, language)
    return list(found.values())


def _parse(file: str, number: int, line: str) -> tuple[str, bool, str | None]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{file}, line {number}: {error}") from error
    row = row if isinstance(row, dict) else {}
    text = row.get("text")
    said = next((row[name] for name in VERDICT_NAMES if row.get(name) is not None), None)
    verdict = VERDICTS.get(str(said).strip().lower())
    if not isinstance(text, str) or verdict is None:
        raise ValueError(f'{file}, line {number}: expected "text", and "verdict" with "keep" or "reject"')
    language = row.get("language")
    return text, verdict, language if isinstance(language, str) else None


def gather_labels(labels: Iterable[Label], places: Mapping[Key, TextAt], model: ScoreModel) -> list[LabelledText]:
    """The user's verdicts with the places of their texts. One on a text that the score has no signal of is left out."""
    asked = {feature.signal for feature in model.features}
    return [
        LabelledText(label.key, places.get(label.key), log_odds(label.signals, model), label.keep, label.language)
        for label in labels
        if asked & label.signals.keys()
    ]


def learn_head(labelled: Sequence[LabelledText], model: ModelRef, score_version: int, low: float, high: float) -> Learned:
    """Embed what was never embedded, and fit the head. low, high: the band of uncertain scores; what lies outside of it is not
    asked, so nothing is learned from it.

    Raises TooFewLabels, and ValueError when no text can be embedded.
    """
    uncertain = [each for each in labelled if low <= probability(each.odds) <= high]
    vectors, failed = _embed_labelled(uncertain, model)
    rows = sorted((each for each in uncertain if vectors.get(each.key)), key=lambda each: each.key)
    kept = sum(each.keep for each in rows)
    if len(rows) < FEWEST or min(kept, len(rows) - kept) < FEWEST_OF_EACH:
        raise TooFewLabels(
            f"{len(rows)} labelled texts with a score from {low:g} to {high:g} are within reach (keep {kept}, reject "
            f"{len(rows) - kept}): at least {FEWEST}, and {FEWEST_OF_EACH} of each verdict, are needed"
        )
    missing = sum(each.key not in vectors and each.text is None for each in uncertain)
    left_out = {"sure": len(labelled) - len(uncertain), "missing": missing, "failed": failed}
    return _learn(_as_examples(rows, vectors), model, score_version, left_out)


def _embed_labelled(labelled: Sequence[LabelledText], model: ModelRef) -> tuple[Vectors, int]:
    """What is known and what is embedded now, and how many texts failed. New ones are kept beside the labels."""
    path = labels_path(model, SECOND_STAGE.version)
    vectors = recall(path)
    outcomes = embed_all({each.key: each.text for each in labelled if each.text and each.key not in vectors}, model)
    fresh = {(each.job.document_id, each.job.part): each.value for each in outcomes if each.status == "ok"}
    if fresh:
        keep(path, vectors | fresh)
    elif outcomes:
        raise ValueError(f"no text could be embedded with {model.name}: {outcomes[0].detail}")
    return vectors | fresh, len(outcomes) - len(fresh)


def _as_examples(rows: Sequence[LabelledText], vectors: Vectors) -> Examples:
    import numpy as np

    return Examples(
        vectors=np.array([vectors[each.key] for each in rows], np.float32).astype(float),
        odds=np.array([each.odds for each in rows]),
        truth=np.array([each.keep for each in rows]),
        folds=np.array(_folds(rows)),
    )


def _folds(rows: Sequence[LabelledText]) -> list[int]:
    """By language where no language holds most of the texts: people judge languages differently, and a head that has only learned
    which is which would look good. Else by document."""
    counts = Counter(each.language for each in rows)
    if None not in counts and max(counts.values()) <= len(rows) / 2:
        numbers = {language: number for number, language in enumerate(sorted(filter(None, counts)))}
        return [numbers[each.language] for each in rows if each.language]
    return [int(hashlib.sha256(each.key[0].encode()).hexdigest()[:8], 16) % FOLDS for each in rows]


def _learn(examples: Examples, model: ModelRef, score_version: int, left_out: Mapping[str, int]) -> Learned:
    weights, intercept, spread = fit(examples)
    added = examples.vectors @ weights + intercept
    before = _squared_errors(examples.odds, examples.truth)
    after = _squared_errors(examples.odds + predict_folds(examples, spread), examples.truth)
    gains = before - after
    facts: dict[str, Any] = {"texts": len(examples), "rejected": int((~examples.truth).sum()), "spread": spread}
    mean_before, mean_after = float(before.mean()), float(after.mean())
    head = EmbeddingHead(
        model=model.digest,
        model_name=model.name,
        score_version=score_version,
        weights=tuple(map(_rounded, weights)),
        intercept=_rounded(intercept),
        least=_rounded(min(added)),
        most=_rounded(max(added)),
        fitted_on=facts | {"brier_before": _rounded(mean_before), "brier_after": _rounded(mean_after)},
    )
    gain, gain_error = float(gains.mean()), float(gains.std(ddof=1) / len(gains) ** 0.5)
    return Learned(head, len(examples), facts["rejected"], mean_before, mean_after, gain, gain_error, **left_out)


def _squared_errors(odds: Any, truth: Any) -> Any:
    """Of the probabilities; their mean is the Brier score (1950)."""
    import numpy as np

    return np.array([(probability(each) - float(said)) ** 2 for each, said in zip(odds, truth, strict=True)])


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
