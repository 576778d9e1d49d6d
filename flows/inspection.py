"""The commands that look at what runs left behind: why, report, doctor, clean. None of them works on a document."""

import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import EXIT_FAILED, EXIT_UNKNOWN, EXIT_USAGE
from flows.results import RunResult, newest_result
from tasks.finetuning.history import previous_adapter
from tasks.storage.artifacts import read_current
from tasks.storage.parquet import read_rows
from tasks.storage.root import display_path, find_files, is_local, remove_file, use_data_root

if TYPE_CHECKING:
    from tasks.runtime.doctor import Finding

SIGNALS_MEMO = "memo/quality-signals"
NO_RUN = "Error: no run has finished below this data root (or its files are gone): start one with `doctune run FOLDER`"


def require_run(data_root: str) -> RunResult | None:
    """The newest run that read documents below this data root, which is used from now on; when there is none, that is said."""
    use_data_root(data_root)
    result = newest_result()
    if result is None or result.decisions is None:
        click.echo(NO_RUN, err=True)
        return None
    return result


def print_why(path: str, data_root: str) -> int:
    """Say what became of the documents whose path is, or ends with, `path`; returns the exit code."""
    from tasks.quality.review import sanitise
    from tasks.reporting.why import explain, find_documents

    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    found = find_documents(result.decisions, path, os.path.abspath(os.path.expanduser(path)))
    if not found:
        click.echo(f"Error: run {result.run} saw no document called {path}; it read {', '.join(result.sources)}", err=True)
        return EXIT_UNKNOWN
    for number, document in enumerate(found):
        lines = explain(document, result.outputs, result.clusters, result.asked)
        # Names and titles are what strangers wrote, and a terminal obeys control characters.
        click.echo("\n" * (number > 0) + "\n".join(sanitise(line).replace("\n", " ") for line in lines))
    return 0


def print_report(data_root: str, open_browser: bool) -> int:
    """Print the newest run's summary and the places of its results; returns the exit code."""
    use_data_root(data_root)
    result = newest_result()
    if result is None or result.report is None:
        click.echo(NO_RUN, err=True)
        return EXIT_USAGE
    print_result(result)
    if open_browser:
        page = display_path(result.report)
        webbrowser.open(Path(page).as_uri() if is_local() else page)
    return 0


def print_result(result: RunResult, note: str = "") -> None:
    """The outcome of a run in a few lines."""
    books = result.books
    if books:
        parts = [f"{books[verdict]} {verdict}" for verdict in ("kept", "rejected", "failed", "duplicate")]
        copies = f" (and {books['aliases']} byte-identical copies)" if books.get("aliases") else ""
        click.echo(f"{books['inputs']} documents{copies}: {', '.join(parts)}")
        if books.get("members"):
            click.echo(f"{books['members']} of the files came out of archives and mails")
    click.echo(f"{result.outcome}: {note or result.message}")
    in_use = read_current("adapters")
    for name, place in (
        ("dataset", result.dataset.path if result.dataset else None),
        ("adapter", result.adapter.path if result.adapter else None),
        ("in use", in_use.path if in_use and result.adapter and in_use.digest != result.adapter.digest else None),
        ("report", result.report),
    ):
        if place:
            click.echo(f"{name:8} {display_path(place)}")


def print_diagnosis(data_root: str) -> int:
    """Print what `doctor` found; the exit code says whether something will not work."""
    from prefect.settings import get_current_settings

    from tasks.runtime.doctor import diagnose

    use_data_root(data_root)
    findings = [*diagnose(server_url=get_current_settings().api.url), *check_optional_readers()]
    colours = {"ok": "green", "note": "yellow", "problem": "red"}
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        level = click.style(f"{finding.level:7}", fg=colours[finding.level])
        click.echo(f"{level} {finding.subject:{width}}  {finding.message}")
    return EXIT_FAILED if any(finding.level == "problem" for finding in findings) else 0


def check_optional_readers() -> "list[Finding]":
    """What is read only where an extra or a program is installed: scans and pictures, 7z and RAR archives."""
    from tasks.extraction.ocr import ocr_identity
    from tasks.runtime.doctor import Finding
    from tasks.unpacking.libarchive import HINT, engine_version

    recogniser, archives = ocr_identity(), engine_version()
    without = (
        "none: scans and pictures end as extraction.needs_ocr; install tesseract (apt or brew) and pip install 'doctune[ocr]'"
    )
    return [
        Finding("ok", "text recognition", recogniser) if recogniser else Finding("note", "text recognition", without),
        Finding("ok", "7z and rar", f"libarchive-c {archives}")
        if archives
        else Finding("note", "7z and rar", f"stay closed; {HINT}"),
    ]


def clean_root(data_root: str, yes: bool, dry_run: bool) -> int:
    """Show and remove what the newest run's results do not need; returns the exit code."""
    from tasks.storage.marks import find_open_runs
    from tasks.storage.pruning import plan_pruning

    use_data_root(data_root)
    result = newest_result()
    if result is None:
        click.echo(NO_RUN, err=True)
        return EXIT_USAGE
    if under_way := find_open_runs():
        click.echo(f"Error: a run is under way and may need anything: {', '.join(under_way)}", err=True)
        return EXIT_USAGE
    outputs = [ref for shard in result.outputs for ref in shard.values()]
    files = [
        ref.path
        for ref in [*outputs, *result.shards, result.inventory, result.clusters, result.recurring, result.decisions]
        if ref
    ]
    folders = [f"runs/{result.run}", f"reports/{result.run}", "runs/finished"]
    folders += [location.rpartition("/")[0] for location in _unpacked(result)]
    adapters = (result.adapter, read_current("adapters"), previous_adapter())  # the last one to roll back to
    folders += [ref.path for ref in (result.dataset, read_current("datasets"), *adapters) if ref]
    files += _memos(result)
    prunable = plan_pruning(files, folders)
    by_folder: dict[str, list[int]] = {}
    for file in prunable:
        by_folder.setdefault(file.path.partition("/")[0], []).append(file.bytes)
    for folder, sizes in sorted(by_folder.items()):
        click.echo(f"{folder:18} {len(sizes):6} files {sum(sizes) / 2**20:10.1f} MiB")
    total = sum(file.bytes for file in prunable) / 2**20
    click.echo(f"{'to remove':18} {len(prunable):6} files {total:10.1f} MiB")
    if not prunable or dry_run:
        return 0
    if not yes and not click.confirm("Remove them?"):
        return 0
    for file in prunable:
        remove_file(file.path)
    click.echo("Removed.")
    return 0


def _memos(result: RunResult) -> list[str]:
    """What was measured of the newest run's texts and compared in it, which the next run need not do again."""
    texts = {outputs["normalization"].sha256[:32] for outputs in result.outputs if "normalization" in outputs}
    return [
        path
        for path in find_files("memo")
        if not path.startswith(SIGNALS_MEMO) or path.removeprefix(f"{SIGNALS_MEMO}/").partition("-")[0] in texts
    ]


def _unpacked(result: RunResult) -> list[str]:
    """Where the members of containers are that the newest run read, relative to the data root."""
    rows = read_rows(result.inventory, ["locations"]) if result.inventory else []
    return [location for row in rows for location in row["locations"] if location and not os.path.isabs(location)]
