"""Attachments of mails: MIME (RFC 2045, 2183), mailboxes of such mails (RFC 4155), and Outlook messages ([MS-OXMSG])."""

import io
import mailbox
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tasks.storage.messages import parse_message
from tasks.unpacking.members import ContainerError, Member

_BODY = ("text/plain", "text/html")
_MSG_ATTACHMENT = "__attach_version1.0_#"
_MSG_DATA = "__substg1.0_37010102"  # PidTagAttachDataBinary
_MSG_NAMES = ("__substg1.0_3707001F", "__substg1.0_3704001F", "__substg1.0_3001001F")  # long name, short name, shown name
_MSG_NAMES_8BIT = ("__substg1.0_3707001E", "__substg1.0_3704001E", "__substg1.0_3001001E")
_MSG_CONTENT_ID = "__substg1.0_3712001F"


def iterate_eml(path: Path) -> Iterator[Member]:
    """The attachments of a mail, of mails forwarded in it too. Pictures that its text shows are part of it, not attachments."""
    yield from _attachments(path.read_bytes(), "")


def iterate_mbox(path: Path) -> Iterator[Member]:
    """The attachments of all mails of a mailbox, each below the number of its mail."""
    box = mailbox.mbox(path, create=False)
    for number, key in enumerate(box.iterkeys(), 1):
        yield from _attachments(box.get_bytes(key), f"{number:05}/")


def _attachments(content: bytes, folder: str) -> Iterator[Member]:
    try:
        parts = list(parse_message(content).walk())
    except RecursionError:
        yield Member(f"{folder}attachment", None, "unpacking.archive_bomb", "parts nested too deep")
        return
    for part in parts:
        if part.is_multipart() or not isinstance(part, EmailMessage):
            continue
        try:
            name = part.get_filename()
            disposition = part.get_content_disposition()
            shown = part.get("Content-ID") is not None and disposition != "attachment"
            kind = part.get_content_type()
        except (
            ValueError,
            LookupError,
            IndexError,
            AttributeError,
            TypeError,
        ) as error:  # the parser's own faults with odd headers
            yield Member(f"{folder}attachment", None, "unpacking.corrupt", f"its headers: {type(error).__name__}")
            continue
        is_body = kind in _BODY and disposition != "attachment" and not name
        if is_body or (shown and kind.startswith("image/")) or (disposition is None and not name):
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield Member(folder + (name or "attachment").replace("/", "_"), io.BytesIO(payload))


def iterate_msg(path: Path) -> Iterator[Member]:
    """The attachments of an Outlook message; messages attached to it are no files, and left out. Raises ContainerError."""
    from tasks.storage.compound import CompoundFile

    try:
        with CompoundFile(path) as container:
            for entry in container.listdir(streams=False, storages=True):
                if len(entry) == 1 and entry[0].startswith(_MSG_ATTACHMENT) and container.exists(f"{entry[0]}/{_MSG_DATA}"):
                    if container.exists(f"{entry[0]}/{_MSG_CONTENT_ID}"):
                        continue  # a picture that the text shows
                    content = container.openstream(f"{entry[0]}/{_MSG_DATA}")
                    yield Member(_msg_name(container, entry[0]).replace("/", "_"), content)
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise ContainerError("unpacking.corrupt", f"msg: {error}") from error


def _msg_name(container: Any, entry: str) -> str:
    for names, encoding in ((_MSG_NAMES, "utf-16-le"), (_MSG_NAMES_8BIT, "cp1252")):
        for name in names:
            if container.exists(f"{entry}/{name}"):
                text: str = container.openstream(f"{entry}/{name}").read().decode(encoding, "replace")
                return text.rstrip("\0") or "attachment"
    return "attachment"
