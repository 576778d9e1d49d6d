"""The `doctune` command. Each command imports what it needs when it runs, so that `--help` is there at once."""

import functools
import sys
from pathlib import Path
from typing import Any

import click

EXIT_FAILED = 1  # a run failed; run again and it goes on where it was
EXIT_USAGE = 2  # what was asked for is wrong: an option, a setting, a source that does not exist
EXIT_UNKNOWN = 3  # `why`: no run has seen that document

EXIT_CODES = (
    "Exit codes: 0 done (also when nothing was new), 1 the run failed, 2 wrong options or settings, 3 no such document, "
    "130 interrupted."
)


def _common(function: Any) -> Any:
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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}, epilog=EXIT_CODES)
@click.version_option(package_name="doctune")
def main() -> None:
    """Documents in, a curated dataset and a locally fine-tuned model out.

    \b
    Example:
      doctune run data/samples
    """


@main.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")
@_common
@click.option("--retry-failed", is_flag=True, help="Try documents again that timed out, crashed or ran out of memory.")
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


@main.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")
@_common
@click.option("--retry-failed", is_flag=True, help="Try documents again that timed out, crashed or ran out of memory.")
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


@main.command(epilog=EXIT_CODES)
@_common
def finetune(data_root: str, model: str, settings_file: str | None, overrides: tuple[str, ...]) -> None:
    """Train an adapter on the newest dataset.

    \b
    Example:
      doctune finetune --model ~/models/Qwen3-0.6B --set finetuning.rank=32
    """
    from flows.launch import launch

    sys.exit(launch("finetune", [], data_root, model, settings_file, overrides, False))


@main.command(epilog=EXIT_CODES)
@click.argument("path")
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
def why(path: str, data_root: str) -> None:
    """Say what became of one document in the newest run, stage by stage. PATH may be its end only.

    \b
    Example:
      doctune why reports/2024-03.pdf
    """
    from flows.inspection import print_why

    sys.exit(print_why(path, data_root))


@main.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
def report(data_root: str, open_browser: bool) -> None:
    """Print the newest run's summary and where its report is.

    \b
    Example:
      doctune report --open
    """
    from flows.inspection import print_report

    sys.exit(print_report(data_root, open_browser))


@main.command(epilog=EXIT_CODES)
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")
@_common
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


@main.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.option("--profile", help="office, web, code or strict.")
@click.option("--settings", "settings_file", type=click.Path(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="One threshold, for example max_dup_line=0.3.")
@click.option("--dry-run", is_flag=True, help="Say which documents of the newest run would change sides. Measures nothing.")
@click.option("--all", "show_all", is_flag=True, help="With --dry-run: show every document that would change sides.")
@click.option("--write", metavar="FILE", help="Write the settings to a new file, for `doctune run --settings FILE`.")
@click.option("--learn", is_flag=True, help="Learn from the newest run in which order gates cost least.")
@click.option("--learn-head", is_flag=True, help="Learn from labelled texts how curation.gates.embedding_model is to be used.")
@click.option(
    "--texts",
    type=click.Path(exists=True, dir_okay=False),
    help="With --learn-head: a JSONL file of labelled texts (text, and verdict with keep or reject) to learn from as well.",
)
def gates(
    data_root: str,
    profile: str | None,
    settings_file: str | None,
    overrides: tuple[str, ...],
    dry_run: bool,
    show_all: bool,
    write: str | None,
    learn: bool,
    learn_head: bool,
    texts: str | None,
) -> None:
    """Show the gates and what they rejected, or what others would decide on the documents of the newest run.

    \b
    Example:
      doctune gates --profile strict --set min_score=0.6 --dry-run
    """
    from flows.judging import learn_gates, print_gates, print_retuning, read_gates
    from flows.parameters import SettingsError

    if dry_run + learn + learn_head + (write is not None) > 1:
        click.echo("Error: --dry-run, --learn, --learn-head and --write do different things: give one of them", err=True)
        sys.exit(EXIT_USAGE)
    if texts is not None and not learn_head:
        click.echo("Error: --texts goes with --learn-head", err=True)
        sys.exit(EXIT_USAGE)
    try:
        settings = read_gates(settings_file, profile, overrides)
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_USAGE)
    if learn:
        sys.exit(learn_gates(data_root, settings))
    if learn_head:
        from flows.second_stage import learn_second_stage

        sys.exit(learn_second_stage(data_root, settings, texts))
    sys.exit(print_retuning(data_root, settings, show_all) if dry_run else print_gates(data_root, settings, write))


@main.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.option("--settings", "settings_file", type=click.Path(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="One threshold, for example min_score=0.6.")
@click.option(
    "--from",
    "verdicts",
    type=click.Path(exists=True, dir_okay=False),
    help="Take verdicts from a CSV or JSONL file of document (path or id) and verdict (keep or reject) instead of asking.",
)
def label(data_root: str, settings_file: str | None, overrides: tuple[str, ...], verdicts: str | None) -> None:
    """Give verdicts on documents near the lowest score, one key each; the next run's score learns from them.

    \b
    Example:
      doctune label
      doctune label --from verdicts.csv
    """
    from flows.judging import read_gates
    from flows.labelling import label_documents, take_verdicts
    from flows.parameters import SettingsError

    if verdicts is not None:
        sys.exit(take_verdicts(data_root, verdicts))
    try:
        settings = read_gates(settings_file, None, overrides)
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_USAGE)
    sys.exit(label_documents(data_root, settings))


