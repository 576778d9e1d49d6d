"""What is decided on samples, and that reading it all comes to the same."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.cascade import decide_language
from tasks.quality.early import decide_early_rows, early_gates_apply, identify_places
from tasks.quality.measure import Measured
from tasks.quality.settings import GateSettings
from tasks.quality.signals.language import measure_language
from tasks.quality.text_view import view_text

SENTENCES = {
    "en": (
        "The minutes of the last meeting were approved by the board.",
        "Three quotes are to be obtained before the end of the month.",
        "The lease of the old site ends in September, and a new one has been found.",
        "Visitors are asked to register at the front desk when they arrive.",
    ),
    "de": (
        "Das Protokoll der letzten Sitzung wurde vom Vorstand genehmigt.",
        "Bis zum Ende des Monats sind drei Angebote einzuholen.",
        "Der Mietvertrag für den alten Standort endet im September, ein neuer ist gefunden.",
        "Besucher werden gebeten, sich bei der Ankunft am Empfang anzumelden.",
    ),
    "fr": (
        "Le compte rendu de la dernière réunion a été approuvé par le conseil.",
        "Trois devis doivent être demandés avant la fin du mois.",
        "Le bail de l'ancien site se termine en septembre, un nouveau a été trouvé.",
        "Les visiteurs sont priés de s'annoncer à l'accueil dès leur arrivée.",
    ),
}
ALLOWED = GateSettings(languages=["de"])


def paragraph(language: str, seed: int) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(SENTENCES[language]) for _ in range(10))


def places_of(text: str, count: int = 8, size: int = 700) -> list[str]:
    return [text[round(at * (len(text) - size) / (count - 1)) :][:size] for at in range(count)]


def test_nothing_to_decide_without_chosen_languages() -> None:
    assert not early_gates_apply(GateSettings())
    assert early_gates_apply(ALLOWED)
    assert decide_early_rows({"a": [("en", 1.0)] * 8}, GateSettings()) == []


def test_only_sure_places_reject() -> None:
    identified = {
        "b-all": [("en", 0.99)] * 7 + [("fr", 0.95)],
        "a-all": [("en", 0.99)] * 6,
        "few": [("en", 0.99)] * 5,
        "one allowed": [("en", 0.99)] * 7 + [("de", 0.5)],
        "one unsure": [("en", 0.99)] * 7 + [("en", 0.8)],
        "one without text": [("en", 0.99)] * 7 + [("und", 0.0)],
        "easily mistaken": [("lb", 0.99)] * 8,
    }
    rows = decide_early_rows(identified, ALLOWED)
    assert [(row["document_id"], row["reason"]) for row in rows] == [("a-all", "quality.language"), ("b-all", "quality.language")]
    assert rows[1]["detail"] == "language en, fr (in all of 8 places looked at, before it was read)"


def test_nothing_ends_early_when_early_termination_is_off() -> None:
    identified = {"a": [("fr", 1.0)] * 8}
    assert decide_early_rows(identified, GateSettings(languages=["de"]))
    assert decide_early_rows(identified, GateSettings(languages=["de"], early_termination=False)) == []


def test_collective_codes_are_not_refused() -> None:
    assert decide_early_rows({"a": [("nn", 1.0)] * 8}, GateSettings(languages=["nb"])) == []
    assert decide_early_rows({"a": [("hr", 1.0)] * 8}, GateSettings(languages=["sh"])) == []


def test_places_in_tables_do_not_speak() -> None:
    table = "| item | description |\n|---|---|\n" + "| desk | adjustable legs and a drawer for the office |\n" * 9
    assert identify_places([table, paragraph("en", 1)])[0] == ("und", 0.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["en", "fr", "de"]) | st.just("en"), min_size=8, max_size=40), st.integers(0, 1000))
def test_an_early_rejection_is_one_of_the_whole_text(languages: list[str], seed: int) -> None:
    text = "\n\n".join(paragraph(language, seed + at) for at, language in enumerate(languages))
    early = decide_early_rows({"a": identify_places(places_of(text))}, ALLOWED)
    if early:
        found = measure_language(view_text(text))
        assert decide_language(Measured(language=found.language, languages=found.languages), ALLOWED.languages) is not None
    if set(languages) <= {"en", "fr"}:
        assert bool(early) == all(probability >= 0.9 for _, probability in identify_places(places_of(text)))
