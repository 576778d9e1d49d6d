"""`doctune label`: a person's verdicts on documents near the threshold, given with one key each, or taken over from a file."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import click
import numpy as np

from flows.exits import EXIT_UNKNOWN, EXIT_USAGE
from flows.inspection import require_run
from flows.results import RunResult
from tasks.quality.gates import gates_of
from tasks.quality.judging import load_judging
from tasks.quality.label_file import LABELS_FILE, Key, Label, append_labels, now, read_labels, withdraw_label
from tasks.quality.label_import import Verdict, read_verdicts
from tasks.quality.review import Candidate, find_candidates, locate_texts, name_documents, sanitise, show_rows
from tasks.quality.score import ScoreModel, explain
from tasks.quality.settings import GateSettings
from tasks.quality.stored import StoredParts, read_parts
from tasks.storage.parquet import TextAt, read_rows
from tasks.storage.root import display_path

MIDDLE = 0.5  # where no lowest score is asked for: what is as likely as not natural teaches most
ROWS = 40  # of a text, at once
PULLS = 4  # signals that are named
KEYS = "k keep   r reject   s skip   u undo   m more   q quit"
NO_TERMINAL = (
    "Error: `doctune label` asks for keys and needs a terminal; without one, give the verdicts as a file: "
    "`doctune label --from FILE` (CSV or JSONL of document and verdict)"
)


def label_documents(data_root: str, settings: GateSettings) -> int:
    """Ask for verdicts on the documents of the newest run, those near the lowest score first; returns the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(NO_TERMINAL, err=True)
        return EXIT_USAGE
    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    try:
        review = open_review(result, settings)
    except ValueError as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    if not review.candidates:
        click.echo("Every document of the newest run that was measured to the end has a verdict.")
        return 0
    review.go_through()
    return 0


