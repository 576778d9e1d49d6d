"""Decontamination measured: planted leaks that are found, per kind of change, false drops, and speed on one core.

`python -m benchmarks.quality_contamination [FOLDER]`: FOLDER holds UTF-8 .txt files; without one, the texts are synthetic.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

from tasks.dataset.contamination import Index, Indexing, build_index, load_index, shared_grams
from tasks.dataset.evaluation import find_evaluation
from tasks.storage.parquet import ParquetRef
from tasks.storage.root import use_data_root

PIECE_WORDS = 300
LEAK_WORDS = 40  # of an evaluation row
LEAKS = 200  # of each kind


def _synthetic(chooser: random.Random) -> list[str]:
    vocabulary = ["".join(chooser.choices("aeioudrtnslm", k=chooser.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]  # Zipf's law
    return [" ".join(chooser.choices(vocabulary, weights, k=6_000)) for _ in range(200)]


def _changed(kind: str, words: list[str]) -> str:
    """A leak as it may look in a document."""
    if kind == "case_punctuation":
        return ", ".join(word.upper() for word in words) + "!"
    if kind == "one_word":
        return " ".join([*words[: len(words) // 2], "otherwise", *words[len(words) // 2 + 1 :]])
    if kind == "paraphrase":  # every sixth word another one: no 13 words in a row are left
        return " ".join("otherwise" if at % 6 == 0 else word for at, word in enumerate(words))
    return " ".join(words)


def _index(rows: list[str], folder: Path) -> Index:
    (folder / "evaluation.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows), encoding="utf-8")
    root = use_data_root(folder / "root")
    files = tuple(find_evaluation([str(folder / "evaluation.jsonl")]))
    made = build_index(Indexing(root, "index.parquet", files, ()))
    if not isinstance(made, ParquetRef):
        raise made
    return load_index(root, made.path, made.sha256)


def measure(texts: list[str] | None = None, seed: int = 0) -> dict[str, float]:
    """recall_<kind>: share of planted pieces found. false_drops: share of pieces without a planted leak that are found, where
    no evaluation row comes from their own document. mb_per_second: of UTF-8 text (10**6 bytes), words, hashes and look-ups."""
    chooser = random.Random(seed)
    texts = texts or _synthetic(chooser)
    chooser.shuffle(texts)
    pieces = [words[at : at + PIECE_WORDS] for words in map(str.split, texts) for at in range(0, len(words), PIECE_WORDS)]
    half = len(pieces) // 2
    pieces = [piece for piece in pieces if len(piece) >= LEAK_WORDS]
    sources, hosts = pieces[:half], [" ".join(piece) for piece in pieces[half:]]
    rows = [piece[:LEAK_WORDS] for piece in chooser.sample(sources, min(LEAKS, len(sources)))]
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        index = _index([" ".join(row) for row in rows], Path(folder))
        clean = [host for host in hosts if not shared_grams([host], index)[0]]
        for kind in ("verbatim", "case_punctuation", "one_word", "paraphrase"):
            planted = [f"{chooser.choice(clean)} {_changed(kind, row)} {chooser.choice(clean)}" for row in rows]
            figures[f"recall_{kind}"] = sum(shared_grams([text], index)[0] is not None for text in planted) / len(planted)
        figures["false_drops"] = 1 - len(clean) / len(hosts)
        started = time.perf_counter()
        for host in hosts:
            shared_grams([host], index)
        figures["mb_per_second"] = sum(len(host.encode()) for host in hosts) / 1e6 / (time.perf_counter() - started)
        figures["index_grams"] = float(len(index.grams))
        figures["pieces"] = float(len(hosts))
    return figures


def main() -> None:
    """Print the figures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    texts = [path.read_text("utf-8", errors="replace") for path in sorted(folder.glob("*.txt"))] if folder else None
    for name, value in measure(texts).items():
        print(f"{name}: {value:.4g}")


if __name__ == "__main__":
    main()
