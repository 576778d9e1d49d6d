"""The adapter folder: what the training wrote, metrics, model card and manifest, published below the data root."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.finetuning.examination import EXAMINATIONS, Examinations, Proof
from tasks.finetuning.intervals import Estimate
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES, EVENTS, PLAN, TrainingResult
from tasks.finetuning.starter import STARTER
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, read_manifest, write_manifest
from tasks.storage.root import atomic_output, read_bytes, size_of, write_bytes

HELD_OUT_METRICS = ("loss_before", "loss_after", "perplexity_before", "perplexity_after")
CARD, METRICS = "README.md", "metrics.json"
DATASET_CARD = "dataset_card.md"  # a copy: the dataset may be cleaned away long before the adapter
BLOCK = 1 << 20
KINDS = {"lora": "A LoRA adapter", "dora": "A DoRA adapter", "full": "Weights for a whole model,"}
WARNING = (
    "**The base model is the starter, whose weights are random numbers. This adapter is a proof that the line works; it "
    "has learned which tokens are common in these documents and nothing that is worth asking it.**"
)


def publish_adapter(
    folder: str, trained: Path, result: TrainingResult, *, dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings
) -> AdapterRef:
    """Copy a finished training below the data root, the manifest last: a folder with a manifest is whole.

    folder: relative to the root. trained: where the training process wrote. events.jsonl and plan.json are copied too, outside
    the manifest, because they hold times.
    """
    files = {name: _copy(trained / name, f"{folder}/{name}") for name in (*ADAPTER_FILES, EXAMINATIONS)}
    for name in (EVENTS, PLAN):
        _copy(trained / name, f"{folder}/{name}")
    contents = {
        METRICS: (result.model_dump_json(indent=2) + "\n").encode(),
        CARD: write_card(result, dataset, model, settings).encode(),
    }
    if size_of(f"{dataset.path}/{CARD}") is not None:
        contents[DATASET_CARD] = read_bytes(f"{dataset.path}/{CARD}")
    for name, content in contents.items():
        write_bytes(f"{folder}/{name}", content)
        files[name] = (len(content), hashlib.sha256(content).hexdigest())
    about: dict[str, Any] = {
        "dataset": dataset.digest,
        "model": model.digest,
        "metrics": flat_metrics(result),
        "settings": settings.cache_identity(),
    }
    digest, sizes = write_manifest(folder, files, about)
    return _reference(folder, digest, sizes, about)


def _copy(source: Path, target: str) -> tuple[int, str]:
    """Copy a file below the root, block by block (all weights of a model are gigabytes); its size and sha256."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, atomic_output(target) as output:
        while block := stream.read(BLOCK):
            digest.update(block)
            output.write(block)
    return source.stat().st_size, digest.hexdigest()


def read_adapter(folder: str) -> AdapterRef | None:
    """The adapter in a folder below the root; None when there is none or it is not whole."""
    found = read_manifest(folder)
    if found is None:
        return None
    digest, sizes, content = found
    try:
        return _reference(folder, digest, sizes, content)
    except ValidationError:
        return None


def _reference(folder: str, digest: str, sizes: dict[str, int], about: dict[str, Any]) -> AdapterRef:
    return AdapterRef(
        path=folder,
        digest=digest,
        files=sizes,
        dataset_digest=about["dataset"],
        model_digest=about["model"],
        metrics=about["metrics"],
    )


def flat_metrics(result: TrainingResult) -> dict[str, float]:
    """The numbers of a result by name. held_out is 1 when they were measured on texts that were not trained on, else 0."""
    return {
        "loss_before": result.before.loss,
        "loss_after": result.after.loss,
        "perplexity_before": result.before.perplexity,
        "perplexity_after": result.after.perplexity,
        "measured_rows": float(result.after.rows),
        "measured_tokens": float(result.after.tokens),
        "held_out": float(result.split != "train"),
        "steps": float(result.steps),
        "epochs": result.epochs,
        "trained_tokens": float(result.trained_tokens),
        "trainable_parameters": float(result.trainable),
        "padding_share": result.padding_share,
        **{name: value for name, value in result.proof.flat().items() if name not in HELD_OUT_METRICS},
    }


