"""Copies: recall on planted edits, false merges, work of a night with 1 % new documents, and throughput beside datasketch.

All texts are made here from a fixed seed: words of a Zipf vocabulary, 300 for each document unless said otherwise.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pyarrow as pa

from tasks.deduplication.assembly import Clustered, cluster_rows
from tasks.deduplication.fingerprints import fingerprint_text
from tasks.deduplication.recurring import recurring_table
from tasks.deduplication.settings import DeduplicationSettings
from tasks.deduplication.task import columns_of
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.root import use_data_root
from tasks.storage.schemas import CLUSTERS, FINGERPRINTS, NORMALIZATION

VOCABULARY = np.array([f"w{number:x}" for number in range(50_000)])
SHARD = 2_000
NOTICE = "this message is meant for the person named above and for nobody else whoever that may be"
SETTINGS = DeduplicationSettings()


def make_text(generator: np.random.Generator, words: int = 300) -> list[str]:
    """Words drawn by a Zipf law."""
    return [str(word) for word in VOCABULARY[(generator.zipf(1.2, words) - 1) % len(VOCABULARY)]]


def edit(generator: np.random.Generator, words: Sequence[str], share: float) -> list[str]:
    """Each word replaced, deleted or followed by another one, with this probability."""
    edited = []
    for word in words:
        if generator.random() >= share:
            edited.append(word)
            continue
        fresh = str(generator.choice(VOCABULARY))
        edited += ([fresh], [], [word, fresh])[generator.integers(3)]
    return edited


def store(texts: Sequence[str], name: str, first: int = 0) -> tuple[list[ParquetRef], list[ParquetRef]]:
    """Fingerprints and texts of all shards."""
    fingerprints, datasets = [], []
    for start in range(0, len(texts), SHARD):
        ids = {
            hashlib.sha256(f"{first + start + at}".encode()).hexdigest(): text
            for at, text in enumerate(texts[start : start + SHARD])
        }
        rows = [{"document_id": of, "part": 0, "text": text} for of, text in sorted(ids.items())]
        blank = {"format": "text", "characters_before": 1, "removed": {}}
        datasets.append(write_table(f"{name}/{start}-texts.parquet", [row | blank for row in rows], NORMALIZATION))
        made = [{**row, **columns_of(fingerprint_text(str(row["text"]))), "score": 0.5} for row in rows]
        table = pa.Table.from_pylist([{key: row.get(key) for key in FINGERPRINTS.names} for row in made], schema=FINGERPRINTS)
        fingerprints.append(write_table(f"{name}/{start}.parquet", table, FINGERPRINTS))
    return fingerprints, datasets


def cluster(texts: Sequence[str], name: str) -> Clustered:
    """Clusters of these texts; each name has its own memo."""
    return cluster_rows(*store(texts, name), SETTINGS, name)


def recall(share: float, words: int = 300, pairs: int = 500) -> float:
    """Share of planted copies that are found among their originals."""
    generator = np.random.default_rng(words)
    originals = [make_text(generator, words) for _ in range(pairs)]
    texts = [" ".join(each) for original in originals for each in (original, edit(generator, original, share))]
    table = cluster(texts, f"recall-{share}-{words}").table
    group: dict[str, str] = dict(zip(table["document_id"].to_pylist(), table["cluster"].to_pylist(), strict=True))
    ids = [hashlib.sha256(f"{start + at}".encode()).hexdigest() for start in range(0, len(texts), SHARD) for at in range(SHARD)]
    return sum(group[ids[2 * pair]] == group[ids[2 * pair + 1]] for pair in range(pairs)) / pairs


def datasketch_seconds(texts: Sequence[str]) -> float:
    """The same fingerprints and candidates (120 values, 20 bands of 6) with datasketch, not verified."""
    from datasketch import MinHash, MinHashLSH

    started = time.perf_counter()
    lsh = MinHashLSH(num_perm=120, params=(20, 6))
    for number, text in enumerate(texts):
        words = text.split()
        made = MinHash(num_perm=120)
        made.update_batch([" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)])
        lsh.query(made)
        lsh.insert(number, made)
    return time.perf_counter() - started


def planted(count: int) -> list[str]:
    """Documents of which 5 % are near copies, 1 % stand in another one, and 10 % share a paragraph."""
    generator = np.random.default_rng(7)
    texts: list[str] = []
    for number in range(count):
        if number % 20 == 19:
            words = edit(generator, texts[number - 10].split(" "), 0.01)
        elif number % 100 == 50:
            words = [*make_text(generator, 200), *texts[number - 3].split(" "), *make_text(generator, 200)]
        else:
            words = make_text(generator)
        texts.append(" ".join(words) + (f"\n\n{NOTICE}" if number % 10 == 3 else ""))
    return texts


def at_scale(root: str) -> dict[str, float]:
    """Clusters and recurring paragraphs of many documents stored below a root, then again with 1 % new ones, and the most
    memory that took."""
    use_data_root(root)
    stored = json.loads((Path(root) / "stored.json").read_text())
    old, every = (
        ([ParquetRef(**ref) for ref in fingerprints], [ParquetRef(**ref) for ref in texts])
        for fingerprints, texts in (stored["old"], stored["all"])
    )
    before = cluster_rows(*old, SETTINGS, "nightly")
    started = time.perf_counter()
    made = cluster_rows(*every, SETTINGS, "cold")
    cold = time.perf_counter()
    recurring = recurring_table(every[0], write_table("clusters.parquet", made.table, CLUSTERS), SETTINGS).num_rows
    counted = time.perf_counter()
    new = cluster_rows(*every, SETTINGS, "nightly")
    ended = time.perf_counter()
    if not new.table.equals(made.table):
        raise RuntimeError("the memo changed the result")
    reasons = Counter(made.table["reason"].to_pylist())
    return {
        "dedup_100k_seconds": cold - started,
        "dedup_100k_recurring_seconds": counted - cold,
        "dedup_100k_1pct_new_seconds": ended - counted,
        "dedup_100k_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024),
        "dedup_100k_near": reasons["deduplication.near"],
        "dedup_100k_contained": reasons["deduplication.contained"],
        "dedup_100k_recurring": recurring,
        "comparisons_before": before.compared,
        "comparisons_cold": made.compared,
        "comparisons_1pct_new": new.compared,
    }


def prepare_scale(count: int, root: str) -> float:
    """Store the documents and their fingerprints below a root; seconds that took."""
    use_data_root(root)
    started = time.perf_counter()
    texts = planted(count)
    old = store(texts[: count - count // 100], "old")
    new = store(texts[count - count // 100 :], "new", first=count - count // 100)
    stored = {"old": old, "all": [[*old[kind], *new[kind]] for kind in (0, 1)]}
    plain = {name: [[ref.model_dump() for ref in kind] for kind in kinds] for name, kinds in stored.items()}
    (Path(root) / "stored.json").write_text(json.dumps(plain))
    return time.perf_counter() - started


def measure(distinct: int = 20_000, scale: int = 100_000) -> dict[str, float]:
    """All figures. Scale is measured in its own process, since its peak of memory counts."""
    with tempfile.TemporaryDirectory() as root:
        use_data_root(root)
        figures = {f"dedup_recall_{round(100 * share)}pct": recall(share) for share in (0.01, 0.02, 0.05, 0.1)}
        figures |= {f"dedup_recall_2pct_{words}_words": recall(0.02, words, 200) for words in (100, 500, 2000)}
        generator = np.random.default_rng(1)
        texts = [" ".join(make_text(generator)) for _ in range(distinct)]
        started = time.perf_counter()
        merged = cluster(texts, "distinct").table["cluster_size"]
        seconds = time.perf_counter() - started
        figures["dedup_false_merges"] = sum(size > 1 for size in merged.to_pylist())
        figures["dedup_docs_per_second"] = distinct / seconds
        figures["dedup_datasketch_docs_per_second"] = distinct / datasketch_seconds(texts)
        figures["dedup_ratio_to_datasketch"] = figures["dedup_docs_per_second"] / figures["dedup_datasketch_docs_per_second"]
    with tempfile.TemporaryDirectory() as root:
        figures["dedup_100k_prepare_seconds"] = prepare_scale(scale, root)
        command = [sys.executable, __file__, "--scale", root]
        lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        figures |= {name: float(value) for name, value in (line.split() for line in lines)}
    return figures


if __name__ == "__main__":
    is_child = sys.argv[1:2] == ["--scale"]
    for key, figure in (at_scale(sys.argv[2]) if is_child else measure(*map(int, sys.argv[1:]))).items():
        print(key, figure)
