"""Which text format the first 64 KiB of a text are in.

Some marks are proof (an HTML doctype, JSON that parses, mail headers) and overrule the extension. The rest is a matter of
likelihood, and there the extension decides first.
"""

import json
import re
from xml.parsers import expat

from tasks.detection.formats import formats_of_extension
from tasks.detection.markup import name_markup_language
from tasks.detection.records import name_records, name_table

_XML_PREAMBLE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)([^>]{0,4000})")
_HTML_TAG = re.compile(
    r"</?(p|div|span|br|table|tr|td|ul|ol|li|h[1-6]|a|img|body|head|title|script|style|meta|link|b|i|em|strong)\b", re.IGNORECASE
)
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]?(.*)")
_MAIL_HEADERS = {
    *("from", "to", "cc", "subject", "date", "message-id", "received", "mime-version", "return-path", "delivered-to"),
    *("content-type", "content-transfer-encoding", "reply-to", "in-reply-to", "references", "sender", "x-mailer"),
    *("dkim-signature", "x-originating-ip", "list-id", "list-unsubscribe", "authentication-results", "arc-seal"),
}
_MAIL_PROOF = {"message-id", "received", "mime-version", "return-path", "delivered-to", "content-transfer-encoding"}
_BEGINNINGS = {
    "BEGIN:VCALENDAR": "calendar",
    "BEGIN:VCARD": "vcard",
    "WEBVTT": "subtitles",
    "%!PS": "postscript",
    "{\\rtf": "rtf",
    "{\\pard": "rtf",  # a fragment, as converters write it
}
_LOOKED_AT = 16 * 1024  # characters whose look is weighed
_DOCBOOK_ROOTS = {"book", "article", "chapter", "section", "part", "refentry", "reference", "appendix", "preface", "set"}
_DOCBOOK_ONLY = {
    *("para", "simpara", "sect1", "sect2", "sect3", "itemizedlist", "orderedlist", "variablelist", "informaltable"),
    *("programlisting", "articleinfo", "bookinfo", "chapterinfo", "mediaobject", "refentry", "refsynopsisdiv"),
}
_HTML_ROOTS = {"p", "div", "span", "br", "table", "tr", "td", "ul", "ol", "li", "a", "img", "h1", "h2", "h3", "b", "i", "em"}
_XML_ROOTS = {
    **{"html": "html", "svg": "svg", "fictionbook": "fb2", "rss": "feed", "feed": "feed", "rdf": "xml"},
    **{"opml": "opml", "tei": "tei"},
}


def name_text(head: str, extension: str, complete: bool) -> str:
    """The format of a text from its beginning; "text" when nothing more is known.

    head: decoded, at most 64 KiB. extension: lower case, no dot. complete: `head` is the whole text.
    """
    head = head.removeprefix("\ufeff")
    claimed = [each.name for each in formats_of_extension(extension) if each.family == "text"]
    proven = _proven(head, claimed, complete)
    if proven:
        return proven
    if claimed:
        return claimed[0]
    return _likely(head, complete and len(head) <= _LOOKED_AT)


def _proven(head: str, claimed: list[str], complete: bool) -> str | None:
    start = head.lstrip()
    beginning = next((name for text, name in _BEGINNINGS.items() if start.startswith(text)), None)
    if beginning:
        return beginning
    if start.startswith("<"):
        return _name_markup(start, claimed, complete)
    if start[:1] in ("{", "["):
        return _name_json(start, claimed, complete)
    mail = "mhtml" if claimed[:1] == ["mhtml"] else _name_mail(head, claimed, complete)
    is_tex = "\\documentclass" in head and "\\begin{document}" in head and "markdown" not in claimed
    return mail or ("tex" if is_tex else None)


