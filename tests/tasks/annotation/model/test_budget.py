"""Caps and the rate hold over threads and processes."""

import multiprocessing
from pathlib import Path

import pytest

from tasks.annotation.errors import ModelError
from tasks.annotation.model.budget import MOST_FAILURES, Budget
from tasks.annotation.model.settings import ModelSettings


def test_without_caps_everything_may_be_asked() -> None:
    budget = Budget(ModelSettings())
    assert all(budget.take_document() is None and budget.take_request(10**9) is None for _ in range(100))


def test_caps_count_what_was_sent() -> None:
    budget = Budget(ModelSettings(max_documents=1, max_characters_per_run=100))
    assert [budget.take_document() is None for _ in range(2)] == [True, False]
    assert [budget.take_request(characters) is None for characters in (60, 60, 40, 1)] == [True, False, True, False]
    assert (budget.spent.documents, budget.spent.characters, budget.spent.requests) == (1, 100, 2)


def test_requests_wait_for_their_turn() -> None:
    now, waits = [0.0], []
    budget = Budget(ModelSettings(requests_per_minute=60), clock=lambda: now[0], sleep=waits.append)
    for now[0] in (0.0, 0.5, 10.0):
        budget.take_request(1)
    assert waits == [0.5]


def test_a_success_ends_a_row_of_failures() -> None:
    budget = Budget(ModelSettings())
    for _ in range(MOST_FAILURES - 1):
        budget.note(failed=True)
    budget.note(failed=False)
    assert budget.take_request(1) is None
    for _ in range(MOST_FAILURES):
        budget.note(failed=True)
    assert "in a row" in str(budget.take_request(1))


def _spend(ledger: Path) -> int:
    budget = Budget(ModelSettings(max_characters_per_run=1000), ledger)
    return sum(budget.take_request(10) is None for _ in range(80))


def test_processes_count_together(tmp_path: Path) -> None:
    ledger = tmp_path / "spent" / "run.json"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert sum(pool.map(_spend, [ledger] * 2)) == 100
    assert Budget(ModelSettings(), ledger).spent.characters == 1000


def test_a_damaged_ledger_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ModelError, match=r"run\.json is no record"):
        Budget(ModelSettings(), tmp_path / "run.json").take_request(1)


def test_a_document_that_is_asked_about_twice_in_a_row_counts_once() -> None:
    budget = Budget(ModelSettings(max_documents=2))
    assert [budget.take_document(text) is None for text in ("a", "a", "b", "b", "a")] == [True, True, True, True, False]
    assert budget.spent.documents == 2
