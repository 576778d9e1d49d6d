"""Text recognition: by the program tesseract where it is installed, by ocrmac (Apple's Vision) on macOS.

tesseract runs as a process of its own for each picture, with limits of time, memory and threads; it gets the picture through its
standard input, so that nothing is written to disk and no name of a file reaches it. Where both are there, ocrmac is taken: it
needs no language data.
"""

import contextlib
import functools
import io
import os
import platform
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.extraction.reading import CorruptError, LimitError, MissingExtraError
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings

DPI = 300  # what tesseract's makers advise
MOST_PIXELS = 25_000_000  # of a picture that is recognised: a page of 42 by 42 cm at that resolution
MEMORY_BYTES = 4 << 30
QUERY_SECONDS = 20.0
_ORIENTATION = "osd"  # tesseract's data for finding out how a page is turned


@dataclass(frozen=True)
class Ocr:
    """A text recogniser on this machine.

    engine: tesseract or ocrmac. version: its version. languages: those that tesseract has data for; ocrmac needs none.
    """

    engine: str
    version: str
    languages: tuple[str, ...] = ()

    def recognize(self, picture: bytes, settings: ExtractionSettings) -> str:
        """The text of a picture (PGM, at most MOST_PIXELS), "" for none.

        Raises LimitError when it takes longer than the settings allow, MissingExtraError for a language without data,
        CorruptError when the engine fails.
        """
        if self.engine == "ocrmac":
            return _by_ocrmac(picture)
        missing = sorted(set(settings.ocr_languages) - set(self.languages))
        if missing:
            raise MissingExtraError(f"tesseract has no data for the language {', '.join(missing)}")
        return _by_tesseract(picture, settings.ocr_languages, _ORIENTATION in self.languages, settings.ocr_page_seconds)


def grey_map(width: int, height: int, levels: bytes) -> bytes:
    """A picture as PGM, from a byte of brightness for each pixel, row by row."""
    return b"P5\n%d %d\n255\n" % (width, height) + levels


def find_ocr(settings: ExtractionSettings) -> Ocr | None:
    """The recogniser that the settings and this machine allow; None for none."""
    return _find() if settings.ocr == "auto" else None


def ocr_identity() -> str:
    """What of this machine shapes recognised text, for a cache key: engine, version, languages; "" without a recogniser."""
    found = _find()
    return "" if found is None else " ".join([found.engine, found.version, *found.languages, f"pillow {version_of('pillow')}"])


def _find() -> Ocr | None:
    if platform.system() == "Darwin" and (version := version_of("ocrmac")):
        return Ocr("ocrmac", f"{version} macOS {platform.mac_ver()[0]}")
    program = shutil.which("tesseract")
    return _ask_tesseract(program) if program else None


@functools.cache
def _ask_tesseract(program: str) -> Ocr | None:
    """What a tesseract says of itself; None when it cannot be run."""
    try:
        version, listed = (
            subprocess.run([program, option], capture_output=True, text=True, timeout=QUERY_SECONDS, check=True).stdout
            for option in ("--version", "--list-langs")
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = version.split()
    return Ocr("tesseract", words[1] if len(words) > 1 else "", tuple(sorted(listed.split("\n", 1)[1].split())))


def _by_tesseract(picture: bytes, languages: Sequence[str], turned: bool, seconds: float) -> str:
    # Page segmentation 1 also finds out how the page is turned, 3 takes it as it lies.
    command = ["tesseract", "stdin", "stdout", "-l", "+".join(languages), "--psm", "1" if turned else "3", "--dpi", str(DPI)]
    process = subprocess.Popen(
        [*command, "-c", "page_separator="],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # the workers are as many as the cores already
    )
    with process:
        _restrict(process.pid, seconds)
        try:
            found, _ = process.communicate(picture, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise LimitError(f"text recognition of a page took longer than {seconds:g} s") from error
        finally:
            process.kill()
    if process.returncode != 0:
        raise CorruptError(f"tesseract ended with {process.returncode}")
    return found.decode("utf-8", "replace").strip()


def _restrict(process_id: int, seconds: float) -> None:
    """Limit memory and processor time where the system can do it from outside (Linux): for the case that this worker is
    killed and its child goes on alone."""
    if not hasattr(resource, "prlimit"):
        return
    limit = int(seconds) + 1
    with contextlib.suppress(ProcessLookupError):  # over already
        resource.prlimit(process_id, resource.RLIMIT_CPU, (limit, limit))
        resource.prlimit(process_id, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _by_ocrmac(picture: bytes) -> str:
    from ocrmac.ocrmac import OCR
    from PIL import Image

    return "\n".join(line for line, *_ in OCR(Image.open(io.BytesIO(picture))).recognize())
