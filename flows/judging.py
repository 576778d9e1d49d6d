"""`doctune gates`: what the gates ask for, what others would decide, and in which order they cost least.

Nothing of this measures anything or starts Prefect: all that they say follows from what the newest run stored.
"""

import json
from collections.abc import Sequence
from typing import Any

import click

from flows.exits import EXIT_FAILED, EXIT_USAGE
from flows.inspection import NO_RUN, require_run
from flows.parameters import SettingsError, read_settings
from flows.results import newest_result
from flows.settings import CurationSettings
from flows.yardsticks import read_second_stage
from tasks.finetuning.errors import ModelUnavailable
from tasks.quality.gates import Gate, gates_of
from tasks.quality.judging import load_judging
from tasks.quality.learn import Expectation, learn_order
from tasks.quality.measure import GROUP_OF
from tasks.quality.order import ORDER_FILE, load_learned, load_order, save_order
from tasks.quality.retune import TO_MEASURE, Change, Judged, Rules, compare, count_reasons, judge, kept_by_threshold
from tasks.quality.review import sanitise
from tasks.quality.second.retune import add_log_odds
from tasks.quality.settings import GateSettings
from tasks.quality.signals.language import allowed_members
from tasks.quality.stored import StoredParts, read_parts, read_steps
from tasks.storage.parquet import iterate_batches
from tasks.storage.root import display_path, use_data_root

SHOWN = 20  # changed documents, without --all
SECTION = "curation.gates"


def print_gates(data_root: str, settings: GateSettings, write: str | None) -> int:
    """The gates with their thresholds and what each rejected in the newest run, or the settings to use them; the exit code."""
    use_data_root(data_root)
    chosen = as_toml(settings)
    if write is not None:
        try:
            with open(write, "x", encoding="utf-8") as stream:
                stream.write(chosen)
        except OSError as error:
            click.echo(f"Error: {write} cannot be written: {error.strerror}", err=True)
            return EXIT_USAGE
        click.echo(f"Wrote {write}: use it with `doctune run FOLDER --settings {write}`")
        return 0
    result = newest_result()
    counts = count_reasons(read_parts(result.outputs, remembered=False).reasons) if result else {}
    rows = [[gate.setting, gate.asks(), gate.source, counts.get(gate.code, 0) if result else ""] for gate in gates_of(settings)]
    if settings.languages:
        rows.insert(
            0, ["languages", ", ".join(settings.languages), "doctune", counts.get("quality.language", 0) if result else ""]
        )
    _print_table(["threshold", "asks for", "source", "rejected"], rows)
    if settings.embedding_model is not None:
        click.echo(
            f"\nScores from {settings.second_stage_low:g} to {settings.second_stage_high:g} are looked at again, with "
            f"{settings.embedding_model}."
        )
    click.echo(f"\nThe newest run: {result.run}. Thresholds with one reason share its count." if result else f"\n{NO_RUN}")
    click.echo(f"\nThe settings for a run:\n\n{chosen}")
    return 0


def print_retuning(data_root: str, settings: GateSettings, show_all: bool) -> int:
    """Which documents of the newest run these thresholds would move to the other side; returns the exit code."""
    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    try:
        judging = load_judging(read_second_stage(settings, allow_hub=False))
    except (ModelUnavailable, ValueError) as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    gates = gates_of(settings)
    stored = read_parts(result.outputs)
    if judging.second is not None:
        add_log_odds(stored, result.outputs, judging.second)

    def score(signals: Any, languages: Any) -> list[float]:
        return [judging.score(each, language) for each, language in zip(signals, languages, strict=True)]

    judged = judge(stored, Rules(gates, settings.languages, GROUP_OF, judging.order, score))
    batches = iterate_batches(result.decisions, ["document_id", "path", "reason", "language"])
    books = {row["document_id"]: row for batch in batches for row in batch.to_pylist()}
    unread = _ended_before_reading(books, stored, settings)
    _print_comparison(stored, judged, gates)
    _print_changes(compare(stored, judged), books, unread, show_all)
    _print_thresholds(stored, judged, settings.bound("min_score"))
    return 0


def learn_gates(data_root: str, settings: GateSettings) -> int:
    """Learn the order of the cascade from the newest run and keep it below the data root; returns the exit code."""
    result = require_run(data_root)
    if result is None:
        return EXIT_USAGE
    try:
        current, known = load_order(), load_learned()
        learned, expectations = learn_order(
            read_parts(result.outputs),
            read_steps(result.outputs),
            gates_of(settings),
            GROUP_OF,
            current,
            known.version if known else 0,
            result.run,
        )
    except ValueError as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_FAILED
    save_order(learned)
    _print_expectations(expectations)
    for name, costs in {"all formats": learned.groups, **learned.formats}.items():
        click.echo(f"\n{name}: " + " > ".join(f"{cost.group} ({cost.milliseconds:.2g} ms, {cost.rejects:.1%})" for cost in costs))
    click.echo(
        f"\nVersion {learned.version}, from {learned.documents} documents: {display_path(ORDER_FILE)}. The next run uses it."
    )
    return 0


