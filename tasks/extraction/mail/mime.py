"""Internet messages (RFC 5322, MIME) and what is built on them."""

import re
from collections.abc import Iterator
from email.message import Message as Parsed

from tasks.extraction.mail.message import DEEPEST, Message
from tasks.extraction.readers.html import read_markup
from tasks.extraction.texts import clean_language, decode_all, is_blank
from tasks.storage.messages import LONGEST_HEADER

_PEOPLE = ("From", "To", "Cc", "Bcc", "Date")
LARGEST_MESSAGE = 128 * 1024 * 1024  # bytes; parsing one takes several times as much memory
_STUB_SHARE = 0.2  # a plain body this much shorter than the HTML one only says "your program cannot show this message"
_WIDER = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}
_SPACES = re.compile(r"[^\S\n]+$", re.MULTILINE)


def read_message(message: Parsed, links: bool = False, depth: int = 0) -> Message:
    """A parsed message. Its files are left out: they are documents of their own."""
    bodies: list[str] = []
    inner: list[Parsed] = []
    locked = False
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner += _attached(part)
        elif _is_locked(part):
            locked = True
        elif isinstance(part.get_payload(), list):
            bodies.append(_best(part, links))
        elif kind in ("text/plain", "text/html") and not _is_file(part):
            bodies.append(_shown(part, links))
    return Message(
        subject=header(message, "Subject"),
        people={name: header(message, name) for name in _PEOPLE},
        body="\n\n".join(body.strip("\n") for body in bodies if body.strip()),
        inner=tuple(read_message(each, links, depth + 1) for each in inner) if depth < DEEPEST else (),
        language=clean_language(header(message, "Content-Language").split(",")[0]),
        locked=locked,
    )


def header(message: Parsed, name: str) -> str:
    """A header as text; "" when it is missing. Headers that the parser chokes on are taken as they stand."""
    try:
        return str(message.get(name, "")).strip()
    except (ValueError, TypeError, IndexError, AttributeError, LookupError):
        raw = dict(message.raw_items())
        return str(raw.get(name, ""))[:LONGEST_HEADER].strip()


def text_of(part: Parsed) -> str:
    """The text of a part; a charset that is missing, unknown or wrong is guessed from the bytes."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = str(part.get_content_charset() or "utf-8").lower()
    try:
        text = payload.decode("utf-8" if charset in ("us-ascii", "ascii") else _WIDER.get(charset, charset))
    except (LookupError, UnicodeError, ValueError):
        text = decode_all(payload, "utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _leaves(message: Parsed) -> Iterator[Parsed]:
    """The parts of a message that say something each: alternatives count as one, attached messages are not entered."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        kind = part.get_content_type()
        if not isinstance(payload, list) or kind in ("multipart/alternative", "message/rfc822", "multipart/encrypted"):
            yield part
        elif payload:
            inside = [each for each in payload if isinstance(each, Parsed)]
            # In multipart/related the first part is what the others, images mostly, belong to (RFC 2387).
            waiting += reversed(inside[:1] if kind == "multipart/related" else inside)


def _best(alternatives: Parsed, links: bool) -> str:
    """The plain text of a multipart/alternative, or the HTML where the plain text is missing or a stub."""
    plain: list[str] = []
    markup: list[str] = []
    for part in alternatives.walk():
        if part.get_content_type() == "text/plain" and not _is_file(part):
            plain.append(_shown(part, links))
        elif part.get_content_type() == "text/html" and not _is_file(part):
            markup.append(text_of(part))
    text, page = "\n\n".join(plain), "".join(markup)
    if not page.strip() or len(text.strip()) > _STUB_SHARE * len(page):
        return text  # markup only adds to the length: the two are about the same text
    shown = _page_text(page, links)
    return text if is_blank(shown) or len(text.strip()) > _STUB_SHARE * len(shown) else shown


def _shown(part: Parsed, links: bool) -> str:
    text = text_of(part)
    if part.get_content_type() == "text/html":
        return _page_text(text, links)
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
    return _SPACES.sub("", text)


def _page_text(markup: str, links: bool) -> str:
    return read_markup(markup, everything=True, links=links).text


def _unflowed(text: str, joined: bool) -> str:
    """Paragraphs of format=flowed on one line each (RFC 3676, section 4): a space at the end means that the line goes on."""
    lines: list[str] = []
    going_on = False
    for line in text.split("\n"):
        content = line.removeprefix(" ")
        if going_on and not content.startswith(">"):
            lines[-1] += content
        else:
            lines.append(content)
        going_on = content.endswith(" ") and content != "-- " and not content.startswith(">")
        if going_on and joined:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _is_file(part: Parsed) -> bool:
    return part.get_content_disposition() == "attachment"


def _is_locked(part: Parsed) -> bool:
    if part.get_content_type() in ("multipart/encrypted", "application/pgp-encrypted"):
        return True
    return part.get_content_subtype() in ("pkcs7-mime", "x-pkcs7-mime") and part.get_param("smime-type") != "signed-data"


def _attached(part: Parsed) -> list[Parsed]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Parsed)] if isinstance(payload, list) else []
