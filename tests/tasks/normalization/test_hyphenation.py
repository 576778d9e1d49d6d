"""Words divided at a line end."""

import pytest

from tasks.normalization.hyphenation import join_divided_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an exam-\nple of it", "an example of it"),
        ("an exam\u2010\nple of it", "an example of it"),
        ("die Vertrags-\nbedingungen", "die Vertragsbedingungen"),
        ("in-\nter-\nnational", "international"),
        ("exam- \n  ple", "example"),
        ("a well-\nknown rule; well-known too", "a well-known rule; well-known too"),
        ("a state-of-the-\nart line", "a state-of-the-art line"),
        ("a mother-\nin-law", "a mother-in-law"),
        ("an e-\nmail", "an e-mail"),
        ("pre-\nand post-war", "pre-\nand post-war"),
        ("Vor-\nund Nachteile", "Vor-\nund Nachteile"),
        ("Smith-\nJones", "Smith-\nJones"),
        ("COVID-\nrelated", "COVID-\nrelated"),
        ("pages 10-\n20", "pages 10-\n20"),
        ("a dash -\nword", "a dash -\nword"),
        ("exam-\n\nple", "exam-\n\nple"),
        ("```\nexam-\nple\n```", "```\nexam-\nple\n```"),
        ("| exam- |\n| ple |", "| exam- |\n| ple |"),
        ("- a long exam-\n  ple\n- more", "- a long example\n- more"),
    ],
)
def test_divided_words(text: str, expected: str) -> None:
    assert join_divided_words(text, "pdf") == expected


@pytest.mark.parametrize("format_name", ["docx", "html", "markdown"])
def test_formats_whose_lines_are_paragraphs_are_left_alone(format_name: str) -> None:
    assert join_divided_words("exam-\nple", format_name) == "exam-\nple"
