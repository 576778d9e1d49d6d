"""Finders do a bounded amount of work per character, whatever the text is: calls are counted, and long texts come to an end."""

import sys
from types import FrameType

import pytest

from tasks.annotation.document import TextDocument
from tasks.annotation.finders import FINDERS, load_finder
from tasks.annotation.schema import FieldSpec

OWN = sorted(
    name for name in FINDERS if not FINDERS[name].split(".")[3].startswith(("dates:", "jurisdictions:", "parties:", "titles:"))
)
PIECES = (
    "1,", "1.234,", "$1", "Aa ", "Aa & ", "|", "| a ", "**a:** b  ", "  ", "Total: 1\n", "# A\n", "Seller: Xa Ltd\n", "a@",
    "www.a.", "GB82 WEST ", "DE1 ", "A1-", "1 Aa ", "Mr Aa ", "- a, ", "\t",
    "(", "Skills\n\n", "Experience\n\n2010 Aa at Bb, Ltd\n", "+1 23 ",
    "....", "Invoice no ", "Aa, ", "a:b:", "[a](", "Inc. ", "EUR ", "the net amount is USD ", "Dr. ",
)  # fmt: skip
LONG = 200_000  # characters


def field_of(**parts: object) -> FieldSpec:
    labels = ("Total", "Invoice no", "Seller", "a")
    return FieldSpec.model_validate(
        {"name": "f", "description": "d", "labels": labels, "cues": labels, "sections": ("Skills", "Experience"), **parts}
    )


def fields_for(finder: str) -> list[FieldSpec]:
    if finder == "enum":
        return [field_of(type="enum", values={"A": ["a"], "B": ["Aa", "EUR"]})]
    kinds = ("money", "identifier", "party", "person", "date") if finder in {"key_value", "labelled"} else ("money",)
    return [field_of(type=kind) for kind in kinds] + [field_of(normalizer=kind) for kind in ("iban", "vat_id") if len(kinds) > 1]


def calls(finder: str, field: FieldSpec, text: str) -> int:
    """Calls of Python and C functions while a finder reads a text that it has not seen."""
    count = 0

    def counting(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    find = load_finder(finder)
    for _ in find(TextDocument("warm"), field):
        pass
    sys.setprofile(counting)
    try:
        for _ in find(TextDocument(text), field):
            pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("finder", OWN)
def test_twice_the_text_is_about_twice_the_calls(finder: str) -> None:
    for field in fields_for(finder):
        for number, piece in enumerate(PIECES):
            once = calls(finder, field, f"{number}\n" + piece * (400 // len(piece)))
            twice = calls(finder, field, f"{number}\n" + piece * (800 // len(piece)))
            assert twice <= 2.6 * once + 300, (finder, piece)


@pytest.mark.parametrize("finder", OWN)
def test_long_texts_come_to_an_end(finder: str) -> None:
    share = LONG // len(PIECES)
    text = "\n".join((piece * (share // len(piece) + 1))[:share] for piece in PIECES)
    field = fields_for(finder)[0]
    places = sum(1 for _ in load_finder(finder)(TextDocument(text), field))
    assert places <= LONG // 2
