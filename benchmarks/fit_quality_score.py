"""Fit the quality score on human labels: python benchmarks/fit_quality_score.py LABELS.jsonl

A logistic regression over the features of tasks/quality/signals/natural.py. Each language has an intercept of its own while
fitting, since its labels mostly come from one person and people differ in how much they call unnatural; it is dropped
afterwards, and one intercept for all languages makes the mean probability right. Writes tasks/quality/score.json.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.quality.score import MODEL, Feature, ScoreModel
from tasks.quality.signals.natural import EXCERPT, NAMES, measure_excerpts

VERSION = 1
PENALTY = 60.0  # L2, on coefficients of standardized features
LANGUAGE_PENALTY = 0.1
TAIL = 0.02  # share of the values at each end that are drawn in to the range
DIGITS = 6
_JOIN = re.compile(r"\s\.{10}\s")  # between the halves of a labelled text; no feature may see it


@dataclass(frozen=True)
class Labelled:
    """Documents with labels. signals: one mapping each. natural: what people said. languages: e.g. "eng_Latn"."""

    signals: list[dict[str, float]]
    natural: Any
    languages: Any

    def where(self, mask: Any) -> "Labelled":
        """Those that a mask chooses."""
        chosen = [each for each, yes in zip(self.signals, mask, strict=True) if yes]
        return Labelled(chosen, self.natural[mask], self.languages[mask])


def read_labelled(path: Path) -> Labelled:
    """The labelled documents with their signals."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    natural, languages = [row["natural"] for row in rows], [row["language"] for row in rows]
    return Labelled([measure_excerpts([cut_halves(row["text"])]) for row in rows], np.array(natural), np.array(languages))


def cut_halves(text: str) -> tuple[str, str]:
    """The excerpts of a labelled text, without the join between them and the words that were cut there."""
    halves = _JOIN.split(text, maxsplit=1)
    if len(halves) == 1:
        return text[:EXCERPT], text[EXCERPT:]
    first, second = halves
    return first.rpartition(" ")[0] or first, second.lstrip().partition(" ")[2] or second


def fit(labelled: Labelled) -> ScoreModel:
    """The model of some documents."""
    raw = np.array([[signals.get(f"natural.{name}", np.nan) for name in NAMES] for signals in labelled.signals])
    typical = np.nanmedian(raw, axis=0)
    low, high = np.nanquantile(raw, [TAIL, 1 - TAIL], axis=0)
    table = np.clip(np.where(np.isnan(raw), typical, raw), low, high) - typical
    scale = table.std(axis=0)
    scale[scale == 0] = 1.0
    names = np.unique(labelled.languages)
    dummies = (labelled.languages[:, None] == names).astype(float)
    penalty = np.r_[np.full(len(NAMES), PENALTY), np.full(len(names), LANGUAGE_PENALTY)]
    weights = _newton(np.hstack([table / scale, dummies]), labelled.natural, penalty)[: len(NAMES)] / scale
    odds = table @ weights
    intercept = _newton(np.zeros((len(odds), 0)), labelled.natural, np.zeros(0), offset=odds)[0]
    columns = zip(NAMES, weights, typical, low, high, scale, strict=True)
    features = tuple(
        Feature(
            signal=f"natural.{name}", **dict(zip(("weight", "typical", "low", "high", "scale"), _rounded(values), strict=True))
        )
        for name, *values in columns
    )
    facts: dict[str, str | int | float] = {
        "documents": len(odds),
        "unnatural": int((~labelled.natural).sum()),
        "languages": len(names),
        "labels": "HPLT release 2 inspection (MIT)",
        "numpy": np.__version__,
    }
    return ScoreModel(version=VERSION, intercept=round(float(intercept), DIGITS), features=features, fitted_on=facts)


def _rounded(values: list[Any]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]


def _newton(table: Any, truth: Any, penalty: Any, offset: Any = 0.0) -> Any:
    """L2-regularized logistic regression; the last weight is the intercept, which is not penalized."""
    table = np.hstack([table, np.ones((len(truth), 1))])
    penalty = np.r_[penalty, 0.0]
    weights = np.zeros(table.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-(table @ weights + offset)))
        slope = table.T @ (likely - truth) + penalty * weights
        step = np.linalg.solve((table * (likely * (1 - likely))[:, None]).T @ table + np.diag(penalty), slope)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return weights


if __name__ == "__main__":
    model = fit(read_labelled(Path(sys.argv[1])))
    MODEL.write_text(json.dumps(model.model_dump(), indent=1) + "\n", encoding="utf-8")
    print(f"{MODEL.name}: {len(model.features)} features, {model.fitted_on}")
