"""Adapters below the data root, made without a training: an untrained adapter on the starter, and made-up measurements."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tasks.finetuning.adapter import publish_adapter
from tasks.finetuning.examination import EXAMINATIONS, Answered, Examination, Examinations, Scored, prove
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES, EVENTS, PLAN, HeldOut, TrainingResult
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, write_manifest
from tasks.storage.root import write_bytes

NANO = StarterShape(hidden=64, layers=1, heads=2, kv_heads=1, mlp=64)
RANK = 4
BASE_LOSSES = (6.0, 5.0, 7.0, 6.5)


def examination(
    losses: Sequence[float], general: float = 6.0, right: Sequence[int] = (), documents: int | None = None
) -> Examination:
    """One document of 100 tokens for each loss (or so many documents), four general prompts, an answer for each of `right`."""
    count = documents or len(losses)
    return Examination(
        rows=[Scored(example=f"e{at}", group=f"d{at % count}", nats=100 * loss, tokens=100) for at, loss in enumerate(losses)],
        general=[Scored(example=f"g{at}", group=f"g{at}", nats=10 * general, tokens=10) for at in range(4)],
        answers=[
            Answered(example=f"a{at}", group=f"d{at}", exact=each == 3, right=each, given=3, expected=3)
            for at, each in enumerate(right)
        ],
    )


def store_dataset(name: str = "one") -> DatasetRef:
    """A dataset with a card and no examples: whoever reads these must not be asked to."""
    card = (
        "---\nlicense: other\n---\n\n# corpus\n\n## Splits\n\nThree splits.\n\n## Origin\n\n- Documents: 7\n\n## Settings\n\n-\n"
    )
    write_bytes(f"datasets/{name}/README.md", card.encode())
    digest, sizes = write_manifest(f"datasets/{name}", {"README.md": (len(card), name)}, {})
    return DatasetRef(path=f"datasets/{name}", digest=digest, files=sizes, examples={"train": 9}, tokens={"train": 90})


def store_adapter(
    name: str,
    losses: Sequence[float] = (5.0, 4.0, 6.0, 5.5),
    *,
    scratch: Path,
    general: float = 6.0,
    model: ModelRef | None = None,
    dataset: DatasetRef | None = None,
    settings: FinetuningSettings | None = None,
    strength: float = 0.0,
) -> AdapterRef:
    """Publish adapters/NAME. losses: per document, those of the base being BASE_LOSSES. strength: of the adapter's weights, which
    are random; 0 changes nothing."""
    model, dataset = model or build_starter(NANO), dataset or store_dataset()
    settings = settings or FinetuningSettings(rank=RANK)
    trained = scratch / f"trained-{name}"
    trained.mkdir()
    found = Examinations(split="test", before=examination(BASE_LOSSES), after=examination(losses, general))
    (trained / EXAMINATIONS).write_text(found.model_dump_json())
    for file in (EVENTS, PLAN):
        (trained / file).write_text("")
    layer = "model.layers.0.self_attn.q_proj"
    generator = np.random.default_rng(0)
    first = generator.normal(size=(NANO.hidden, RANK)).astype(np.float32)
    second = (strength * generator.normal(size=(RANK, NANO.hidden))).astype(np.float32)
    save_file({f"{layer}.lora_a": first, f"{layer}.lora_b": second}, trained / ADAPTER_FILES[0])
    parameters = {"rank": RANK, "scale": 2.0, "dropout": 0.0, "keys": ["self_attn.q_proj"]}
    config = {"fine_tune_type": "lora", "num_layers": -1, "lora_parameters": parameters, "model": model.name}
    (trained / ADAPTER_FILES[1]).write_text(json.dumps(config))
    result = TrainingResult(
        split="test",
        before=HeldOut.of(found.before.rows),
        after=HeldOut.of(found.after.rows),
        steps=7,
        epochs=1.0,
        trained_tokens=90,
        trainable=8 * NANO.hidden,
        losses=[(1, 6.0)],
        valid_losses=[],
        best_step=None,
        stopped=None,
        rank=RANK,
        batch_size=4,
        padding_share=0.0,
        rollbacks=0,
        samples=[],
        proof=prove(found.before, found.after),
    )
    return publish_adapter(f"adapters/{name}", trained, result, dataset=dataset, model=model, settings=settings)
