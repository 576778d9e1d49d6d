"""The report as Prefect artifacts: what the run's page in the Prefect UI shows. One key each, so that the UI keeps a history."""

from collections.abc import Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from tasks.reporting.facts import MeasureFacts, RunSummary
from tasks.reporting.page import STAGE_NAMES, VERDICTS, count, format_bytes, format_seconds, headline

Rows = list[dict[str, Any]]


def publish_artifacts(summary: RunSummary, page: str) -> None:
    """Create the artifacts of the current run: doctune-run, -funnel, -reasons, -throughput, -model. page: where the report is.

    Tables without rows are left out.
    """
    create_markdown_artifact(run_markdown(summary, page), key="doctune-run", description="What the run came to")
    tables = {
        "doctune-funnel": (funnel_rows(summary), "Documents that entered and left each stage"),
        "doctune-reasons": (reason_rows(summary), "Why documents were not kept"),
        "doctune-throughput": (throughput_rows(summary), "Work on documents per stage"),
        "doctune-model": (model_rows(summary), "The model before and after the training"),
    }
    for key, (rows, description) in tables.items():
        if rows:
            create_table_artifact(rows, key=key, description=description)


def publish_training(lines: Sequence[tuple[str, str]]) -> None:
    """Publish how far a training is: what, and how much of it."""
    rows = "\n".join(f"| {what} | {how_much} |" for what, how_much in lines)
    create_markdown_artifact(
        f"| training | |\n| --- | ---: |\n{rows}\n", key="doctune-training", description="The training so far"
    )


def run_markdown(summary: RunSummary, page: str) -> str:
    """The run in Markdown: headline, books, where things are."""
    books = summary.books
    lines = [f"# {summary.run.name}", "", headline(summary), ""]
    if books:
        lines += ["| verdict | documents |", "| --- | ---: |"]
        lines += [f"| {verdict} | {count(getattr(books, verdict))} |" for verdict in VERDICTS]
        lines += [f"| **inputs** | **{count(books.inputs)}** |", ""]
        lines.append(
            f"- Read: {format_bytes(books.bytes)} in {count(books.inputs)} documents, {count(books.aliases)} identical copies"
        )
        lines.append(f"- Saved by stopping early: about {format_seconds(summary.saved_seconds)} of work")
    if summary.dataset:
        lines.append(f"- Dataset: `{summary.dataset.folder}`")
    if summary.training:
        lines.append(f"- Adapter: `{summary.training.folder}`")
        if summary.training.decision:
            lines.append(f"- {'In use' if summary.training.promoted else 'Not promoted'}: {summary.training.decision}")
        if summary.training.from_scratch:
            lines.append("- The starter model has random weights: the adapter shows that the line works, and nothing else")
    return "\n".join([*lines, f"- Report: `{page}`", ""])


def funnel_rows(summary: RunSummary) -> Rows:
    """One row per stage."""
    return [
        {"stage": step.stage, "entered": step.entered, "left": step.left, "ended": step.entered - step.left}
        for step in summary.funnel
    ]


def reason_rows(summary: RunSummary) -> Rows:
    """One row per reason."""
    return [
        {
            "reason": reason.code,
            "verdict": reason.verdict,
            "documents": reason.count,
            "meaning": reason.meaning,
            "for example": ", ".join(reason.examples),
        }
        for reason in summary.reasons
    ]


def throughput_rows(summary: RunSummary) -> Rows:
    """One row per stage that was measured."""
    return [
        {
            "stage": STAGE_NAMES[row.stage],
            "documents": row.documents,
            "seconds": round(row.seconds, 2),
            "documents per second and worker": row.documents_per_second,
            "largest worker, MiB": None if row.peak_mib is None else round(row.peak_mib),
            "from cache": row.cached,
        }
        for row in summary.throughput
    ]


def model_rows(summary: RunSummary) -> Rows:
    """Loss and perplexity before and after; no rows without a training."""
    training = summary.training
    if training is None:
        return []
    where = f"{training.measured_tokens:,} tokens of the {training.split} split"
    return [
        {
            "model": training.model,
            "measure": measure.words,
            "before": round(measure.before, measure.digits),
            "after": round(measure.after, measure.digits),
            "95 % interval after": _interval(measure),
            "measured on": where,
        }
        for measure in training.measures
    ]


def _interval(measure: MeasureFacts) -> str:
    if measure.after_interval is None:
        return ""
    low, high = measure.after_interval
    return f"{low:.{measure.digits}f} to {high:.{measure.digits}f}"
