"""What the page says of a training, from the files of its adapter."""

import json

from tasks.reporting.facts import RunFacts
from tasks.reporting.training import read_measures, training_facts
from tasks.storage.artifacts import AdapterRef
from tasks.storage.root import write_bytes

HELD = {"loss": 8.0, "perplexity": 2980.9, "rows": 4, "tokens": 900}
PROOF = {
    "documents": 4,
    "loss_before": {"value": 8.0, "low": 7.5, "high": 8.5},
    "loss_after": {"value": 5.0, "low": 4.5, "high": 5.5},
    "general_before": {"value": 7.0, "low": 6.0, "high": 8.0},
    "general_after": {"value": 7.1, "low": None, "high": None},
    "exact_match_before": None,
    "exact_match_after": None,
}
RESULT = {"split": "test", "before": HELD, "after": HELD, "proof": PROOF, "steps": 2, "epochs": 1.0, "trained_tokens": 50}
RESULT |= {"trainable": 7, "losses": [[1, 8.0]], "valid_losses": [], "samples": []}


def test_intervals_are_read_where_there_are_some() -> None:
    loss, general = read_measures(RESULT)
    assert (loss.words, loss.before, loss.after) == ("Loss, nats per token", 8.0, 5.0)
    assert (loss.before_interval, loss.after_interval) == ((7.5, 8.5), (4.5, 5.5))
    assert (general.after, general.after_interval) == (7.1, None)


def test_the_course_of_a_training_comes_from_its_events() -> None:
    steps = [
        {
            "event": "step",
            "step": at,
            "train_loss": 8.0,
            "learning_rate": 0.1 / at,
            "tokens_per_second": 10.0 * at,
            "peak_memory_mib": at,
        }
        for at in (1, 2)
    ]
    events = [{"event": "start"}, *steps, {"event": "done"}]
    write_bytes("adapters/one/events.jsonl", "\n".join(map(json.dumps, events)).encode())
    write_bytes("adapters/one/metrics.json", json.dumps(RESULT).encode())
    write_bytes("adapters/one/adapter_config.json", b'{"model": "small"}')
    adapter = AdapterRef(path="adapters/one", digest="a", files={}, dataset_digest="d", model_digest="m")
    facts = training_facts(adapter, RunFacts(name="one"), None)
    assert facts.rate_curve == [(1, 0.1), (2, 0.05)]
    assert facts.memory_curve == [(1, 1), (2, 2)]
    assert facts.tokens_per_second == 20
    assert (facts.measured_documents, facts.promoted, facts.from_scratch) == (4, None, False)
