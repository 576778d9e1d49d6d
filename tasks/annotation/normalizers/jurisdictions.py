"""Names and adjectives of states, provinces and countries to one name each."""

from tasks.annotation.finders.gazetteer import jurisdiction_of
from tasks.annotation.schema import FieldSpec


def normalize_jurisdiction(text: str, _field: FieldSpec) -> str | None:
    """The state, province or country that a text names ("the State of Ohio": Ohio; "English": England), None for what is none."""
    return jurisdiction_of(text)