def read_gates(settings_file: str | None, profile: str | None, overrides: Sequence[str]) -> GateSettings:
    """The gates that the options ask for. The names of `overrides` may leave out "curation.gates.". Raises SettingsError."""
    named = [text if text.startswith("curation.") else f"{SECTION}.{text}" for text in overrides]
    curation = read_settings(settings_file, [*([f"{SECTION}.profile={profile}"] if profile else []), *named])["curation"]
    if not isinstance(curation, CurationSettings):
        raise SettingsError("curation: no such section")
    return curation.gates


def as_toml(settings: GateSettings) -> str:
    """The settings as a user would write them: the profile, and what differs from it."""
    chosen = {"profile": settings.profile, **settings.model_dump(mode="json", exclude_defaults=True)}
    return "\n".join([f"[{SECTION}]", *(f"{name} = {json.dumps(value)}" for name, value in chosen.items())]) + "\n"


def _ended_before_reading(books: dict[str, dict[str, Any]], stored: StoredParts, settings: GateSettings) -> list[str]:
    """Documents that were rejected for their language before they were read, and would have to be read now."""
    known = set(stored.documents)
    allowed = allowed_members(settings.languages)
    return [
        document
        for document, row in sorted(books.items())
        if row["reason"] == "quality.language" and document not in known and (not allowed or row["language"] in (None, *allowed))
    ]


def _print_comparison(stored: StoredParts, judged: Judged, gates: Sequence[Gate]) -> None:
    now, then = count_reasons(stored.reasons), count_reasons(judged.reasons)
    ours = dict.fromkeys(["quality.language", *(gate.code for gate in gates), *sorted(now), *sorted(then)])
    rows = [[code, now[code], then[code]] for code in ours if (now[code] or then[code]) and code != TO_MEASURE]
    if then[TO_MEASURE]:
        rows.append([TO_MEASURE, 0, then[TO_MEASURE]])
    rows.append(["kept", len(stored) - now.total(), len(stored) - then.total()])
    _print_table(["document parts", "now", "would be"], rows)


def _print_changes(changes: Sequence[Change], books: dict[str, dict[str, Any]], unread: list[str], show_all: bool) -> None:
    measure = [change for change in changes if change.after == TO_MEASURE]
    lost = [change for change in changes if change.before is None and change.after not in (None, TO_MEASURE)]
    won = [change for change in changes if change.before is not None and change.after is None]
    click.echo(f"\n{len(lost)} documents would be rejected, {len(won)} would be kept.")
    if measure or unread:
        click.echo(f"{len(measure) + len(unread)} are to be measured first: a run does that, and measures nothing else again.")
    for title, some in (("Kept now, would be rejected", lost), ("Rejected now, would be kept", won)):
        if some:
            shown = some if show_all else some[:SHOWN]
            click.echo(f"\n{title}:")
            for change in shown:
                click.echo(f"  {_safe(books[change.document_id]['path'])}  {change.after or change.before}")
            if len(shown) < len(some):
                click.echo(f"  and {len(some) - len(shown)} more (--all shows them)")


def _print_thresholds(stored: StoredParts, judged: Judged, min_score: float | None) -> None:
    kept = kept_by_threshold(stored, judged)
    click.echo("\nAnother lowest score (min_score) would keep, with these gates:")
    click.echo("  " + "  ".join(f"{least:.1f}: {count}" for least, count in kept.items()))
    click.echo(f"  in force: {'none' if min_score is None else f'{min_score:g}'}")


def _print_expectations(expectations: Sequence[Expectation]) -> None:
    rows = [
        [each.format_name or "all formats", each.parts, f"{each.before:.3f}", f"{each.after:.3f}", f"{_saved(each):.1%}"]
        for each in expectations
    ]
    _print_table(["format", "parts", "ms each now", "ms each then", "saved"], rows)


def _saved(each: Expectation) -> float:
    return 1 - each.after / each.before if each.before else 0.0


def _print_table(header: list[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns in line; numbers to the right."""
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numeric = [all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    for number, row in enumerate(cells):
        line = "  ".join(
            cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo(click.style(line.rstrip(), bold=number == 0))


def _safe(text: str) -> str:
    return sanitise(text).replace("\n", " ")
