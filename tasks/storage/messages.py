"""Internet messages (RFC 5322), parsed so that none costs more time than its size: for all stages that open mail."""

import email
from email.message import Message
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Any

LONGEST_HEADER = 10_000  # characters
_REMEMBERED = 256  # headers


class _BoundedPolicy(EmailPolicy):
    """Looks at the beginning of a header only: the time that the standard library takes for one grows with its square.

    It also takes a header apart each time it is asked for it, ten times and more for each part of a message; here the last ones
    are remembered.
    """

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _parse_header(name, value[:LONGEST_HEADER])


_STANDARD = EmailPolicy()
_BOUNDED = _BoundedPolicy()


@lru_cache(_REMEMBERED)
def _parse_header(name: str, value: str) -> Any:
    return _STANDARD.header_fetch_parse(name, value)


def parse_message(content: bytes) -> Message:
    """Parse a message. Headers are looked at in their first LONGEST_HEADER characters. Raises RecursionError."""
    return email.message_from_bytes(content, policy=_BOUNDED)
