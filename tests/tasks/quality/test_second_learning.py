"""Learning the head from labelled texts: what is asked, what is left out, and when it says that it helps. Embeddings are stood in
for."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tasks.quality.score import SHIPPED
from tasks.quality.second import learning
from tasks.quality.second.learning import LabelledText, TooFewLabels, learn_head, read_labelled_texts
from tasks.runtime.pool import Job, Outcome
from tasks.storage.artifacts import ModelRef

MODEL = ModelRef(source="tiny", digest="a" * 64, folder="models/tiny")
TEXT = "The lease ends in September. Two sites are left on the list, and both will be visited before a decision is made by us."
Embed = Callable[[int], list[float]]


def labelled(
    count: int, keep: Callable[[int], bool], language: Callable[[int], str | None], odds: float = 0.0
) -> list[LabelledText]:
    """Texts whose number is their excerpt."""
    return [LabelledText((f"{n:064x}", 0), (str(n),), odds, keep(n), language(n)) for n in range(count)]


@pytest.fixture
def embed_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Embed], list[int]]:
    """Give each text, by its number, this embedding; returns the numbers of those that were embedded."""

    def use(vector: Embed) -> list[int]:
        seen: list[int] = []

        def in_place(texts: Mapping[learning.Key, tuple[str, ...]], _model: ModelRef) -> list[Outcome]:
            numbers = [(key, int(text[0])) for key, text in texts.items()]
            seen.extend(number for _, number in numbers)
            return [Outcome(Job(*key, None), "ok", vector(number), None, 0.1, None) for key, number in numbers]

        monkeypatch.setattr(learning, "embed_all", in_place)
        return seen

    return use


def noise(number: int) -> list[float]:
    return list(np.random.default_rng(number).normal(size=8))


def test_what_the_words_tell_helps(embed_as: Callable[[Embed], list[int]]) -> None:
    embed_as(lambda number: [3.0 * (number % 2), *noise(number)])
    learned = learn_head(labelled(60, lambda n: n % 2 == 0, lambda n: "en"), MODEL, 1, 0.05, 0.9)
    assert learned.helps
    assert learned.brier_after < learned.brier_before == pytest.approx(0.25)
    assert (learned.texts, learned.rejected) == (60, 30)
    assert learned.head.log_odds([0.0, *noise(0)]) > 0 > learned.head.log_odds([3.0, *noise(1)])


def test_knowing_the_language_is_no_help(embed_as: Callable[[Embed], list[int]]) -> None:
    """Where people who judge one language keep most and those who judge another little."""
    embed_as(lambda number: [float(number % 3 == which) for which in range(3)] + noise(number))
    shares = {0: 9, 1: 5, 2: 1}
    rows = labelled(150, lambda n: (n // 3) % 10 < shares[n % 3], lambda n: ["en", "de", "fr"][n % 3])
    assert not learn_head(rows, MODEL, 1, 0.05, 0.9).helps
    unsaid = [LabelledText(each.key, each.text, each.odds, each.keep) for each in rows]
    assert learn_head(unsaid, MODEL, 1, 0.05, 0.9).helps  # why the folds are by language where they are known


def test_sure_and_lost_texts_are_left_out_and_counted(embed_as: Callable[[Embed], list[int]]) -> None:
    seen = embed_as(noise)
    uncertain = labelled(40, lambda n: n % 2 == 0, lambda n: "en")
    sure = [LabelledText((f"{900 + n:064x}", 0), (str(900 + n),), 9.0, True) for n in range(5)]
    lost = [LabelledText((f"{800 + n:064x}", 0), None, 0.0, True) for n in range(3)]
    learned = learn_head([*uncertain, *sure, *lost], MODEL, 1, 0.05, 0.9)
    assert (learned.texts, learned.sure, learned.missing, learned.failed) == (40, 5, 3, 0)
    assert sorted(seen) == list(range(40))
    seen.clear()
    assert learn_head(list(reversed(uncertain)), MODEL, 1, 0.05, 0.9).head == learned.head  # whatever the order
    assert seen == []  # what was embedded is kept


def test_too_few_are_refused(embed_as: Callable[[Embed], list[int]]) -> None:
    embed_as(noise)
    with pytest.raises(TooFewLabels, match=r"40 labelled texts .* \(keep 40, reject 0\)"):
        learn_head(labelled(40, lambda n: True, lambda n: "en"), MODEL, 1, 0.05, 0.9)


@pytest.mark.parametrize(
    ("said", "keep"),
    [({"verdict": "keep"}, True), ({"verdict": "Reject"}, False), ({"keep": False}, False), ({"natural": True}, True)],
)
def test_verdicts_are_read_in_several_words(tmp_path: Path, said: dict[str, object], keep: bool) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text("\n" + json.dumps({"text": TEXT, "language": "en", **said}) + "\n")
    [row] = read_labelled_texts(str(file), SHIPPED)
    assert row.keep is keep
    assert row.language == "en"
    assert row.text == (TEXT,)


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"text": "no verdict"}', '{"verdict": "keep"}', '{"text": "x", "verdict": "maybe"}']
)
def test_a_line_that_is_no_labelled_text_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps({"text": TEXT, "keep": True}) + "\n" + line + "\n")
    with pytest.raises(ValueError, match="line 2"):
        read_labelled_texts(str(file), SHIPPED)
