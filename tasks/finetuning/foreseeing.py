"""What a training would be, without loading the model's weights: for a dry run. Only for a process of its own and tests."""

import json
from pathlib import Path
from typing import Any

from tasks.finetuning.batches import Layout, count_updates, padding_share, plan_epoch, round_up
from tasks.finetuning.device import limit_memory, on_accelerator
from tasks.finetuning.examples import Example, UnfitError, cut_long, encode, read_texts
from tasks.finetuning.fitting import count_places, describe_probe, most_tokens
from tasks.finetuning.jobs import ForeseeJob, Foreseen
from tasks.finetuning.memory import MARGIN, ModelShape, Work, estimate_peak
from tasks.finetuning.plan import DoesNotFit, Plan, Planner
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Probe

_SHARED = {  # what a plan of several processes is about
    "data": ["Of one process, which takes its share of each step."],
    "staged": ["Of one process, if weights and layers can be shared out evenly."],
}


class _NotMeasured(Exception):
    """No measurement of such steps is kept."""


def foresee(job: ForeseeJob) -> Foreseen:
    """The memory plan of a training and its updates: by the formula, and by what was measured of this model before.

    Raises UnfitError when the dataset cannot be trained with, and OSError or ValueError when the model's files cannot be read.
    """
    folder = Path(job.model)
    config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
    settings = job.settings.for_model(config.get("hidden_size"), bool(config.get("doctune", {}).get("from_scratch")))
    examples = _read_examples(folder, config, Path(job.dataset), settings)
    updates = count_updates(len(examples), settings.batch_size or 1, settings.epochs, settings.max_steps)
    shape = ModelShape.of(folder, config)
    size = settings.team_size
    staged = settings.parallel == "staged"
    planner = Planner(
        shape=shape.part(1 / size, 1 / size) if shape and staged else shape,
        settings=settings,
        budget_bytes=limit_memory(job.available_bytes, settings.processes_per_host),
        longest=max(len(example.tokens) for example in examples),
        tokens=count_places(examples, updates, settings) // (1 if staged else size),
        most_tokens=most_tokens(examples, settings, size) if staged else None,
        in_flight=size if staged else 1,
        packed=settings.packing == "on" or (settings.packing == "auto" and on_accelerator()),
        chunked=settings.chunks_loss(int(config.get("vocab_size", 0))),
        accelerated=on_accelerator(),
    )
    plan = planner.plan(None) if staged else _plan(planner, job)
    plan = plan.model_copy(update={"why": [*_SHARED.get(settings.parallel, []), *plan.why]})
    if plan.cut_to:
        examples = cut_long(examples, plan.cut_to)
    layout = Layout(settings.batch_size or 1, plan.micro_tokens, planner.packed)
    places = [example.places for example in examples]
    first = plan_epoch(places, layout, settings.seed, 0)
    return Foreseen(
        examples=len(examples),
        tokens=sum(example.trained for example in examples),
        longest=max(len(example.tokens) for example in examples),
        updates=count_updates(len(examples), layout.batch_size, settings.epochs, settings.max_steps),
        updates_per_epoch=len(first),
        batch_size=layout.batch_size,
        micro_batches=sum(len(update) for update in first) / len(first),
        padding_share=padding_share(places, first, planner.packed),
        packed=planner.packed,
        rank=settings.rank if settings.method != "full" else None,
        short_of=_short_of(planner) if plan.peak_bytes is None else None,
        plan=plan,
    )


def _read_examples(folder: Path, config: dict[str, Any], dataset: Path, settings: FinetuningSettings) -> list[Example]:
    """The training examples as the training would see them."""
    from mlx_lm.utils import load_tokenizer

    tokenizer = load_tokenizer(folder, eos_token_ids=config.get("eos_token_id"))
    texts = read_texts(dataset, "train")
    if not texts:
        raise UnfitError("the dataset has no training examples")
    return [encode(tokenizer, text, settings.max_seq_length, settings.mask_prompts) for text in texts]


def _plan(planner: Planner, job: ForeseeJob) -> Plan:
    """By kept measurements where the training would measure, by the formula where none is kept; with the time, where one is."""

    def kept(width: int, checkpointing: bool) -> Probe:
        key, _ = describe_probe(planner, job.model_digest, width, checkpointing)
        if key not in job.probes:
            raise _NotMeasured
        return job.probes[key]

    try:
        plan = planner.plan(kept)
    except DoesNotFit as error:
        raise UnfitError(str(error)) from error
    except _NotMeasured:
        plan = planner.plan(None)
    if plan.measured:
        return plan
    width = plan.micro_tokens if planner.packed else round_up((plan.cut_to or planner.longest) - 1)
    try:
        seconds = kept(width, plan.checkpointing).seconds
    except _NotMeasured:
        return plan
    return plan.model_copy(update={"eta_seconds": seconds / width * planner.tokens})


def _short_of(planner: Planner) -> int | None:
    """Bytes that one example at a time would need by the formula, where that is more than there is; None without a formula."""
    if planner.shape is None:
        return None
    width = round_up(planner.longest - 1, planner.packed)
    checkpointing = planner.settings.gradient_checkpointing != "off"
    return int(MARGIN * estimate_peak(planner.shape, planner.settings, Work(1, width, checkpointing, planner.chunked)))
