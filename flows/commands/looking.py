"""Commands that look at what runs left behind, or at the machine: why, report, annotate, doctor, clean."""

import sys

import click

from flows.exits import EXIT_CODES, EXIT_USAGE


@click.command(epilog=EXIT_CODES)
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


@click.command(epilog=EXIT_CODES)
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


@click.command(epilog=EXIT_CODES)
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


@click.command(epilog=EXIT_CODES)
@click.option("--data-root", default="data", show_default=True, metavar="FOLDER|URL")
def doctor(data_root: str) -> None:
    """Say what machine this is, which limits follow from it, and what is missing.

    \b
    Example:
      doctune doctor
    """
    from flows.inspection import print_diagnosis

    sys.exit(print_diagnosis(data_root))


@click.command(epilog=EXIT_CODES)
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
