"""Putting Markdown blocks together into the parts that a reader yields."""

import re
from collections.abc import Iterable, Iterator

from tasks.extraction.reading import LimitError

HELD_CHARACTERS = 64 * 1024 * 1024  # of a document whose parts cannot be given before its last page is read
# What Word and PowerPoint add to a description that they wrote themselves.
_MACHINE_MADE = re.compile(
    r"automatically generated|AI-generated content|automatisch generierte|générée automatiquement", re.IGNORECASE
)
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|emf|wmf|tiff?|svg|webp)", re.IGNORECASE)
_NO_BRACKETS = str.maketrans("[]", "()")


def gather_blocks(blocks: Iterable[str], limit: int, separator: str = "\n\n") -> Iterator[str]:
    """Blocks joined into texts of at most `limit` characters, where no single block is longer; empty blocks are dropped."""
    waiting: list[str] = []
    size = 0
    for block in blocks:
        if not block:
            continue
        if waiting and size + len(separator) + len(block) > limit:
            yield separator.join(waiting)
            waiting, size = [], 0
        size += len(block) + (len(separator) if waiting else 0)
        waiting.append(block)
    if waiting:
        yield separator.join(waiting)


def picture(description: str | None) -> str:
    """The description that a person gave a picture, as Markdown; "" for none, one made by a program, and a file's name."""
    words = " ".join((description or "").split())
    if not words or _MACHINE_MADE.search(words) or _FILE_NAME.fullmatch(words):
        return ""
    return f"![{words.translate(_NO_BRACKETS)}]()"


def hold_pages(pages: Iterable[str | None]) -> list[str | None]:
    """Pages or slides in memory, None for a lost one. Raises LimitError when they have more than HELD_CHARACTERS."""
    held: list[str | None] = []
    characters = 0
    for page in pages:
        characters += len(page or "")
        if characters > HELD_CHARACTERS:
            raise LimitError(f"more than {HELD_CHARACTERS} characters")
        held.append(page)
    return held