def read_examinations(adapter: AdapterRef) -> Examinations:
    """What was measured of an adapter after its training, row by row."""
    return Examinations.model_validate_json(read_bytes(f"{adapter.path}/{EXAMINATIONS}"))


def write_card(result: TrainingResult, dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> str:
    """The model card of the adapter."""
    where = f"the {result.split} split, held out by document"
    if result.split == "train":
        where = "the training examples themselves, because the dataset is too small to hold any out: not a measure of quality"
    parts = [
        "---\nlibrary_name: mlx\ntags:\n- lora\n- mlx\n---",
        f"# Adapter for {model.name}",
        f"{KINDS[settings.method]} trained by doctune on a dataset made from documents.",
        *([WARNING] if model.source == STARTER else []),
        f"## Measured\n\nOn {where}: {result.after.rows} examples of {result.proof.documents} documents, {result.after.tokens} "
        "tokens, each token counted once. In brackets: 95 % intervals, drawn over documents.\n\n" + proof_table(result.proof),
        f"## Made from\n\n- Base model: {model.name}, sha256 `{model.digest}`\n- Dataset: sha256 `{dataset.digest}`, "
        f"{dataset.examples['train']} training examples\n- {result.steps} steps, {result.epochs:.2f} epochs, "
        f"{result.trained_tokens} tokens, {result.trainable} parameters" + _how(result, settings),
        '## Use\n\n```\nmlx_lm.generate --model BASE_MODEL_FOLDER --adapter-path THIS_FOLDER --prompt "..."\n```',
    ]
    if result.samples:
        shown = [_sample(number, sample.prompt, sample.before, sample.after) for number, sample in enumerate(result.samples, 1)]
        parts.append(
            f"## Samples\n\nGreedy continuations of the first words of texts in the {result.split} split.\n\n" + "\n".join(shown)
        )
    parts.append("## Settings\n\n```json\n" + json.dumps(settings.cache_identity(), indent=2, sort_keys=True) + "\n```")
    return "\n\n".join(parts) + "\n"


def _how(result: TrainingResult, settings: FinetuningSettings) -> str:
    """What else shaped the adapter, as lines of a list."""
    trained = "all weights" if settings.method == "full" else f"rank {result.rank}"
    lines = [f"{trained}, {result.batch_size} examples per step"]
    if result.best_step not in (None, result.steps):
        lines.append(f"weights of step {result.best_step}, the best on the valid split")
    if result.stopped:
        lines.append(f"ended early: {result.stopped}")
    if result.rollbacks:
        lines.append(
            f"{result.rollbacks} times the loss went astray, and the training went back and on at half the learning rate"
        )
    return "".join(f"\n- {line[0].upper()}{line[1:]}" for line in lines)


def proof_table(proof: Proof) -> str:
    """What a training changed, as a table in Markdown."""
    rows: list[tuple[str, Estimate | None, Estimate | None, int]] = [
        ("loss (nats per token)", proof.loss_before, proof.loss_after, 4),
        ("perplexity", proof.perplexity_before, proof.perplexity_after, 2),
        ("loss on general prompts", proof.general_before, proof.general_after, 4),
        (f"exact match of {proof.answers} answers in JSON", proof.exact_match_before, proof.exact_match_after, 3),
        ("F1 of their fields", proof.field_f1_before, proof.field_f1_after, 3),
    ]
    lines = ["| | before | after |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {before.show(digits)} | {after.show(digits)} |"
        for name, before, after, digits in rows
        if before is not None and after is not None
    ]
    gain = f"The loss fell by {proof.loss_gain.show()} nats per token; on general prompts it changed by "
    return "\n".join([*lines, "", f"{gain}{proof.general_change.show(signed=True)}."])


def _sample(number: int, prompt: str, before: str, after: str) -> str:
    return "\n".join([f"{number}. prompt: {_code(prompt)}", f"   - before: {_code(before)}", f"   - after: {_code(after)}"])


def _code(text: str) -> str:
    """A text as inline code on one line."""
    return "`` " + json.dumps(text, ensure_ascii=False)[1:-1].replace("``", "` `") + " ``"