def _name_markup(start: str, claimed: list[str], complete: bool) -> str | None:
    preamble = _XML_PREAMBLE.match(start)
    prologue = preamble.group() if preamble else ""
    doctype = re.search(r"<!DOCTYPE\s+(\w+)([^>]*)", prologue, re.IGNORECASE)
    doctype_root, doctype_rest = (doctype.group(1).lower(), doctype.group(2).lower()) if doctype else ("", "")
    if doctype_root == "html":
        return "html"
    found = _ROOT.match(start, len(prologue))
    root, attributes = (found.group(1).lower(), found.group(2).lower()) if found else ("", "")
    known = _XML_ROOTS.get(root) or _name_article(root, attributes + doctype_rest, start, claimed)
    if known:
        return known
    if prologue.startswith("<?xml"):
        return "xml"
    if not claimed and root in ("head", "body"):
        return "html"
    return "xml" if not claimed and complete and root not in _HTML_ROOTS and _is_well_formed(start) else None


def _is_well_formed(text: str) -> bool:
    """Whether a text without a declaration is XML. Whoever declares an entity (an attack, mostly) is not."""
    if "<!ENTITY" in text:
        return False
    try:
        expat.ParserCreate().Parse(text, True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _name_article(root: str, described: str, start: str, claimed: list[str]) -> str | None:
    """DocBook and JATS share names of elements. described: attributes of the root and what the doctype says, lower case."""
    if "docbook" in described or root in _DOCBOOK_ONLY:
        return "docbook"
    if root == "article":
        is_jats = "article-type" in described or "nlm" in described or "<article-meta" in start or claimed[:1] == ["jats"]
        if is_jats:
            return "jats"
    if root not in _DOCBOOK_ROOTS:
        return None
    inside = claimed[:1] == ["docbook"] or any(f"<{name}>" in start for name in ("para", "simpara", "articleinfo", "bookinfo"))
    return "docbook" if inside else None


def _name_json(start: str, claimed: list[str], complete: bool) -> str | None:
    if complete:
        try:
            value = json.loads(start)
        except (ValueError, RecursionError):
            return _name_json_lines(start)
        return "ipynb" if isinstance(value, dict) and "cells" in value and "nbformat" in value else "json"
    if "ipynb" in claimed or (start[0] == "{" and '"cell_type"' in start and '"cells"' in start):
        return "ipynb"
    lines = _name_json_lines(start[: start.rfind("\n")])
    if lines or "json" in claimed or "jsonl" in claimed:
        return lines or claimed[0]
    # The rest is out of sight: an opening that only JSON has must do.
    return "json" if re.match(r'(?:\[\s*)?\{\s*"[^"\n]*"\s*:', start) else None


def _name_json_lines(text: str) -> str | None:
    lines = [line for line in text.splitlines() if line.strip()][:20]
    if len(lines) < 2:
        return None
    try:
        values = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None
    return "jsonl" if all(isinstance(value, dict | list) for value in values) else None


def _name_mail(head: str, claimed: list[str], complete: bool) -> str | None:
    lines = head.lstrip("\r\n").splitlines()[:200]
    mailbox = bool(lines) and lines[0].startswith("From ")
    names: set[str] = set()
    for line in lines[1:] if mailbox else lines:
        if line[:1] in (" ", "\t") and names:
            continue
        found = _HEADER.match(line)
        if not found:
            break
        names.add(found.group(1).lower())
    known = names & _MAIL_HEADERS
    sure = len(known) >= 3 and ("from" in known or "received" in known) and bool(known & _MAIL_PROOF)
    if "eml" in claimed and known:
        return "eml"  # some programs leave the mailbox's first line on top of a single message
    if mailbox:
        if "mbox" in claimed:
            return "mbox"
        return None if not sure else "eml" if complete and "\nFrom " not in head else "mbox"
    plain = not claimed and {"from", "subject"} <= known and ("date" in known or ("to" in known and "@" in "".join(lines[:2])))
    return "eml" if sure or plain else None


def _likely(head: str, complete: bool) -> str:
    """Without a helpful extension: what the text looks most like."""
    head = head[:_LOOKED_AT]
    lines = head.splitlines()
    if "</" in head and head.count("</") >= 3 and len({each.group(1).lower() for each in _HTML_TAG.finditer(head)}) >= 3:
        return "html"
    found = name_records(lines, head, complete) or name_markup_language(lines, head)
    return found or name_table([line for line in lines if line.strip()]) or "text"
