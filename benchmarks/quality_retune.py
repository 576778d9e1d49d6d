"""How long other thresholds take to judge 10,000 stored documents, by the command that a person would type.

    python benchmarks/quality_retune.py

Wall time of the whole process, the interpreter's start included; median of RUNS.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT
from flows.results import RunResult, remember
from tasks.quality import memo
from tasks.quality.judging import load_judging
from tasks.quality.measure import GROUPS, LANGUAGE, Measured, keep_groups
from tasks.quality.memo import columns_of, memo_path
from tasks.quality.score import SHIPPED
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import cascade_of, decide_rows
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.root import data_root, use_data_root
from tasks.storage.schemas import DECISIONS, NORMALIZATION, QUALITY, SIGNALS

DOCUMENTS = 10_000
SHARDS = 80
RUNS = 5
FORMATS = ("pdf", "docx", "html", "text", "eml", "xlsx")
COUNTS = {  # signals that are no shares: mean of their logarithm, and its deviation
    "length.words": (6.0, 1.5),
    "length.characters": (7.8, 1.5),
    "gopher.mean_word_length": (1.6, 0.15),
    "gopher.stop_words": (1.5, 0.5),
    "c4.sentences": (3.0, 1.2),
    "c4.paragraphs": (1.5, 1.0),
}
FEATURES = {feature.signal: feature for feature in SHIPPED.features}
COMMAND = [sys.executable, "-m", "flows.cli", "gates", "--profile", "strict", "--dry-run", "--data-root"]


def measure() -> dict[str, float]:
    """Median seconds of `doctune gates --profile strict --dry-run` over a run with DOCUMENTS documents in SHARDS shards."""
    before = data_root()
    with tempfile.TemporaryDirectory(prefix="doctune-retune-") as folder:
        try:
            use_data_root(folder)
            store_run()
        finally:
            use_data_root(before)
        seconds = [_time(folder) for _ in range(RUNS)]
    return {"retune_10k_seconds": round(statistics.median(seconds), 3), "retune_10k_documents": float(DOCUMENTS)}


def store_run(documents: int = DOCUMENTS, shards: int = SHARDS) -> RunResult:
    """Write what a run under the default profile leaves behind of so many documents: signals, verdicts, memos and books."""
    random_numbers = random.Random(4)
    outputs, books = [], []
    for shard in range(shards):
        numbers = range(shard * documents // shards, (shard + 1) * documents // shards)
        stored, rows = _store_shard(shard, [f"{number:064x}" for number in numbers], random_numbers)
        outputs.append(stored)
        books += rows
    result = RunResult(
        run="synthetic",
        flow="curate",
        outcome="Completed",
        message="",
        decisions=write_table("runs/synthetic/decisions.parquet", sorted(books, key=lambda row: row["path"]), DECISIONS),
        outputs=outputs,
    )
    remember(result, "synthetic")
    return result


def _store_shard(
    shard: int, documents: list[str], random_numbers: random.Random
) -> tuple[dict[str, ParquetRef], list[dict[str, Any]]]:
    settings, audit, judging = GateSettings(), AuditSettings(), load_judging()
    cascade = cascade_of(settings, judging.order)
    everything = {document: _invent(judging.order.groups, random_numbers) for document in documents}
    formats = {document: random_numbers.choice(FORMATS) for document in documents}
    measured = {
        document: keep_groups(known, cascade.walk(known, formats[document]).groups) for document, known in everything.items()
    }
    passed = {"reason": None, "detail": None}
    keys = {document: {"document_id": document, "part": 0, "format": formats[document]} for document in documents}
    texts = [
        keys[document]
        | {"text": "Text.", "title": None, "characters_before": 5, "removed": {}, "flags": [], "encoding_damage": {}, **passed}
        for document in documents
    ]
    signals = [keys[document] | columns_of(measured[document]) | passed for document in documents]
    decided = decide_rows(signals, settings, audit, judging)
    version = "1.synthetic"
    outputs = {
        "normalization": write_table(f"stages/normalization/1-{shard}.parquet", texts, NORMALIZATION),
        "signals": write_table(f"stages/quality-signals/{version}-{shard}.parquet", signals, SIGNALS),
        "quality": write_table(f"stages/quality-gates/1-{shard}.parquet", decided, QUALITY),
    }
    # Half of the documents were measured to the end by an earlier run.
    remembered = {(document, 0): everything[document] if int(document, 16) % 2 else measured[document] for document in documents}
    memo.remember(memo_path(outputs["normalization"], version), remembered, {key: formats[key[0]] for key in remembered})
    return outputs, [_book(row, measured[row["document_id"]], formats[row["document_id"]]) for row in decided]


def _invent(groups: tuple[str, ...], random_numbers: random.Random) -> Measured:
    """Signals of a text. Counts are spread by orders of magnitude, what the score looks at lies about its typical value, and of
    the other shares most are 0; one text in five is bad all over."""
    is_bad = random_numbers.random() < 0.2
    signals = {}
    for name in (name for group in groups if group in GROUPS for name in GROUPS[group].signals):
        if name in COUNTS:
            value = random_numbers.lognormvariate(*COUNTS[name])
        elif name in FEATURES:
            value = abs(random_numbers.gauss(FEATURES[name].typical, FEATURES[name].scale * (3 if is_bad else 1)))
        else:
            value = random_numbers.betavariate(1, 3 if is_bad else 30) * (random_numbers.random() < 0.3)
        signals[name] = round(value, 6)
    language = random_numbers.choice(["en", "en", "en", "de", "fr", "und"])
    signals["language.share"] = 1.0
    signals["gopher.alpha_words"] = signals["fineweb.line_punct"] = round(random_numbers.betavariate(9, 2), 6)
    return Measured(groups, signals, language, {language: 1.0} if LANGUAGE in groups else None, dict.fromkeys(groups, 1e-4))


def _book(row: dict[str, Any], measured: Measured, format_name: str) -> dict[str, Any]:
    kept = row["reason"] is None
    return {
        "document_id": row["document_id"],
        "path": f"/documents/{row['document_id'][-4:-2]}/{row['document_id'][-8:]}.{format_name}",
        "aliases": [],
        "format": format_name,
        "verdict": "kept" if kept else "rejected",
        "stage": "dataset" if kept else "quality",
        "reason": row["reason"],
        "detail": row["detail"],
        "signals": dict(measured.signals),
        "language": measured.language,
        "score": row["score"],
        "examples": int(kept),
        "seconds": 0.01,
        "bytes": 5,
        "engine": None,
        "engine_version": None,
    }


def _time(folder: str) -> float:
    started = time.perf_counter()
    done = subprocess.run([*COMMAND, folder], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ), check=False)
    seconds = time.perf_counter() - started
    if done.returncode or "would be rejected" not in done.stdout:
        raise RuntimeError(f"the command failed with {done.returncode}: {done.stderr}")
    return seconds


if __name__ == "__main__":
    print(measure())
