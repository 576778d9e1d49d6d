"""Other thresholds judged on stored signals say what the gates would say, row by row."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.cascade import decide_language
from tasks.quality.gates import gates_of
from tasks.quality.learn import expected_milliseconds, learn_order, sort_groups
from tasks.quality.measure import GROUP_OF, Measured
from tasks.quality.order import LANGUAGE, LAST, SHIPPED, CascadeOrder, GroupCost, find_problem, load_order, save_order
from tasks.quality.retune import TO_MEASURE, Rules, compare, judge, rejected_by
from tasks.quality.settings import GateSettings
from tasks.quality.stored import StoredParts, read_parts
from tasks.storage.parquet import write_table
from tasks.storage.schemas import QUALITY, SIGNALS

GATES = tuple(gate for gate in gates_of(GateSettings(profile="strict", min_stop_words=2)) if gate.signal != "score")
SIGNALS_ASKED = sorted({gate.signal for gate in GATES})
values = st.one_of(st.floats(0, 1), st.integers(0, 200).map(float), st.sampled_from([gate.bound for gate in GATES]))
rows = st.lists(
    st.tuples(st.sampled_from([None, "en", "de", "und"]), st.dictionaries(st.sampled_from(SIGNALS_ASKED), values)), max_size=8
)


def store(parts: list[tuple[str | None, dict[str, float]]], groups: tuple[str, ...] = SHIPPED.groups) -> StoredParts:
    common = {"part": 0, "detail": None, "reason": None}
    shares: dict[str | None, dict[str, float] | None] = {each: {each: 1.0} for each, _ in parts if each} | {None: None, "und": {}}
    named = [{"document_id": f"{number:064x}", **common} for number in range(len(parts))]
    signals = [
        row | {"format": "text", "language": language, "languages": shares.get(language), "groups": list(groups), "signals": some}
        for row, (language, some) in zip(named, parts, strict=True)
    ]
    return read_parts(
        [
            {
                "signals": write_table("stages/quality-signals/1.a-b.parquet", signals, SIGNALS),
                "quality": write_table("q.parquet", [row | {"score": None, "audit": False} for row in named], QUALITY),
            }
        ]
    )


def rules(order: CascadeOrder = SHIPPED) -> Rules:
    return Rules(GATES, (), GROUP_OF, order, lambda signals, _languages: [1.0] * len(signals))


@given(rows)
@settings(max_examples=60, deadline=None)
def test_columns_say_what_the_gates_say(parts: list[tuple[str | None, dict[str, float]]]) -> None:
    stored = store(parts)
    for gate in GATES:
        assert rejected_by(gate, stored).tolist() == [gate.rejects(signals, language) for language, signals in parts]


@given(rows, st.permutations([group for group in SHIPPED.groups if group not in (LANGUAGE, LAST)]))
@settings(max_examples=40, deadline=None)
def test_no_order_changes_what_is_kept(parts: list[tuple[str | None, dict[str, float]]], groups: list[str]) -> None:
    stored = store(parts)
    shipped, other = judge(stored, rules()), judge(stored, rules(CascadeOrder(version=1, groups=(LANGUAGE, *groups, LAST))))
    assert np.equal(shipped.reasons, None).tolist() == np.equal(other.reasons, None).tolist()


def test_what_was_never_measured_is_not_guessed() -> None:
    stored = store([("en", {"length.words": 500.0}), ("en", {"length.words": 1.0})], groups=("length",))
    assert judge(stored, rules()).reasons.tolist() == [TO_MEASURE, "quality.length.min_words"]
    assert [change.after for change in compare(stored, judge(stored, rules()))] == [TO_MEASURE, "quality.length.min_words"]


@given(st.lists(st.tuples(st.floats(0.01, 9), st.floats(0.01, 0.9)), min_size=4, max_size=4), st.permutations(range(4)))
@settings(deadline=None)
def test_no_order_is_cheaper_than_the_learned_one(numbers: list[tuple[float, float]], other: list[int]) -> None:
    names = ("length", "symbols", "language", "stop_words")
    costs = [GroupCost(group=name, milliseconds=cost, rejects=share) for name, (cost, share) in zip(names, numbers, strict=True)]
    learned = sort_groups(costs)
    assert find_problem([cost.group for cost in learned]) is None
    shuffled = [costs[position] for position in other]
    if find_problem([cost.group for cost in shuffled]) is None:
        assert expected_milliseconds(learned) <= expected_milliseconds(shuffled) + 1e-9


def test_a_learned_order_is_used_and_keeps_its_version_while_it_stays_the_same() -> None:
    stored = store([("en", {"length.words": 1.0})] * 5)
    keys = list(zip(stored.documents, stored.parts, strict=True))
    seconds = {group: np.full(5, 0.001 * (at + 1)) for at, group in enumerate(reversed(SHIPPED.groups))}
    first, _ = learn_order(stored, (keys, seconds), GATES, GROUP_OF, SHIPPED, 0, "run")
    save_order(first)
    assert load_order() == first.order()
    again, _ = learn_order(stored, (keys, seconds), GATES, GROUP_OF, load_order(), first.version, "run")
    assert again.version == first.version == 1


def test_a_chosen_language_includes_the_languages_that_belong_to_it() -> None:
    stored = store([("nn", {}), ("no", {}), ("de", {}), (None, {}), ("und", {})])
    asked = Rules((), ("no",), GROUP_OF, SHIPPED, lambda signals, _languages: [1.0] * len(signals))
    assert judge(stored, asked).reasons.tolist() == [None, None, "quality.language", None, "quality.language"]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["en", "de", "nn", "no"]), st.sampled_from([0.25, 0.3, 0.5, 0.7]), max_size=3), max_size=6
    ),
    st.sampled_from([["en"], ["en", "de"], ["no"], ["und", "de"]]),
)
def test_shares_of_languages_are_judged_as_a_run_judges_them(shares: list[dict[str, float]], allowed: list[str]) -> None:
    stored = store([("und", {}) for _ in shares])
    measured = [Measured(language=max(each, key=lambda name: each[name], default="und"), languages=each) for each in shares]
    stored.languages[:] = [each.language for each in measured]
    stored.shares = {name: np.array([each.get(name, np.nan) for each in shares]) for name in ("en", "de", "nn", "no")}
    asked = Rules((), allowed, GROUP_OF, SHIPPED, lambda signals, _languages: [1.0] * len(signals))
    expected = [decide_language(each, allowed) for each in measured]
    assert judge(stored, asked).reasons.tolist() == [each.reason if each else None for each in expected]
