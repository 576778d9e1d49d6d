"""10,000 examples from a dataset to an adapter, for benchmarks/finetuning.py: a process of its own, to tell its child's peak.

    python -m benchmarks.finetuning_large TEXTS_FOLDER WORK_FOLDER OUT.json

The whole way of a run: plan by measured steps, one epoch, proof on held-out examples, published adapter. On all cores.
"""

import hashlib
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.finetuning_data import read_text, write_dataset
from benchmarks.finetuning_sides import RANK, RATE
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Event
from tasks.finetuning.starter import TOKENIZER, build_starter
from tasks.finetuning.task import finetune
from tasks.finetuning.train import TRAINING_LISTENERS
from tasks.storage.artifacts import AdapterRef, DatasetRef, write_manifest
from tasks.storage.root import use_data_root

EXAMPLES, HELD_OUT, BATCH = 10_000, 200, 32
DATASET = "datasets/large"
SETTINGS = FinetuningSettings(
    rank=RANK,
    learning_rate=RATE,
    batch_size=BATCH,
    epochs=1,
    max_steps=EXAMPLES,
    memory_plan="measured",
    steps_per_report=10,
    steps_per_evaluation=100,
    patience=0,
    evaluation_examples=HELD_OUT,
    sample_tokens=0,
)


def main() -> None:
    """Train and write the figures."""
    texts, work, out = map(Path, sys.argv[1:])
    root = use_data_root(work / "large")
    dataset, tokens = store_dataset(Path(root), read_text(texts))
    model = build_starter()
    clock = Clock()
    TRAINING_LISTENERS.append(clock)
    began = time.perf_counter()
    adapter: AdapterRef = finetune.fn(dataset, model, SETTINGS)  # type: ignore[attr-defined]
    seconds = time.perf_counter() - began
    found = adapter.metrics
    if found["trained_tokens"] != tokens:
        raise RuntimeError(f"{tokens - found['trained_tokens']:.0f} tokens were not trained on: examples were dropped")
    training = clock.training_seconds()
    figures = {
        "large_examples": EXAMPLES,
        "large_tokens": tokens,
        "large_dropped_tokens": int(tokens - found["trained_tokens"]),
        "large_updates": int(found["steps"]),
        "large_seconds": round(seconds, 1),
        "large_training_seconds": round(training, 1),
        "large_tokens_per_second": round(tokens / training),
        "large_eta_ratio": round(clock.eta_seconds / training, 3),
        "large_peak_mib": round(clock.memory["peak_bytes"] / 2**20, 1),
        "large_peak_foreseen_mib": round(clock.memory["foreseen_bytes"] / 2**20, 1),
        "large_process_peak_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10, 1),
    }
    named = ("loss_before", "loss_after", "loss_gain", "loss_gain_low", "loss_gain_high")
    figures |= {f"large_{name}": round(found[name], 4) for name in named}
    out.write_text(json.dumps(figures))


def store_dataset(root: Path, words: list[str]) -> tuple[DatasetRef, int]:
    """A dataset of mixed lengths below the root, and how many tokens of its train split have a loss."""
    from tokenizers import Tokenizer

    counts = {"train": EXAMPLES, "valid": HELD_OUT, "test": HELD_OUT}
    write_dataset(root / DATASET, words, "mixed", counts)
    files = {}
    for split in counts:
        content = (root / DATASET / f"{split}.jsonl").read_bytes()
        files[f"{split}.jsonl"] = (len(content), hashlib.sha256(content).hexdigest())
    digest, sizes = write_manifest(DATASET, files, {})
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    lines = (root / DATASET / "train.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    # Every token but the first has a loss, and the end of text, which is added, has one too.
    tokens = sum(len(encoded.ids) for encoded in tokenizer.encode_batch([json.loads(line)["text"] for line in lines]))
    return DatasetRef(path=DATASET, digest=digest, files=sizes, examples=counts, tokens={"train": tokens}), tokens


class Clock:
    """Listens to a training. eta_seconds: as the plan said. memory: the event of that name."""

    def __init__(self) -> None:
        self.eta_seconds = 0.0
        self.memory: Event = {}
        self._began = self._ended = self._validated = 0.0

    def __call__(self, event: Event) -> None:
        """Take an event's time as it comes; reading them late by up to 0.2 s changes little here."""
        now = time.perf_counter()
        match event["event"]:
            case "plan":
                self.eta_seconds = event["eta_seconds"]
            case "valid" if not self._began:  # the measurement before the first step
                self._began = now
            case "valid":
                self._validated += event["seconds"]
            case "memory":
                self.memory, self._ended = event, now

    def training_seconds(self) -> float:
        """Seconds of the updates, without the measurements on the valid split between them."""
        return self._ended - self._began - self._validated


if __name__ == "__main__":
    main()
