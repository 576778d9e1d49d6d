"""A message, whatever file it came from, and its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.extraction.mail.history import cut_history, cut_signature
from tasks.extraction.settings import ExtractionSettings

DEEPEST = 10  # messages attached to messages


@dataclass(frozen=True)
class Message:
    """A message.

    people: headers that say who wrote to whom and when, by name. body: its text. inner: the messages attached to it. locked: its
    body can only be opened by its recipient.
    """

    subject: str
    people: Mapping[str, str]
    body: str
    inner: tuple["Message", ...] = field(default=())
    language: str | None = None
    locked: bool = False


def render(message: Message, settings: ExtractionSettings) -> str:
    """A message as Markdown: subject, correspondents and date, body, and then the messages that it forwards."""
    subject = " ".join(message.subject.split())
    head = "  \n".join(f"{name}: {' '.join(value.split())}" for name, value in message.people.items() if value.strip())
    body = message.body
    if not settings.keep_mail_quotes:
        body = cut_history(body)
    if not settings.keep_mail_signatures:
        body = cut_signature(body)
    blocks = [f"# {subject}" if subject else "", head, body.strip(), *(render(each, settings) for each in message.inner)]
    return "\n\n".join(block for block in blocks if block)
