"""Headers, footers and page numbers."""

from tasks.normalization.furniture import remove_furniture as remove_running_lines
from tasks.normalization.page_numbers import read_roman, remove_page_numbers
from tasks.normalization.pages import join_pages


def remove_furniture(text: str) -> str:
    """The three steps on pages, as they are taken."""
    return join_pages(remove_running_lines(remove_page_numbers(text)))


def pages_of(count: int, header: str = "ACME Ltd. - Annual report", footer: str = "Page {} of 9") -> str:
    """Pages with three lines of their own each."""
    bodies = ["\n".join(f"Sentence {letter} of leaf {chr(97 + page)}." for letter in "xyz") for page in range(count)]
    return "\f".join(f"{header}\n{body}\n{footer.format(page + 1)}\n" for page, body in enumerate(bodies))


def test_repeated_header_and_counting_footer_go_and_the_text_stays() -> None:
    cleaned = remove_furniture(pages_of(4))
    assert cleaned.count("ACME") == 1  # on the first page it may be the title
    assert cleaned.startswith("ACME")
    assert "Page" not in cleaned
    assert "\f" not in cleaned
    assert cleaned.count("Sentence") == 12


def test_bare_and_dashed_page_numbers_go() -> None:
    for footer in ("{}", "- {} -", "Seite {}"):
        assert remove_furniture(pages_of(3, footer=footer)).count("\n") == 11


def test_of_two_pages_only_a_repeated_title_goes_where_nothing_is_lost_by_it() -> None:
    cleaned = remove_furniture(pages_of(2))
    assert cleaned.count("ACME") == 1
    assert cleaned.count("Page") == 2  # of nine


def test_of_a_footer_on_both_of_two_pages_one_stays() -> None:
    text = "\f".join(f"Text {word} here.\nMore {word}.\nSource: ACME, 10-K" for word in "ab")
    assert remove_furniture(text) == "Text a here.\nMore a.\nSource: ACME, 10-K\n\nText b here.\nMore b."


def test_answers_of_a_quiz_are_no_furniture() -> None:
    slides = "\f".join(f"- True\n- False\nIs {word} a bird?" for word in ("heron", "wren", "anchor", "bolt"))
    assert remove_furniture(slides).count("- True") == 4


def test_header_on_fewer_than_half_of_the_pages_stays() -> None:
    plain = "\f".join(f"Only {word} here.\nNothing else at {word}." for word in ("alpha", "beta", "gamma", "delta", "eps"))
    scattered = pages_of(3, footer="").split("\f")
    between = plain.split("\f")
    text = "\f".join([scattered[0], *between[:3], scattered[1], *between[3:], scattered[2]])
    assert remove_furniture(text).count("ACME") == 3


def test_chapter_titles_that_change_go_but_for_one_copy() -> None:
    chapters = ["The first chapter"] * 5 + ["A second one"] * 4 + ["Last things"] * 4
    text = "\f".join(
        f"{chapter if page % 2 else 'A Book Of Titles'}\nText {chr(97 + page)} here.\nMore {chr(97 + page)}."
        for page, chapter in enumerate(chapters * 2)
    )
    cleaned = remove_furniture(text)
    assert cleaned.count("A Book Of Titles") == 1
    assert cleaned.count("Text ") == 26


def test_roman_page_numbers_go() -> None:
    numerals = ["i", "ii", "iii", "iv", "v", "1", "2", "3", "4"]
    text = "\f".join(f"Text {chr(97 + page)} here.\nMore.{chr(97 + page)}\n{numeral}" for page, numeral in enumerate(numerals))
    assert remove_page_numbers(text).split("\f")[3] == "Text d here.\nMore.d"
    assert remove_page_numbers(text).split("\f")[8] == "Text i here.\nMore.i"
    assert [read_roman(numeral) for numeral in ("xiv", "mcmxc", "iix", "")] == [14, 1990, None, None]


def test_numbers_that_do_not_count_with_the_pages_stay() -> None:
    text = "\f".join(f"Room {word}\n{number}" for word, number in (("a", 12), ("b", 7), ("c", 31), ("d", 4)))
    assert remove_page_numbers(text) == text


def test_of_two_pages_numbers_go_that_state_the_right_total() -> None:
    assert remove_page_numbers("One.\nPage 1 of 2\fTwo.\n2 | Page") == "One.\fTwo.\n2 | Page"


def test_misread_headers_and_two_headers_in_one_line_go() -> None:
    headers = ["ANNUAL REPORT OF ACME\nOctober 2025"] * 5 + ["ANNVAL REP0RT OF ACME", "ANNUAL REPORT OF ACME October 2025"]
    text = "\f".join(f"{header}\nText {chr(97 + page)} here." for page, header in enumerate(headers))
    cleaned = remove_furniture(text)
    assert cleaned.count("ACME") == 1 + 1  # the first copy, and one whose digit is another
    assert cleaned.count("Text ") == 7


def test_the_rule_above_a_footer_goes_with_it() -> None:
    text = "\f".join(f"Text {chr(97 + page)} here.\n\n---\n\n*Source: ACME, 10-K*" for page in range(4))
    assert remove_furniture(text) == "\n\n".join(f"Text {chr(97 + page)} here." for page in range(4))


def test_headers_that_alternate_go() -> None:
    text = "\f".join(f"{('Left title', 'Right title')[page % 2]}\nText {chr(97 + page)} here.\nMore." for page in range(7))
    cleaned = remove_furniture(text)
    assert cleaned.startswith("Left title\n")
    assert cleaned.count("title") == 1


def test_lines_that_differ_in_numbers_that_do_not_count_stay() -> None:
    text = "\f".join(
        f"Total {price} EUR\nAnything {word}.\nEnd of {word}." for price, word in ((120, "a"), (75, "b"), (990, "c"))
    )
    assert remove_furniture(text).count("Total") == 3


def test_headings_that_count_with_the_pages_stay() -> None:
    text = "\f".join(f"## Step {page + 1}\n\nDo the {word} thing." for page, word in enumerate(("red", "blue", "last")))
    assert remove_furniture(text).count("## Step") == 3


def test_repeated_lines_in_the_middle_of_pages_stay() -> None:
    filler = [f"Line {index}." for index in "abcdefgh"]
    text = "\f".join("\n".join([f"{w}{x}" for x in filler[:4]] + ["Signed."] + [f"{w}{x}" for x in filler[4:]]) for w in "pqr")
    assert remove_furniture(text).count("Signed.") == 3


def test_table_header_repeated_on_every_page_stays_a_table() -> None:
    text = "\f".join(f"| Item | Price |\n|---|---|\n| {word} | 1 |" for word in ("lamp", "desk", "chair"))
    assert remove_furniture(text) == text.replace("\f", "\n")


def test_a_sentence_goes_on_over_the_page_end() -> None:
    assert remove_furniture("It was a long\n\fday.\fNext.") == "It was a long\nday.\n\nNext."
