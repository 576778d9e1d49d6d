"""What a worker process does with one file."""

from dataclasses import dataclass

from tasks.detection.detector import Detection, detect_file
from tasks.detection.settings import DetectionSettings
from tasks.storage.root import local_copy


@dataclass(frozen=True)
class DetectionRequest:
    """One file to detect. locations: of its byte-identical copies, the first that can be read is taken. bytes: its size."""

    locations: tuple[str, ...]
    extension: str
    bytes: int
    settings: DetectionSettings


def detect_document(request: DetectionRequest) -> Detection:
    """Detect one file; a file that cannot be read gets a reason, not an error."""
    trouble = "the file is in no source any more"
    for location in request.locations:
        try:
            with local_copy(location) as path:
                return detect_file(path, request.extension, request.bytes, request.settings)
        except OSError as error:
            trouble = error.strerror or type(error).__name__  # its full text would name a path of this machine
    return Detection(None, reason="detection.unreadable", detail=trouble)
