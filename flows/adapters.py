"""The command `doctune adapters`: which adapters there are, what became of them and why; compare, promote, roll back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from flows.exits import EXIT_USAGE
from tasks.finetuning import history
from tasks.finetuning.adapter import read_adapter, read_examinations
from tasks.finetuning.errors import AdapterUnavailable
from tasks.finetuning.examination import NotComparable, prove
from tasks.storage.artifacts import AdapterRef, read_manifest
from tasks.storage.root import find_files, read_bytes, use_data_root

SHORT = 8  # characters of an id or digest that are shown
# What `compare` shows: name in the metrics -> in words.
COMPARED = {
    "loss_after": "loss, nats per token",
    "perplexity_after": "perplexity",
    "loss_gain": "loss gained over the base",
    "general_change": "loss change on general prompts",
    "exact_match_after": "exact match of answers in JSON",
    "field_f1_after": "F1 of their fields",
    "measured_documents": "documents held out",
    "steps": "steps",
    "trained_tokens": "tokens trained on",
    "trainable_parameters": "parameters",
}


def print_adapters(data_root: str) -> int:
    """List all adapters with their lineage, the newest last; returns the exit code."""
    use_data_root(data_root)
    entries = history.read_history()
    current = history.current_adapter()
    names = list(dict.fromkeys([*_untold(entries), *[entry.adapter for entry in entries]]))
    if not names:
        click.echo("no adapter yet: `doctune run FOLDER` or `doctune finetune` trains one")
        return 0
    for name in names:
        told = [entry for entry in entries if entry.adapter == name]
        adapter = read_adapter(history.FOLDER + name)
        in_use = current is not None and history.id_of(current) == name
        click.echo(_headline(name, told, adapter, in_use))
        for entry in told:
            when = datetime.fromisoformat(entry.when)
            click.echo(f"    {when:%Y-%m-%d %H:%M} {entry.event} ({entry.run}): {entry.why}")
    return 0


def _untold(entries: Sequence[history.Entry]) -> list[str]:
    """Adapters of which the history says nothing: trained by a run that did not end, or by an older version."""
    told = {entry.adapter for entry in entries}
    paths = [path.removeprefix(history.FOLDER) for path in find_files("adapters") if path.endswith("/manifest.json")]
    return [name for name in (path.partition("/")[0] for path in paths) if name not in told]


def _headline(name: str, told: Sequence[history.Entry], adapter: AdapterRef | None, in_use: bool) -> str:
    mark = "*" if in_use else " "
    facts = adapter.metrics if adapter else told[-1].metrics
    dataset = adapter.dataset_digest if adapter else told[-1].dataset
    state = "current" if in_use else "kept" if adapter else "removed"
    model = _model_name(adapter) if adapter else told[-1].model[:SHORT]
    losses = f"loss {facts['loss_before']:.4f} -> {facts['loss_after']:.4f}"
    return f"{mark} {name[:SHORT]}  {state:8} model {model}, dataset {dataset[:SHORT]}, {losses}, {facts['steps']:.0f} steps"


def _model_name(adapter: AdapterRef) -> str:
    return str(json.loads(read_bytes(f"{adapter.path}/adapter_config.json"))["model"])


def compare_adapters(data_root: str, first: str, second: str) -> int:
    """Lay two adapters side by side; on the same held-out examples, say with its interval which is better."""
    use_data_root(data_root)
    try:
        pair = [history.find_adapter_by_id(name) for name in (first, second)]
    except AdapterUnavailable as error:
        return _refuse(error)
    rows = [("", *[history.id_of(each)[:SHORT] for each in pair])]
    rows += [("model", *map(_model_name, pair)), ("dataset", *[each.dataset_digest[:SHORT] for each in pair])]
    for key, words in COMPARED.items():
        if any(key in each.metrics for each in pair):
            rows.append((words, *[_number(each.metrics, key) for each in pair]))
    settings = [_settings(each) for each in pair]
    for name in sorted(set(settings[0]) | set(settings[1])):
        if settings[0].get(name) != settings[1].get(name):
            rows.append((f"setting {name}", *[json.dumps(each.get(name)) for each in settings]))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo(f"{row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}")
    click.echo(_verdict(*pair))
    return 0


def _number(metrics: dict[str, float], key: str) -> str:
    if key not in metrics:
        return "-"
    value = metrics[key]
    return f"{value:.0f}" if value == int(value) and abs(value) >= 1 else f"{value:.4f}"


def _settings(adapter: AdapterRef) -> dict[str, Any]:
    manifest = read_manifest(adapter.path)
    return dict(manifest[2]["settings"]) if manifest else {}


def _verdict(first: AdapterRef, second: AdapterRef) -> str:
    if (first.dataset_digest, first.model_digest) != (second.dataset_digest, second.model_digest):
        return "They were measured on other datasets or models, so their losses cannot be compared."
    try:
        gain = prove(read_examinations(first).after, read_examinations(second).after).loss_gain
    except (NotComparable, FileNotFoundError):
        return "They were not measured on the same examples, so their losses cannot be compared."
    name = history.id_of(second)[:SHORT]
    if gain.low is None or gain.high is None:
        sure = "one document is too few to tell whether that is chance"
    else:
        sure = "beyond chance" if gain.low > 0 or gain.high < 0 else "which may be chance"
    better = "better" if gain.value > 0 else "worse" if gain.value < 0 else "the same"
    return f"{name} is {better} by {gain.show(signed=True)} nats per token on the same held-out examples, {sure}."


def promote_adapter(data_root: str, name: str) -> int:
    """Make an adapter the current one because the user says so."""
    use_data_root(data_root)
    try:
        adapter = history.find_adapter_by_id(name)
    except AdapterUnavailable as error:
        return _refuse(error)
    current = history.current_adapter()
    if current is not None and current.digest == adapter.digest:
        click.echo(f"{history.id_of(adapter)[:SHORT]} is the current adapter already")
        return 0
    history.promote(adapter, run=history.HAND, why="promoted by hand")
    click.echo(f"{history.id_of(adapter)[:SHORT]} is the current adapter now")
    return 0


def roll_back_adapter(data_root: str) -> int:
    """Go back to the adapter before the current one."""
    use_data_root(data_root)
    try:
        now, before = history.roll_back()
    except AdapterUnavailable as error:
        return _refuse(error)
    click.echo(f"{history.id_of(now)[:SHORT]} is the current adapter again, in place of {history.id_of(before)[:SHORT]}")
    return 0


def _refuse(error: Exception) -> int:
    click.echo(f"Error: {error}", err=True)
    return EXIT_USAGE
