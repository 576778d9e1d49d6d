"""presidio (MIT) as another engine for personal data, without a language model and without the network.

As shipped it loads a spaCy model, for names and places that are no kind of ours, and its recognizer of e-mail addresses downloads
the list of public suffixes; here the pipeline is blank and the list is the copy that comes with the package.
"""

import functools
import importlib.metadata
import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any

from tasks.privacy.finding import Finder, Finding, Kind

LEAST_SCORE = 0.4  # presidio's own confidence, 0 to 1; a card or an address with a word beside it reaches this, a bare number not
_LONGEST = 100_000  # characters looked at in one go; memory grows with it
_ENTITIES: dict[str, Kind] = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "CREDIT_CARD": "card",
    "IP_ADDRESS": "ip",
}


def presidio_identity() -> str:
    """Name and version of the package, which shape what is found; "" when it is not installed."""
    if importlib.util.find_spec("presidio_analyzer") is None:
        return ""
    return f"presidio-analyzer {importlib.metadata.version('presidio-analyzer')}"


def finder_of(kind: Kind, regions: Sequence[str]) -> Finder:
    """presidio's recognizers of a kind as a finder. Raises ImportError when it is not installed."""
    analyzer = _analyzer(tuple(regions))
    entities = [entity for entity in analyzer.get_supported_entities() if _kind_of(entity) == kind]
    return functools.partial(_find, analyzer, entities, kind)


def _kind_of(entity: str) -> Kind | None:
    """Entities with a country's code before them ("US_SSN", "ES_NIF") are numbers that a state gives."""
    if entity in _ENTITIES:
        return _ENTITIES[entity]
    return "national_id" if entity[2:3] == "_" else None


def _find(analyzer: Any, entities: list[str], kind: Kind, text: str) -> Iterator[Finding]:
    start = 0
    while entities and start < len(text):
        end = _end_of_piece(text, start)
        found = analyzer.analyze(text[start:end], language="en", entities=entities, score_threshold=LEAST_SCORE)
        yield from (
            Finding(kind, start + one.start, start + one.end) for one in sorted(found, key=lambda one: (one.start, one.end))
        )
        start = end


def _end_of_piece(text: str, start: int) -> int:
    """At a line end where there is one."""
    end = start + _LONGEST
    return len(text) if end >= len(text) else text.rfind("\n", start, end) + 1 or end


@functools.lru_cache(maxsize=1)
def _analyzer(regions: tuple[str, ...]) -> Any:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    # Its functions look the extractor up by this name at each call.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    language = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    language.nlp = {"en": spacy.blank("en")}
    language.nlp["en"].max_length = 2 * _LONGEST
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=language)
    registry.remove_recognizer("PhoneRecognizer")
    registry.add_recognizer(PhoneRecognizer(supported_regions=regions))
    return AnalyzerEngine(registry=registry, nlp_engine=language, supported_languages=["en"])
