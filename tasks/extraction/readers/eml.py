"""Email messages: subject, correspondents and date, the best body, and messages attached to it."""

from collections.abc import Iterator

from tasks.extraction.mail.message import render
from tasks.extraction.mail.mime import LARGEST_MESSAGE, read_message
from tasks.extraction.reading import EncryptedError, LimitError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_title, decode_all
from tasks.storage.messages import parse_message


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a message. Raises EncryptedError for one that only its recipient can open, LimitError for a very large one."""
    if source.size > LARGEST_MESSAGE:
        raise LimitError(f"a message of {source.size} bytes, limit {LARGEST_MESSAGE}")
    with engine_errors("email"):
        content = source.read()
        if source.encoding and source.encoding.startswith(("utf-16", "utf-32", "utf-8-sig")):
            content = decode_all(content, source.encoding).encode()
        message = read_message(parse_message(content), settings.links)
        if message.locked and not message.body.strip():
            raise EncryptedError("email: the body is encrypted")
        yield Part(render(message, settings), clean_title(message.subject), message.language)
