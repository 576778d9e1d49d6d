"""`doctune finetune --dry-run`: what the training would be. The model's files are looked at in a process of their own."""

from collections.abc import Iterator, Sequence

import click

from flows.exits import EXIT_FAILED, EXIT_USAGE
from flows.parameters import read_settings
from flows.settings import FinetuningSettings, RuntimeSettings
from tasks.finetuning.errors import ModelJobFailed, ModelUnavailable
from tasks.finetuning.jobs import ForeseeJob, Foreseen, run_job
from tasks.finetuning.models import resolve_model
from tasks.finetuning.probes import read_probes
from tasks.runtime.offline import forbid_telemetry
from tasks.runtime.progress import format_duration
from tasks.storage.artifacts import DatasetRef, ModelRef, model_folder, read_current
from tasks.storage.root import check_data_root, local_folder, use_data_root

GIB = 2**30


def print_plan(data_root: str, model: str, settings_file: str | None, overrides: Sequence[str]) -> int:
    """Print the memory plan of a training on the newest dataset; returns the exit code. Nothing is loaded or trained."""
    try:
        sections = read_settings(settings_file, overrides)
        settings, runtime = sections["finetuning"], sections["runtime"]
        assert isinstance(settings, FinetuningSettings)
        assert isinstance(runtime, RuntimeSettings)
        forbid_telemetry(allow_hub=runtime.allow_hub)
        use_data_root(data_root)
        check_data_root()
        dataset = read_current("datasets")
        if not isinstance(dataset, DatasetRef):
            raise ValueError(f"no dataset below {data_root}: make one first with `doctune curate FOLDER`")
        base = resolve_model(model, runtime.allow_hub)
    except (ModelUnavailable, ValueError) as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    try:
        foreseen = _foresee(dataset, base, settings)
    except ModelJobFailed as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_FAILED
    click.echo("\n".join(describe(foreseen, base.name, settings)))
    return 0


def _foresee(dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> Foreseen:
    with local_folder(dataset.path) as data, model_folder(model) as base:
        job = ForeseeJob(model=str(base), dataset=str(data), settings=settings, model_digest=model.digest, probes=read_probes())
        return run_job(job, Foreseen)


def describe(foreseen: Foreseen, model: str, settings: FinetuningSettings) -> Iterator[str]:
    """The plan in words, a line for each thing that was decided."""
    plan = foreseen.plan
    cut = f", cut to {plan.cut_to} for want of memory" if plan.cut_to else ""
    shared = "examples share rows where the model can" if foreseen.packed else "rows of similar length"
    yield f"model            {model}"
    yield f"dataset          {foreseen.examples:,} training examples, {foreseen.tokens:,} tokens with a loss"
    yield f"sequence length  longest {foreseen.longest} of at most {settings.max_seq_length} tokens{cut}"
    yield f"updates          {foreseen.updates:,} of {foreseen.batch_size} examples, {foreseen.updates_per_epoch:,} in an epoch"
    yield f"micro-batch      at most {plan.micro_tokens:,} tokens at once, {shared}, {foreseen.padding_share:.1%} padding"
    yield f"accumulation     {foreseen.micro_batches:.1f} micro-batches in an update"
    yield f"checkpointing    {'on: layers are computed twice to spare memory' if plan.checkpointing else 'off'}"
    yield f"trained          {'all weights' if foreseen.rank is None else f'{settings.method}, rank {foreseen.rank}'}"
    yield f"foreseen peak    {_peak(foreseen)}"
    yield f"time             {_time(foreseen)}"
    if foreseen.examples < settings.minimum_examples:
        yield f"It would not be trained: finetuning.minimum_examples is {settings.minimum_examples}."
    yield "Nothing was loaded and nothing was trained: this is a dry run."


def _peak(foreseen: Foreseen) -> str:
    plan = foreseen.plan
    of = f"of {plan.budget_bytes / GIB:.1f} GiB, 80 % of the memory that is available"
    if plan.peak_bytes is not None:
        how = "from two steps that were measured on this device before" if plan.measured else "by a formula, with a margin"
        return f"{plan.peak_bytes / GIB:.2f} GiB {of}; {how}"
    if foreseen.short_of is not None:
        return (
            f"by a formula, one example at a time needs {foreseen.short_of / GIB:.2f} GiB, more than there is {of}; the training "
            "would measure two steps and cut examples, or end and say what would help"
        )
    return f"not known, because config.json does not state the model's shape; it may use {of[3:]}"


def _time(foreseen: Foreseen) -> str:
    seconds = foreseen.plan.eta_seconds
    if seconds is None:
        return "not known before steps were measured (finetuning.memory_plan=measured does so when the training starts)"
    return f"about {format_duration(seconds)}, by steps that were measured on this device before"
