"""The order of the cascade as a versioned setting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.quality.measure import GROUPS
from tasks.quality.order import (
    LANGUAGE,
    LAST,
    ORDER_FILE,
    SHIPPED,
    CascadeOrder,
    GroupCost,
    LearnedOrder,
    complete,
    find_problem,
    load_learned,
    load_order,
    save_order,
)
from tasks.storage.root import write_bytes


def learned(*groups: str, **formats: tuple[str, ...]) -> LearnedOrder:
    def costs(names: tuple[str, ...]) -> tuple[GroupCost, ...]:
        return tuple(GroupCost(group=name, milliseconds=1, rejects=0.1) for name in names)

    by_format = {name: costs(names) for name, names in formats.items()}
    return LearnedOrder(version=3, run="run", documents=9, groups=costs(groups), formats=by_format)


def test_the_shipped_order_has_every_group_once() -> None:
    assert sorted(SHIPPED.groups) == sorted([*GROUPS, LANGUAGE])


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (("length", "length"), "twice"),
        ((LAST, "length"), "must be last"),
        (("stop_words", LANGUAGE), "must come after language"),
    ],
)
def test_an_order_that_cannot_be_is_refused(groups: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CascadeOrder(version=1, groups=groups)
    with pytest.raises(ValidationError, match=f"for pdf: .*{words}"):
        CascadeOrder(version=1, groups=SHIPPED.groups, formats={"pdf": groups})


@given(st.permutations(SHIPPED.groups), st.sets(st.sampled_from(SHIPPED.groups)))
def test_an_older_order_is_completed_to_a_possible_one(groups: list[str], unknown: set[str]) -> None:
    older = [group for group in groups if group not in unknown and group != LAST]
    if find_problem(older) is None:
        full = complete([*older, "gone"])
        assert find_problem(full) is None
        assert sorted(full) == sorted(SHIPPED.groups)
        kept = [group for group in full if group in older and group != LANGUAGE]
        assert kept == [group for group in older if group != LANGUAGE]


def test_without_a_file_the_shipped_order_holds() -> None:
    assert load_learned() is None
    assert load_order() == SHIPPED


def test_what_is_saved_is_used_for_all_formats_and_for_one() -> None:
    first = ("symbols", *(group for group in SHIPPED.groups if group != "symbols"))
    save_order(learned(*first, pdf=SHIPPED.groups))
    order = load_order()
    assert (order.version, order.groups_for("docx"), order.groups_for("pdf")) == (3, first, SHIPPED.groups)


@pytest.mark.parametrize("content", [b"{", b"{}", b"\xff"])
def test_a_damaged_file_is_named(content: bytes) -> None:
    write_bytes(ORDER_FILE, content)
    with pytest.raises(ValueError, match=r"quality/order.json .*gates --learn"):
        load_order()


def test_an_order_that_no_run_could_use_is_not_saved() -> None:
    with pytest.raises(ValidationError):
        save_order(learned("stop_words", LANGUAGE))
    assert load_learned() is None


def test_an_impossible_order_in_a_file_is_refused() -> None:
    write_bytes(ORDER_FILE, learned("stop_words", LANGUAGE).model_dump_json().encode())
    with pytest.raises(ValueError, match=r"quality/order.json (.|\n)*must come after"):
        load_order()
