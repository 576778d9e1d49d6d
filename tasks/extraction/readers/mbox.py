"""Mailboxes in the mbox format (RFC 4155): one message after another, held in memory one at a time."""

import re
from collections.abc import Iterator
from typing import IO

from tasks.extraction.mail.message import render
from tasks.extraction.mail.mime import LARGEST_MESSAGE, read_message
from tasks.extraction.reading import CorruptError, Part, ReaderError, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.storage.messages import parse_message

_SEPARATOR = re.compile(rb"From \S.*\d{4}\b|From - ")
_QUOTED_FROM = re.compile(rb">+From ")
_LONGEST_LINE = 1 << 20


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read all messages, which count as pages, up to the end of each part.

    Lost are those whose body is encrypted (their headers are there), that cannot be parsed, and that are larger than
    LARGEST_MESSAGE (their beginning is there).
    """
    texts: list[str] = []
    size = mails = lost = 0
    with engine_errors("email"), source.open() as stream:
        for content, whole in _messages(stream):
            text, readable = _read_one(content, settings)
            mails += 1
            lost += not (whole and readable)
            texts.append(text)
            size += len(text)
            if size >= settings.part_characters:
                yield Part("\n\n".join(texts), pages=mails, pages_lost=lost)
                texts, size = [], 0
    yield Part("\n\n".join(texts), pages=mails, pages_lost=lost)


def _read_one(content: bytes, settings: ExtractionSettings) -> tuple[str, bool]:
    """A message as Markdown, and whether its body could be read."""
    try:
        with engine_errors("email"):
            message = read_message(parse_message(content), settings.links)
            return render(message, settings), not message.locked or bool(message.body.strip())
    except ReaderError:
        return "", False


def _messages(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The messages without their separating lines, and whether each is whole. Raises CorruptError where none is at the start."""
    gathered: list[bytes] = []
    size = 0
    after_empty = True
    started = False
    while line := stream.readline(_LONGEST_LINE):
        if after_empty and _SEPARATOR.match(line):
            if started:
                yield b"".join(gathered), size <= LARGEST_MESSAGE
            gathered, size, started = [], 0, True
        elif not started:
            if line.strip(b"\xef\xbb\xbf\r\n\t "):
                raise CorruptError("does not begin like a mailbox")
        else:
            line = line[1:] if _QUOTED_FROM.match(line) else line
            size += len(line)
            if size <= LARGEST_MESSAGE:
                gathered.append(line)
        after_empty = line in (b"\n", b"\r\n")
    if started:
        yield b"".join(gathered), size <= LARGEST_MESSAGE
