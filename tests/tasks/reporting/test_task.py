"""The doors write what they promise, and the artifacts hold plain values."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.reporting import artifacts, task
from tasks.reporting.facts import RunFacts, RunSummary
from tasks.reporting.reason_pages import judge
from tasks.storage.parquet import read_rows
from tests.tasks.reporting.a_summary import make_summary
from tests.tasks.reporting.line_of_documents import Doc, as_outputs, write_line


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    made: dict[str, Any] = {}
    monkeypatch.setattr(artifacts, "create_markdown_artifact", lambda markdown, key, description: made.update({key: markdown}))
    monkeypatch.setattr(artifacts, "create_table_artifact", lambda table, key, description: made.update({key: table}))
    return made


def test_books_and_report_of_a_run(data_root: Path, published: dict[str, Any]) -> None:
    written = write_line([Doc(1, ("quality",)), Doc(2, ("detection",))])
    decisions = task.balance.fn("one", written.inventory, as_outputs(written), None, None, None, ["/documents"])
    assert decisions.path == "runs/one/decisions.parquet"
    assert [row["verdict"] for row in read_rows(decisions)] == ["rejected", "rejected"]
    result = {
        "run": "one",
        "flow": "curate",
        "sources": ["/documents"],
        "decisions": decisions.model_dump(mode="json"),
        "asked": {
            "score": [
                {
                    "title": "score",
                    "asks": "at least 0.4",
                    "source": "doctune",
                    "code": "quality.score",
                    "direction": "below",
                    "bound": "0.4",
                }
            ]
        },
        "outputs": [{name: ref.model_dump(mode="json") for name, ref in each.items()} for each in written.shards],
    }
    assert task.report.fn(result) == "reports/one/index.html"
    page = (data_root / "reports/one/index.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "0 of 2 documents were kept" in page
    reason = (data_root / "reports/one/reasons/quality.score.html").read_text(encoding="utf-8")
    assert "001.pdf" in reason
    assert "score 0.8; asked for: at least 0.4" in reason
    assert (data_root / "reports/one/reasons/detection.unsupported.html").exists()
    summary = RunSummary.model_validate_json((data_root / "reports/one/summary.json").read_bytes())
    assert summary.books is not None
    assert summary.books.inputs == 2
    assert set(published) == {"doctune-run", "doctune-funnel", "doctune-reasons", "doctune-throughput"}
    assert str(data_root / "reports/one/index.html") in published["doctune-run"]


def test_artifacts_of_a_whole_run(published: dict[str, Any]) -> None:
    artifacts.publish_artifacts(make_summary(), "/data/reports/one/index.html")
    assert set(published) == {"doctune-run", "doctune-funnel", "doctune-reasons", "doctune-throughput", "doctune-model"}
    assert json.loads(json.dumps(published)) == published
    assert published["doctune-funnel"][0] == {"stage": "extraction", "entered": 100, "left": 99, "ended": 1}
    assert [row["after"] for row in published["doctune-model"]] == [5.5, 244.7]
    assert "| **inputs** | **100** |" in published["doctune-run"]


def test_artifacts_of_a_run_without_documents(published: dict[str, Any]) -> None:
    artifacts.publish_artifacts(RunSummary(run=RunFacts(name="two")), "page")
    assert set(published) == {"doctune-run"}


def test_only_the_gate_that_rejects_is_said_to_have_decided() -> None:
    least = {"title": "mean length", "asks": "at least 2.5", "source": "Gopher", "code": "quality.length", "direction": "below"}
    most = {**least, "asks": "at most 15", "direction": "above", "bound": "15"}
    judged = dict(judge({"mean": 20.0}, {"mean": [{**least, "bound": "2.5"}, most]}, "quality.length"))
    assert judged == {"mean length 20; asked for: at most 15": True, "mean length 20; asked for: at least 2.5": False}
