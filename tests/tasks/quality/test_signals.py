"""Signals, computed by hand or by a slow and obvious method."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.cascade import Cascade, measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.measure import Measured
from tasks.quality.order import SHIPPED
from tasks.quality.signals.c4 import measure_c4
from tasks.quality.signals.fineweb import measure_fineweb
from tasks.quality.signals.gopher import measure_gopher_lines, measure_gopher_phrases, measure_gopher_quality, measure_stop_words
from tasks.quality.signals.length import measure_length
from tasks.quality.signals.symbols import measure_symbols
from tasks.quality.text_view import view_text


def test_length_counts_prose_cells_and_code() -> None:
    assert measure_length(view_text("two words\n\n| a | b |\n\n```\nx = 1\n```")) == {
        "length.words": 9.0,  # two words, a b, x = 1, and the two fences
        "length.characters": 23.0,
    }


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("ab cd", 0.0), ("a,b", 1 / 3), ("a ........ b", 1 / 3), ("@#$", 1.0), ("\u0939\u093f\u0928", 0.0), ("| a | b |", 0.0)],
)
def test_symbol_ratio(text: str, ratio: float) -> None:
    assert measure_symbols(view_text(text)) == {"symbols.ratio": pytest.approx(ratio)}


def test_gopher_quality() -> None:
    signals = measure_gopher_quality(view_text("## One two 33\n- four...\n* five # 6\nend\u2026"))
    words = ["##", "One", "two", "33", "-", "four...", "*", "five", "#", "6", "end\u2026"]
    assert signals == {
        "gopher.mean_word_length": pytest.approx(sum(map(len, words)) / 11),
        "gopher.alpha_words": pytest.approx(5 / 11),
        "gopher.hash_word": pytest.approx(1 / 11),  # a heading's hashes are Markdown
        "gopher.ellipsis_word": pytest.approx(2 / 11),
        "gopher.bullets": 0.5,
        "gopher.ellipsis_lines": 0.5,
    }


def test_a_dot_leader_is_one_ellipsis() -> None:
    assert measure_gopher_quality(view_text("Chapter ............ 12"))["gopher.ellipsis_word"] == pytest.approx(1 / 3)


def test_word_length_says_nothing_about_scripts_without_spaces() -> None:
    assert "gopher.mean_word_length" not in measure_gopher_quality(view_text("\u516c\u53f8\u62a5\u544a"))


def test_stop_words_count_distinct_ones_in_enough_prose() -> None:
    assert measure_stop_words(view_text("The cat. The dog, and THAT. " + "filler " * 50)) == {"gopher.stop_words": 3.0}
    assert measure_stop_words(view_text("the and that")) == {}


def test_duplicate_lines_and_paragraphs_are_copies_after_the_first() -> None:
    signals = measure_gopher_lines(view_text("aaaa\n\nbb\n\naaaa\n\ncc\n\naaaa\n\n----\n\n----"))
    assert signals["gopher.dup_line"] == signals["gopher.dup_para"] == pytest.approx(2 / 7)
    assert signals["gopher.dup_line_chars"] == signals["gopher.dup_para_chars"] == pytest.approx(8 / 24)


def test_tables_and_code_do_not_repeat() -> None:
    table = "| same | row |\n" * 30
    code = "```\n" + "same line of code\n" * 30 + "```\n"
    text = "\n".join(f"Line number {word} of the text." for word in "abcdefg")
    view = view_text(f"{text}\n\n{table}\n{code}")
    assert measure_gopher_lines(view) == measure_gopher_lines(view_text(text))
    assert measure_gopher_phrases(view) == measure_gopher_phrases(view_text(text))


def slow_repetition(words: list[str], size: int) -> tuple[float, float]:
    """(share of the top n-gram, share in repeated n-grams), straight from the definition."""
    grams = [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
    total = sum(map(len, words))
    counts = Counter(grams)
    most = max(counts.values())
    longest = max(sum(map(len, gram)) for gram, count in counts.items() if count == most)
    covered = {word for at, gram in enumerate(grams) if gram in grams[:at] for word in range(at, at + size)}
    return (min(1.0, most * longest / total) if most > 1 else 0.0), sum(len(words[at]) for at in covered) / total


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "bb", "ccc", "D", "e."]), min_size=100, max_size=130))
def test_ngram_shares_agree_with_their_definition(words: list[str]) -> None:
    signals = measure_gopher_phrases(view_text(" ".join(words)))
    for size in (2, 3, 4):
        assert signals[f"gopher.top_{size}"] == pytest.approx(slow_repetition(words, size)[0])
    for size in range(5, 11):
        assert signals[f"gopher.dup_{size}"] == pytest.approx(slow_repetition(words, size)[1])


def test_ngrams_need_enough_prose() -> None:
    assert not any("top_" in name for name in measure_gopher_phrases(view_text("again and " * 49)))


def test_fineweb_lines() -> None:
    long = "This line is well over thirty characters long."
    signals = measure_fineweb(view_text(f"{long}\n{long}\nShort\nTiny.\nExactly thirty characters here\n"))
    assert signals == {
        "fineweb.line_punct": 3 / 5,
        "fineweb.short_lines": 2 / 5,
        "fineweb.dup_line_chars": pytest.approx(len(long) / (2 * len(long) + 40)),
        "fineweb.newline_word": pytest.approx(4 / 22),
    }
    assert measure_fineweb(view_text("a\nb\nc\nd")) == {}


def test_placeholder_and_policy_words() -> None:
    signals = measure_c4(view_text("Lorem ipsum dolor sit.\nWe use cookies here.\nPlain text of four"))
    assert signals["c4.lorem"] == pytest.approx(4 / 12)
    assert signals["c4.policy"] == pytest.approx(4 / 12)
    assert measure_c4(view_text("Dolor sit amet, et in non."))["c4.lorem"] == 0.0


PIECES = st.lists(st.sampled_from(["word ", "\n", "a b\n", "| x |\n", "\u516c", "```\n", "# "]), max_size=150)
SHARES = (
    "alpha_words",
    "bullets",
    "ellipsis_lines",
    "dup_",
    "top_",
    "ratio",
    "line_punct",
    "short_lines",
    "office.",
    "probability",
)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(), PIECES.map("".join)))
def test_any_text_can_be_measured_and_shares_are_shares(text: str) -> None:
    signals = measure_text(text, PartFacts("text", {"after": 3}), Cascade((), (), SHIPPED, to_the_end=True), Measured()).signals
    for name, value in signals.items():
        assert value >= 0
        if any(part in name for part in SHARES):
            assert value <= 1, name
