"""Outlook messages."""

from collections.abc import Iterator

from tasks.extraction.mail.message import render
from tasks.extraction.mail.outlook import read_outlook
from tasks.extraction.reading import EncryptedError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_title


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a message. Raises EncryptedError for one that only its recipient can open."""
    with engine_errors("olefile"):
        from tasks.storage.compound import CompoundFile

        with source.open() as stream, CompoundFile(stream) as container:
            message = read_outlook(container, settings.links)
        if message.locked and not message.body.strip():
            raise EncryptedError("the body is encrypted")
        yield Part(render(message, settings), clean_title(message.subject), message.language)
