"""What the score learns from the labels of the user."""

import random

from tasks.quality.label_file import Label, append_labels, now
from tasks.quality.labels import LabelledSignals, refit, refit_on_labels
from tasks.quality.score import SHIPPED, score


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


def test_labels_of_texts_that_were_never_measured_to_the_end_move_nothing() -> None:
    def label(digit: str, signals: dict[str, float]) -> Label:
        return Label(document_id=digit * 64, part=0, keep=False, language="en", signals=signals, labelled_at=now())

    assert refit_on_labels() == SHIPPED
    append_labels([label("a", {"length.words": 3.0})])
    assert refit_on_labels() == SHIPPED
    append_labels([label("b", {"natural.list_fragments": 1.0})])
    assert refit_on_labels() != SHIPPED
