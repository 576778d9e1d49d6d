"""Our own rules for office documents: what each counts, and what it leaves alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.facts import PartFacts
from tasks.quality.signals.damage import measure_damage
from tasks.quality.signals.office import is_figure, is_navigation, looks_like_code, measure_office
from tasks.quality.text_view import view_text

PROSE = "The minutes of the last meeting were approved and the budget for the next year was discussed at some length. "
FILLER = PROSE * 3


def office(text: str, format_name: str = "text") -> dict[str, float]:
    return measure_office(view_text(text), PartFacts(format_name))


def test_prose_is_none_of_it() -> None:
    assert {name: value for name, value in office(FILLER).items() if value} == {}


def test_boilerplate_counts_the_sentences_of_a_notice() -> None:
    notice = "This message is intended solely for the addressee. If you have received this e-mail in error, please delete it."
    signals = office(FILLER + "\n\n" + notice)
    assert signals["office.boilerplate"] == pytest.approx(19 / (len(FILLER.split()) + 19))
    assert office(notice.upper() + " " + PROSE * 2)["office.boilerplate"] > 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("Name: ________ Date: ________", 2),
        ("Dear {{first name}}, your order", 2),
        ("Signed by [Company Name] on [date]", 3),
        ("Click here to enter text and TBD", 6),
        ("see [1] and [the annex] for XIX", 0),
    ],
)
def test_placeholders_are_places_to_fill_in(form: str, words: int) -> None:
    text = f"{FILLER}\n{form}"
    assert office(text)["office.placeholders"] == pytest.approx(words / len(text.split()))


def test_figures_and_tables() -> None:
    rows = "\n".join(f"| Site {number} | {number * 7}.50 | 12,000 |" for number in range(20))
    signals = office(f"{PROSE}\n\n| Site | Cost | Limit |\n|---|---|---|\n{rows}")
    words, prose = len(PROSE.split()) + 3 + 20 * 4, len(PROSE.split())
    assert signals["office.figures"] == pytest.approx(60 / words)
    assert signals["office.tables"] == pytest.approx(1 - prose / words)


@pytest.mark.parametrize(("word", "figure"), [("12.5", True), ("3rd", False), ("--", False), ("(7)", True), ("\u0663", True)])
def test_a_figure_has_a_digit_and_no_letter(word: str, figure: bool) -> None:
    assert is_figure(word) is figure


@pytest.mark.parametrize(
    ("line", "navigation"),
    [
        ("Home > Products > Chairs", True),
        ("[Home](/) [About us](/about)", True),
        ("https://example.com/a https://example.com/b", True),
        ("See https://example.com for more", False),
        ("He said yes/no/maybe to all of it.", False),
        ("A plain line", False),
    ],
)
def test_navigation(line: str, navigation: bool) -> None:
    assert is_navigation(line) is navigation


def test_logs_dumps_and_records_are_machine_lines() -> None:
    log = "\n".join(f"2024-03-{day:02d} 10:00:00 INFO worker started with a queue" for day in range(1, 20))
    dump = "\n".join(f"{row:08x}: 4865 6c6c 6f20 776f 726c 6421 0a00 0000" for row in range(20))
    records = "\n".join(f"A-{row},{row * 3}.25,{row % 9},open" for row in range(20))
    for text in (log, dump + "\n" + PROSE * 2, records + "\n" + FILLER):
        assert office(text)["office.machine_lines"] > 0.3
    agenda = "\n".join(f"{number}. Item {number} of the agenda, presented by the board" for number in range(1, 15))
    assert office(agenda)["office.machine_lines"] == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x = compute(3)", True),
        ("}", True),
        ("return foo(bar);", True),
        ("def read(path):", True),
        ("$ pip install doctune", True),
        ("<div class='a'>", True),
        ("The following holds for the Company;", False),
        ("For example:", False),
        ("If the Tenant fails to pay (or pays late):", True),  # one such line does not make a text code
        ("A sentence of plain words.", False),
    ],
)
def test_lines_of_code(line: str, code: bool) -> None:
    assert looks_like_code(line) is code


def test_code_is_expected_in_formats_that_are_code() -> None:
    text = FILLER + "\n```\n" + "value = other + 1\n" * 40 + "```\n"
    assert office(text)["office.code"] > 0.5
    assert "office.code" not in office(text, "source")


def test_garbage_words() -> None:
    good = view_text(FILLER + "Angstschreie iPhone McDonald's e-mail O'Neill COVID-19 www.example.com foo_bar_baz")
    assert measure_damage(good, PartFacts())["damage.garbage_words"] < 0.05
    bad = view_text("Tlie rnin'u~tes oooof thxzcvbnm iiiii wErE aPpRoVeD bqtrwxz " * 20)
    assert measure_damage(bad, PartFacts())["damage.garbage_words"] > 0.5


def test_encoding_damage_is_what_normalization_counted() -> None:
    view = view_text(FILLER)
    characters = sum(map(len, FILLER.split()))
    facts = PartFacts("text", {"before": 9, "after": 2, "replacement_characters": 3})
    assert measure_damage(view, facts)["damage.encoding"] == pytest.approx(5000 / characters)
    assert "damage.encoding" not in measure_damage(view, PartFacts())


@given(st.text(max_size=400).map(lambda text: text + " word" * 40), st.sampled_from(["text", "source", "pdf"]))
@settings(max_examples=100, deadline=None)
def test_shares_are_shares_for_any_text(text: str, format_name: str) -> None:
    view, facts = view_text(text), PartFacts(format_name, {"after": 1})
    for name, value in (measure_office(view, facts) | measure_damage(view, facts)).items():
        assert 0 <= value <= (1000 if name == "damage.encoding" else 1), name
