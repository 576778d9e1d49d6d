"""datatrove's filters as oracle: the same tokens in, the same verdicts out, rule by rule at the published thresholds.

Same tokens: datatrove is given white-space words instead of spaCy's, plain prose without tables and code, lines without blanks.
Intended differences, which the texts here avoid or the thresholds handed to datatrove make up for:
- Words that are all punctuation, hashes of headings, dot leaders, other bullets than the dash: see signals/gopher.py.
- Shares of characters: datatrove divides by the whole text with its white space, we by the characters of lines or words.
- Phrases: datatrove's repeated n-grams are disjoint, ours cover; so what it rejects we reject, and only the reverse may differ.
- Bounds: FineWeb's paper rejects at its thresholds, datatrove beyond them; it calls a line of 30 characters short.
- Texts under 5 lines or 100 words have no signals of repetition here.
"""

import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

pytest.importorskip("datatrove.pipeline.filters")

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    c4_filters,
    fineweb_quality_filter,
    gopher_quality_filter,
    gopher_repetition_filter,
)

from tasks.quality.signals.c4 import count_sentences, measure_c4
from tasks.quality.signals.fineweb import measure_fineweb
from tasks.quality.signals.gopher import (
    measure_gopher_lines,
    measure_gopher_phrases,
    measure_gopher_quality,
    measure_stop_words,
)
from tasks.quality.text_view import TextView, view_text

WORDS = ["the", "of", "and", "with", "report", "yearly", "incomprehensibilities", "a", "12", "x#", "so...", "end.", "why?"]
LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
TEXTS = st.lists(LINES, min_size=5, max_size=30).map("\n".join)
PHRASES = ["the yearly report", "of the", "a", "b", "said so", "figures were with"]
REPEATING = st.lists(st.sampled_from(PHRASES), min_size=100).map(" ".join)


@pytest.fixture(autouse=True)
def _same_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter):
        monkeypatch.setattr(module, "split_into_words", lambda text, language: text.split())
    monkeypatch.setattr(c4_filters, "split_into_sentences", lambda line, language: [""] * count_sentences(line))


def reject(rule: object, text: str) -> bool:
    verdict = rule.filter(Document(text=text, id="0"))  # type: ignore[attr-defined]
    return verdict is not True and verdict[0] is False


def quality(**rule: float) -> GopherQualityFilter:
    """Gopher's quality filter with this rule only."""
    names = ("min_doc_words", "max_doc_words", "min_avg_word_length", "max_avg_word_length", "max_symbol_word_ratio")
    names += ("max_bullet_lines_ratio", "max_ellipsis_lines_ratio", "max_non_alpha_words_ratio", "min_stop_words")
    return GopherQualityFilter(**(dict.fromkeys(names) | rule))


def repetition(**rule: object) -> GopherRepetitionFilter:
    """Gopher's repetition filter with this rule only."""
    off = {"dup_line_frac": None, "dup_para_frac": None, "dup_line_char_frac": None, "dup_para_char_frac": None}
    return GopherRepetitionFilter(**(off | {"top_n_grams": (), "dup_n_grams": ()} | rule))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example("\n".join(["- a b"] * 9 + ["a b c"]))  # bullets at 0.9
@example("\n".join(["- a b"] * 10 + ["a b c"]))
@example("\n".join(["a b..."] * 3 + ["a b c"] * 7))  # ellipses at 0.3
@example("\n".join(["aa 1"] * 5))
@example("\n".join(["aa bb cc dd 1"] * 5))  # letters at 0.8
@example("\n".join(["abc"] * 5))  # mean length at 3
@example("\n".join(["abcdefghij"] * 5))  # and at 10
def test_gopher_quality(text: str) -> None:
    ours = measure_gopher_quality(view_text(text))
    # The words of punctuation that datatrove leaves out of the mean length.
    if not any(line.startswith("-") for line in text.split("\n")):
        assert (ours["gopher.mean_word_length"] < 3) == reject(quality(min_avg_word_length=3), text)
        assert (ours["gopher.mean_word_length"] > 10) == reject(quality(max_avg_word_length=10), text)
    symbols = ours["gopher.hash_word"] > 0.1 or ours["gopher.ellipsis_word"] > 0.1
    assert symbols == reject(quality(max_symbol_word_ratio=0.1), text)
    assert (ours["gopher.bullets"] > 0.9) == reject(quality(max_bullet_lines_ratio=0.9), text)
    assert (ours["gopher.ellipsis_lines"] > 0.3) == reject(quality(max_ellipsis_lines_ratio=0.3), text)
    assert (ours["gopher.alpha_words"] < 0.8) == reject(quality(max_non_alpha_words_ratio=0.8), text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["the", "be", "report", "year"]), min_size=50, max_size=60))
