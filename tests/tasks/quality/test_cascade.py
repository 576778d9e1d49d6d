"""The order of the gates."""

from tasks.quality.cascade import Rejection, decide, decide_language
from tasks.quality.gates import Direction, Gate

SHORT = Gate("quality.length.min_words", "length.words", 30, Direction.BELOW, "source", "words", "basic")
NOISY = Gate("quality.symbols.ratio", "symbols.ratio", 0.3, Direction.ABOVE, "source", "share of characters", "basic")


def test_the_first_decisive_gate_decides() -> None:
    bad = {"length.words": 3.0, "symbols.ratio": 0.9}
    assert decide([SHORT, NOISY], bad) == Rejection("quality.length.min_words", "length.words 3 (words)")
    assert decide([NOISY, SHORT], bad) == Rejection("quality.symbols.ratio", "symbols.ratio 0.9 (share of characters)")
    assert decide([SHORT, NOISY], {"length.words": 30.0, "symbols.ratio": 0.3}) is None


def test_later_gates_are_not_asked() -> None:
    class Never(Gate):
        def rejects(self, signals: object, language: str | None = None) -> bool:
            raise AssertionError("asked")

    never = Never("quality.symbols.ratio", "symbols.ratio", 0, Direction.ABOVE, "source", "unit", "basic")
    assert decide([SHORT, never], {"length.words": 1.0}) is not None


def test_a_moved_bound_does_not_show_in_the_detail() -> None:
    moved = Gate("quality.length.min_words", "length.words", 20, Direction.BELOW, "source", "words", "basic")
    assert decide([SHORT], {"length.words": 3.0}) == decide([moved], {"length.words": 3.0})


def test_languages() -> None:
    assert decide_language("de", []) is None
    assert decide_language("de", ["en", "de"]) is None
    assert decide_language("fr", ["en", "de"]) == Rejection("quality.language", "language fr")
    assert decide_language("und", ["en"]) is not None
    assert decide_language("und", ["en", "und"]) is None
