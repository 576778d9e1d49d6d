"""Org documents as Markdown. Syntax: the Org manual, "Document Structure" and "Markup for Rich Contents"."""

import re
from collections.abc import Callable, Iterator

from tasks.extraction.markup.document import Document, heading, load_text, quoted, table
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import fenced

_KEYWORD = re.compile(r"\s*#\+([A-Za-z_-]{1,40})(?:\[[^\]]*\])?:\s*(.*)$")
_BEGIN = re.compile(r"\s*#\+begin_([A-Za-z]{1,30})\s*(\S*)", re.IGNORECASE)
_HEADING = re.compile(r"(\*+) +(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED) +)?(?:\[#[A-Z0-9]\] *)?(.*?)(?:\s+:[\w@#%:]+:)?\s*$")
_DRAWER = re.compile(r"\s*:[A-Za-z_-]{1,40}:\s*$")
_PLANNING = re.compile(r"\s*(?:CLOSED|DEADLINE|SCHEDULED|CLOCK):\s*[\[<]")
_RULE = re.compile(r"\s*\|[-+|]*$")
_FIXED = re.compile(r"\s*: ?(.*)$")
_DEFINITION = re.compile(r"(\s*[-+] )(.{1,200}?) :: (.*)$")
_FOOTNOTE = re.compile(r"\[fn:([\w-]{1,40})\]\s+(.*)$")
_EDGE, _AFTER = r"(?<![\w*/=~+\\])", r"(?![\w])"
_INLINE = re.compile(
    r"\[\[(?P<target>[^\[\]\n]{1,1000})\](?:\[(?P<text>[^\[\]\n]{1,1000})\])?\]"
    r"|\[fn:(?P<note>[\w-]{1,40})\]"
    rf"|{_EDGE}(?P<mark>[=~*/+_])(?P<inside>[^\s=~][^\n]{{0,300}}?)(?<=\S)(?P=mark){_AFTER}"
)
_MARKS = {"=": "`", "~": "`", "*": "**", "/": "*", "+": "~~", "_": ""}
_LONGEST_DRAWER = 200  # lines
_DROPPED = {"comment", "export"}
_VERBATIM = {"src", "example"}


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document; drawers, planning lines, comments and settings are no text."""
    yield from convert(load_text(source)).parts(settings)


def convert(text: str) -> Document:
    """Convert a document."""
    document = Document()
    lines = text.split("\n")
    at = 0
    paragraph: list[str] = []
    while at < len(lines):
        line = lines[at]
        if line.strip() and not _is_special(line):
            paragraph.append(_inline(line))
            at += 1
            continue
        document.add("\n".join(paragraph))
        paragraph = []
        at = _convert_special(lines, at, document) if line.strip() else at + 1
    document.add("\n".join(paragraph))
    return document


def _is_special(line: str) -> bool:
    bare = line.lstrip()
    is_heading = bare[0] == "*" and line[0] == "*" and _HEADING.match(line) is not None
    return is_heading or bare[0] in "#|:" or bool(_PLANNING.match(line)) or bool(_FOOTNOTE.match(line))


def _convert_special(lines: list[str], at: int, document: Document) -> int:
    """Convert the block that begins at a line; gives the line after it."""
    line = lines[at]
    bare = line.lstrip()
    if found := _HEADING.match(line):
        document.add(heading(len(found.group(1)), _inline(found.group(2))))
    elif found := _BEGIN.match(line):
        return _convert_block(lines, at, document, found.group(1).lower(), found.group(2))
    elif found := _KEYWORD.match(line):
        name, value = found.group(1).lower(), found.group(2).strip()
        if name == "title":
            document.title = f"{document.title} {value}" if document.title else value
        elif name == "language":
            document.language = value
        elif name == "caption":
            document.add(_inline(value))
    elif bare[0] == "|":
        end = _while(lines, at, lambda each: each.lstrip()[:1] == "|")
        rows = (each.strip().strip("|").split("|") for each in lines[at:end] if not _RULE.match(each))
        document.add(table([_inline(cell) for cell in row] for row in rows))
        return end
    elif _DRAWER.match(line):
        end = next((n for n in range(at + 1, min(at + _LONGEST_DRAWER, len(lines))) if lines[n].strip().upper() == ":END:"), at)
        return end + 1
    elif bare.startswith((": ", ":\n")) or bare == ":":
        end = _while(lines, at, lambda each: bool(re.match(r"\s*:(?: |$)", each)))
        document.add(fenced("\n".join(re.sub(r"^\s*: ?", "", each) for each in lines[at:end])))
        return end
    elif found := _FOOTNOTE.match(line):
        document.add(f"[^{found.group(1)}]: {_inline(found.group(2))}")
    elif not (bare.startswith("# ") or bare == "#" or _PLANNING.match(line) or bare.startswith("#+")):
        document.add(_inline(line))
    return at + 1


def _convert_block(lines: list[str], at: int, document: Document, kind: str, argument: str) -> int:
    close = f"#+end_{kind}"
    end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().lower().startswith(close)), len(lines))
    body = lines[at + 1 : end]
    if kind in _VERBATIM:
        document.add(fenced("\n".join(body), argument if kind == "src" and argument[:1].isalpha() else ""))
    elif kind not in _DROPPED:
        text = "\n".join(_inline(line) for line in body)
        document.add(quoted(text) if kind in ("quote", "verse") else text)
    return end + 1


def _while(lines: list[str], at: int, test: Callable[[str], bool]) -> int:
    end = at
    while end < len(lines) and test(lines[end]):
        end += 1
    return end


def _inline(line: str) -> str:
    if found := _DEFINITION.match(line):
        line = f"{found.group(1)}*{found.group(2)}*: {found.group(3)}"
    if re.match(r"\s*-{5,}\s*$", line):
        return "---"
    return _INLINE.sub(_replace, line.removesuffix("\\\\"))


def _replace(found: re.Match[str]) -> str:
    if target := found.group("target"):
        text: str = found.group("text") or re.sub(r"^(?:file|mailto):", "", target)
        return text
    if note := found.group("note"):
        return f"[^{note}]"
    mark = _MARKS[found.group("mark")]
    inside = found.group("inside") if mark == "`" else _INLINE.sub(_replace, found.group("inside"))
    return f"{mark}{inside}{mark}"
