"""What the page says of a training: from the adapter's own files, and from what the flow says of its run."""

import json
from collections.abc import Mapping
from typing import Any

from tasks.reporting.facts import MeasureFacts, RunFacts, SampleFacts, TrainingFacts
from tasks.storage.artifacts import AdapterRef
from tasks.storage.root import read_bytes, size_of

STARTER = "starter"
# Numbers of a proof (metrics.json): name without _before and _after, in words, digits.
MEASURES = (
    ("loss", "Loss, nats per token", 4),
    ("perplexity", "Perplexity", 2),
    ("general", "Loss on general prompts", 4),
    ("exact_match", "Exact match of answers in JSON", 3),
    ("field_f1", "F1 of their fields", 3),
)
EVENTS = "events.jsonl"


def training_facts(adapter: AdapterRef, run: RunFacts, promotion: Mapping[str, Any] | None) -> TrainingFacts:
    """The facts of an adapter. promotion: whether it is in use after the run, and why; None when the run did not say."""
    result = json.loads(read_bytes(f"{adapter.path}/metrics.json"))
    model = json.loads(read_bytes(f"{adapter.path}/adapter_config.json"))["model"]
    steps = _read_steps(adapter)
    return TrainingFacts(
        model=model,
        from_scratch=model == STARTER,
        split=result["split"],
        loss_before=result["before"]["loss"],
        loss_after=result["after"]["loss"],
        perplexity_before=result["before"]["perplexity"],
        perplexity_after=result["after"]["perplexity"],
        measured_tokens=result["after"]["tokens"],
        measured_documents=(result.get("proof") or {}).get("documents"),
        measures=read_measures(result),
        steps=result["steps"],
        epochs=result["epochs"],
        trained_tokens=result["trained_tokens"],
        trainable_parameters=result["trainable"],
        curve=result["losses"],
        valid_curve=result["valid_losses"],
        rate_curve=[(step["step"], step["learning_rate"]) for step in steps],
        memory_curve=[(step["step"], step["peak_memory_mib"]) for step in steps],
        tokens_per_second=max((step["tokens_per_second"] for step in steps), default=None),
        samples=[SampleFacts(**sample) for sample in result["samples"]],
        seconds=run.stage_seconds.get("finetuning"),
        digest=adapter.digest,
        folder=adapter.path,
        promoted=promotion["promoted"] if promotion else None,
        decision=promotion["why"] if promotion else None,
    )


def read_measures(result: Mapping[str, Any]) -> list[MeasureFacts]:
    """What was measured before and after, with intervals; without a proof (an older adapter) loss and perplexity alone."""
    proof = result.get("proof") or {
        f"{name}_{when}": {"value": result[when][name]} for name in ("loss", "perplexity") for when in ("before", "after")
    }
    measures = []
    for name, words, digits in MEASURES:
        before, after = proof.get(f"{name}_before"), proof.get(f"{name}_after")
        if before is not None and after is not None:
            measures.append(
                MeasureFacts(
                    words=words,
                    digits=digits,
                    before=before["value"],
                    after=after["value"],
                    before_interval=_interval(before),
                    after_interval=_interval(after),
                )
            )
    return measures


def _interval(estimate: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = estimate.get("low"), estimate.get("high")
    return None if low is None or high is None else (low, high)


def _read_steps(adapter: AdapterRef) -> list[dict[str, Any]]:
    """The points of the training's progress; none when the adapter came without them."""
    if size_of(f"{adapter.path}/{EVENTS}") is None:
        return []
    events = [json.loads(line) for line in read_bytes(f"{adapter.path}/{EVENTS}").splitlines()]
    return [event for event in events if event["event"] == "step"]
