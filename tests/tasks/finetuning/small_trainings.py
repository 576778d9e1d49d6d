"""A training that takes seconds: a tiny model and fifteen sentences."""

import json
from pathlib import Path

from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.storage.artifacts import ModelRef

TEXTS = [f"Sentence {number} of {word}." for number in range(5) for word in ("reports", "a long list of invoices", "it")]


def write_sentences(folder: Path) -> Path:
    """A dataset of them."""
    folder.mkdir()
    for split, found in {"train": TEXTS, "valid": TEXTS[:5], "test": TEXTS[4:9]}.items():
        (folder / f"{split}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in found))
    return folder


def small_training(root: Path, model: ModelRef, dataset: Path, output: Path, settings: FinetuningSettings) -> TrainingSpec:
    """A training on it. root: data root of the model."""
    return TrainingSpec(
        dataset=str(dataset),
        model=str(root / model.folder),
        model_name="nano",
        model_digest=model.digest,
        dataset_digest="none",
        output=str(output),
        settings=settings,
    )
