"""Headers, footers and page numbers."""

from tasks.normalization.pages import remove_furniture


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
    assert cleaned.count("Page") == 2


def test_answers_of_a_quiz_are_no_furniture() -> None:
    slides = "\f".join(f"- True\n- False\nIs {word} a bird?" for word in ("heron", "wren", "anchor", "bolt"))
    assert remove_furniture(slides).count("- True") == 4


def test_header_on_fewer_than_half_of_the_pages_stays() -> None:
    plain = "\f".join(f"Only {word} here.\nNothing else at {word}." for word in ("alpha", "beta", "gamma", "delta", "eps"))
    assert remove_furniture(pages_of(3, footer="") + "\f" + plain).count("ACME") == 3


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
