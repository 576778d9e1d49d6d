"""The folder `mixed`: files of many formats with the text that should come out. Metric: TF1, mean over documents."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.metrics.bag_of_words import measure_tf1
from benchmarks.reading import Pass, Read
from tasks.unpacking.work import iterate_members

# Types that are the same format, by the name that the figures use.
SAME = {
    **{"htm": "html", "commonmark": "md", "mdx": "md", "ppsx": "pptx", "dbk": "docbook", "nxml": "jats", "tgz": "gzip"},
    **{"j2c": "jp2", "jpm": "jp2", "jpx": "jp2", "pbm": "pnm", "pgm": "pnm"},
}
OFFICE = ("docx", "pptx", "xlsx", "html", "eml", "md", "txt", "csv", "epub", "rtf", "odt")  # office, web, mail and text
ARCHIVES = {"7z": "7z", "gzip": "gzip"}


def read_truth(folder: Path) -> tuple[list[Path], list[str], list[str]]:
    """Paths, types (SAME applied) and true texts, in the order of the index."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    paths = [folder / row["document"] for row in rows]
    types = [SAME.get(row["type"], row["type"]) for row in rows]
    return paths, types, [(folder / row["text"]).read_text(encoding="utf-8", errors="replace") for row in rows]


def score_by_type(files: Sequence[Read], types: Sequence[str], truths: Sequence[str], unpacks: bool) -> dict[str, list[float]]:
    """Type -> TF1 of each of its documents; 0 for one that failed. unpacks: archives are opened before, as the product does."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for file, kind, truth in zip(files, types, truths, strict=True):
        text = read_archive(file.path, kind) if unpacks and kind in ARCHIVES else file.text
        scores[kind].append(measure_tf1(text, truth) if text else 0.0)
    return dict(sorted(scores.items()))


def read_archive(path: Path, kind: str) -> str:
    """Members of an archive that are plain text, joined: the product makes documents of them, the truth is one text."""
    texts = []
    for member in iterate_members(path, ARCHIVES[kind], path.name):
        content = member.content.read() if member.content is not None else b""
        if b"\0" not in content:
            texts.append(content.decode("utf-8", "replace"))
    return "\n".join(texts)


def macro(scores: Mapping[str, Sequence[float]], types: Sequence[str]) -> float:
    """Mean over types of the mean over documents."""
    means = [sum(scores[kind]) / len(scores[kind]) for kind in types if kind in scores]
    return sum(means) / len(means)


def figures_of(found: Pass, types: Sequence[str], truths: Sequence[str], unpacks: bool = False) -> dict[str, float]:
    """The figures of one pass: over all formats of the scope, and one per format."""
    scores = score_by_type(found.files, types, truths, unpacks)
    office = [score for kind in OFFICE for score in scores.get(kind, [])]
    return {
        "office_tf1_macro": round(macro(scores, OFFICE), 4),
        "office_tf1_mean": round(sum(office) / len(office), 4),
        "pdf_tf1": round(sum(scores["pdf"]) / len(scores["pdf"]), 4),
        **{f"tf1_{kind}": round(sum(values) / len(values), 4) for kind, values in scores.items()},
        "documents_per_minute": round(found.per_minute, 1),
        "peak_tree_mib": round(found.peak_mib, 1),
    }
