"""What a hostile file is, and the outcomes that are right for it."""

from dataclasses import dataclass

TEXT = "text"  # being read is right

CORRUPT = frozenset({"detection.corrupt", "extraction.corrupt"})
EMPTY = frozenset({"detection.empty", "extraction.empty"})
LIMIT = frozenset({"extraction.limit", "detection.archive_bomb"})
ENCRYPTED = frozenset({"detection.encrypted", "extraction.encrypted"})
UNSUPPORTED = frozenset({"detection.unsupported"})
SCAN = frozenset({"extraction.needs_ocr"})
READ = frozenset({TEXT})
# A damaged file may be repaired, may have lost its text, or may look like something else: everything but an unforeseen error.
DAMAGED = CORRUPT | EMPTY | LIMIT | ENCRYPTED | UNSUPPORTED | SCAN | READ
MEMORY = frozenset({"extraction.out_of_memory"})
TIME = frozenset({"extraction.timeout"})


@dataclass(frozen=True)
class HostileFile:
    """A file made to do harm.

    name: within the folder. attacks: what it aims at. allowed: the outcomes that are right, reason codes or TEXT.
    heavy: costs a reader more than about a second even when all is well.
    """

    name: str
    attacks: str
    allowed: frozenset[str]
    heavy: bool = False


Made = tuple[HostileFile, bytes]


def hostile(name: str, attacks: str, allowed: frozenset[str], content: bytes | str, heavy: bool = False) -> Made:
    """A hostile file and its content."""
    return HostileFile(name, attacks, allowed, heavy), content.encode() if isinstance(content, str) else content
