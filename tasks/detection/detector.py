"""The detector: signature, container, text heuristics, extension, in this order, each only when the one before found nothing."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tasks.detection.archives import decide_archive, measure_archive, name_ole
from tasks.detection.formats import FORMATS, formats_of_extension
from tasks.detection.settings import DetectionSettings
from tasks.detection.signatures import find_signature
from tasks.detection.texts import name_text
from tasks.storage.encodings import sniff_encoding

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Detection:
    """What a file is.

    format: canonical name (formats.py), None when nothing fits. mismatch: the extension says something else.
    encoding: of text formats, as Python names it. reason, detail: why it cannot be read, None when it can.
    """

    format: str | None
    mismatch: bool = False
    encoding: str | None = None
    reason: str | None = None
    detail: str | None = None


def detect_file(path: Path, extension: str, size: int, settings: DetectionSettings) -> Detection:
    """Detect the file at `path`, reading no more of it than its head and its archive directory.

    extension: lower case, no dot. size: in bytes. Raises OSError when the file cannot be read.
    """
    claimed = formats_of_extension(extension)
    if size == 0:
        return Detection(claimed[0].name if claimed else None, reason="detection.empty")
    if size > settings.max_bytes:
        detail = f"{size} bytes, limit {settings.max_bytes}"
        return Detection(claimed[0].name if claimed else None, reason="detection.too_large", detail=detail)
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if size <= len(head) and not head.strip():
            return Detection(claimed[0].name if claimed else None, reason="detection.empty", detail="nothing but white space")
        return _detect(stream, head, extension=extension, size=size, settings=settings)


def _detect(stream: IO[bytes], head: bytes, *, extension: str, size: int, settings: DetectionSettings) -> Detection:
    found = find_signature(head)
    encoding, reason = None, None
    if found == "zip":
        found, reason = _detect_zip(stream, extension, size, settings)
    elif found == "ole":
        found, reason = _detect_ole(stream)
    elif found is None:
        encoding = sniff_encoding(head, complete=size <= len(head))
        found, reason = _detect_text(head, encoding, extension, complete=size <= len(head))
    elif FORMATS[found].family == "text":
        encoding = sniff_encoding(head, complete=size <= len(head)) or "cp1252"
    if reason is None and not FORMATS[found].readable:
        reason = "detection.unsupported", _label(found, extension)
    claimed = {each.name for each in formats_of_extension(extension)}
    return Detection(
        format=found,
        mismatch=bool(claimed) and found not in claimed,
        encoding=encoding,
        reason=reason[0] if reason else None,
        detail=reason[1] if reason else None,
    )


def _label(found: str, extension: str) -> str:
    label = FORMATS[found].label
    return f"{label} ({extension})" if found in ("source", "binary", "bibliography", "gzip") and extension else label


def _detect_zip(stream: IO[bytes], extension: str, size: int, settings: DetectionSettings) -> tuple[str, tuple[str, str] | None]:
    signals = measure_archive(stream, settings)
    if signals.format == "zip":
        # Cut off or locked, it does not say what it is; then its extension does.
        known = [each.name for each in formats_of_extension(extension) if each.family == "zip"]
        if known and (signals.damage or signals.encrypted or signals.overfull):
            signals.format = known[0]
        elif known and FORMATS[known[0]].readable:
            signals.damage = f"a ZIP archive without the parts of a {FORMATS[known[0]].label}"
            signals.format = known[0]
    return signals.format, decide_archive(signals, size, settings)


def _detect_ole(stream: IO[bytes]) -> tuple[str, tuple[str, str] | None]:
    stream.seek(0)
    name, trouble = name_ole(stream)
    if trouble == "encrypted":
        return name, ("detection.encrypted", "Office document")
    if trouble:
        return name, ("detection.corrupt", f"{FORMATS[name].label}: {trouble}")
    return name, None


def _detect_text(head: bytes, encoding: str | None, extension: str, complete: bool) -> tuple[str, tuple[str, str] | None]:
    containers = [each for each in formats_of_extension(extension) if each.readable and each.family != "text"]
    pdf_without_header = extension == "pdf" and (b" obj" in head or b"endobj" in head)
    if containers and (encoding is None or pdf_without_header):
        return containers[0].name, ("detection.corrupt", f"does not begin like a {containers[0].label}")
    if encoding is None:
        return "binary", None
    decoded = codecs.getincrementaldecoder(encoding)("replace").decode(head, complete)
    return name_text(decoded, extension, complete), None
