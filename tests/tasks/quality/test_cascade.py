"""The order of the gates."""

from tasks.quality.cascade import Rejection, decide, decide_language
from tasks.quality.gates import Direction, Gate

SHORT = Gate("setting", "quality.length.min_words", "length.words", "words", 30, Direction.BELOW, "source", "words")
NOISY = Gate("setting", "quality.symbols.ratio", "symbols.ratio", "words", 0.3, Direction.ABOVE, "source", "share of characters")


def test_the_first_decisive_gate_decides() -> None:
    bad = {"length.words": 3.0, "symbols.ratio": 0.9}
    assert decide([SHORT, NOISY], bad) == Rejection("quality.length.min_words", "length.words 3 (words)")
    assert decide([NOISY, SHORT], bad) == Rejection("quality.symbols.ratio", "symbols.ratio 0.9 (share of characters)")
    assert decide([SHORT, NOISY], {"length.words": 30.0, "symbols.ratio": 0.3}) is None


def test_later_gates_are_not_asked() -> None:
    class Never(Gate):
        def rejects(self, signals: object, language: str | None = None) -> bool:
            raise AssertionError("asked")

    never = Never("setting", "quality.symbols.ratio", "symbols.ratio", "words", 0, Direction.ABOVE, "source", "unit")
    assert decide([SHORT, never], {"length.words": 1.0}) is not None


def test_a_moved_bound_does_not_show_in_the_detail() -> None:
    moved = Gate("setting", "quality.length.min_words", "length.words", "words", 20, Direction.BELOW, "source", "words")
    assert decide([SHORT], {"length.words": 3.0}) == decide([moved], {"length.words": 3.0})


def test_languages() -> None:
    assert decide_language("de", []) is None
    assert decide_language("de", ["en", "de"]) is None
    assert decide_language("fr", ["en", "de"]) == Rejection("quality.language", "language fr")
    assert decide_language("und", ["en"]) is not None
    assert decide_language("und", ["en", "und"]) is None
