"""Precision, recall and speed of the finders of personal data and secrets, beside presidio where it is installed.

A finding counts as right when it has the kind of a marked span and shares at least half of the characters that the two cover.
Figures of the texts that were written after the finders ("after") are told apart from those that were there before;
the finders were corrected on both, so that these figures say what is covered, not what to expect of other texts.
"""

import argparse
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a script's own folder is not enough

from benchmarks.corpora.privacy import LabelledText, load_labels
from tasks.privacy.engines import find_all
from tasks.privacy.finding import KINDS, SECRETS
from tasks.privacy.settings import PrivacySettings

Span = tuple[str, int, int]
_PLAIN = "The parties agree that the services are delivered in good time, and that each of them bears its own costs.\n"
PLAIN_CHARACTERS = 2_000_000
PASSES = 3  # the fastest counts


def measure(folder: Path | None = None, engine: str = "builtin") -> dict[str, float]:
    """Figures of one engine. folder: text files that speed is measured on; without, the labelled texts."""
    settings = PrivacySettings(engine=engine)
    labels = load_labels()
    kinds = [kind for kind in KINDS if engine == "builtin" or kind not in SECRETS]
    figures: dict[str, float] = {}
    for subset in ("", "before", "after"):
        texts = [label for label in labels if subset in ("", label.subset)]
        suffix = f"_{subset}" if subset else ""
        figures |= _precision_recall(_count(texts, settings, kinds), suffix)
    for kind in kinds:
        figures |= _precision_recall(_count(labels, settings, [kind]), f"_{kind}")
    texts = _read(folder) if folder else [label.text for label in labels]
    figures["pii_mb_per_second"] = _speed(texts, settings)
    if engine == "builtin":
        figures["pii_plain_mb_per_second"] = _speed([_PLAIN * (PLAIN_CHARACTERS // len(_PLAIN))], settings)
    return figures


def measure_peers(folder: Path | None = None) -> dict[str, dict[str, float]]:
    """The same of presidio, for the kinds that it knows; nothing when it is not installed."""
    return {"presidio": measure(folder, "presidio")} if importlib.util.find_spec("presidio_analyzer") else {}


def _read(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.iterdir()) if path.is_file()]


def _count(labels: Iterable[LabelledText], settings: PrivacySettings, kinds: Sequence[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for label in labels:
        found = [(one.kind, one.start, one.end) for one in find_all(label.text, settings) if one.kind in kinds]
        wanted = [span for span in label.spans if span[0] in kinds]
        right = sum(any(_agree(one, other) for other in wanted) for one in found)
        counts.update(right=right, wrong=len(found) - right)
        counts.update(missed=sum(not any(_agree(one, other) for other in found) for one in wanted))
    return counts


def _agree(one: Span, other: Span) -> bool:
    shared = min(one[2], other[2]) - max(one[1], other[1])
    return one[0] == other[0] and shared * 2 >= max(one[2], other[2]) - min(one[1], other[1])


def _precision_recall(counts: Counter[str], suffix: str) -> dict[str, float]:
    right, wrong, missed = counts["right"], counts["wrong"], counts["missed"]
    return {
        f"pii_precision{suffix}": round(right / (right + wrong), 4) if right + wrong else 0.0,
        f"pii_recall{suffix}": round(right / (right + missed), 4) if right + missed else 0.0,
    }


def _speed(texts: Sequence[str], settings: PrivacySettings) -> float:
    """Millions of characters per second on one core."""
    find_all("warm", settings)
    seconds = []
    for number in range(PASSES):
        fresh = [text + " " * number for text in texts]  # the finders remember the last text
        started = time.perf_counter()
        for text in fresh:
            find_all(text, settings)
        seconds.append(time.perf_counter() - started)
    return round(sum(map(len, texts)) / 1e6 / min(seconds), 2)


def main() -> None:
    """Print the figures, and presidio's beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="text files to measure the speed on")
    folder = parser.parse_args().folder
    peers = measure_peers(folder)
    for name, value in measure(folder).items():
        print(f"{name:32} {value:>10}  " + "  ".join(f"{peer} {figures.get(name, '-')}" for peer, figures in peers.items()))


if __name__ == "__main__":
    main()
