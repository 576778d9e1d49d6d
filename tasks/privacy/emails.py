"""E-mail addresses: the part of RFC 5321 and 5322 that people use, with international names (RFC 6531).

Not found: quoted local parts and comments, addresses without a domain (`root@localhost`), and what only looks like one:
decorators, `package@1.2.3`, `picture@2x.png`, `git@host:path`, `matrix@other.mean()`.
"""

import re
from collections.abc import Iterator

from tasks.privacy.finding import Finding

_MOST_LOCAL = 64  # RFC 5321, 4.5.3.1.1, in octets
_MOST_DOMAIN = 255  # 4.5.3.1.2
# Read backwards from the sign. Scripts written without spaces would run into the address, so a mixture ends at them.
_LOCAL = re.compile(r"[A-Za-z0-9_.+%'&~#!$=\u00aa-\u1fff-]+")
_LOCAL_ANY = re.compile(r"[\w.+-]+")
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[Xx][Nn]--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24}(?![A-Za-z0-9_-])|[^\W\d_a-zA-Z]{2,24})"
)
_FILES = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "avif",
        "ico",
        "css",
        "js",
        "ts",
        "json",
        "html",
        "py",
        "exe",
        "dll",
        "txt",
        "pdf",
        "xml",
    }
)


def find(text: str) -> Iterator[Finding]:
    """Addresses in a text."""
    at = text.find("@")
    while at >= 0:
        start, end = _start(text, at), _end(text, at)
        if start is not None and end is not None:
            yield Finding("email", start, end)
        at = text.find("@", max(at + 1, end or 0))


def _start(text: str, at: int) -> int | None:
    before = text[max(0, at - _MOST_LOCAL - 1) : at][::-1]
    match = _LOCAL.match(before) or _LOCAL_ANY.match(before)
    if match is None:
        return None
    local = match.group()[::-1]
    cut = local.lstrip(".'&~#!$=%-")
    if not cut or len(local) > _MOST_LOCAL or cut.endswith(".") or ".." in cut:
        return None
    return at - len(cut)


def _end(text: str, at: int) -> int | None:
    match = _DOMAIN.match(text, at + 1, at + 1 + _MOST_DOMAIN)
    if match is None or match.group().rpartition(".")[2].lower() in _FILES:
        return None
    after = text[match.end() : match.end() + 2]
    if after[:1] in {"(", "@"} or (after[:1] == ":" and after[1:].strip("/").isalnum()):
        return None
    return match.end()
