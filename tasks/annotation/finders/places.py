"""Places: countries and cities of the Unicode locale data in seven languages, states of the United States, and large cities."""

import functools
from collections.abc import Iterator
from pathlib import Path

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.capitals import Word, runs_of
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.finders.organisations import organisations_of
from tasks.annotation.finders.vocabulary import words
from tasks.annotation.schema import FieldSpec

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
MOST_WORDS = 5
_CONTINENTS = ("Africa/", "America/", "Asia/", "Australia/", "Europe/", "Pacific/")
_CITIES = Path(__file__).with_name("cities.txt")
_AMBIGUOUS = words("ambiguous_places")
_PREPOSITIONS = tuple(sorted(words("before_places")))


@functools.lru_cache(maxsize=1)
def gazetteer() -> frozenset[str]:
    """All names of places that are known."""
    from babel import Locale
    from babel.core import get_global

    names = set(words("places"))
    for language in LANGUAGES:
        locale = Locale(language)
        names |= {name for code, name in locale.territories.items() if len(code) == 2 and code not in {"ZZ", "XA", "XB"}}
        names |= {zone["city"] for zone in locale.time_zones.values() if "city" in zone}
    # The locale data leave a city out where its name is that of the zone: Europe/Oslo.
    names |= {
        zone.rpartition("/")[2].replace("_", " ") for zone in get_global("zone_territories") if zone.startswith(_CONTINENTS)
    }
    for line in _CITIES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            names |= set(line.split("|"))
    return frozenset(
        name for name in names - words("not_places") if name[:1].isupper() and len(name) > 1 and len(name.split()) <= MOST_WORDS
    )


def find_place(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Known places that are no part of an organisation's name, the longest name at each word."""
    named = iter(organisations_of(document.text))
    organisation = next(named, None)
    for run in runs_of(document.text):
        for first, last in _in_run(run):
            start, end = run[first].start, run[last].end
            while organisation and organisation.end <= start:
                organisation = next(named, None)
            if organisation and organisation.start < end:
                continue
            cue = cue_before(document.text, start, field.cues or _PREPOSITIONS)
            near = bool(cue) and document.text[start - len(cue) - 1 : start].strip().casefold() == cue
            if near or document.text[start:end] not in _AMBIGUOUS:
                yield Found(start, end, confidence=0.75 if near else 0.6, cue=cue if near else "")


def _in_run(run: tuple[Word, ...]) -> Iterator[tuple[int, int]]:
    known = gazetteer()
    at = 0
    while at < len(run):
        for last in range(min(at + MOST_WORDS, len(run)) - 1, at - 1, -1):
            if " ".join(word.text for word in run[at : last + 1]) in known and not any(word.breaks for word in run[at:last]):
                yield at, last
                at = last
                break
        at += 1
