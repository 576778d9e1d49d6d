"""The score."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.score import GRADES, WORST_GRADE, Grade, measure_score

SIGNALS = st.dictionaries(st.sampled_from([grade.signal for grade in GRADES]), st.floats(0, 1000))


@settings(max_examples=50, deadline=None)
@given(SIGNALS, st.sampled_from(["en", "de", None]))
def test_a_score_is_between_0_and_1(signals: dict[str, float], language: str | None) -> None:
    assert 0 <= measure_score(signals, language) <= 1


@pytest.mark.parametrize("grade", GRADES, ids=lambda grade: f"{grade.signal}-{grade.good}")
def test_a_grade_rises_smoothly_from_bad_to_good(grade: Grade) -> None:
    steps = [grade.bad + (grade.good - grade.bad) * step / 100 for step in range(101)]
    grades = [grade.of(value) for value in steps]
    assert grades[0] == WORST_GRADE
    assert grades[-1] == pytest.approx(1)
    assert all(later >= earlier for earlier, later in itertools.pairwise(grades))
    assert max(later - earlier for earlier, later in itertools.pairwise(grades)) < 0.1


def test_extremes() -> None:
    assert measure_score({grade.signal: grade.bad for grade in GRADES if grade.signal != "gopher.mean_word_length"}, "en") == 0.02
    best = {grade.signal: grade.good for grade in GRADES} | {"gopher.mean_word_length": 5.0}
    assert measure_score(best, "en") == 1.0
    assert measure_score({}, "en") == 0.0


def test_english_grades_do_not_count_elsewhere() -> None:
    signals = {"gopher.stop_words": 0.0, "gopher.alpha_words": 1.0}
    assert measure_score(signals, "de") == 1.0 > measure_score(signals, "en")
