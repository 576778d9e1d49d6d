"""Commands about what was trained: adapters and its subcommands, try, export."""

import functools
import sys
from typing import Any

import click

from flows.exits import EXIT_CODES


@click.group(invoke_without_command=True, epilog=EXIT_CODES)
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


@click.command("try", epilog=EXIT_CODES)
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


@click.command(epilog=EXIT_CODES)
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
