"""What is not asked about: layouts, code, encoded data, and headings that name nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tasks.dataset.instructions import question_answer, section_title, table_lookup
from tasks.dataset.instructions.material import Material, Span, read_material
from tasks.dataset.instructions.survey import Surveyor

FIELDS = [{"name": "party", "description": "The parties.", "type": "party", "cardinality": "many"}]
BODY = "The pump is cleaned after every shift. Its filter is taken out, rinsed and dried before it is put back. " * 2


def material_of(text: str, pieces: Sequence[Span] = (), row: Mapping[str, Any] | None = None) -> Material:
    return read_material(text, row, FIELDS, pieces=pieces or [(0, len(text))])


@pytest.mark.parametrize(
    "rows",
    [
        "| | Size | Size |\n|---|---|---|\n| Saw | 4 | red |",  # a head that spans columns
        "| Tool | Size | |\n|---|---|---|\n| Saw | 4 | red |",
        "| Tool | Size of |\n|---|---|\n| Saw | 4 cm |",
        "| Tool | Size |\n|---|---|\n| Compen- | sation |\n| Saw | 4 cm |",
        "| Size | Tool |\n|---|---|\n| 4.50 | Saw |\n| 9.25 | Saw |",  # amounts name no row
        "| Tool | Size |\n|---|---|\n| Maker: | Birch Ltd |",
        # no head at all
        "| AE | Adverse Event |\n|---|---|\n| AR | Adverse Reaction |\n| Q and A | Questions |\n| CTR | Trial |\n| MS | State |",
        "| Ann Oak | Mary Poe |\n|---|---|\n| 2005 | 2006 |",
        "| Saws are sold here. | Call us |\n|---|---|\n| Axe | Open daily |",
        "| (i) | Saw |\n|---|---|\n| (ii) | Axe |",
        "| Tool | Sign |\n|---|---|\n| Saw | `<=` |\n| Axe | $x_1$ |\n| Rasp | &#124; |\n| File | ![x](y.png) |",
    ],
)
def test_layouts_tables_without_a_head_and_code_are_not_asked_about(rows: str) -> None:
    assert list(table_lookup.make(material_of(rows), 1000, 0)) == []


CODE = "def clean(pump):\n    for part in pump:\n        part.clean()\n    return pump\n" * 4
ENCODED = "\n".join(["iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4"] * 6)


@pytest.mark.parametrize(
    "heading",
    [
        "Contents", "Table of contents", "Cleaning", "Page 4 of 9", "2.1", "* * *", "4.2.1 / 7", "Chapter 3", "pump and filter",
        "It ends.", "The filter of the pump,", "Theorem (1.2", "example.org home page", "This page says how the parts are made",
    ],
)  # fmt: skip
def test_headings_that_name_nothing_are_not_asked_for(heading: str) -> None:
    body = BODY.replace("pump", "engine").replace("filter", "sieve")
    assert [draft.answer for draft in section_title.make(material_of(f"# {heading}\n\n{body}"), 0)] == []
    assert len(list(section_title.make(material_of(f"# Cleaning work\n\n{body}"), 0))) == 1


def test_a_heading_that_stands_over_several_passages_is_not_asked_for() -> None:
    text = f"# Cleaning work\n\n{BODY}\n\n# Cleaning work\n\n{BODY}\n\n# Daily work\n\n{BODY}"
    assert [draft.answer for draft in section_title.make(material_of(text), 0) if draft.before] == ["Daily work"]


@pytest.mark.parametrize("body", [CODE, f"```\n{BODY}\n```", ENCODED, "| a | b |\n|---|---|\n" + "| Saw | 4 |\n" * 30])
def test_nothing_is_asked_of_code_encoded_data_and_tables(body: str) -> None:
    text = f"# Cleaning work\n\n{body}\n\n# Daily work\n\n{BODY}"
    drafts = list(section_title.make(material_of(text), 0))
    assert [draft.answer for draft in drafts if draft.before] == ["Daily work"]
    assert all(draft.answer == BODY.strip() for draft in drafts if draft.after)


@pytest.mark.parametrize("passage", [CODE, ENCODED, '{\n  "party": "Mary Poe",\n  "of": "Ohio"\n}'])
def test_no_field_is_asked_of_code_and_encoded_data(passage: str) -> None:
    text = f"{passage}\n\nThe goods are delivered within ten days and checked by the Buyer on the day of their arrival."
    pieces = [(0, len(passage)), (len(passage) + 2, len(text))]
    material = material_of(text, pieces, {"annotations": [], "ungrounded": [], "failures": [], "questions": []})
    assert {draft.passage for draft in question_answer.make(material, Surveyor(material, 0.5), 0)} == {pieces[1]}
    assert material.readable_pieces == (pieces[1],)
