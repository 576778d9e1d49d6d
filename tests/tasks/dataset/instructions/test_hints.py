import pytest

from tasks.dataset.instructions.hints import hinted
from tasks.dataset.instructions.material import Field, read_material
from tasks.dataset.instructions.survey import Surveyor

DATE = Field("agreement_date", "When it was made.", type="date", cues=("dated as of", "dated"))
PARTY = Field("party", "The parties.", many=True, type="party", cues=("by and between", "and"))
LAW = Field("governing_law", "Whose law governs.", type="place", cues=("laws of",))
TOTAL = Field("total", "What is to be paid.", type="money", labels=("Total", "Amount due"))


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (DATE, "executed as of the 14th day of December, 1997", True),
        (DATE, "received 2/27/2020 10:45:00 AM", True),
        (DATE, "Stand: 3. März 2021", True),
        (DATE, "within 30 days after 12 months, in May or in 2019", False),
        (DATE, "dated", False),
        (DATE, "dated as of the day above", True),
        (PARTY, "notices go to Corio, Inc. in Ohio", True),
        (PARTY, "by  and\nbetween the two", True),
        (PARTY, 'the "Corporation" and the Company pay', False),
        (LAW, "This contract is governed by whatever laws apply", True),
        (LAW, "English law shall govern", True),
        (LAW, "The seller obeys the law.", False),
        (TOTAL, "Total: as agreed", True),
        (TOTAL, "the total is small", False),
        (TOTAL, "pay 40 USD", True),
        (Field("note", "A note."), "Inc. on 3 May 2020 for $5", False),
    ],
)
def test_labels_cues_and_the_shape_of_a_value_hint_at_a_field(field: Field, text: str, expected: bool) -> None:
    assert hinted(field, (0, len(text)), text, []) is expected
    assert hinted(field, (len(text), len(text)), text, []) is False


def test_a_value_of_another_field_hints_at_nothing() -> None:
    text = "The lease ends on 3 May 2020."
    assert hinted(DATE, (0, len(text)), text, [])
    assert not hinted(DATE, (0, len(text)), text, [(18, 28)])


def test_a_field_that_is_hinted_at_is_not_called_absent() -> None:
    text = "Executed on the 14th day of Decembre, 1997 by the two. | The buyer pays on delivery."
    fields = [{"name": "agreement_date", "description": "When it was made.", "type": "date"}]
    material = read_material(text, {"annotations": [], "ungrounded": [], "failures": [], "questions": []}, fields)
    surveyor = Surveyor(material, 0.5)
    middle = text.index("|")
    assert surveyor.survey((0, middle)).absent == []
    assert surveyor.survey((middle + 2, len(text))).absent == ["agreement_date"]


def test_a_list_is_asked_for_where_nothing_else_looks_like_its_values() -> None:
    def present(text: str) -> list[str]:
        notes = [{"field": "date", "start": 3, "end": 13, "text": text[3:13], "value": "2020-05-03", "confidence": 0.9}]
        fields = [{"name": "date", "description": "Days.", "type": "date", "cardinality": "many"}]
        material = read_material(text, {"annotations": notes, "ungrounded": [], "failures": [], "questions": []}, fields)
        return list(Surveyor(material, 0.5).survey((0, len(text))).present)

    assert present("On 03/05/2020 and again on 03/05/2020.") == ["date"]
    assert present("On 03/05/2020 and then on 7/5/2020.") == []
    assert present("On 03/05/2020 and then on the 7th of May, 2020.") == []
