"""Start a flow from the command line: check the settings, look whether anything is new, run, and say where the results are."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from flows.documents import look_for_documents
from flows.exits import EXIT_FAILED, EXIT_USAGE
from flows.inspection import print_result
from flows.parameters import SettingsError, read_settings
from flows.results import RunResult, fingerprint, finished_before, forget_failures, make_current
from flows.settings import CurationSettings, RuntimeSettings
from flows.temporary_server import prefect_server
from flows.yardsticks import read_yardsticks
from tasks.finetuning.errors import ModelUnavailable
from tasks.finetuning.models import resolve_model
from tasks.inventory.sources import SourceNotFound
from tasks.runtime.offline import forbid_telemetry
from tasks.storage.artifacts import DatasetRef, read_current
from tasks.storage.root import check_data_root, display_path, use_data_root

# [tool.prefect] of pyproject.toml says the same, but Prefect reads that from the current folder only.
PREFECT_DEFAULTS = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
}


def launch(
    flow: str,
    sources: list[str],
    data_root: str,
    model: str,
    settings_file: str | None,
    overrides: Sequence[str],
    retry_failed: bool,
) -> int:
    """Run a flow of that name and print where the dataset, the adapter and the report are; returns the exit code."""
    try:
        settings = read_settings(settings_file, overrides)
        runtime = settings["runtime"]
        assert isinstance(runtime, RuntimeSettings)
        forbid_telemetry(allow_hub=runtime.allow_hub)
        root = use_data_root(data_root)
        check_data_root()
        if forgotten := forget_failures(retry_failed or runtime.retry_failed):
            click.echo(f"{forgotten} cached outputs hold failures that may have passed, and will be worked again", err=True)
        before = _nothing_new(flow, sources, model, settings)
    except (ModelUnavailable, ValueError) as error:  # settings, sources, the data root, labels, evaluation files
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    if before is not None:
        make_current(before)
        print_result(before, "nothing new since that run")
        return 0
    for name, value in PREFECT_DEFAULTS.items():
        os.environ.setdefault(name, value)
    parameters = {**_sections_of(flow, settings), "model": model, "data_root": root}
    if flow != "finetune":
        parameters["sources"] = [os.path.abspath(os.path.expanduser(source)) for source in sources]
    try:
        with prefect_server():
            result = _flow(flow)(**parameters)
    except KeyboardInterrupt:
        click.echo("Interrupted. Run the same command again: it goes on where it was.", err=True)
        return 130
    except Exception as error:  # noqa: BLE001  the one place where any failure becomes a message and an exit code
        click.echo(f"Error: {type(error).__name__}: {error}", err=True)
        click.echo("What succeeded is cached: run the same command again and it goes on from there.", err=True)
        return EXIT_FAILED
    print_result(result)
    return 0


def serve_flows(
    sources: list[str], data_root: str, model: str, settings_file: str | None, overrides: Sequence[str], cron: str
) -> int:
    """Serve all three flows to the Prefect server in force until interrupted; returns the exit code."""
    try:
        settings = read_settings(settings_file, overrides)
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    from prefect import serve
    from prefect.settings import get_current_settings

    if not get_current_settings().api.url:
        click.echo("Error: no server. Start one with `prefect server start` and set PREFECT_API_URL to its API.", err=True)
        return EXIT_USAGE

    common: dict[str, Any] = {"model": model, "data_root": use_data_root(data_root)}
    sourced = {**common, "sources": [os.path.abspath(os.path.expanduser(source)) for source in sources]}
    deployments = []
    for name in ("nightly", "curate", "finetune"):
        values = sourced if name != "finetune" else common
        parameters = {**values, **{key: section.model_dump() for key, section in _sections_of(name, settings).items()}}
        schedule = {"cron": cron} if name == "nightly" else {}
        deployments.append(_flow(name).to_deployment(name=f"{name}-served", parameters=parameters, **schedule))
    serve(*deployments, pause_on_shutdown=False)  # a served schedule should survive a restart of this terminal
    return 0


def _flow(name: str) -> Any:
    if name == "nightly":
        from flows.nightly import nightly

        return nightly
    if name == "curate":
        from flows.curate import curate

        return curate
    from flows.finetune import finetune

    return finetune


def _sections_of(flow: str, settings: dict[str, Any]) -> dict[str, Any]:
    wanted = {"nightly": ("curation", "finetuning"), "curate": ("curation",), "finetune": ("finetuning",)}[flow]
    return {name: settings[name] for name in (*wanted, "runtime")}


def _nothing_new(flow: str, sources: list[str], model: str, settings: dict[str, Any]) -> RunResult | None:
    """The quick look: the earlier result when neither a document, the model, a setting nor the code has changed since."""
    curation, runtime = settings["curation"], settings["runtime"]
    assert isinstance(curation, CurationSettings)
    base = resolve_model(model, runtime.allow_hub)
    shaping = [section for name, section in _sections_of(flow, settings).items() if name != "runtime"]
    if flow == "finetune":
        dataset = read_current("datasets")
        if not isinstance(dataset, DatasetRef):
            raise SourceNotFound(f"no dataset below {Path(display_path(''))}: make one first with `doctune curate FOLDER`")
        return finished_before(fingerprint(flow, dataset, base, *shaping))
    inventory = look_for_documents(sources, curation, os.cpu_count() or 1)
    yardsticks = read_yardsticks(curation, runtime.allow_hub)
    return finished_before(fingerprint(flow, inventory, base, yardsticks, *shaping)) if inventory else None
