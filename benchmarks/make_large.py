"""Documents of any size, for measuring memory: the same words over and over, and yet a real text or PDF."""

from pathlib import Path

_PARAGRAPH = (
    "The inspection of line {number} took two days. Nothing was found that would need a repair before the winter, and the team "
    "agreed to come back in April with the new gauge, which measures twice as fast.\n\n"
)


def make_large_text(path: Path, size: int) -> None:
    """A text of paragraphs of about `size` bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        written = number = 0
        while written < size:
            written += stream.write(_PARAGRAPH.format(number=number))
            number += 1
