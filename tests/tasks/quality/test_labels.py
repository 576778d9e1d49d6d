"""Labels of the user, and what the score learns from them."""

import json
import random

import pytest

from tasks.quality.labels import BadLabel, LabelledSignals, read_labels, refit
from tasks.quality.score import SHIPPED, score

A, B = "a" * 64, "b" * 64


def line(document_id: str = A, **others: object) -> str:
    return json.dumps({"document_id": document_id, "part": 0, "keep": True} | others)


def test_the_last_verdict_on_a_part_holds() -> None:
    labels = read_labels([line(B), "", line(A), line(B, keep=False), line(B, part=1)])
    assert [(each.document_id, each.part, each.keep) for each in labels] == [(A, 0, True), (B, 0, False), (B, 1, True)]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "line 2"),
        (line("short"), "line 2: document_id"),
        (line(keep="yes"), "line 2: keep"),
        (line(part=-1), "line 2: part"),
        (line(colour="red"), "line 2: colour"),
    ],
)
def test_a_bad_line_is_named(bad: str, words: str) -> None:
    with pytest.raises(BadLabel, match=words):
        read_labels([line(), bad])


def shifted(count: int, seed: int) -> list[LabelledSignals]:
    """A user who keeps lists: documents of short fragments are good, whatever the shipped model says."""
    draw = random.Random(seed)
    fragments = next(f for f in SHIPPED.features if f.signal == "natural.list_fragments")
    rows = []
    for _ in range(count):
        value = draw.uniform(fragments.low, fragments.high)
        rows.append(LabelledSignals({"natural.list_fragments": value}, value > (fragments.low + fragments.high) / 2))
    return rows


def loss(rows: list[LabelledSignals], model: object = SHIPPED) -> float:
    return sum((score(row.signals, None, model) - row.keep) ** 2 for row in rows) / len(rows)  # type: ignore[arg-type]


def test_a_few_dozen_labels_improve_the_score_on_other_documents() -> None:
    assert loss(shifted(200, 2), refit(SHIPPED, shifted(40, 1))) < 0.85 * loss(shifted(200, 2))


def test_one_label_against_the_model_hardly_moves_it() -> None:
    typical: dict[str, float] = {}
    moved = refit(SHIPPED, [LabelledSignals(typical, keep=False)])
    assert 0 < score(typical) - score(typical, None, moved) < 0.1


def test_no_label_changes_nothing_and_order_does_not_matter() -> None:
    rows = shifted(30, 3)
    assert refit(SHIPPED, []) == SHIPPED
    assert refit(SHIPPED, rows) == refit(SHIPPED, rows[::-1])
