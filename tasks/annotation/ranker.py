"""The ranker: gradient-boosted trees over the features of candidates, one ensemble per field, read from JSON.

Evaluated in plain numpy, so that nothing but numpy is needed to use one and no pickle is ever loaded. The trees are those of
Friedman 2001 as scikit-learn's histograms fit them (fitting.py): a sum of leaf values, through the logistic function.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from tasks.annotation.document import TextDocument
from tasks.annotation.errors import AnnotationError
from tasks.annotation.features import NUMBERS, Proposal, describe, matrix

SHIPPED_FOLDER = Path(__file__).parent / "rankers"
VERSION = 1


@dataclass(frozen=True)
class Trees:
    """An ensemble. Nodes of all trees stand one after another. feature: -1 in a leaf. left, right: places of the children; in a
    leaf its own. value: of a leaf. missing_left: where NaN goes. roots: places of the first nodes. depth: of the deepest tree."""

    baseline: float
    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    depth: int

    def probabilities(self, table: np.ndarray) -> np.ndarray:
        """For each row, 0 to 1."""
        rows = np.arange(len(table))[:, None]
        at = np.broadcast_to(self.roots, (len(table), len(self.roots)))
        for _ in range(self.depth):
            number = table[rows, np.maximum(self.feature[at], 0)]
            goes_left = np.where(np.isnan(number), self.missing_left[at], number <= self.threshold[at])
            at = np.where(goes_left, self.left[at], self.right[at])
        scores: np.ndarray = 1 / (1 + np.exp(-(self.baseline + self.value[at].sum(axis=1))))
        return scores


@dataclass(frozen=True)
class FieldRanker:
    """The ranker of one field. vocabulary: named features after the numbers. threshold: the least probability that counts."""

    vocabulary: tuple[str, ...]
    threshold: float
    trees: Trees

    def probabilities(self, document: TextDocument, proposals: Sequence[Proposal]) -> np.ndarray:
        """Of being the field's value, for each proposal (all of one document and field)."""
        if not proposals:
            return np.zeros(0)
        numbers, names = describe(document, proposals)
        return self.trees.probabilities(matrix(numbers, names, self.vocabulary))


@dataclass(frozen=True)
class Ranker:
    """The rankers of the fields of a schema."""

    schema: str
    fields: dict[str, FieldRanker]

    def to_json(self) -> bytes:
        """The ranker as JSON with sorted keys, so that equal rankers are equal bytes."""
        content = {
            "version": VERSION,
            "schema": self.schema,
            "numbers": list(NUMBERS),
            "fields": {name: _to_json(ranker) for name, ranker in self.fields.items()},
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """The inverse. Raises AnnotationError when it is no ranker, or one that was fitted on other features than there are."""
        try:
            read = json.loads(content)
            if (read["version"], read["numbers"]) != (VERSION, list(NUMBERS)):
                raise AnnotationError(
                    "the ranker was fitted by another version of doctune: fit it again on the labelled documents"
                )
            return cls(read["schema"], {name: _from_json(field) for name, field in read["fields"].items()})
        except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
            raise AnnotationError(f"this is no ranker: {type(error).__name__}: {error}") from error


def _to_json(ranker: FieldRanker) -> dict[str, object]:
    trees = ranker.trees
    return {
        "vocabulary": list(ranker.vocabulary),
        "threshold": ranker.threshold,
        "baseline": trees.baseline,
        "depth": trees.depth,
        "roots": trees.roots.tolist(),
        "feature": trees.feature.tolist(),
        "cut": [None if np.isinf(cut) else float(f"{cut:.7g}") for cut in trees.threshold],
        "left": trees.left.tolist(),
        "right": trees.right.tolist(),
        "missing_left": trees.missing_left.astype(int).tolist(),
        "value": [float(f"{value:.5g}") for value in trees.value],
    }


@functools.cache
def shipped_ranker(schema: str) -> Ranker | None:
    """The ranker that comes with doctune for a shipped schema, None where there is none."""
    path = SHIPPED_FOLDER / f"{schema}.json"
    return Ranker.from_json(path.read_bytes()) if path.is_file() else None


def _from_json(content: dict[str, Any]) -> FieldRanker:
    trees = Trees(
        content["baseline"],
        np.array(content["roots"], np.int32),
        np.array(content["feature"], np.int32),
        np.array([np.inf if cut is None else cut for cut in content["cut"]], np.float32),
        np.array(content["left"], np.int32),
        np.array(content["right"], np.int32),
        np.array(content["missing_left"], bool),
        np.array(content["value"], np.float64),
        content["depth"],
    )
    return FieldRanker(tuple(content["vocabulary"]), content["threshold"], trees)
