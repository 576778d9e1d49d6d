"""How well the quality score agrees with people: python benchmarks/quality_score.py LABELS.jsonl [--plot FILE.svg]

Each language is predicted by a model fitted on all others (leave one language out), so no figure profits from having seen the
language or the person who labelled it. English: the same predictions, English documents only. `*_random_folds` are figures of
plain 5-fold cross-validation, the protocol of the published baseline; there languages do straddle folds. Average precision is of
"unnatural". Features and penalty were chosen on these same documents, so all figures are somewhat optimistic.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fit_quality_score import Labelled, fit, read_labelled
from benchmarks.metrics.calibration import auc, average_precision, brier, draw_reliability, interval, reliability
from tasks.quality.score import score

ENGLISH = "eng_Latn"
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
METRICS = {"auc": auc, "average_precision": average_precision, "brier": brier}


def measure(labels: Path) -> dict[str, float]:
    """The figures, with 95 % bootstrap intervals as *_low and *_high."""
    labelled = read_labelled(labels)
    languages = np.unique(labelled.languages, return_inverse=True)[1]
    bad, grouped = ~labelled.natural, 1 - predict(labelled, languages)
    english = labelled.languages == ENGLISH
    figures = {"auc_english": auc(bad[english], grouped[english])}
    figures["auc_english_low"], figures["auc_english_high"] = interval(auc, bad[english], grouped[english])
    for name, metric in METRICS.items():
        figures[name] = metric(bad, grouped)
        figures[f"{name}_low"], figures[f"{name}_high"] = interval(metric, bad, grouped)
    shuffled = np.random.default_rng(0).permutation(len(bad)) % 5
    random = 1 - predict(labelled, shuffled)
    figures |= {f"{name}_random_folds": metric(bad, random) for name, metric in METRICS.items()}
    for seed in range(5):
        folds = (np.random.default_rng(seed).permutation(languages.max() + 1) % 5)[languages]
        predicted = 1 - predict(labelled, folds)
        figures |= {f"{name}_language_folds_{seed}": metric(bad, predicted) for name, metric in METRICS.items()}
    for at in THRESHOLDS:
        refused = grouped > 1 - at
        figures[f"false_rejects_at_{at}"] = float(refused[~bad].mean())
        figures[f"recall_at_{at}"] = float(refused[bad].mean())
        figures[f"precision_at_{at}"] = float(bad[refused].mean()) if refused.any() else float("nan")
    return {name: round(value, 4) for name, value in figures.items()}


def predict(labelled: Labelled, folds: Any) -> Any:
    """Scores out of fold."""
    scores = np.zeros(len(folds))
    for fold in np.unique(folds):
        model = fit(labelled.where(folds != fold))
        scores[folds == fold] = [score(signals, None, model) for signals in labelled.where(folds == fold).signals]
    return scores


def plot(labels: Path, path: Path) -> None:
    """Write the reliability plot of the predictions out of language."""
    labelled = read_labelled(labels)
    languages = np.unique(labelled.languages, return_inverse=True)[1]
    path.write_text(draw_reliability(reliability(labelled.natural, predict(labelled, languages))), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--plot", type=Path, help="where to write the reliability plot (SVG)")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.labels), indent=1))
    if arguments.plot:
        plot(arguments.labels, arguments.plot)
