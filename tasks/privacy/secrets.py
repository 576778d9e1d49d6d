"""Secrets: keys and tokens of well-known formats, passwords and keys that are assigned, credentials in addresses of the web."""

from collections.abc import Iterator

from tasks.privacy import assigned_secrets, known_tokens
from tasks.privacy.finding import Finding


def find(text: str) -> Iterator[Finding]:
    """Secrets in a text; the same characters may be found in two ways."""
    yield from known_tokens.find(text)
    yield from assigned_secrets.find(text)
