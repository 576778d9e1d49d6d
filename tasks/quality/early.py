"""What can be decided on a sample of a document (schema SAMPLES), before all of it is read.

Only what reading it all would surely come to as well: every place is, with a margin, in a language that is not allowed, and not
in one that is easily mistaken for an allowed one. The full measure (signals/language.py) looks at the same kinds of places, and
asks for less. A text in which the allowed language stands only between the places seen would be lost; of the places, at least
eight, spread evenly, it would have to miss every one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.quality.settings import GateSettings
from tasks.quality.signals.language import UNDETERMINED, allowed_members, family_of, identify
from tasks.quality.text_view import view_text

LEAST_PLACES = 6
LEAST_LETTERS = 100  # of the prose of a place
SURE = 0.9  # probability in each place; from 0.8 on, answers on 200 characters were right in 99.7 of 100 cases

Row = dict[str, Any]


def early_gates_apply(settings: GateSettings) -> bool:
    """Whether a sample can decide anything: languages are chosen, and documents may end early."""
    return settings.early_termination and bool(settings.languages)


def identify_places(places: Sequence[str]) -> list[tuple[str, float]]:
    """Language and probability of each place; runs in a worker. A place without enough prose is "und" with 0."""
    found = []
    for place in places:
        prose = "\n".join(view_text(place).lines)
        found.append(identify(prose) if sum(map(str.isalpha, prose)) >= LEAST_LETTERS else (UNDETERMINED, 0.0))
    return found


def decide_early_rows(identified: Mapping[str, Sequence[tuple[str, float]]], settings: GateSettings) -> list[Row]:
    """One row (schema EARLY) for each document that is rejected; identified: document_id -> what its places are written in."""
    if not early_gates_apply(settings):
        return []
    refused = sorted(document for document, places in identified.items() if _is_refused(places, settings.languages))
    return [
        {"document_id": document, "reason": "quality.language", "detail": _words(identified[document])} for document in refused
    ]


def _is_refused(places: Sequence[tuple[str, float]], allowed: Sequence[str]) -> bool:
    families = {family_of(language) for language in allowed_members(allowed)}
    return len(places) >= LEAST_PLACES and all(
        language != UNDETERMINED and probability >= SURE and family_of(language) not in families
        for language, probability in places
    )


def _words(places: Sequence[tuple[str, float]]) -> str:
    languages = sorted({language for language, _ in places})
    return f"language {', '.join(languages)} (in all of {len(places)} places looked at, before it was read)"
