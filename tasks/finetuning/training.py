"""A training from the specification to its result: load, measure, train, measure again. Runs in the training process only."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm import generate, load

from tasks.finetuning.adapting import add_adapter, checkpointed_layers, lora_parameters, read_weights, write_adapter
from tasks.finetuning.batches import Layout, count_updates, padding_share, plan_epoch, updates_per_epoch
from tasks.finetuning.exam import Examiner
from tasks.finetuning.examination import EXAMINATIONS, Examination, Examinations, prove
from tasks.finetuning.examples import Example, Text, UnfitError, cut_long, encode, read_texts
from tasks.finetuning.fitting import Fit, fit_to_device
from tasks.finetuning.held_out import read_questions
from tasks.finetuning.loop import Task, Training
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.plan import Plan
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES, CHECKPOINTS, PLAN, Event, HeldOut, Sample, TrainingResult, TrainingSpec
from tasks.runtime.progress import format_duration

SAMPLES = 2
PROMPT_WORDS = 12
MEASURED_BEFORE = "before.json"


@dataclass(frozen=True)
class Prepared:
    """A model with an adapter on it, and the examples of each split. settings: with all numbers. measured: the split that is
    measured before and after, by the examiner. trainable: numbers that are trained, by all processes of the team."""

    model: Any
    tokenizer: Any
    config: dict[str, Any]
    settings: FinetuningSettings
    texts: dict[str, list[Text]]
    examples: dict[str, list[Example]]
    measured: str
    examiner: Examiner
    trainable: int
    team: Team

    def prompts(self) -> list[str]:
        """The first words of the texts that this process continues as samples."""
        if not (self.settings.sample_tokens and self.team.leader and self.team.writes_texts):
            return []
        return [" ".join(text.text.split()[:PROMPT_WORDS]) for text in self.texts[self.measured][:SAMPLES]]

    def continue_all(self) -> list[str]:
        """What the model makes of the prompts."""
        most = self.settings.sample_tokens
        return [generate(self.model, self.tokenizer, prompt=prompt, max_tokens=most) for prompt in self.prompts()]


def train(
    spec: TrainingSpec,
    tell: Callable[[Event], None],
    interrupted: Callable[[], bool] = lambda: False,
    team: Team = ALONE,
) -> TrainingResult:
    """Train as the specification says and write the adapter, together with the rest of the team.

    Raises UnfitError, DivergedError, Interrupted, PeerLost.
    """
    output = Path(spec.output)
    prepared = prepare(spec, team)
    settings, examples, model = prepared.settings, prepared.examples["train"], prepared.model
    fit = fit_to_device(model, prepared.config, examples, spec, settings, tell, team)
    if team.leader:
        write_whole(output / PLAN, fit.plan.model_dump_json(indent=2) + "\n")
    if fit.plan.cut_to:
        examples = cut_long(examples, fit.plan.cut_to)
    layout = Layout(settings.batch_size or 1, fit.plan.micro_tokens, fit.packed)
    updates = count_updates(len(examples), layout.batch_size, settings.epochs, settings.max_steps)
    tell(
        {"event": "plan", "steps": updates, "examples": len(examples), "trainable": prepared.trainable, **describe(fit, prepared)}
    )

    examine = partial(prepared.examiner.examine, model, team)
    before, untuned = _once(output / MEASURED_BEFORE, lambda: (examine(), prepared.continue_all()), team)
    tell({"event": "held_out", "when": "before", "split": prepared.measured, **HeldOut.of(before.rows).model_dump()})
    task = Task(examples, prepared.examples["valid"], layout, updates, settings, output / CHECKPOINTS, fit.split, team)
    mx.reset_peak_memory()
    with checkpointed_layers(model, fit.plan.checkpointing, settings.dropout > 0):
        progress = Training(model, task, _keeping_eta(fit.plan, output / PLAN, tell, team), interrupted).run()
    peaks = [int(peak) for peak in team.gather(mx.get_peak_memory())]
    tell({"event": "memory", "foreseen_bytes": fit.plan.peak_bytes, "peak_bytes": max(peaks), "of_each_process": peaks})
    after = examine()
    tell({"event": "held_out", "when": "after", "split": prepared.measured, **HeldOut.of(after.rows).model_dump()})
    if len(before.answers) != len(after.answers):  # it began, or went on, in processes that have no whole model
        before, after = (each.model_copy(update={"answers": []}) for each in (before, after))
    write_adapter(model, output / ADAPTER_FILES[0], team)
    if team.leader:
        examinations = Examinations(split=prepared.measured, before=before, after=after)
        (output / EXAMINATIONS).write_text(examinations.model_dump_json() + "\n", encoding="utf-8")
        (output / ADAPTER_FILES[1]).write_text(_adapter_config(spec, settings), encoding="utf-8")
    places = [example.places for example in examples]
    said = zip(prepared.prompts(), untuned, prepared.continue_all(), strict=False)  # empty where it began in such processes
    return TrainingResult(
        split=prepared.measured,
        before=HeldOut.of(before.rows),
        after=HeldOut.of(after.rows),
        proof=prove(before, after),
        steps=progress.update,
        epochs=progress.update / updates_per_epoch(len(places), layout.batch_size),
        trained_tokens=progress.tokens,
        trainable=prepared.trainable,
        losses=progress.losses,
        valid_losses=progress.valid_losses,
        best_step=progress.best,
        stopped=progress.stopped,
        rank=settings.rank or 0,
        batch_size=layout.batch_size,
        padding_share=padding_share(places, plan_epoch(places, layout, settings.seed, 0), fit.packed),
        rollbacks=progress.rollbacks,
        samples=[Sample(prompt=prompt, before=first, after=second) for prompt, first, second in said],
    )


def prepare(spec: TrainingSpec, team: Team = ALONE) -> Prepared:
    """Load the model, or this process's part of it, and the dataset, and put an adapter on the model. Raises UnfitError."""
    try:
        loaded: Any = load(spec.model, return_config=True, lazy=True)
    except (ValueError, OSError) as error:
        raise UnfitError(f"mlx-lm cannot load the model {spec.model_name}: {' '.join(str(error).split())[:500]}") from error
    model, tokenizer, config = loaded
    settings = spec.settings.for_model(config.get("hidden_size"), bool(config.get("doctune", {}).get("from_scratch")))
    texts = {split: read_texts(Path(spec.dataset), split) for split in ("train", "valid", "test")}
    for split in ("valid", "test"):  # rows are in the order of a digest: the first ones are a fair and steady choice
        texts[split] = texts[split][: settings.evaluation_examples]
    examples = {
        split: [encode(tokenizer, text, settings.max_seq_length, settings.mask_prompts) for text in found]
        for split, found in texts.items()
    }
    questions = read_questions(Path(spec.dataset), settings.evaluation_examples, settings.extraction_examples)
    examiner = Examiner(tokenizer, questions, settings.extraction_tokens)
    trainable = add_adapter(model, settings)
    if trainable == 0:
        raise UnfitError("no layer of this model can take an adapter: mlx-lm found no linear layers in it")
    team.take(model)
    if not team.staged:
        read_weights(model)
    return Prepared(model, tokenizer, config, settings, texts, examples, questions.split, examiner, trainable, team)


