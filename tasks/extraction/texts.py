"""What all readers need to know about text: decoding, cutting into bounded pieces, blankness, Markdown tables."""

import codecs
import io
import mmap
import re
from collections.abc import Iterable, Iterator, Sequence

from tasks.extraction.reading import LimitError
from tasks.storage.encodings import guess_legacy

CHUNK_BYTES = 1 << 20
LONGEST_LINE = 64 * 1024 * 1024  # characters of a line, where lines mean something
_SAMPLE_BYTES = 32 * 1024
_MARKED = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,2000})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,2000})\]\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)[^\n]*$", re.M)
_NEEDLESS_ESCAPE = re.compile(r"\\([!\"$%&'()+,\-./:;<=>?@^{}_#~\[\]])")
_KEPT_ESCAPE = re.compile(r"(?:[ >]*)\d{0,9}\\")
_BREAKS = ("\n\n", "\n", ". ", " ")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def settle_encoding(view: bytes | mmap.mmap, encoding: str | None) -> str:
    """The encoding in which the whole content is valid: the one detection saw in its head, or what the bad place looks like.

    Reads all of the content once, in pieces.
    """
    name = encoding or "utf-8"
    if name in _MARKED and not view[:4].startswith(_MARKED[name]):
        return name + "-le"  # Python refuses these without a byte order mark
    decoder = codecs.getincrementaldecoder(name)("strict")
    at = 0
    try:
        for at in range(0, len(view), CHUNK_BYTES):
            decoder.decode(_chunk(view, at), at + CHUNK_BYTES >= len(view))
    except UnicodeDecodeError as error:
        if name not in ("utf-8", "utf-8-sig"):
            return name
        return _legacy_near(view, at + error.start) or name
    return name


def _chunk(view: bytes | mmap.mmap, at: int) -> bytes:
    """The bytes from a place. What is mapped is let go again, or a large file would count as the process's memory."""
    chunk = view[at : at + CHUNK_BYTES]
    if isinstance(view, mmap.mmap):
        view.madvise(mmap.MADV_DONTNEED, at, len(chunk))
    return chunk


def _legacy_near(view: bytes | mmap.mmap, at: int) -> str | None:
    """The legacy encoding of the text around a byte that is not UTF-8; None when it is UTF-8 with a damaged byte."""
    sample = view[max(0, at - _SAMPLE_BYTES) : at + _SAMPLE_BYTES]
    decoded = sample.decode("utf-8", "replace")
    damaged = decoded.count("\ufffd")
    if sum(ord(character) > 0x7F for character in decoded) - damaged >= damaged:
        return None
    return guess_legacy(sample) or "cp1252"


def decode_all(view: bytes | mmap.mmap, encoding: str | None) -> str:
    """The whole content as text with line ends as "\\n"; bytes that are no text become U+FFFD."""
    return "".join(decode_pieces(view, encoding))


def decode_pieces(view: bytes | mmap.mmap, encoding: str | None) -> Iterator[str]:
    """The content as text, piece by piece, with line ends as "\\n" and without a byte order mark."""
    decoder = codecs.getincrementaldecoder(settle_encoding(view, encoding))("replace")
    lines = io.IncrementalNewlineDecoder(None, translate=True)
    for at in range(0, len(view), CHUNK_BYTES):
        last = at + CHUNK_BYTES >= len(view)
        piece = lines.decode(decoder.decode(_chunk(view, at), last), last)
        yield piece.removeprefix("\ufeff") if at == 0 else piece


def text_lines(pieces: Iterable[str], limit: int = LONGEST_LINE) -> Iterator[str]:
    """Text pieces as lines without their ends. Raises LimitError for a line of more than `limit` characters."""
    rest: list[str] = []
    size = 0
    for piece in pieces:
        first, *others = piece.split("\n")
        rest.append(first)
        size += len(first)
        if size > limit:
            raise LimitError(f"a line of more than {limit} characters")
        if others:
            yield "".join(rest)
            yield from others[:-1]
            rest, size = [others[-1]], len(others[-1])
    yield "".join(rest)


def cut_pieces(pieces: Iterable[str], limit: int) -> Iterator[str]:
    """Join pieces and cut them again into texts of at most `limit` characters, at the end of a paragraph, line or sentence.

    Nothing is dropped: the results joined are the pieces joined.
    """
    waiting = ""
    for piece in pieces:
        waiting += piece
        while len(waiting) > limit:
            cut = _cut_at(waiting, limit)
            yield waiting[:cut]
            waiting = waiting[cut:]
    if waiting:
        yield waiting


def _cut_at(text: str, limit: int) -> int:
    for mark in _BREAKS:
        found = text.rfind(mark, limit // 2, limit)
        if found >= 0:
            return found + len(mark)
    return limit


def valid_text(text: str) -> str:
    """A text that can be written as UTF-8: halves of characters, which JSON can escape and some charsets let through, become
    U+FFFD."""
    return _HALF_CHARACTER.sub("\ufffd", text)


def is_blank(markdown: str) -> bool:
    """Whether nothing is left of a text without its markup: no letter or digit outside images, fences and comments."""
    bare = _FENCE.sub("", _IMAGE.sub(r"\1", _without_comments(markdown)))
    return not any(character.isalnum() for character in bare)


def _without_comments(markdown: str) -> str:
    kept = []
    at = 0
    while (begin := markdown.find("<!--", at)) >= 0 and (end := markdown.find("-->", begin)) >= 0:
        kept.append(markdown[at:begin])
        at = end + 3
    return "".join([*kept, markdown[at:]])


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. Cells are put on one line; rows longer than the header keep their cells."""
    return "\n".join([table_row(header), "|" + " --- |" * len(header), *(table_row(row, len(header)) for row in rows)])


def table_row(cells: Sequence[str], width: int = 0) -> str:
    """One line of a Markdown table, filled up to `width` cells."""
    tidy = [" ".join(cell.split()).replace("|", "\\|") for cell in cells]
    return "| " + " | ".join([*tidy, *[""] * (width - len(tidy))]) + " |"


def tidy_markdown(markdown: str) -> str:
    """Markdown of an engine without what only a renderer needs: link targets, images, escapes of harmless characters.

    Images go with their descriptions, which are mostly made by machines. Code blocks are left alone.
    """
    lines = []
    fence = ""
    for line in markdown.split("\n"):
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~") and fence in ("", mark):
            fence = "" if fence else mark
            lines.append(line)
        else:
            lines.append(line if fence else _tidy_line(line))
    return "\n".join(lines)


def _tidy_line(line: str) -> str:
    bare = _LINK.sub(r"\1", _IMAGE.sub("", line))
    kept = _KEPT_ESCAPE.match(bare)
    start = kept.end() + 1 if kept else 0  # what is escaped at the start of a line would make it a heading or a list
    return bare[:start] + _NEEDLESS_ESCAPE.sub(r"\1", bare[start:])


def fenced(code: str, language: str = "") -> str:
    """A code block whose fence is longer than any inside it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def clean_title(title: object) -> str | None:
    """A title on one line of at most 500 characters, None for nothing."""
    text = " ".join(str(title).split())[:500] if title is not None else ""
    return text or None


def clean_language(language: object) -> str | None:
    """A language tag as the document states it, None for what cannot be one (BCP 47: letters, digits, hyphens)."""
    text = str(language).strip().replace("_", "-") if language is not None else ""
    return text if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", text) else None
