"""The doors: balance the books, write the report. Never cached, because they tell about one run."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.reporting.artifacts import publish_artifacts
from tasks.reporting.books import balance_books, count_examples
from tasks.reporting.left_out import documents_without_examples
from tasks.reporting.outcomes import ShardOutputs
from tasks.reporting.page import render_page
from tasks.reporting.reason_pages import make_reason_pages
from tasks.reporting.summary import summarize_result
from tasks.storage.artifacts import DatasetRef
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.root import display_path, write_bytes
from tasks.storage.schemas import DECISIONS


@task(name="books", cache_policy=NO_CACHE, persist_result=False)
def balance(
    run: str,
    inventory: ParquetRef,
    shards: Sequence[ShardOutputs],
    clusters: ParquetRef | None,
    dataset: DatasetRef | None,
    previous: ParquetRef | None,
    sources: Sequence[str],
) -> ParquetRef:
    """Write the run's books to runs/<run>/decisions.parquet (schema DECISIONS): each document of the inventory exactly once.

    dataset: None when nothing was made. previous: the books of the run before, None for none. sources: what this run read.
    Raises BooksDoNotBalance; then nothing is written.
    """
    examples = count_examples(dataset)
    decisions = balance_books(
        inventory, shards, clusters, examples, left_out=documents_without_examples(dataset), previous=previous, sources=sources
    )
    return write_table(f"runs/{run}/decisions.parquet", decisions, DECISIONS)


@task(name="reporting", cache_policy=NO_CACHE, persist_result=False)
def report(result: Mapping[str, Any]) -> str:
    """Write reports/<run>/index.html, a page per reason and summary.json below the data root, and publish the
    same as Prefect artifacts.

    result: what the flow says of its run (tasks/reporting/summary.py, summarize_result). Returns the page's path, relative to
    the data root.
    """
    summary = summarize_result(result)
    folder = f"reports/{summary.run.name}"
    write_bytes(f"{folder}/index.html", render_page(summary).encode())
    if result.get("decisions"):
        decisions = ParquetRef.model_validate(result["decisions"])
        for code, page in make_reason_pages(decisions, summary, result.get("asked") or {}).items():
            write_bytes(f"{folder}/reasons/{code}.html", page.encode())
    write_bytes(f"{folder}/summary.json", (summary.model_dump_json(indent=2) + "\n").encode())
    publish_artifacts(summary, display_path(f"{folder}/index.html"))
    return f"{folder}/index.html"
