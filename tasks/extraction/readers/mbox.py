"""Mailboxes in the mbox format (RFC 4155): one message after another, held in memory one at a time."""

import re
from collections.abc import Iterator
from typing import IO

from tasks.extraction.mail.message import render
from tasks.extraction.mail.mime import parse, read_message
from tasks.extraction.reading import CorruptError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings

_SEPARATOR = re.compile(rb"From \S.*\d{4}\b|From - ")
_QUOTED_FROM = re.compile(rb">+From ")
_LONGEST_LINE = 1 << 20
_LARGEST_MESSAGE = 64 * 1024 * 1024  # bytes; what comes later in a message is an attachment, which is left out anyway


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read all messages. Those whose body is encrypted are there with their headers only."""
    texts: list[str] = []
    size = 0
    with engine_errors("email"), source.open() as stream:
        for content in _messages(stream):
            text = render(read_message(parse(content), settings.links), settings)
            texts.append(text)
            size += len(text)
            if size >= settings.part_characters:
                yield Part("\n\n".join(texts))
                texts, size = [], 0
    yield Part("\n\n".join(texts))


def _messages(stream: IO[bytes]) -> Iterator[bytes]:
    """The messages, each without its separating line. Raises CorruptError where the first line is not one."""
    gathered: list[bytes] = []
    size = 0
    after_empty = True
    started = False
    while line := stream.readline(_LONGEST_LINE):
        if after_empty and _SEPARATOR.match(line):
            if started:
                yield b"".join(gathered)
            gathered, size, started = [], 0, True
        elif not started:
            if line.strip(b"\xef\xbb\xbf\r\n\t "):
                raise CorruptError("does not begin like a mailbox")
        elif size < _LARGEST_MESSAGE:
            line = line[1:] if _QUOTED_FROM.match(line) else line
            gathered.append(line)
            size += len(line)
        after_empty = line in (b"\n", b"\r\n")
    if started:
        yield b"".join(gathered)
