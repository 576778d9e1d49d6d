"""An adapter on contracts by the commands that a user has, for benchmarks/finetuning.py: `doctune curate`, `doctune finetune`.

Each contract is cut to a paragraph or two around its governing law, so that a small model has few places to look at and sees
each answer often, and one field is asked for. The expected answer is what doctune's annotation found; contracts are held out
whole. The base is the starter, whose weights are random: before the training nothing that it answers is JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

from benchmarks.common import ROOT
from tasks.annotation.schema import SHIPPED_FOLDER
from tasks.finetuning.held_out import read_questions

BEFORE, AFTER = 300, 300  # characters that are kept before and after the beginning of the labelled clause
FIELD = "governing_law"
ABSENT = {FIELD: None}  # the answer where the text does not state it
CURATION = {
    "chunks.max_tokens": 256,
    "dataset.instructions.kinds": ["extraction"],
    "dataset.instructions.share": 0.8,
    "dataset.instructions.negatives": 0.4,
    "dataset.valid_fraction": 0.1,
    "dataset.test_fraction": 0.2,
}
FINETUNING = {
    "method": "full",
    "learning_rate": 3e-3,
    "batch_size": 4,
    "epochs": 13,
    "max_steps": 1500,
    "patience": 0,
    "sample_tokens": 0,
    "extraction_examples": 100,
    "extraction_tokens": 24,
}
PROVED = ("perplexity_before", "perplexity_after", "loss_gain")
PROVED_OF_FIELDS = ("exact_match_before", "exact_match_after", "field_f1_before", "field_f1_after", "field_f1_gain")


def train_on_contracts(contracts: Path, work: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Figures and counts. contracts: folder with index.jsonl and the texts that it names."""
    documents = cut_contracts(contracts, work / "contracts")
    schema = write_schema(work / "schema.yaml")
    root = work / "contracts-root"
    curation = {**CURATION, "annotation.schemas": [str(schema)]}
    doctune("curate", [str(documents)], root, work, {f"curation.{name}": value for name, value in curation.items()})
    doctune("finetune", [], root, work, {f"finetuning.{name}": value for name, value in FINETUNING.items()})
    dataset = json.loads((root / "datasets" / "current.json").read_text())
    (manifest,) = root.glob("adapters/*/manifest.json")
    metrics = json.loads(manifest.read_text())["metrics"]
    figures = {}
    for name in (*PROVED, *PROVED_OF_FIELDS):
        for end in ("", "_low", "_high"):
            figures[name.replace("exact_match", "field_exact_match") + end] = round(metrics[name + end], 4)
    asked = read_questions(root / dataset["path"], 1, int(metrics["measured_answers"])).extraction
    figures["field_exact_match_always_null"] = round(mean(json.loads(each.answer or "") == ABSENT for each in asked), 4)
    counts = {
        "contracts": len(list(documents.iterdir())),
        "contracts_train_examples": dataset["examples"]["train"],
        "contracts_held_out": int(metrics["measured_documents"]),
        "contracts_held_out_examples": int(metrics["measured_rows"]),
        "contracts_answers": int(metrics["measured_answers"]),
        "contracts_updates": int(metrics["steps"]),
    }
    return figures, counts


def cut_contracts(contracts: Path, folder: Path) -> Path:
    """Write a text for every contract with a labelled clause that stands in it literally."""
    folder.mkdir()
    with (contracts / "index.jsonl").open(encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            text = (contracts / row["document"]).read_text(encoding="utf-8", errors="replace")
            starts = [text.find(span) for span in row["fields"].get(FIELD, {}).get("spans", [])]
            if found := [start for start in starts if start >= 0]:
                piece = text[max(0, found[0] - BEFORE) : found[0] + AFTER]
                (folder / Path(row["document"]).name).write_text(piece, encoding="utf-8")
    return folder


def write_schema(file: Path) -> Path:
    """doctune's schema of contracts with one field of it."""
    schema: dict[str, Any] = yaml.safe_load((SHIPPED_FOLDER / "contract.yaml").read_text(encoding="utf-8"))
    schema["fields"] = [field for field in schema["fields"] if field["name"] == FIELD]
    file.write_text(yaml.safe_dump(schema, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def doctune(command: str, sources: list[str], root: Path, work: Path, settings: dict[str, Any]) -> None:
    """Run a command of doctune as a user does, with a Prefect home of its own."""
    options = [part for name, value in settings.items() for part in ("--set", f"{name}={json.dumps(value)}")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DOCTUNE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", command, *sources, "--data-root", str(root), *options],
        cwd=work,
        env={**kept, "PREFECT_HOME": str(work / "prefect"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
