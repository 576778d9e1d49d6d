"""Commands that run the line: run, curate, finetune, serve."""

import sys
from typing import Any

import click

from flows.exits import EXIT_CODES


def common(function: Any) -> Any:
    """The options of every command that runs the line."""
    for option in reversed(
        [
            click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL", help="Where everything goes."),
            click.option("--model", default="starter", show_default=True, help="'starter', a folder, or a hub id."),
            click.option(
                "--settings", "settings_file", type=click.Path(exists=True, dir_okay=False), help="A TOML file of settings."
            ),
            click.option(
                "--set",
                "overrides",
                multiple=True,
                metavar="NAME=VALUE",
                help="One setting, for example curation.gates.min_words=20. May be given several times.",
            ),
        ]
    ):
        function = option(function)
    return function


def on_documents(function: Any) -> Any:
    """The folders that are read, and the options of commands that read them."""
    again = click.option("--retry-failed", is_flag=True, help="Try documents again that timed out, crashed or ran out of memory.")
    return click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")(common(again(function)))


@click.command(epilog=EXIT_CODES)
@on_documents
def run(
    sources: tuple[str, ...],
    data_root: str,
    model: str,
    settings_file: str | None,
    overrides: tuple[str, ...],
    retry_failed: bool,
) -> None:
    """Curate the documents in FOLDER... (files and patterns too) and tune a model on them.

    \b
    Example:
      doctune run ~/documents --set finetuning.epochs=3
    """
    from flows.launch import launch

    sys.exit(launch("nightly", list(sources), data_root, model, settings_file, overrides, retry_failed))


@click.command(epilog=EXIT_CODES)
@on_documents
def curate(
    sources: tuple[str, ...],
    data_root: str,
    model: str,
    settings_file: str | None,
    overrides: tuple[str, ...],
    retry_failed: bool,
) -> None:
    """Turn the documents in FOLDER... into a dataset, without training.

    \b
    Example:
      doctune curate ~/documents/*.pdf --data-root ~/doctune-data
    """
    from flows.launch import launch

    sys.exit(launch("curate", list(sources), data_root, model, settings_file, overrides, retry_failed))


@click.command(epilog=EXIT_CODES)
@common
@click.option("--dry-run", is_flag=True, help="Say how it would be trained and how much memory that takes. Trains nothing.")
def finetune(data_root: str, model: str, settings_file: str | None, overrides: tuple[str, ...], dry_run: bool) -> None:
    """Train an adapter on the newest dataset.

    \b
    Example:
      doctune finetune --model ~/models/Qwen3-0.6B --set finetuning.rank=32
      doctune finetune --model ~/models/Qwen3-0.6B --dry-run
    """
    if dry_run:
        from flows.dry_run import print_plan

        sys.exit(print_plan(data_root, model, settings_file, overrides))
    from flows.launch import launch

    sys.exit(launch("finetune", [], data_root, model, settings_file, overrides, False))


@click.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")
@common
@click.option("--cron", default="0 2 * * *", show_default=True, help="When to run, in the machine's time zone.")
def serve(
    sources: tuple[str, ...], data_root: str, model: str, settings_file: str | None, overrides: tuple[str, ...], cron: str
) -> None:
    """Serve the flows to a Prefect server from this terminal: nightly by schedule, all of them from its UI.

    Needs `prefect server start` in another terminal and PREFECT_API_URL. For a machine that restarts on its own, use a work pool
    (`prefect deploy --all`) instead: see docs/deployment.md.

    \b
    Example:
      doctune serve ~/documents --cron "30 1 * * *"
    """
    from flows.launch import serve_flows

    sys.exit(serve_flows(list(sources), data_root, model, settings_file, overrides, cron))
