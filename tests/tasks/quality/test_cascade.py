"""The cascade spends little on what it rejects, and its order changes no verdict."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.cascade import Cascade, decide_language, measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.gates import gates_of
from tasks.quality.measure import GROUP_OF, GROUPS, LANGUAGE, Measured, keep_groups, measure_group
from tasks.quality.order import LAST, SHIPPED, CascadeOrder
from tasks.quality.settings import GateSettings
from tasks.quality.text_view import view_text

GOOD = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length. The board asked "
    "for three quotes before the end of June.\n\nThe lease ends in September. Two sites are left on the list, and both will be "
    "visited with the works council before a decision is made."
)
REPEATED = "Same line here again and again for all.\n" * 20
FACTS = PartFacts("text")
GATES = tuple(gate for gate in gates_of(GateSettings()) if gate.signal != "score")

texts = st.lists(
    st.sampled_from([GOOD, REPEATED, "Short.", "| 1 | 2 |\n|---|---|\n| 3 | 4 |", "- a\n- b\n- c", "x = {1: 2};\n" * 9, "###"]),
    max_size=4,
).map("\n\n".join)
# The language comes before the rules that hold for one language only.
# The features of the score come last: it is decided when all else is known.
orders = st.permutations([name for name in SHIPPED.groups if name not in (LANGUAGE, LAST)]).map(
    lambda names: (LANGUAGE, *names, LAST)
)


def cascade(order: tuple[str, ...] = SHIPPED.groups, *, languages: tuple[str, ...] = (), to_the_end: bool = False) -> Cascade:
    return Cascade(GATES, languages, CascadeOrder(version=0, groups=order), to_the_end)


@given(texts, orders)
@settings(max_examples=50, deadline=None)
def test_no_order_changes_what_is_kept(text: str, order: tuple[str, ...]) -> None:
    verdicts = set()
    for each in (cascade(), cascade(order)):
        measured = measure_text(text, FACTS, each, Measured())
        verdict = each.walk(measured, "text")
        assert verdict.is_final
        assert verdict.groups == measured.groups
        verdicts.add(verdict.rejection is None)
    whole = cascade(to_the_end=True)
    everything = measure_text(text, FACTS, whole, Measured())
    verdicts.add(whole.walk(everything, "text").rejection is None)
    assert len(verdicts) == 1


@given(texts)
@settings(max_examples=30, deadline=None)
def test_what_was_measured_before_gives_the_same_as_measuring_anew(text: str) -> None:
    everything = measure_text(text, FACTS, cascade(to_the_end=True), Measured())
    anew = measure_text(text, FACTS, cascade(), Measured())
    kept = keep_groups(everything, cascade().walk(everything, "text").groups)
    assert replace(kept, seconds={}) == replace(anew, seconds={})
    half = keep_groups(everything, SHIPPED.groups[:3])
    assert replace(measure_text(text, FACTS, cascade(), half), seconds={}).signals == anew.signals or len(anew.groups) < 3


def test_nothing_is_measured_after_the_first_rejection() -> None:
    measured = measure_text("Too short.", FACTS, cascade(("length", "gopher_phrases")), Measured())
    assert measured.groups == ("length",)
    assert measured.language is None
    whole = measure_text("Too short.", FACTS, cascade(("length", "gopher_phrases"), to_the_end=True), Measured())
    assert whole.groups == ("length", "gopher_phrases")


def test_what_is_known_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known = measure_text(GOOD, FACTS, cascade(("length",)), Measured())
    monkeypatch.delitem(GROUPS, "length")
    measured = measure_text(GOOD, FACTS, cascade(("length", "symbols")), known)
    assert measured.groups == ("length", "symbols")


def test_formats_have_their_own_order() -> None:
    order = CascadeOrder(version=1, groups=("length", "symbols"), formats={"pdf": ("symbols", "length")})
    each = replace(cascade(), order=order)
    assert each.groups("pdf") == ("symbols", "length")
    assert each.groups("docx") == ("length", "symbols")


def test_every_signal_belongs_to_the_group_that_gives_it() -> None:
    view = view_text("\n\n".join([GOOD, REPEATED, "| a | 1 |\n|---|---|\n| b | 2 |", GOOD]))
    for name in (*GROUPS, LANGUAGE):
        for signal in measure_group(name, view, FACTS, Measured()).signals:
            assert GROUP_OF[signal] == name


def test_every_gate_looks_at_a_signal_that_some_group_gives() -> None:
    for profile in ("office", "web", "code", "strict"):
        for gate in gates_of(GateSettings(profile=profile)):
            assert gate.signal == "score" or gate.signal in GROUP_OF


def test_the_shipped_order_names_every_group_once() -> None:
    for groups in (SHIPPED.groups, *SHIPPED.formats.values()):
        assert sorted(groups) == sorted([*GROUPS, LANGUAGE])


@pytest.mark.parametrize(
    ("language", "allowed", "rejected"),
    [("fr", ["en"], True), ("en", ["en"], False), ("fr", [], False), (None, ["en"], False), ("und", ["en"], True)],
)
def test_allowed_languages(language: str | None, allowed: list[str], rejected: bool) -> None:
    assert (decide_language(Measured(language=language), allowed) is not None) is rejected


@pytest.mark.parametrize(
    ("languages", "allowed", "detail"),
    [
        ({"en": 0.6, "de": 0.4}, ["de"], "language en (60%), de (40%)"),
        ({"en": 0.5, "de": 0.5}, ["de"], None),
        ({"en": 0.4, "de": 0.35, "fr": 0.25}, ["de", "fr"], None),
        ({"en": 0.4, "de": 0.35, "fr": 0.25}, ["en"], "language en (40%), de (35%), fr (25%)"),
        ({"nn": 0.3, "en": 0.5, "no": 0.2}, ["no"], None),
        ({}, ["und"], None),
    ],
)
def test_half_of_a_text_must_be_in_allowed_languages(languages: dict[str, float], allowed: list[str], detail: str | None) -> None:
    measured = Measured(language=max(languages, key=lambda name: languages[name], default="und"), languages=languages)
    rejection = decide_language(measured, allowed)
    assert (rejection.detail if rejection else None) == detail
