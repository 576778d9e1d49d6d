"""Fits a training to the device: what is computed at once, and how. Only for the training process and tests."""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.finetuning.batches import OVERHEAD, count_updates, round_up
from tasks.finetuning.device import device_name, limit_memory, on_accelerator
from tasks.finetuning.examples import Example, UnfitError
from tasks.finetuning.losses import Split, accepts_packing, split_head
from tasks.finetuning.memory import ModelShape
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.plan import DoesNotFit, Plan, Planner, Size
from tasks.finetuning.probing import measure_steps
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Event, Probe, TrainingSpec


@dataclass(frozen=True)
class Fit:
    """How a training is computed. packed: examples share rows. split: the model in two, for a loss in pieces."""

    plan: Plan
    packed: bool
    split: Split | None


def fit_to_device(
    model: Any,
    config: Mapping[str, Any],
    examples: Sequence[Example],
    spec: TrainingSpec,
    settings: FinetuningSettings,
    tell: Callable[[Event], None],
    team: Team = ALONE,
) -> Fit:
    """Look at model, examples and device, measure where need be, and decide; the leader of a team decides for all.

    Raises UnfitError.
    """
    packed = _pack(model, settings, team)
    split = split_head(model, team) if settings.chunks_loss(int(config.get("vocab_size", 0))) else None
    updates = count_updates(len(examples), settings.batch_size or 1, settings.epochs, settings.max_steps)
    shape = ModelShape.of(Path(spec.model), config)
    planner = Planner(
        shape=shape and shape.part(*team.largest_share),
        settings=settings,
        budget_bytes=limit_memory(spec.available_bytes, settings.processes_per_host),
        longest=max(len(example.tokens) for example in examples),
        tokens=count_places(examples, updates, settings) // (1 if team.staged else team.size),
        most_tokens=most_tokens(examples, settings, team.size) if team.staged else None,
        in_flight=team.in_flight,
        packed=packed,
        chunked=team.any(split is not None),
        accelerated=on_accelerator(),
        attempt=spec.attempt,
    )
    plan = _plan(planner, model, spec, split, tell, team).model_dump_json() if team.leader else ""
    decided = Plan.model_validate_json(team.share(plan))
    return Fit(decided.model_copy(update={"why": [*team.describe(), *decided.why]}), packed, split)


def count_places(examples: Sequence[Example], updates: int, settings: FinetuningSettings) -> int:
    """About how many places the whole training computes."""
    mean = sum(example.places for example in examples) / len(examples)
    return int(mean * updates * (settings.batch_size or 1))


def most_tokens(examples: Sequence[Example], settings: FinetuningSettings, stages: int) -> int:
    """How large micro-batches may be, so that an update has two for each process that they go through, if not small."""
    return max(OVERHEAD, count_places(examples, 1, settings) // (2 * stages))


def _plan(
    planner: Planner, model: Any, spec: TrainingSpec, split: Split | None, tell: Callable[[Event], None], team: Team
) -> Plan:
    """The memory plan; what was measured of this model in these circumstances before is not measured again."""

    def tell_size(event: str, micro_tokens: int, longest: int, checkpointing: bool) -> None:
        row = round_up(longest - 1, planner.packed)
        size = Size(micro_tokens=micro_tokens, row=row, longest=longest, checkpointing=checkpointing)
        tell({"event": event, **size.model_dump()})

    def measure(width: int, checkpointing: bool) -> Probe:
        key, circumstances = describe_probe(planner, spec.model_digest, width, checkpointing)
        if key in spec.probes:
            return spec.probes[key]
        tell_size("probing", 2 * width, planner.longest, checkpointing)
        probe = measure_steps(model, planner.settings, width, checkpointing=checkpointing, packed=planner.packed, split=split)
        tell({"event": "probed", "key": key, "of": circumstances, "probe": probe.model_dump()})
        return probe

    try:
        plan = planner.plan(None if team.staged else measure)  # the others would have to take these steps too
    except DoesNotFit as error:
        raise UnfitError(str(error)) from error
    tell_size("planned", plan.micro_tokens, plan.cut_to or planner.longest, plan.checkpointing)
    return plan


def _pack(model: Any, settings: FinetuningSettings, team: Team) -> bool:
    """Whether examples share rows. On a CPU the attention of long rows costs more than the padding that they spare."""
    if settings.packing == "off" or (settings.packing == "auto" and not on_accelerator()):
        return False
    if not team.any(not accepts_packing(model, team)):
        return True
    if settings.packing == "on":
        raise UnfitError("examples cannot share rows with this model, they would see each other: set packing to auto or off")
    return False


def describe_probe(planner: Planner, model_digest: str, width: int, checkpointing: bool) -> tuple[str, Event]:
    """The key that a measurement of steps is kept under, and the circumstances that the key is a digest of."""
    settings = planner.settings
    circumstances = {
        "model": model_digest,
        "device": device_name(),
        "versions": [importlib.metadata.version(name) for name in ("mlx", "mlx-lm")],
        "width": width,
        "checkpointing": checkpointing,
        "packed": planner.packed,
        "chunked": planner.chunked,
        "settings": [settings.method, settings.rank, settings.layers, settings.adapter_precision, settings.quantize],
    }
    return hashlib.sha256(json.dumps(circumstances).encode()).hexdigest()[:32], circumstances
