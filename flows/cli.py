"""The `doctune` command. Each command imports what it needs when it runs, so that `--help` is there at once."""

import sys
from pathlib import Path

import click

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from flows.commands import adapters, judging, looking, running
from flows.exits import EXIT_CODES


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}, epilog=EXIT_CODES)
@click.version_option(package_name="doctune")
def main() -> None:
    """Documents in, a curated dataset and a locally fine-tuned model out.

    \b
    Example:
      doctune run data/samples
    """


for command in (
    *(running.run, running.curate, running.finetune, running.serve),
    *(judging.gates, judging.label),
    *(adapters.adapters, adapters.try_, adapters.export),
    *(looking.why, looking.report, looking.annotate, looking.doctor, looking.clean),
):
    main.add_command(command)


if __name__ == "__main__":
    main()
