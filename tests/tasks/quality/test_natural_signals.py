"""Features of the calibrated score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.score import score
from tasks.quality.signals.natural import EXCERPT, PAIRS, measure_natural, take_pairs
from tasks.quality.text_view import view_text

PROSE = (
    "The committee met on the second floor, because the hall was being painted. Nobody had expected so many people to come. "
    "When the chairman asked who wanted to speak, an old farmer stood up and told them about the flood. He said that the river "
    "had risen within an hour, and that his neighbours carried the animals uphill. After a long silence the others thanked him. "
)
LISTING = (
    "Cheap Hotels Paris - Hotels Paris | Paris Hotels Offers » Hotel Paris 49.90 € - Book Hotels Paris! Hotels Paris Reviews ... "
)


def measure(text: str) -> dict[str, float]:
    return measure_natural(view_text(text))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3000))
def test_any_text_can_be_measured(text: str) -> None:
    signals = measure(text)
    assert all(value == value and value >= 0 for value in signals.values())
    assert 0 <= score(signals) <= 1


def test_prose_scores_above_a_listing() -> None:
    assert score(measure(PROSE * 3)) > 0.7
    assert score(measure(LISTING * 8)) < 0.3


def test_length_and_line_breaks_change_little() -> None:
    short, long = score(measure(PROSE * 2)), score(measure("\n\n".join([PROSE] * 200)))
    assert long == pytest.approx(short, abs=0.1)
    assert measure(PROSE.replace(". ", ".\n")) == measure(PROSE)


def test_markdown_marks_are_no_features() -> None:
    marked = PROSE.replace("committee", "**committee**").replace("old farmer", "[old farmer](https://example.org/a)")
    assert measure(f"## {marked}") == measure(PROSE)


def test_few_words_and_tables_say_nothing() -> None:
    assert measure("Only a few words.") == {}
    assert measure("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 50) == {}


def test_case_says_nothing_in_a_script_without_it() -> None:
    signals = measure("اجتمعت اللجنة في الطابق الثاني لأن القاعة كانت تدهن. لم يتوقع أحد أن يأتي كل هذا العدد من الناس. " * 3)
    assert "natural.letters" in signals
    assert not {"natural.upper", "natural.title_words", "natural.capitals"} & set(signals)


def test_pairs_come_from_the_beginning_and_the_middle() -> None:
    text = " ".join(f"w{number:05}" for number in range(4000))
    pairs = take_pairs(text)
    assert len(pairs) == PAIRS
    assert pairs[0][0].startswith("w00000")
    assert pairs[0][1].split()[0] in {"w02000", "w02001"}
    assert all(len(part) <= EXCERPT and all(len(word) == 6 for word in part.split()) for pair in pairs for part in pair)
