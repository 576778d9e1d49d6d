"""`doctune finetune --dry-run`."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from flows.cli import main
from flows.dry_run import describe
from flows.settings import FinetuningSettings
from tasks.finetuning.jobs import Foreseen
from tasks.finetuning.plan import Plan
from tasks.storage.artifacts import DatasetRef, publish_current, write_manifest
from tasks.storage.root import find_files, write_bytes

GIB = 2**30


def dry_run(data_root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["finetune", "--dry-run", *arguments, "--data-root", str(data_root)])


def store_dataset(count: int) -> None:
    text = "".join(json.dumps({"text": f"Clause {at} names a notice period of thirty days."}) + "\n" for at in range(count))
    write_bytes("datasets/one/train.jsonl", text.encode())
    digest, sizes = write_manifest("datasets/one", {"train.jsonl": (len(text), "0")}, {})
    publish_current(
        "datasets",
        DatasetRef(path="datasets/one", digest=digest, files=sizes, examples={"train": count}, tokens={"train": 1}),
    )


def test_the_plan_is_told_and_nothing_is_trained(data_root: Path) -> None:
    missing = dry_run(data_root)
    assert missing.exit_code == 2
    assert "make one first with `doctune curate FOLDER`" in missing.output
    store_dataset(6)
    shown = dry_run(data_root, "--set", "finetuning.rank=8")
    assert shown.exit_code == 0, shown.output
    lines = {line[:16].strip(): line[17:] for line in shown.output.splitlines()}
    assert lines["updates"] == "6 of 4 examples, 2 in an epoch"
    assert lines["trained"] == "lora, rank 8"
    assert lines["foreseen peak"].endswith("80 % of the memory that is available; by a formula, with a margin")
    assert lines["time"].startswith("not known")
    assert "finetuning.minimum_examples is 8" in shown.output
    assert not find_files("adapters")


def test_a_setting_that_is_wrong_is_refused(data_root: Path) -> None:
    refused = dry_run(data_root, "--set", "finetuning.rank=0")
    assert refused.exit_code == 2
    assert "finetuning.rank" in refused.output


def foreseen(**changes: object) -> str:
    values = {"micro_tokens": 512, "checkpointing": True, "cut_to": 256, "peak_bytes": None, "budget_bytes": 8 * GIB}
    plan = Plan.model_validate({**values, "measured": False, "eta_seconds": 7500.0, "why": [], **changes})
    found = Foreseen(
        examples=100,
        tokens=9000,
        longest=256,
        updates=12,
        updates_per_epoch=4,
        batch_size=32,
        micro_batches=5.25,
        padding_share=0.04,
        packed=True,
        rank=None,
        short_of=9 * GIB,
        plan=plan,
    )
    return "\n".join(describe(found, "base", FinetuningSettings()))


def test_every_decision_is_in_words() -> None:
    said = foreseen()
    for part in ("cut to 256", "5.2 micro-batches", "twice to spare memory", "all weights", "needs 9.00 GiB", "about 2 h 05 min"):
        assert part in said
    assert "0.50 GiB of 8.0 GiB" in foreseen(peak_bytes=GIB // 2, measured=True)
