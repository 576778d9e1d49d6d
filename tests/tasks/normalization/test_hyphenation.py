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
        ("Smith-\nJones", "Smith-Jones"),
        ("COVID-\nrelated", "COVID-related"),
        ("pages 10-\n20", "pages 10-20"),
        ("a self-\nevident, self-\nish, ex-\nminister", "a self-evident, selfish, ex-minister"),
        ("the web; a web-\nbased, data-\nbase cor-\nrelated", "the web; a web-based, database correlated"),
        ("selfevident; self-\nevident", "selfevident; selfevident"),
        ("NON-\nDISCLOSURE", "NON-DISCLOSURE"),
        ("the AGREEMENT, this AGREE-\nMENT", "the AGREEMENT, this AGREEMENT"),
        ("AGREE-\nMENT", "AGREE-MENT"),
        ("see https://example.com/a-\nlong/path.html here", "see https://example.com/a-long/path.html here"),
        ("see https://example.com/\npath/x there", "see https://example.com/path/x there"),
        ("see https://example.com/\nand then", "see https://example.com/\nand then"),
        ("write to jane.doe@\nexample.com now", "write to jane.doe@example.com now"),
        ("either/\nor", "either/\nor"),
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
