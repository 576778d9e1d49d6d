"""Commands about what is good enough: gates, label."""

import sys

import click

from flows.exits import EXIT_CODES, EXIT_USAGE


@click.command(epilog=EXIT_CODES)
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


@click.command(epilog=EXIT_CODES)
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
