"""Fuzzing, guided by coverage, of the detector and of the readers that are Python: is anything but a ReaderError ever raised?

    python -m benchmarks.fuzz --seconds 600 --findings FOLDER [TARGET ...]

Needs `pip install atheris` (Linux). Each target has a process of its own and an equal share of the time. What makes one fail, or
takes it longer than ten seconds, is kept in FOLDER; the exit status is the number of targets that failed.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tasks.extraction.registry import find_reader, load_reader
from tests.hostile_files.mutation import mutate_document
from tests.tasks.extraction.test_fuzz import IN_PYTHON, SMALL
from tests.tasks.extraction.test_readers import SAMPLES

DETECTOR = "detector"
LONGEST_BYTES = 64 * 1024
SLOW_SECONDS = 10
MEMORY_MIB = 2048
INSTRUMENTED = ["tasks", "email", "csv", "zipfile", "html", "json"]


def main() -> None:
    """Fuzz each target in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"all when none is named: {', '.join([DETECTOR, *IN_PYTHON])}")
    parser.add_argument("--seconds", type=int, default=600, help="for all targets together")
    parser.add_argument("--findings", type=Path, required=True, help="folder for the inputs that make a target fail")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    targets = arguments.targets or [DETECTOR, *IN_PYTHON]
    if unknown := set(targets) - {DETECTOR, *IN_PYTHON}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if arguments.alone:
        fuzz(targets[0], arguments.seconds, arguments.findings)
    share = max(1, arguments.seconds // len(targets))
    failed = 0
    for target in targets:
        found = arguments.findings / target
        found.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.fuzz", "--alone", "--seconds", str(share), "--findings", str(found), target]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        words = [line for line in ended.stderr.splitlines() if line.strip()]
        failed += ended.returncode != 0
        print(f"{target}: {'no failure' if ended.returncode == 0 else 'FAILED'}: {words[-1] if words else ''}", flush=True)
        if ended.returncode:
            print("\n".join(words[-40:]), flush=True)
    sys.exit(failed)


def fuzz(target: str, seconds: int, findings: Path) -> None:
    """Fuzz one target until the time is over or it fails; does not return."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        once = _detect_once() if target == DETECTOR else _read_once(target)

    def change(data: bytes, most: int, seed: int) -> bytes:
        if data.startswith(b"PK\3\4"):
            return mutate_document(data, random.Random(seed))[:most]
        return bytes(atheris.Mutate(data, most))

    with tempfile.TemporaryDirectory() as seeds:
        for name in SAMPLES if target == DETECTOR else [target]:
            Path(seeds, name).write_bytes(SAMPLES[name])
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={SLOW_SECONDS}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-max_len={LONGEST_BYTES}",
        ]
        atheris.Setup(["fuzz", *options, f"-artifact_prefix={findings}/", seeds], once, custom_mutator=change)
        atheris.Fuzz()


def _read_once(format_name: str) -> Callable[[bytes], None]:
    from tasks.extraction.reading import ReaderError, Source

    read = load_reader(find_reader(format_name, {}))

    def once(data: bytes) -> None:
        try:
            for part in read(Source(Path("document"), len(data), data, format_name), SMALL):
                part.text.encode("utf-8", "surrogatepass")
        except ReaderError:
            return

    return once


def _detect_once() -> Callable[[bytes], None]:
    from tasks.detection.detector import detect_file
    from tasks.detection.settings import DetectionSettings
    from tasks.storage.reasons import REASONS

    path = Path(tempfile.mkdtemp()) / "document"

    def once(data: bytes) -> None:
        path.write_bytes(data)
        found = detect_file(path, "", len(data), DetectionSettings())
        assert found.reason is None or found.reason in REASONS

    return once


if __name__ == "__main__":
    main()