def describe(fit: Fit, prepared: Prepared) -> Event:
    """What the plan event says besides its numbers of steps."""
    return {
        "measured_on": prepared.measured,
        "rank": prepared.settings.rank,
        "batch_size": prepared.settings.batch_size,
        "packed": fit.packed,
        "processes": prepared.team.size,
        "weight_bytes": prepared.team.weight_bytes,
        "eta_seconds": fit.plan.eta_seconds,
        "why": fit.plan.why,
    }


def _keeping_eta(plan: Plan, file: Path, tell: Callable[[Event], None], team: Team) -> Callable[[Event], None]:
    """Pass events on; where the plan could not say how long the training takes, write that into it when the first steps tell."""
    known = plan.eta_seconds is not None or not team.leader

    def listen(event: Event) -> None:
        nonlocal known
        if event["event"] == "step" and not known:
            seconds = event["eta_seconds"]
            why = [*plan.why, f"About {format_duration(seconds)} left after step {event['step']}, by the steps so far."]
            write_whole(file, plan.model_copy(update={"eta_seconds": seconds, "why": why}).model_dump_json(indent=2) + "\n")
            known = True
        tell(event)

    return listen


def _once(file: Path, measure: Callable[[], tuple[Examination, list[str]]], team: Team) -> tuple[Examination, list[str]]:
    """What was measured before the training: a resumed one cannot measure it again."""
    if known := team.share(file.read_text(encoding="utf-8") if team.leader and file.is_file() else ""):
        found, said = json.loads(known)
        return Examination.model_validate(found), said
    before = measure()
    if team.leader:
        write_whole(file, json.dumps([before[0].model_dump(), before[1]]))
    return before


def write_whole(file: Path, text: str) -> None:
    """Write a file so that it appears when it is whole."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(file)


def _adapter_config(spec: TrainingSpec, settings: FinetuningSettings) -> str:
    about = {
        "fine_tune_type": settings.method,
        "num_layers": settings.layers,
        "lora_parameters": lora_parameters(settings),
        "model": spec.model_name,
        "model_sha256": spec.model_digest,
        "dataset_sha256": spec.dataset_digest,
        "settings": spec.settings.cache_identity(),
    }
    return json.dumps(about, indent=2, sort_keys=True) + "\n"
