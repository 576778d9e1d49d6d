"""What the second stage adds: python benchmarks/quality_second_stage.py LABELS.jsonl [--model FOLDER] [--texts FOLDER]

Each language is judged by a first score and by a head that were fitted on all other languages. Only texts whose first score is
uncertain (the default band) are embedded and count; average precision is of "unnatural". Documents per second are those of the
worker that holds the model, its loading apart, beside those of the first score's features. Without --model the starter is
measured, whose weights are random numbers: a floor, not a recommendation. --texts trains that model on the texts of a folder
first, for some minutes.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fit_quality_score import Labelled, cut_halves, fit, read_labelled
from benchmarks.metrics.calibration import auc, average_precision, brier
from tasks.finetuning.models import resolve_model
from tasks.finetuning.starter import STARTER
from tasks.quality.score import log_odds, probability
from tasks.quality.second.head import Examples
from tasks.quality.second.head import fit as fit_head
from tasks.quality.second.look import embed_all
from tasks.quality.settings import GateSettings
from tasks.runtime.model_pool import close_model_pool
from tasks.storage.artifacts import ModelRef
from tasks.storage.root import use_data_root

METRICS = {"auc": auc, "average_precision": average_precision, "brier": brier}
ROUNDS = 1000  # of the bootstrap


def measure(labels: Path, model: str = STARTER, texts: Path | None = None) -> dict[str, float]:
    """The figures, all second_stage_*. `*_first`: the first score alone. `*_gain`: better by how much, with a 95 % bootstrap
    interval over documents as *_gain_low and *_gain_high."""
    started = time.perf_counter()
    labelled = read_labelled(labels)
    first_seconds = time.perf_counter() - started
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    excerpts = [cut_halves(row["text"]) for row in rows]
    with tempfile.TemporaryDirectory() as root:
        use_data_root(root)
        chosen = resolve_model(model, allow_hub=False)
        if texts is not None:
            from benchmarks.train_tiny import train_on

            chosen = train_on(texts, chosen, Path(root) / "trained")
        try:
            figures = _measure(labelled, excerpts, chosen)
        finally:
            close_model_pool()
    return figures | {"second_stage_documents_per_second_first": round(len(rows) / first_seconds, 1)}


def _measure(labelled: Labelled, excerpts: list[tuple[str, str]], model: ModelRef) -> dict[str, float]:
    odds_of = first_odds(labelled)
    needed = np.flatnonzero(np.any([uncertain(odds) for odds in odds_of.values()], axis=0))
    vectors, seconds = embed_texts({int(at): excerpts[at] for at in needed}, model)
    table = np.array([vectors.get(at, np.zeros(1)) for at in range(len(excerpts))], dtype=object)
    first, added = np.zeros(len(excerpts)), np.zeros(len(excerpts))
    for language, odds in odds_of.items():
        mine = labelled.languages == language
        known = uncertain(odds) & np.array([at in vectors for at in range(len(excerpts))])
        seen, asked = known & ~mine, known & mine
        first[mine] = odds[mine]
        if asked.any():
            examples = _examples(table, odds, labelled, seen)
            weights, intercept, _ = fit_head(examples)
            bounds = examples.vectors @ weights + intercept
            said = np.stack(list(table[asked])) @ weights + intercept
            added[asked] = np.clip(said, bounds.min(), bounds.max())
    band = uncertain(first)
    figures = {"band_documents": float(band.sum()), "band_share": float(band.mean())}
    figures |= compare(~labelled.natural[band], first[band], added[band])
    figures |= {"documents_per_second": len(vectors) / seconds, "embedded": float(len(vectors))}
    return {f"second_stage_{name}": round(value, 4) for name, value in figures.items()}


def _examples(table: Any, odds: Any, labelled: Labelled, chosen: Any) -> Examples:
    folds = np.unique(labelled.languages[chosen], return_inverse=True)[1]
    return Examples(np.stack(list(table[chosen])), odds[chosen], labelled.natural[chosen], folds)


def first_odds(labelled: Labelled) -> dict[str, Any]:
    """Language -> log-odds of all texts by a first score that has not seen it."""
    found = {}
    for language in np.unique(labelled.languages):
        model = fit(labelled.where(labelled.languages != language))
        found[str(language)] = np.array([log_odds(signals, model) for signals in labelled.signals])
    return found


def uncertain(odds: Any) -> Any:
    """Which log-odds lie in the default band."""
    settings = GateSettings()
    scores = np.array([probability(each) for each in odds])
    return (settings.second_stage_low <= scores) & (scores <= settings.second_stage_high)


def embed_texts(texts: dict[int, tuple[str, str]], model: ModelRef) -> tuple[dict[int, Any], float]:
    """The embeddings of the texts, and the seconds that the worker took for them. Raises RuntimeError when one fails."""
    embed_all({("warm", 0): ("A first text, so that loading does not count.",)}, model)
    outcomes = embed_all({("text", at): text for at, text in texts.items()}, model)
    failed = [outcome.detail for outcome in outcomes if outcome.status != "ok"]
    if failed:
        raise RuntimeError(f"{len(failed)} texts could not be embedded: {failed[0]}")
    vectors = {outcome.job.part: np.array(outcome.value) for outcome in outcomes if outcome.value}
    return vectors, sum(outcome.seconds for outcome in outcomes)


def compare(bad: Any, first: Any, added: Any) -> dict[str, float]:
    """Each metric without and with the second stage, and the gain; a lower Brier score is a gain."""
    before, after = (1 / (1 + np.exp(odds)) for odds in (first, first + added))  # probability of "unnatural"
    draws = np.random.default_rng(0).integers(0, len(bad), (ROUNDS, len(bad)))
    figures = {}
    for name, metric in METRICS.items():
        side = -1 if metric is brier else 1
        figures[f"{name}_first"], figures[name] = metric(bad, before), metric(bad, after)
        figures[f"{name}_gain"] = side * (figures[name] - figures[f"{name}_first"])
        gains = [side * (metric(bad[draw], after[draw]) - metric(bad[draw], before[draw])) for draw in draws]
        figures[f"{name}_gain_low"], figures[f"{name}_gain_high"] = map(float, np.nanpercentile(gains, [2.5, 97.5]))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--model", default=STARTER, help="'starter', the folder of an mlx-lm model, or a hub id that is here")
    parser.add_argument("--texts", type=Path, help="a folder of texts to train the model on first")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.labels, arguments.model, arguments.texts), indent=1))