def take_verdicts(data_root: str, file: str) -> int:
    """Take verdicts over from a file, all of them or, when a line of it cannot be read, none; returns the exit code.

    A document that the newest run did not measure to the end is named and left out.
    """
    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    try:
        verdicts = read_verdicts(file)
        labels, refused = make_labels(verdicts, result)
        read_labels()  # nothing is added to a file that no run could read
    except (ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    append_labels(labels)
    for line in refused:
        click.echo(f"Error: {file}, {_safe(line)}", err=True)
    click.echo(_count(labels))
    return EXIT_UNKNOWN if refused else 0


def make_labels(verdicts: Sequence[Verdict], result: RunResult) -> tuple[list[Label], list[str]]:
    """Labels with what is stored of each part, and what cannot be labelled with the reason."""
    assert result.decisions is not None
    names = name_documents(read_rows(result.decisions, ["document_id", "path", "aliases"]))
    stored = read_parts(result.outputs)
    complete = stored.complete(load_judging().order.groups)
    parts: dict[str, list[int]] = {}
    for row in np.flatnonzero(complete).tolist():
        parts.setdefault(stored.documents[row], []).append(row)
    labels, refused = [], []
    for verdict in verdicts:
        found = _called(verdict.document, names)
        rows = [row for each in found for row in parts.get(each, ()) if verdict.part in (None, stored.parts[row])]
        if len(found) != 1:
            problem = "several documents are called" if found else "the newest run read no document called"
            refused.append(f"line {verdict.line}: {problem} {verdict.document}")
        elif not rows:
            refused.append(
                f"line {verdict.line}: {verdict.document} was rejected before all of it was measured: a run with "
                "curation.gates.early_termination=false measures it"
            )
        labels += [_label(stored, row, verdict.keep) for row in rows if len(found) == 1]
    return labels, refused


def open_review(result: RunResult, settings: GateSettings) -> "Review":
    """What is to be looked at, the most instructive first. Raises ValueError when the labels or the order are damaged."""
    assert result.decisions is not None
    judging = load_judging()
    stored = read_parts(result.outputs)
    complete = stored.complete(judging.order.groups)
    rows = {(stored.documents[row], stored.parts[row]): row for row in np.flatnonzero(complete).tolist()}
    near = settings.bound("min_score")
    candidates = find_candidates(result.outputs, MIDDLE if near is None else near, set(read_labels()))
    paths = {row["document_id"]: row["path"] for row in read_rows(result.decisions, ["document_id", "path"])}
    return Review(
        candidates=[candidate for candidate in candidates if candidate.key in rows],
        paths=paths,
        texts=locate_texts(result.outputs),
        stored=stored,
        rows=rows,
        settings=settings,
        model=judging.model,
    )


@dataclass
class Review:
    """One sitting. rows: part -> its row of `stored`. given: the verdict on each candidate passed so far, None where skipped."""

    candidates: list[Candidate]
    paths: Mapping[str, str]
    texts: Mapping[Key, TextAt]
    stored: StoredParts
    rows: Mapping[Key, int]
    settings: GateSettings
    model: ScoreModel
    given: list[Label | None] = field(default_factory=list)

    def go_through(self) -> None:
        """Show document after document and act on the keys. Each verdict is on the disk before the next document is shown."""
        keys: dict[str, Callable[[], None]] = {
            "k": lambda: self._decide(keep=True),
            "r": lambda: self._decide(keep=False),
            "s": lambda: self.given.append(None),
            "u": self._undo,
        }
        while len(self.given) < len(self.candidates):
            key = self._ask(self.candidates[len(self.given)], keys)
            if key == "q":
                break
            keys[key]()
        click.echo(f"\n{_count([label for label in self.given if label is not None])}")

    def _ask(self, candidate: Candidate, keys: Mapping[str, object]) -> str:
        """The key that ends the look at this document."""
        width = shutil.get_terminal_size().columns
        text = self.texts[candidate.key].read()
        click.clear()
        for line in self._head(candidate, width):
            click.echo(line)
        shown, key = 0, "m"
        while key == "m":
            rows = show_rows(text, shown, ROWS, width)
            shown += len(rows)
            click.echo("\n".join(rows) if rows else click.style("(the text ends here)", dim=True))
            click.echo(click.style("─" * width, dim=True) + f"\n{KEYS}")
            key = _wait_for([*keys, "m", "q"])
        return key

    def _head(self, candidate: Candidate, width: int) -> list[str]:
        """Where the document is, what was decided, and what speaks against it."""
        row = self.rows[candidate.key]
        signals, language = _signals_at(self.stored, row), self.stored.languages[row]
        least = self.settings.bound("min_score")
        score = "not scored" if candidate.score is None else f"score {candidate.score:.2f}"
        facts = [score + ("" if least is None else f" (asked for: {least:g})"), language or "", self.stored.formats[row] or ""]
        facts.append(f"rejected: {candidate.reason} ({candidate.detail})" if candidate.reason else "kept")
        part = f", part {candidate.part}" if candidate.part else ""
        lines = [f"{len(self.given) + 1}/{len(self.candidates)}  {_safe(self.paths[candidate.document_id])}{part}"]
        lines.append(", ".join(filter(None, facts)))
        lines += [f"  - {words} ({odds:+.2f})" for words, odds in explain(signals, self.model)[:PULLS]]
        failed = [gate for gate in gates_of(self.settings) if gate.rejects(signals, language)]
        lines += [f"  ! {gate.words}: {signals[gate.signal]:.3g}, asked for: {gate.asks()}" for gate in failed]
        return [click.style(lines[0], bold=True), *lines[1:], click.style("─" * width, dim=True)]

    def _decide(self, keep: bool) -> None:
        label = _label(self.stored, self.rows[self.candidates[len(self.given)].key], keep)
        append_labels([label])
        self.given.append(label)

    def _undo(self) -> None:
        if self.given and (label := self.given.pop()) is not None:
            withdraw_label(label)


def _wait_for(keys: Sequence[str]) -> str:
    """The first of these keys that is pressed; the end of the input is "q"."""
    while True:
        try:
            key = click.getchar().lower()
        except EOFError:
            return "q"
        if key in keys:
            return key


def _label(stored: StoredParts, row: int, keep: bool) -> Label:
    return Label(
        document_id=stored.documents[row],
        part=stored.parts[row],
        keep=keep,
        language=stored.languages[row],
        signals=_signals_at(stored, row),
        labelled_at=now(),
    )


def _signals_at(stored: StoredParts, row: int) -> dict[str, float]:
    chosen = np.zeros(len(stored), bool)
    chosen[row] = True
    return stored.rows_of(chosen)[0]


def _count(labels: Sequence[Label]) -> str:
    if not labels:
        return "No verdict was given."
    kept = sum(label.keep for label in labels)
    counts = f"{len(labels)} verdicts (keep {kept}, reject {len(labels) - kept})"
    return f"{counts} in {display_path(LABELS_FILE)}. The next run uses them."


def _called(document: str, names: Mapping[str, set[str]]) -> set[str]:
    spelled = [document, os.path.abspath(os.path.expanduser(document)), document.removeprefix("./").lstrip("/")]
    return next((names[name] for name in spelled if name in names), set())


def _safe(text: str) -> str:
    return sanitise(text).replace("\n", " ")
