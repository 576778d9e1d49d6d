"""Fit the weights by which main content is told from the rest: python benchmarks/fit_main_content.py CORPORA_FOLDER

A logistic regression over the features of a page's blocks. Blocks with a segment that people marked (web_pages/index.jsonl) have
that label; all others have the opinion of trafilatura, and count less. Prints the segment F1 out of fold (5 folds over pages,
three shufflings) and writes the weights fitted on all pages.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.metrics.segments import SegmentCounts, count_segments
from tasks.detection.detector import detect_file
from tasks.detection.settings import DetectionSettings
from tasks.extraction.texts import decode_all
from tasks.extraction.web.content import THRESHOLD, WEIGHTS
from tasks.extraction.web.features import COLUMNS, measure
from tasks.extraction.web.page import Page
from tasks.extraction.web.walk import read_page

FOLDS = 5
SHUFFLINGS = 3
MARKED_WEIGHT = 3.0  # of a block that people marked
PAGE_WEIGHT = 30.0  # of all other blocks of a page together
STRENGTH = 0.005  # inverse of the L2 penalty
THRESHOLDS = (0.35, 0.4, THRESHOLD, 0.45, 0.5)


@dataclass(frozen=True)
class Example:
    """A page with what is known about its blocks. labels, weights: one per block."""

    page: Page
    features: Any
    labels: Any
    weights: Any
    wanted: Sequence[str]
    unwanted: Sequence[str]


def main(folder: Path) -> None:
    """Cross-validate, then fit on everything and write the weights."""
    examples = read_examples(folder)
    for seed in range(SHUFFLINGS):
        print(f"shuffling {seed}:", {f"F1 at {at}": round(f1, 4) for at, f1 in cross_validate(examples, seed).items()})
    weights, intercept = fit(examples)
    table = {"intercept": round(intercept, 4)} | {
        name: round(float(each), 4) for name, each in zip(COLUMNS, weights, strict=True)
    }
    WEIGHTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(f"{WEIGHTS}: {len(COLUMNS)} weights from {len(examples)} pages")


def read_examples(folder: Path) -> list[Example]:
    """The labelled pages."""
    lines = (folder / "web_pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for row in map(json.loads, lines):
        path = folder / "web_pages" / row["document"]
        markup = decode_all(path.read_bytes(), encoding_of(path))
        page = read_page(markup, everything=False)
        if page.blocks:
            labels, weights = label(page, markup, row["with"], row["without"])
            found.append(Example(page, measure(page), labels, weights, row["with"], row["without"]))
    return found


def label(page: Page, markup: str, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[Any, Any]:
    """What is known of each block: whether it belongs to the content (1 or 0), and how much that counts."""
    import trafilatura

    opinion = trafilatura.extract(markup, include_comments=False) or ""
    lines = {line.lstrip("-#| ") for line in map(collapsed, opinion.splitlines())}
    whole = collapsed(opinion)
    texts = [collapsed(block.text) for block in page.blocks]
    labels = np.array([text in lines if len(text) < 25 else text[:200] in whole for text in texts], dtype=float)
    weights = np.full(len(texts), PAGE_WEIGHT / len(texts))
    for segments, value in ((unwanted, 0.0), (wanted, 1.0)):
        for segment in map(collapsed, segments):
            marked = [number for number, text in enumerate(texts) if segment in text]
            labels[marked] = value
            weights[marked] = MARKED_WEIGHT
    return labels, weights


def fit(examples: Sequence[Example]) -> tuple[Any, float]:
    """L2-regularized logistic regression by Newton's method on standardized features: weights of the raw features, intercept."""
    features = np.concatenate([each.features for each in examples]).astype(float)
    labels = np.concatenate([each.labels for each in examples])
    counts = np.concatenate([each.weights for each in examples])
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    table = np.hstack([(features - mean) / scale, np.ones((len(features), 1))])
    penalty = np.full(table.shape[1], 1 / STRENGTH)
    penalty[-1] = 0
    weights = np.zeros(table.shape[1])
    for _ in range(20):
        predicted = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        gradient = table.T @ (counts * (predicted - labels)) + penalty * weights
        curvature = (table * (counts * predicted * (1 - predicted))[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    raw = weights[:-1] / scale
    return raw, float(weights[-1] - mean @ raw)


def cross_validate(examples: Sequence[Example], seed: int) -> dict[float, float]:
    """Segment F1 out of fold, by threshold."""
    folds = np.random.default_rng(seed).permutation(len(examples)) % FOLDS
    totals = dict.fromkeys(THRESHOLDS, SegmentCounts())
    for fold in range(FOLDS):
        weights, intercept = fit([each for each, own in zip(examples, folds, strict=True) if own != fold])
        for example in (each for each, own in zip(examples, folds, strict=True) if own == fold):
            scores = 1 / (1 + np.exp(-(example.features @ weights + intercept)))
            for threshold in THRESHOLDS:
                kept = [block.text for block, score in zip(example.page.blocks, scores, strict=True) if score > threshold]
                totals[threshold] += count_segments("\n".join(kept), example.wanted, example.unwanted)
    return {threshold: total.f1 for threshold, total in totals.items()}


def encoding_of(path: Path) -> str | None:
    """The encoding that detection finds."""
    return detect_file(path, path.suffix[1:].lower(), path.stat().st_size, DetectionSettings()).encoding


def collapsed(text: str) -> str:
    """With every run of white space as one space."""
    return " ".join(text.split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
