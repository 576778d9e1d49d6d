"""Lines broken at a width, and lines that only look so."""

import textwrap

import pytest

from tasks.normalization.paragraphs import join_broken_lines

PROSE = (
    "The parties agree that the goods are delivered to the place that is named in the order, and that the risk passes to the "
    "buyer when they are unloaded there. The seller bears the cost of insurance until then, whatever the reason of a delay may "
    "be, and tells the buyer without delay when the goods cannot be sent as agreed."
)
GERMAN = (
    "Der Verkäufer liefert die Ware an den Ort, der im Auftrag genannt ist. Die Gefahr geht auf den Käufer über, sobald die Ware "
    "dort abgeladen wurde. Bis dahin trägt der Verkäufer die Kosten der Versicherung, gleich welchen Grund eine Verzögerung "
    "hat, und unterrichtet den Käufer unverzüglich über jede Abweichung von der Vereinbarung."
)


@pytest.mark.parametrize("width", [45, 60, 72, 98])
@pytest.mark.parametrize("prose", [PROSE, GERMAN])
@pytest.mark.parametrize("format_name", ["pdf", "text", "eml"])
def test_a_wrapped_paragraph_becomes_one_line(prose: str, width: int, format_name: str) -> None:
    assert join_broken_lines(textwrap.fill(prose, width), format_name) == prose


@pytest.mark.parametrize("format_name", ["markdown", "html", "docx", "csv"])
def test_formats_with_paragraphs_of_their_own_are_left_alone(format_name: str) -> None:
    wrapped = textwrap.fill(PROSE, 60)
    assert join_broken_lines(wrapped, format_name) == wrapped


def test_paragraphs_told_apart_by_their_last_lines_are_kept_apart() -> None:
    wrapped = textwrap.fill(PROSE, 60) + "\n" + textwrap.fill(PROSE.replace("The parties", "All parties"), 60)
    assert join_broken_lines(wrapped, "text").split("\n\n") == [PROSE, PROSE.replace("The parties", "All parties")]


def test_items_and_clauses_are_joined_each_for_itself() -> None:
    clauses = [f"{mark} {PROSE}" for mark in ("1.", "(b)", "2.1", "-", "\u2022", "o", "IV.")]
    wrapped = "\n".join(textwrap.fill(clause, 64, subsequent_indent="    ") for clause in clauses)
    assert join_broken_lines(wrapped, "text") == "\n".join(clauses)


def test_text_of_a_script_without_spaces_is_joined_without_any() -> None:
    lines = [
        "これは日本語の文章で、行の終わりで折り返されています",
        "ので、単語の途中で行が変わることもありますが、それは",
        "元の文章には関係がありません。",
    ]
    assert join_broken_lines("\n".join(lines), "pdf") == "".join(lines)


def test_a_long_line_of_a_page_goes_on_in_lower_case() -> None:
    text = "This sentence was cut where the page of the book ended and\nwent on overleaf."
    assert join_broken_lines(text, "pdf") == text.replace("\n", " ")
    assert join_broken_lines(text, "text") == text


def test_two_lines_are_joined_at_the_width_of_the_others() -> None:
    two = "Notice of any change is given to the other party, to Mister\nSmith or to whom he names."
    others = textwrap.fill(PROSE, 62)
    assert join_broken_lines(two, "text") == two
    assert join_broken_lines(f"{others}\n\n{two}\n\n{others}", "text").split("\n\n")[1] == two.replace("\n", " ")


def test_two_typed_lines_are_joined_where_a_sentence_goes_on() -> None:
    two = "The password for your account at the Example Company was\nrecently changed."
    longer = two.replace("The password", "We tell you that the password")
    assert join_broken_lines(two, "eml") == two
    assert join_broken_lines(longer, "eml") == longer.replace("\n", " ")


UNBROKEN = {
    "verse": [
        "Shall I compare thee to a summer's day?",
        "Thou art more lovely and more temperate:",
        "Rough winds do shake the darling buds of May,",
        "And summer's lease hath all too short a date;",
        "Sometime too hot the eye of heaven shines,",
        "And often is his gold complexion dimm'd;",
    ],
    "modern verse": [
        "so much depends",
        "upon",
        "",
        "a red wheel",
        "barrow",
        "",
        "glazed with rain",
        "water",
    ],
    "address": [
        "The Manager of Accounts",
        "ACME Trading Company Limited",
        "12 Long Street",
        "London W1A 1AA",
        "United Kingdom",
    ],
    "signature": [
        "Best regards,",
        "",
        "Jane Doe",
        "Head of Purchasing, ACME Trading Company",
        "phone 555 0100",
        "jane.doe@example.com",
    ],
    "log": [
        "2024-01-01 10:00:01 INFO server started on port 8080 with 4 workers",
        "2024-01-01 10:00:02 WARN request took too long: 4 seconds elapsed",
        "2024-01-01 10:00:03 INFO request served in 3 ms to client number 17",
    ],
    "contents": [
        "Introduction to the subject of this book .......... 1",
        "The history of the matter in question ............ 17",
        "an outlook on what may follow from it ............ 99",
    ],
    "code": [
        "def total(items, tax=0.19, shipping=None):",
        "    value = sum(item.price for item in items)",
        "    value = round(value * (1 + tax), 2)",
        "    return value + (shipping or settings.shipping)",
    ],
    "imports": [
        "from package.module.submodule import FirstName, SecondName",
        "from package.module.another import ThirdName, another_one",
        "from package.other.somewhere import something_else, further",
    ],
    "arguments": [
        "    first_argument=some_value.of.something,",
        "    second_argument=another_value.of.some,",
        "    third_argument=yet_another.value.too,",
    ],
    "names": [
        "Alexander Graham Bell, Edinburgh and Boston",
        "Maria Salomea Curie, Warsaw and Paris and Rome",
        "Charles Robert Darwin, Shrewsbury, Kent",
    ],
    "columns": [
        "Lamp, with a shade of linen        12.50",
        "Desk, made of oak and varnished   120.00",
        "chair, to go with the desk         60.00",
    ],
    "headers": [
        "From: Jane Doe <jane.doe@example.com>",
        "To: John Roe <john.roe@example.com>",
        "Subject: what we spoke about in the meeting",
    ],
    "quoted": [
        "> this is what somebody wrote in a mail before and",
        "> it is quoted here with marks at each of its lines",
        "> as it is the custom",
    ],
    "table": [
        "| a | b |",
        "|---|---|",
        "| this is a longer cell of a table with words | and one |",
        "| this is a longer cell of a table with words | and two |",
    ],
    "fence": [
        "```",
        "some lines of text in a block of code that is fenced",
        "and goes on in lower case as text does where it is",
        "wrapped at a width",
        "```",
    ],
    "blank form": [
        "Name of the applicant ________________________",
        "and the date of birth ________________________",
        "and of the spouse if any _____________________",
    ],
    "paragraphs": [
        "A paragraph of one line.",
        "Another one that is a good deal longer than the first was, and stands on one line too.",
        "Then a short one.",
        "And a last one that is somewhat longer.",
    ],
}


@pytest.mark.parametrize("name", UNBROKEN)
def test_lines_that_are_no_wrapped_prose_stay(name: str) -> None:
    text = "\n".join(UNBROKEN[name])
    assert join_broken_lines(text, "text") == text
