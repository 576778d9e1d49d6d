"""The user's own verdicts on documents, kept below the data root: one JSON object per line, appended as they are given.

A line holds what was measured of the text as well, so that the score learns from it when the text is long gone.
"""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from tasks.storage.root import append_bytes, read_bytes, write_bytes

LABELS_FILE = "labels/quality.jsonl"  # below the data root

Key = tuple[str, int]  # document_id, part


class Label(BaseModel):
    """A verdict. keep: whether the text is good enough. language: ISO 639-1, "und", or None. signals: all that were ever measured
    of the part. labelled_at: ISO 8601, UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    document_id: str = Field(pattern=r"^[0-9a-f]{64}$")
    part: int = Field(ge=0)
    keep: bool
    language: str | None
    signals: dict[str, FiniteFloat]
    labelled_at: str

    @property
    def key(self) -> Key:
        """The part that it is about."""
        return self.document_id, self.part


def now() -> str:
    """This moment, as a label holds it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def append_labels(labels: list[Label]) -> None:
    """Add verdicts to the file; they are on the disk when this returns."""
    append_bytes(LABELS_FILE, b"".join(map(_line, labels)))


def withdraw_label(label: Label) -> None:
    """Take a verdict back: an earlier one on the same part counts again. Raises ValueError when the file does not hold it."""
    lines = read_bytes(LABELS_FILE).splitlines(keepends=True)
    last = max((number for number, line in enumerate(lines) if line == _line(label)), default=None)
    if last is None:
        raise ValueError(f"{LABELS_FILE}: the verdict to take back is not there any more")
    write_bytes(LABELS_FILE, b"".join(lines[:last] + lines[last + 1 :]))


def read_labels() -> dict[Key, Label]:
    """The verdict on each part, sorted; of several the last one. Raises ValueError for a line that is no label, naming it."""
    try:
        lines = read_bytes(LABELS_FILE).split(b"\n")  # and not where a text has some other kind of line end
    except FileNotFoundError:
        return {}
    found: dict[Key, Label] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            label = _parse(line, number)
            found[label.key] = label
    return dict(sorted(found.items()))


def _line(label: Label) -> bytes:
    return label.model_dump_json().encode() + b"\n"


def _parse(line: bytes, number: int) -> Label:
    try:
        return Label.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{LABELS_FILE}, line {number}: {f'{place}: ' if place else ''}{first['msg']}") from error
