"""The commands that use a tuned model: try and export. The model works in a process of its own."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from flows.exits import EXIT_FAILED, EXIT_USAGE
from tasks.finetuning import history
from tasks.finetuning.errors import AdapterUnavailable, FinetuningError
from tasks.finetuning.export import MODELFILE, write_export_card, write_modelfile
from tasks.finetuning.jobs import AnswerJob, Answers, Exported, ExportJob, run_job
from tasks.finetuning.models import resolve_model
from tasks.quality.review import sanitise
from tasks.runtime.offline import forbid_telemetry
from tasks.storage.artifacts import AdapterRef, ModelRef, model_folder
from tasks.storage.root import local_folder, use_data_root

GGUF = "model.gguf"


def try_prompt(
    data_root: str, prompt: str, adapter_id: str | None, model_name: str | None, max_tokens: int, temperature: float
) -> int:
    """Print the answers of the model without and with the adapter; returns the exit code."""
    use_data_root(data_root)
    try:
        adapter, model = choose(adapter_id, model_name)
        with local_folder(adapter.path) as tuned, model_folder(model) as base:
            job = AnswerJob(model=str(base), adapter=str(tuned), prompt=prompt, max_tokens=max_tokens, temperature=temperature)
            answers = run_job(job, Answers)
    except AdapterUnavailable as error:
        return _say(error, EXIT_USAGE)
    except FinetuningError as error:
        return _say(error, EXIT_FAILED)
    template = "with" if answers.chat else "without"
    click.echo(f"model {model.name} ({template} a chat template), adapter {history.id_of(adapter)[:8]}")
    for name, answer in (("without the adapter", answers.base), ("with the adapter", answers.tuned)):
        click.echo(f"\n--- {name} ({answer.tokens} tokens, {answer.seconds:.1f} s)")
        click.echo(sanitise(answer.text).strip("\n"))  # a terminal obeys control characters, and a model may say any
    return 0


def export_folder(
    data_root: str, folder: str, adapter_id: str | None, model_name: str | None, bits: int | None, gguf: bool
) -> int:
    """Write the model with its adapter fused in to a new folder; returns the exit code."""
    use_data_root(data_root)
    target = Path(folder).expanduser().absolute()
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        return _say(f"{folder} is there already, and nothing is overwritten: name a new folder", EXIT_USAGE)
    target.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # Beside the target, so that a whole folder takes its name in one step; a failed export leaves nothing.
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent)))
        new = work / "model"
        try:
            adapter, model = choose(adapter_id, model_name)
            tuned, base = stack.enter_context(local_folder(adapter.path)), stack.enter_context(model_folder(model))
            named = GGUF if gguf else None
            job = ExportJob.model_validate(
                {"model": str(base), "adapter": str(tuned), "output": str(new), "bits": bits, "gguf": named}
            )
            done = run_job(job, Exported)
            write_export_card(new, done, tuned=tuned, base=base, adapter=adapter, model=model, bits=bits, gguf=gguf)
            modelfile = write_modelfile(new, done, bits, GGUF if gguf else None)
        except AdapterUnavailable as error:
            return _say(error, EXIT_USAGE)
        except FinetuningError as error:
            return _say(error, EXIT_FAILED)
        if target.is_dir():
            target.rmdir()
        shutil.move(new, target)
    click.echo(f"{target}: {done.parameters:,} parameters, {done.bits_per_weight:.1f} bits per weight")
    click.echo(f"serve it: mlx_lm.server --model {folder}")
    if modelfile:
        click.echo(f"or with Ollama: cd {folder} && ollama create NAME -f {MODELFILE}")
    return 0


def choose(adapter_id: str | None, model_name: str | None) -> tuple[AdapterRef, ModelRef]:
    """The adapter that an id means, the current one without one, and its base model.

    model_name: where that model is, if it is not where it was. Raises AdapterUnavailable, ModelUnavailable.
    """
    forbid_telemetry()
    adapter = history.find_adapter_by_id(adapter_id) if adapter_id else history.current_adapter()
    if adapter is None:
        raise AdapterUnavailable("no adapter is in use yet: train one, or name one with --adapter (`doctune adapters`)")
    model = resolve_model(model_name or history.model_source_of(adapter), allow_hub=False)
    if model.digest != adapter.model_digest:
        raise AdapterUnavailable(
            f"{model.name} is not the model that the adapter was trained on (its files differ): name that one with --model"
        )
    return adapter, model


def _say(error: object, code: int) -> int:
    click.echo(f"Error: {error}", err=True)
    return code
