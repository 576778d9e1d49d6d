"""What is learned from measurements: the cheap groups that reject come first, and a format may have an order of its own."""

import numpy as np
import pytest

from tasks.quality.gates import gates_of
from tasks.quality.learn import FEWEST_PARTS, Expectation, learn_order, sort_groups
from tasks.quality.measure import GROUP_OF
from tasks.quality.order import LAST, SHIPPED, GroupCost, LearnedOrder
from tasks.quality.settings import GateSettings
from tasks.quality.stored import StoredParts

GATES = tuple(
    gate for gate in gates_of(GateSettings(min_words=10, max_symbols=0.3)) if gate.signal in ("length.words", "symbols.ratio")
)


def parts_of(formats: list[str], words: list[float], symbols: list[float]) -> StoredParts:
    count = len(formats)
    return StoredParts(
        documents=[f"{number:064x}" for number in range(count)],
        parts=[0] * count,
        formats=np.array(formats, object),
        languages=np.full(count, "en", object),
        failed=np.full(count, None, object),
        reasons=np.full(count, None, object),
        scores=np.full(count, np.nan),
        groups={group: np.ones(count, bool) for group in SHIPPED.groups},
        signals={"length.words": np.array(words), "symbols.ratio": np.array(symbols)},
    )


def learn(stored: StoredParts, milliseconds: dict[str, float], version: int = 0) -> tuple[LearnedOrder, list[Expectation]]:
    keys = list(zip(stored.documents, stored.parts, strict=True))
    seconds = {group: np.full(len(stored), milliseconds.get(group, 1.0) / 1000) for group in SHIPPED.groups}
    return learn_order(stored, (keys, seconds), GATES, GROUP_OF, SHIPPED, version, "run")


def test_costs_and_shares_are_those_that_were_measured() -> None:
    learned, _ = learn(parts_of(["text"] * 8, [1.0] * 6 + [99.0] * 2, [0.1] * 8), {"length": 0.25})
    assert learned.groups[0] == GroupCost(group="length", milliseconds=0.25, rejects=0.7)  # (6 + 1) / (8 + 2)
    assert {cost.rejects for cost in learned.groups[1:]} == {0.1}
    assert learned.groups[-1].group == LAST


def test_an_expensive_group_comes_first_only_where_it_rejects_enough() -> None:
    words, symbols = [1.0] * 9 + [99.0], [0.1] * 10
    cheap, _ = learn(parts_of(["text"] * 10, words, symbols), {"length": 5})
    dear, _ = learn(parts_of(["text"] * 10, words, symbols), {"length": 50})
    assert cheap.groups[0].group == "length"
    assert dear.groups[0].group != "length"


def test_a_format_that_is_rejected_for_other_reasons_has_an_order_of_its_own() -> None:
    count = FEWEST_PARTS
    formats = ["text"] * count + ["xlsx"] * count + ["eml"] * (count - 1)
    words = [1.0] * count + [99.0] * count + [99.0] * (count - 1)
    symbols = [0.1] * count + [0.9] * count + [0.1] * (count - 1)
    learned, expectations = learn(parts_of(formats, words, symbols), {})
    assert sorted(learned.formats) == ["text", "xlsx"]  # of eml there are too few
    assert learned.formats["text"][0].group == "length"
    assert learned.formats["xlsx"][0].group == "symbols"
    by_format = {each.format_name: each for each in expectations}
    assert by_format["xlsx"].after < by_format["xlsx"].before
    assert all(each.after <= each.before for each in expectations)


def test_the_version_rises_only_when_the_order_changes() -> None:
    stored = parts_of(["text"] * 8, [99.0] * 8, [0.9] * 8)
    assert learn(stored, {})[0].version == 1
    changed, _ = learn(stored, {"symbols": 0.01}, version=4)
    assert changed.order().groups != SHIPPED.groups
    assert changed.version == 5


def test_the_language_comes_early_when_what_needs_it_rejects_most() -> None:
    costs = [
        GroupCost(group="length", milliseconds=1, rejects=0.1),
        GroupCost(group="language", milliseconds=2, rejects=0.01),
        GroupCost(group="stop_words", milliseconds=0.1, rejects=0.8),
        GroupCost(group=LAST, milliseconds=0.1, rejects=0.1),
    ]
    assert [cost.group for cost in sort_groups(costs)] == ["language", "stop_words", "length", LAST]


def test_what_was_never_measured_is_not_ordered() -> None:
    stored = parts_of(["text"], [1.0], [0.1])
    with pytest.raises(ValueError, match="measured no"):
        learn_order(stored, ([], {}), GATES, GROUP_OF, SHIPPED, 0, "run")