@example(["the"] + ["report"] * 49)
@example(["the", "be"] + ["report"] * 48)
def test_gopher_stop_words(words: list[str]) -> None:
    text = " ".join(words)
    assert (measure_stop_words(view_text(text))["gopher.stop_words"] < 2) == reject(quality(min_stop_words=2), text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["aa", "bb b", "c cc", "ddd", "e e", "g"]), min_size=5, max_size=20), st.sampled_from(["\n", "\n\n"])
)
@example([*"abcdefg", "a", "b", "c"], "\n")  # lines at 0.3
@example([*"abcdef", "a", "b", "c", "d"], "\n\n")
def test_gopher_lines(lines: list[str], between: str) -> None:
    text = between.join(lines)
    ours = measure_gopher_lines(view_text(text))
    characters = sum(map(len, lines)) / len(text)  # what datatrove's share misses
    unit = "para" if between == "\n\n" else "line"
    assert (ours[f"gopher.dup_{unit}"] > 0.3) == reject(repetition(**{f"dup_{unit}_frac": 0.3}), text)
    share = ours[f"gopher.dup_{unit}_chars"]
    assume(not math.isclose(share, 0.2))  # the product of two shares is not exact
    assert (share > 0.2) == reject(repetition(**{f"dup_{unit}_char_frac": 0.2 * characters}), text)


def gram_share(view: TextView, size: int) -> tuple[float, float]:
    """(share of the commonest n-gram that datatrove finds first, our share)."""
    words = view.prose_words
    grams = gopher_repetition_filter.get_n_grams(words, size)
    gram = max(dict.fromkeys(grams), key=grams.count)
    theirs = grams.count(gram) * len(gram.replace(" ", "")) / len("".join(words))
    return theirs, measure_gopher_phrases(view)[f"gopher.top_{size}"]


@settings(max_examples=50, deadline=None)
@given(REPEATING)
def test_gopher_phrases(text: str) -> None:
    view = view_text(text)
    ours = measure_gopher_phrases(view)
    words = "".join(view.prose_words)
    for size, bound in ((2, 0.20), (3, 0.18), (4, 0.16)):
        theirs, share = gram_share(view, size)
        assert share >= min(1.0, theirs) - 1e-12  # ours is the longest of the equally frequent ones
        assert share > bound or not theirs > bound
    for size, bound in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)):
        found = gopher_repetition_filter.find_all_duplicate(view.prose_words, size) / len(words)
        assert ours[f"gopher.dup_{size}"] >= found - 1e-12
        if reject(repetition(dup_n_grams=((size, bound),)), text):
            assert ours[f"gopher.dup_{size}"] > bound


@pytest.mark.parametrize("size", [5, 6, 7, 8, 9, 10])
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_gopher_repeated_phrases_are_equal_where_none_overlap(size: int, copies: int) -> None:
    phrase = [f"phrase{number}" for number in range(size)]
    words = phrase + [word for copy in range(copies) for word in [*(f"w{copy}x{n}" for n in range(100)), *phrase]]
    theirs = gopher_repetition_filter.find_all_duplicate(words, size) / len("".join(words))
    assert measure_gopher_phrases(view_text(" ".join(words)))[f"gopher.dup_{size}"] == pytest.approx(theirs)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example("\n".join(["a" * 29] * 1 + ["b" * 30] * 1 + ["c" * 31] * 3))
@example("\n".join(["short one"] * 5))
def test_fineweb(text: str) -> None:
    ours = measure_fineweb(view_text(text))

    def reject_for(*reasons: str) -> bool:
        rule = FineWebQualityFilter(line_punct_thr=0.0, short_line_thr=2, char_duplicates_ratio=2, new_line_ratio=99)
        rule.short_line_length = 29
        for name, bound in zip(reasons[::2], reasons[1::2], strict=True):
            setattr(rule, name, float(bound))
        return reject(rule, text)

    shares = (("line_punct", 0.12), ("short_lines", 0.67), ("dup_line_chars", 0.1))
    assume(not any(math.isclose(ours[f"fineweb.{name}"], bound) for name, bound in shares))  # ours reject at the bound
    assert (ours["fineweb.line_punct"] <= 0.12) == reject_for("line_punct_thr", "0.12")
    assert (ours["fineweb.short_lines"] >= 0.67) == reject_for("short_line_threshold", "0.67")
    assert (ours["fineweb.dup_line_chars"] >= 0.1) == reject_for("char_duplicates_ratio", "0.1")
    assert (ours["fineweb.newline_word"] > 0.3) == reject_for("new_line_ratio", "0.3")


C4_LINES = st.sampled_from(
    [
        *("It is so.", "Is it so? Yes!", "no end here", "Too few.", "it goes on...", 'He said "never"'),
        *("We use cookies here.", "Javascript is on.", "x" * 1000 + " is long.", "x" * 1001 + " is longer."),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(C4_LINES, min_size=1, max_size=10))
@example(["It is so."] * 4)
@example(["It is so."] * 5)
def test_c4_sentences(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert (measure_c4(view_text(text))["c4.sentences"] < 5) == reject(C4QualityFilter(min_num_sentences=5), text)


@pytest.mark.parametrize("line", ["Here a { opens.", "The Lorem Ipsum of it.", "Nothing is wrong here."])
def test_c4_pages(line: str) -> None:
    text = "\n".join(["It is a good line."] * 5 + [line])
    ours = measure_c4(view_text(text))
    assert (ours["c4.curly"] > 0 or ours["c4.lorem"] > 0) == reject(C4QualityFilter(), text)
