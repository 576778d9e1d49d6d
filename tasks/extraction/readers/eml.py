"""Email messages: a head of subject, correspondents and date, the body, and the names of attachments."""

import email
import email.policy
from collections.abc import Iterator
from email.message import Message

from tasks.extraction.readers.html import read_markup
from tasks.extraction.reading import EncryptedError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, decode_all, is_blank

_HEAD = ("From", "To", "Cc", "Date")
_STUB_SHARE = 0.2  # a plain body this much shorter than the HTML one only says "your program cannot show this message"
_DEEPEST = 10


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a message."""
    with engine_errors("email"):
        content = source.read()
        if source.encoding and source.encoding.startswith(("utf-16", "utf-32", "utf-8-sig")):
            content = decode_all(content, source.encoding).encode()
        message = email.message_from_bytes(content, policy=email.policy.default)
        subject = _header(message, "Subject")
        title = clean_title(subject)
        language = clean_language(_header(message, "Content-Language").split(",")[0])
        yield Part(render(message), title, language)


def render(message: Message, depth: int = 0) -> str:
    """A message as Markdown. Raises EncryptedError for a body that only its recipient can open."""
    subject = " ".join(_header(message, "Subject").split())
    head = [f"{name}: {' '.join(value.split())}" for name in _HEAD if (value := _header(message, name))]
    blocks = [f"# {subject}" if subject else "", "  \n".join(head), _body(message).strip()]
    names, inner = _attachments(message)
    if names:
        blocks.append("Attachments: " + ", ".join(names))
    if depth < _DEEPEST:
        blocks += [render(each, depth + 1) for each in inner]
    return "\n\n".join(block for block in blocks if block)


def _header(message: Message, name: str) -> str:
    """A header as text; "" when it is missing. Headers that the parser chokes on are taken as they stand."""
    try:
        return str(message.get(name, "")).strip()
    except (ValueError, TypeError, IndexError, AttributeError, LookupError):
        raw = dict(message.raw_items())
        return str(raw.get(name, "")).strip()


def _body(message: Message) -> str:
    if message.get_content_type() in ("multipart/encrypted", "application/pgp-encrypted"):
        raise EncryptedError("email: the body is encrypted")
    if message.get_content_subtype() in ("pkcs7-mime", "x-pkcs7-mime") and message.get_param("smime-type") != "signed-data":
        raise EncryptedError("email: the body is encrypted")
    plain, markup = "", ""
    for part in _parts(message):
        if _is_attachment(part):
            continue
        if part.get_content_type() == "text/plain":
            plain = "\n\n".join(text for text in (plain, _text(part).strip()) if text)
        elif part.get_content_type() == "text/html":
            markup += _text(part)
    if not markup.strip():
        return plain
    if plain.strip() and len(plain) > _STUB_SHARE * len(markup):
        return plain  # markup only adds to the length: the two are about the same text
    text = read_markup(markup).text
    return plain if len(plain) > _STUB_SHARE * len(text) or is_blank(text) else text


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message that hold something, without going into messages attached to it."""
    payload = message.get_payload()
    if isinstance(payload, list) and message.get_content_type() != "message/rfc822":
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part)
    else:
        yield message


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() not in ("text", "multipart")


def _attachments(message: Message) -> tuple[list[str], list[Message]]:
    """Names of the attached files, and the messages attached."""
    names: list[str] = []
    inner: list[Message] = []
    for part in _parts(message):
        payload = part.get_payload()
        if isinstance(payload, list):
            inner += [each for each in payload if isinstance(each, Message)]
        elif part is not message and _is_attachment(part):
            names.append(" ".join((part.get_filename() or part.get_content_type()).split()))
    return names, inner


def _text(part: Message) -> str:
    """The text of a part; a charset that is missing, unknown or wrong is guessed from the bytes."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset).replace("\r\n", "\n")
    except (LookupError, UnicodeError, ValueError):
        return decode_all(payload, "utf-8")
