"""Rich Text: characters in all the ways they can be written, structure, and what is left out."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tasks.extraction.test_readers import read


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"caf\'e9 \u1055?\u1088\'3f", "caf\u00e9 \u041f\u0440"),
        (r"{\fonttbl{\f0 Arial;}{\f1\fcharset204 Times;}}\f1 \'cf\'f0\f0  \'e9", "\u041f\u0440 \u00e9"),
        (r"{\fonttbl{\f1\fcharset128 Gothic;}}{\f1 \'93\'fa\'96\'7b}!", "\u65e5\u672c!"),
        (r"a\u-10179?\u-8704?", "a\U0001f600"),
        (r"\uc2 \u8364XYz \uc0 \u8364 a", "\u20acz \u20aca"),
        (r"a\~b\_c\-d\emdash\ldblquote e\rdblquote\tab f\line g", "a\u00a0b\u2011cd\u2014\u201ce\u201d\tf\ng"),
        (r"a\{b\}\\c", "a{b}\\c"),
        (r"{\fonttbl{\f2\fcharset2 Symbol;}}{\f2\'b7} x", "\u2022 x"),
        ("one\r\n two\\\nthree", "one two\n\nthree"),
    ],
)
def test_characters(tmp_path: Path, body: str, text: str) -> None:
    (row,) = read(tmp_path, "rtf", f"{{\\rtf1\\ansi\\ansicpg1252 {body}}}".encode("latin-1"))
    assert row.text == text


def test_structure(tmp_path: Path) -> None:
    content = (
        r"{\rtf1\ansi\deflang1031{\stylesheet{\s1 heading 1;}{\s7\outlinelevel1 Own;}}{\info{\title A title}{\author Ann}}"
        r"{\header top\par}{\*\generator x;}\pard\s1 Head{\footnote \pard\s9 A note.}\par\pard\s7 Second\par"
        r"\pard\plain text {\v hidden}{\deleted gone}shown{\field{\*\fldinst HYPERLINK}{\fldrslt  link}}\par"
        r"{\pard{\listtext 1.\tab}one\par}{\pard\ilvl1{\listtext\'b7\tab}two\par}"
        r"\trowd\pard\intbl a\cell b\cell\row\trowd\pard\intbl c\par d\cell\cell\row\pard after\par"
        r"\trowd\pard\intbl framed\cell\row\pard{\pict 0102}{\*\unknown x}\bin3 {}{end}"
    )
    (row,) = read(tmp_path, "rtf", content.encode())
    assert (row.title, row.language_hint, row.pages) == ("A title", "de-DE", None)
    assert row.text == (
        "# Head[^1]\n\n## Second\n\ntext shown link\n\n1. one\n  - two\n\n| a | b |\n| --- | --- |\n| c d |  |\n\n"
        "after\n\nframed\n\nend\n\n[^1]: A note."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"plain words", "corrupt"),
        (rb"{\rtf1 {\b cut off", "corrupt"),
        (rb"{\rtf1 x\bin999999999 y}", "corrupt"),
        (rb"{\rtf1 " + b"{" * 100_000 + b"deep" + b"}" * 100_000 + b"}", "limit"),
        (rb"{\rtf1 {\pict 0102}}", "empty"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    (row,) = read(tmp_path, "rtf", content)
    assert row.reason == f"extraction.{reason}"


@given(
    st.lists(
        st.sampled_from(rb"{ } \par \cell \row \intbl \pard \'e9 \u8364? \uc3 \footnote \bin2 \fonttbl \f1 \s1 x \*".split())
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_control_words_give_text_or_a_reason(tmp_path: Path, tokens: list[bytes]) -> None:
    for row in read(tmp_path, "rtf", rb"{\rtf1 " + b" ".join(tokens) + b"}"):
        assert (row.text is None) == (row.reason is not None)
