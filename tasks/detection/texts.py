"""Which text format the first 64 KiB of a text are in.

Some marks are proof (an HTML doctype, JSON that parses, mail headers) and overrule the extension. The rest is a matter of
likelihood, and there the extension decides first.
"""

import csv
import json
import re

from tasks.detection.formats import formats_of_extension

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
# Repetitions are bounded, so that a hostile text costs no more than a plain one.
_MARKDOWN = (
    re.compile(r"^#{1,6} \S", re.M),
    re.compile(r"^(```|~~~)", re.M),
    re.compile(r"\[[^\[\]\n]{1,200}\]\((?:https?:|/|#|\.)[^()\n]{0,500}\)"),
    re.compile(r"^\|[^\n]*\n\|[ \t]{0,20}:?-{1,500}:?[ \t]{0,20}\|", re.M),
    re.compile(r"(?<!\*)\*\*[^*\n]{1,200}\*\*"),
    re.compile(r"^ {0,3}[-*+] \[[ xX]\] ", re.M),
)
_HEADING, _TABLE = 0, 3  # places in _MARKDOWN
_SECTION = re.compile(r"^#{2,6} \S[^\n]*\n\s*\n", re.M)  # one "# " line alone may be a comment in a script
_RST = re.compile(r"^\.\. [\w-]{1,40}::", re.M)
_BEGINNINGS = {
    "BEGIN:VCALENDAR": "calendar",
    "BEGIN:VCARD": "vcard",
    "WEBVTT": "subtitles",
    "%!PS": "postscript",
    "{\\rtf": "rtf",
}
_DOCBOOK_ROOTS = {"book", "article", "chapter", "section", "part", "refentry"}
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
    return _likely(head)


def _proven(head: str, claimed: list[str], complete: bool) -> str | None:
    start = head.lstrip()
    beginning = next((name for text, name in _BEGINNINGS.items() if start.startswith(text)), None)
    if beginning:
        return beginning
    if start.startswith("<"):
        return _name_markup(start, claimed)
    if start[:1] in ("{", "["):
        return _name_json(start, claimed, complete)
    mail = "mhtml" if claimed[:1] == ["mhtml"] else _name_mail(head, claimed)
    is_tex = "\\documentclass" in head and "\\begin{document}" in head and "markdown" not in claimed
    return mail or ("tex" if is_tex else None)


def _name_markup(start: str, claimed: list[str]) -> str | None:
    preamble = _XML_PREAMBLE.match(start)
    prologue = preamble.group() if preamble else ""
    doctype = re.search(r"<!DOCTYPE\s+(\w+)([^>]*)", prologue, re.IGNORECASE)
    doctype_root, doctype_rest = (doctype.group(1).lower(), doctype.group(2).lower()) if doctype else ("", "")
    if doctype_root == "html":
        return "html"
    found = _ROOT.match(start, len(prologue))
    root, attributes = (found.group(1).lower(), found.group(2).lower()) if found else ("", "")
    known = _XML_ROOTS.get(root) or _name_article(root, attributes + doctype_rest, claimed)
    if known:
        return known
    if prologue.startswith("<?xml"):
        return "xml"
    return "html" if root in ("head", "body") and not claimed else None


def _name_article(root: str, described: str, claimed: list[str]) -> str | None:
    """DocBook and JATS share names of elements. described: attributes of the root and what the doctype says, lower case."""
    if "docbook" in described:
        return "docbook"
    if root == "article" and ("article-type" in described or "nlm" in described or claimed[:1] == ["jats"]):
        return "jats"
    return "docbook" if root in _DOCBOOK_ROOTS and claimed[:1] == ["docbook"] else None


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


def _name_mail(head: str, claimed: list[str]) -> str | None:
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
        return "mbox" if sure or "mbox" in claimed else None
    plain = not claimed and {"from", "date", "subject"} <= known
    return "eml" if sure or plain else None


def _likely(head: str) -> str:
    """Without a helpful extension: what the text looks most like."""
    tags = {found.group(1).lower() for found in _HTML_TAG.finditer(head)}
    if len(tags) >= 3 and head.count("</") >= 3:
        return "html"
    marks = [len(pattern.findall(head)) for pattern in _MARKDOWN]
    if sum(mark > 0 for mark in marks) >= 2 or marks[_HEADING] >= 3 or marks[_TABLE] or _SECTION.search(head):
        return "markdown"
    if _RST.search(head):
        return "rst"
    return _name_table(head) or "text"


def _name_table(head: str) -> str | None:
    """csv or tsv when at least three records have the same number (two or more) of fields, and no line is prose."""
    lines = [line for line in head.splitlines()[:200] if line.strip()][:50]
    if len(lines) < 3:
        return None
    for delimiter, name, least in (("\t", "tsv", 2), (",", "csv", 3), (";", "csv", 3)):
        try:
            widths = [len(record) for record in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        if len(set(widths)) == 1 and widths[0] >= least and not all(line.rstrip().endswith((".", "!", "?")) for line in lines):
            return name
    return None
