"""A training from the specification to its result: load, measure, train, measure again. Runs in the training process only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlx_lm import generate, load

from tasks.finetuning.adapting import add_adapter, checkpointed_layers, lora_parameters, write_adapter
from tasks.finetuning.batches import Layout, count_updates, padding_share, plan_epoch, updates_per_epoch
from tasks.finetuning.examples import Example, Text, UnfitError, encode, read_texts
from tasks.finetuning.loop import Task, Training
from tasks.finetuning.losses import LARGE_VOCABULARY, accepts_packing, held_out, split_head
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES, CHECKPOINTS, Event, HeldOut, Sample, TrainingResult, TrainingSpec

SAMPLES = 2
PROMPT_WORDS = 12
MEASURED_BEFORE = "before.json"
MICRO_TOKENS = 2048


def train(spec: TrainingSpec, tell: Callable[[Event], None], interrupted: Callable[[], bool] = lambda: False) -> TrainingResult:
    """Train as the specification says and write the adapter. Raises UnfitError, DivergedError, Interrupted."""
    output = Path(spec.output)
    model, tokenizer, config = _load(spec)
    from_scratch = bool(config.get("doctune", {}).get("from_scratch"))
    settings = spec.settings.for_model(config.get("hidden_size"), from_scratch)
    texts, examples = _read(spec, tokenizer)
    measured = next(split for split in ("test", "valid", "train") if examples[split])
    prompts = [" ".join(text.text.split()[:PROMPT_WORDS]) for text in texts[measured][:SAMPLES]] if settings.sample_tokens else []
    trainable = add_adapter(model, settings)
    if trainable == 0:
        raise UnfitError("no layer of this model can take an adapter: mlx-lm found no linear layers in it")
    packed = _pack(model, settings)
    chunked = settings.chunked_loss == "on" or (
        settings.chunked_loss == "auto" and int(config.get("vocab_size", 0)) >= LARGE_VOCABULARY
    )
    split = split_head(model) if chunked else None
    layout = Layout(settings.batch_size or 1, settings.micro_batch_tokens or MICRO_TOKENS, packed)
    updates = count_updates(len(examples["train"]), layout.batch_size, settings.epochs, settings.max_steps)
    tell(
        {
            "event": "plan",
            "steps": updates,
            "trainable": trainable,
            "examples": len(examples["train"]),
            "measured_on": measured,
            "rank": settings.rank,
            "batch_size": layout.batch_size,
            "packed": packed,
        }
    )

    def measure() -> HeldOut:
        return held_out(model, examples[measured][: settings.evaluation_examples], layout.micro_tokens, split)

    def continue_all() -> list[str]:
        return [generate(model, tokenizer, prompt=prompt, max_tokens=settings.sample_tokens) for prompt in prompts]

    before, untuned = _once(output / MEASURED_BEFORE, lambda: (measure(), continue_all()))
    tell({"event": "held_out", "when": "before", "split": measured, **before.model_dump()})
    task = Task(examples["train"], examples["valid"], layout, updates, settings, output / CHECKPOINTS, split)
    with checkpointed_layers(model, settings.gradient_checkpointing == "on"):
        progress = Training(model, task, tell, interrupted).run()
    after = measure()
    tell({"event": "held_out", "when": "after", "split": measured, **after.model_dump()})
    write_adapter(model, output / ADAPTER_FILES[0])
    (output / ADAPTER_FILES[1]).write_text(_adapter_config(spec, settings), encoding="utf-8")
    places = [example.places for example in examples["train"]]
    return TrainingResult(
        split=measured,
        before=before,
        after=after,
        steps=progress.update,
        epochs=progress.update / updates_per_epoch(len(places), layout.batch_size),
        trained_tokens=progress.tokens,
        trainable=trainable,
        losses=progress.losses,
        valid_losses=progress.valid_losses,
        best_step=progress.best,
        stopped=progress.stopped,
        rank=settings.rank or 0,
        batch_size=layout.batch_size,
        padding_share=padding_share(places, plan_epoch(places, layout, settings.seed, 0), packed),
        rollbacks=progress.rollbacks,
        samples=[Sample(prompt=p, before=b, after=a) for p, b, a in zip(prompts, untuned, continue_all(), strict=True)],
    )


def _load(spec: TrainingSpec) -> tuple[Any, Any, dict[str, Any]]:
    try:
        loaded: Any = load(spec.model, return_config=True)
    except (ValueError, OSError) as error:
        raise UnfitError(f"mlx-lm cannot load the model {spec.model_name}: {' '.join(str(error).split())[:500]}") from error
    model, tokenizer, config = loaded
    return model, tokenizer, config


def _read(spec: TrainingSpec, tokenizer: Any) -> tuple[dict[str, list[Text]], dict[str, list[Example]]]:
    settings = spec.settings
    texts = {split: read_texts(Path(spec.dataset), split) for split in ("train", "valid", "test")}
    for split in ("valid", "test"):  # rows are in the order of a digest: the first ones are a fair and steady choice
        texts[split] = texts[split][: settings.evaluation_examples]
    return texts, {
        split: [encode(tokenizer, text, settings.max_seq_length, settings.mask_prompts) for text in found]
        for split, found in texts.items()
    }


def _pack(model: Any, settings: FinetuningSettings) -> bool:
    """Whether examples share rows. On a CPU the attention of long rows costs more than the padding that they spare."""
    import mlx.core as mx

    if settings.packing == "off" or (settings.packing == "auto" and mx.default_device() == mx.Device(mx.cpu)):
        return False
    if accepts_packing(model):
        return True
    if settings.packing == "on":
        raise UnfitError("examples cannot share rows with this model, they would see each other: set packing to auto or off")
    return False


def _once(file: Path, measure: Callable[[], tuple[HeldOut, list[str]]]) -> tuple[HeldOut, list[str]]:
    """What was measured before the training: a resumed one cannot measure it again."""
    if file.is_file():
        held, said = json.loads(file.read_bytes())
        return HeldOut.model_validate(held), said
    before = measure()
    _write_whole(file, json.dumps([before[0].model_dump(), before[1]]))
    return before


def _write_whole(file: Path, text: str) -> None:
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