@main.group(invoke_without_command=True, epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.pass_context
def adapters(context: click.Context, data_root: str) -> None:
    """List all adapters: what they were trained on, how good they are, which one is in use (*) and why.

    \b
    Example:
      doctune adapters
      doctune adapters compare 3f2a 9c41
      doctune adapters promote 3f2a
      doctune adapters rollback
    """
    context.obj = data_root
    if context.invoked_subcommand is None:
        from flows.adapters import print_adapters

        sys.exit(print_adapters(data_root))


def _same_root(function: Any) -> Any:
    """The data root may be given before the subcommand or after it."""

    @click.option("--data-root", metavar="FOLDER|URL", help="As of `doctune adapters`.")
    @click.pass_obj
    @functools.wraps(function)
    def with_root(above: str, data_root: str | None, **arguments: Any) -> None:
        function(data_root or above, **arguments)

    return with_root


@adapters.command(epilog=EXIT_CODES)
@click.argument("first")
@click.argument("second")
@_same_root
def compare(data_root: str, first: str, second: str) -> None:
    """Lay two adapters side by side: measurements, settings, and which one is better. The beginning of an id is enough.

    \b
    Example:
      doctune adapters compare 3f2a 9c41
    """
    from flows.adapters import compare_adapters

    sys.exit(compare_adapters(data_root, first, second))


@adapters.command(epilog=EXIT_CODES)
@click.argument("adapter")
@_same_root
def promote(data_root: str, adapter: str) -> None:
    """Make ADAPTER the current one, whatever was measured. The one that it displaces is not promoted by a run again.

    \b
    Example:
      doctune adapters promote 3f2a
    """
    from flows.adapters import promote_adapter

    sys.exit(promote_adapter(data_root, adapter))


@adapters.command(epilog=EXIT_CODES)
@_same_root
def rollback(data_root: str) -> None:
    """Go back to the adapter before the current one, which is not promoted by a run again.

    \b
    Example:
      doctune adapters rollback
    """
    from flows.adapters import roll_back_adapter

    sys.exit(roll_back_adapter(data_root))


def _chosen(function: Any) -> Any:
    for option in reversed(
        [
            click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL"),
            click.option(
                "--adapter", metavar="ID", help="Which adapter, by the beginning of its id; without it, the current one."
            ),
            click.option("--model", metavar="FOLDER|ID", help="Where the base model is, if it is not where it was."),
        ]
    ):
        function = option(function)
    return function


@main.command("try", epilog=EXIT_CODES)
@click.argument("prompt")
@_chosen
@click.option("--max-tokens", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Most tokens per answer.")
@click.option(
    "--temperature", default=0.0, show_default=True, type=click.FloatRange(0, 5), help="0: the likeliest token each time."
)
def try_(prompt: str, data_root: str, adapter: str | None, model: str | None, max_tokens: int, temperature: float) -> None:
    """Answer PROMPT side by side, without and with the adapter.

    \b
    Example:
      doctune try "Which notice period does the framework agreement name?"
    """
    from flows.using import try_prompt

    sys.exit(try_prompt(data_root, prompt, adapter, model, max_tokens, temperature))


@main.command(epilog=EXIT_CODES)
@click.argument("folder")
@_chosen
@click.option("--bits", type=click.Choice(["4", "8"]), help="Quantize to so many bits per weight.")
@click.option("--gguf", is_flag=True, help="Write model.gguf, too (models of type llama, mistral and mixtral).")
def export(folder: str, data_root: str, adapter: str | None, model: str | None, bits: str | None, gguf: bool) -> None:
    """Write the model with its adapter fused in to a new FOLDER, with a model card, and a Modelfile where Ollama can read it.

    \b
    Example:
      doctune export ~/models/tuned --bits 4
    """
    from flows.using import export_folder

    sys.exit(export_folder(data_root, folder, adapter, model, int(bits) if bits else None, gguf))


@main.command(epilog=EXIT_CODES)
@click.argument("document", required=False)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.option(
    "--export", metavar="FOLDER", help="Write a Parquet table, LangExtract's JSONL and a page per text to a new folder."
)
@click.option(
    "--train", metavar="LABELS", type=click.Path(exists=True, dir_okay=False), help="Fit on labelled documents (JSONL)."
)
@click.option("--schema", default="contract", show_default=True, metavar="NAME|FILE", help="With --train: which schema.")
def annotate(document: str | None, data_root: str, export: str | None, train: str | None, schema: str) -> None:
    """Show the fields that the newest run found, in all documents or in DOCUMENT; export them; or learn from labelled documents.

    \b
    Example:
      doctune annotate supply/framework-agreement.docx
      doctune annotate --train labels.jsonl --schema contract
    """
    from flows.fields import export_fields, print_fields, train_ranker

    if sum(each is not None for each in (document, export, train)) > 1:
        click.echo("Error: DOCUMENT, --export and --train do different things: give one of them", err=True)
        sys.exit(EXIT_USAGE)
    if train is not None:
        sys.exit(train_ranker(data_root, train, schema))
    sys.exit(export_fields(data_root, export) if export is not None else print_fields(data_root, document))


@main.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
def doctor(data_root: str) -> None:
    """Say what machine this is, which limits follow from it, and what is missing.

    \b
    Example:
      doctune doctor
    """
    from flows.inspection import print_diagnosis

    sys.exit(print_diagnosis(data_root))


@main.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would go, and remove nothing.")
def clean(data_root: str, yes: bool, dry_run: bool) -> None:
    """Remove what the newest dataset, the adapter in use and the one before it do not need, after showing what and how much.

    \b
    Example:
      doctune clean --dry-run
    """
    from flows.inspection import clean_root

    sys.exit(clean_root(data_root, yes, dry_run))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
