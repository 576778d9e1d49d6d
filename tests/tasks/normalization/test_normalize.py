"""All steps together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.normalization.normalize import normalize_text, normalize_title
from tasks.normalization.settings import NormalizationSettings

STEPS = [name for name in NormalizationSettings.model_fields if name not in ("timeout_seconds", "most_removed_share")]

# What has a meaning for some step, so that random texts meet the steps' corners.
PIECES = st.sampled_from(
    [
        *("\f", "\n", "\n\n", " ", "  ", "   ", "\t", "-\n", "- ", "1. ", "|", "| a | b |\n", "|---|---|\n", "a|b\n"),
        *("```\n", "```py\n", "~~~\n", "    code", "\u1fef\u1fef\u1fef", "\r\n", "\r", "\v", "\x1c", "\u2028", "\u3000"),
        *("\u200b", "\u200d", "\u200c", "\u00ad", "\u00ad\n", "\ufb01", "e\u0301", "\u0301", "\x02\n", "\ufffe\n", "\u2010\n"),
        *("Page 1\f", "Page 2\f", "Page 3", "head\n\f", "foo", "bar", "self-", "and ", "1", "2", "\u00a0"),
        *("\u0915", "\u094d", "\u0645", "\U0001f469", "\ufe0f", "\u2764"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=60).map("".join))
WORDS = st.sampled_from(
    [
        *("the", "of", "Company", "agreement", "notwithstanding", "12", "(a)", "1.", "2.1", "e.g.", "http://x.com/a-", "self-"),
        *("ple", "exam-", "end.", "End:", "Date:", "|", "#", ">", "-", "Page 3", "-4-", "\u2014", "caf\u00c3\u00a9"),
        *("N O T I C E", "\u4e2d\u6587", "x=y;", "....", "a_b", "\t", "  ", "   ", "\u05e9\u05dc"),
    ]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=14).map(" ".join),
    st.sampled_from(["", "\f", "A running header\f", "\fA running header", *"abcdeT"]),
    st.integers(1, 12).map(lambda number: f"{number} goes on here"),
)
LAYOUTS = st.lists(LINES, max_size=30).map("\n".join)
SHARES = st.sampled_from([0.0, 0.02, 0.3, 1.0])
SETTINGS = st.builds(NormalizationSettings, most_removed_share=SHARES, **{step: st.booleans() for step in STEPS})


@settings(max_examples=200, deadline=None)
@given(st.one_of(TEXTS, LAYOUTS), st.sampled_from(["pdf", "text", "eml", "docx"]), SETTINGS)
def test_normalizing_twice_changes_nothing_more(text: str, format_name: str, chosen: NormalizationSettings) -> None:
    once = normalize_text(text, format_name, chosen)
    assert normalize_text(once.text, format_name, chosen).text == once.text


@settings(max_examples=50, deadline=None)
@given(TEXTS, SETTINGS)
def test_the_steps_account_for_every_character(text: str, chosen: NormalizationSettings) -> None:
    normalized = normalize_text(text, "pdf", chosen)
    assert sum(normalized.removed.values()) == len(text) - len(normalized.text)
    taken = {step for step in STEPS if getattr(chosen, step)}
    assert set(normalized.removed) == taken | ({"page_ends"} if taken & {"page_numbers", "page_furniture"} else set())


BLOCKS = [
    "| Item     | Price |\n|:---------|------:|\n| Lamp  x  | 49.90 |   \n| pre-     | 1     |",
    "Item | Price\n--- | ---\nLamp  x | 49",
    "```python\ndef f(x):\n    return  x   # two  spaces  \n\n\n\nexam-\nple\n```",
    "~~~\n| not  a table\n~~~",
    "- first  item\n  - nested   item\n  - another\n1. one\n2. two",
    "Name       Amount\nLamp        49.90",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_tables_code_and_lists_survive_byte_for_byte(block: str) -> None:
    text = f"Some  words\u00ad before.  \n\n\n\n{block}\n\nAfter  it."
    assert normalize_text(text, "pdf", NormalizationSettings()).text == f"Some words before.\n\n{block}\n\nAfter it."


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ("encoding_damage", "don\u00e2\u20ac\u2122t", "don\u2019t"),
        ("control_characters", "a\x00b", "ab"),
        ("soft_hyphens", "a\u00ad b", "a b"),
        ("ligatures", "\ufb01x", "fix"),
        ("unicode", "e\u0301", "\u00e9"),
        ("page_numbers", "a\n1\fb\n2\fc\n3", "a\nb\nc"),
        ("page_furniture", "H\na\fH\nb\fH\nc", "H\na\nb\nc"),
        ("line_numbers", "\n".join(f"{n} goes on" for n in range(1, 10)), "\n".join(["goes on"] * 9)),
        ("upright_words", "T\ni\nt\nl\ne\ns", "Titles"),
        ("spaced_letters", "N O T I C E", "NOTICE"),
        ("hyphenation", "exam-\nple", "example"),
        ("column_gaps", f"{'some words ' * 4}    {'more words ' * 4}", f"{'some words ' * 4}{'more words ' * 4}"),
        ("whitespace", "a  b \n\n\n\nc\n", "a b\n\nc"),
        ("broken_lines", f"{'words ' * 8}\nthat go on", f"{'words ' * 8}that go on"),
    ],
)
def test_each_step_can_be_switched_on_alone(step: str, text: str, expected: str) -> None:
    nothing = NormalizationSettings(**dict.fromkeys(STEPS, False))
    assert normalize_text(text, "pdf", nothing).text == text
    only = nothing.model_copy(update={step: True})
    normalized = normalize_text(text, "pdf", only)
    assert normalized.text == expected
    assert normalized.removed.pop("page_ends", 0) in (0, 1)
    assert set(normalized.removed) == {step}


def test_a_step_that_would_gut_a_text_is_not_taken_and_flagged() -> None:
    text = "\f".join(f"{'A running header that is very long. ' * 4}\nText {chr(97 + page)}." for page in range(9))
    normalized = normalize_text(text, "pdf", NormalizationSettings())
    assert normalized.text.count("A running header") == 36
    assert [flag[:29] for flag in normalized.flags] == ["page_furniture: would remove "]
    assert normalized.removed["page_furniture"] == 0
    allowed = normalize_text(text, "pdf", NormalizationSettings(most_removed_share=1.0))
    assert allowed.text.count("A running header") == 4
    assert allowed.flags == []


def test_what_is_no_content_does_not_count_as_removed() -> None:
    blank = "word \x00\u00ad\n" + " \n" * 5000 + "\x00" * 5000
    assert normalize_text(blank, "pdf", NormalizationSettings(most_removed_share=0.0)).flags == []


def test_an_unclosed_fence_protects_nothing() -> None:
    assert normalize_text("```\na  b", "pdf", NormalizationSettings()).text == "```\na b"


def test_titles_are_one_line() -> None:
    assert normalize_title(" Annual\u00a0re\u00adport\n 2024\x00 ") == "Annual report 2024"
    assert normalize_title("\u200b") is None
    assert normalize_title(None) is None
