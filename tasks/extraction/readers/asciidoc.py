"""AsciiDoc as Markdown. Syntax: the AsciiDoc language documentation (Eclipse Foundation)."""

import re
from collections.abc import Iterator

from tasks.extraction.markup.document import Document, heading, load_text, quoted, table
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import fenced

_ATTRIBUTE = re.compile(r":(!?[\w-]{1,60}!?):(?:\s+(.*))?$")
_HEADING = re.compile(r"(={1,6}|#{1,6})\s+(\S.*?)(?:\s+=+)?$")
_BLOCK_ATTRIBUTES = re.compile(r"\[[^\[\]]{0,500}\]$|\[\[[^\[\]]{1,200}\]\]$")
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|={4,}|_{4,}|\*{4,}|\+{4,}|/{4,}|```\w*|--|\"\"|[|,:!]={3,})\s*$")
_BLOCK_TITLE = re.compile(r"\.(?![.\s])(\S.*)$")
_LIST = re.compile(r"\s*(\*{1,6}|-|\.{1,6}|\d{1,4}\.)\s+(?:\[([ x*])\]\s+)?(\S.*)$")
_TERM = re.compile(r"\s*(\S.{0,200}?)(?:::{1,3}|;;)(?:\s+(.*))?$")
_ADMONITION = re.compile(r"(NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+(\S)")
_PREPROCESSOR = re.compile(r"(?:include|ifdef|ifndef|ifeval|endif)::")
_BLOCK_MACRO = re.compile(r"(?:image|video|audio|toc)::\S*\[[^\]]{0,500}\]$")
_CALLOUT = re.compile(r"\s*(?://|#|;;|<!)?\s?<\d{1,3}>$")
_CELL = re.compile(r"(?:^|(?<=\s))(?:\d+(?:\.\d+)?[+*])?[<^>.\w]{0,4}\|")
_INLINE = re.compile(
    r"`\+?(?P<code>[^`\n]{1,500}?)\+?`"
    r"|(?:link:|xref:|mailto:)(?P<target>[^\s\[\]]{1,1000})\[(?P<text>[^\[\]\n]{0,500})\]"
    r"|(?P<url>https?://[^\s\[\]<>]{1,1000})\[(?P<shown>[^\[\]\n]{0,500})\]"
    r"|<<(?P<anchor>[^<>,\n]{1,300})(?:,(?P<name>[^<>\n]{1,300}))?>>"
    r"|(?:footnote|footnoteref):[\w-]{0,60}\[(?P<note>[^\[\]\n]{1,1000})\]"
    r"|image:[^\s:\[\]]{1,500}\[[^\[\]\n]{0,500}\]|\(\(\(?[^()\n]{1,300}\)\)\)?|\[\[[\w:.-]{1,200}\]\]|indexterm2?:\[[^\]\n]{0,300}\]"
    r"|(?:kbd|btn|menu|pass|stem|latexmath|asciimath):[\w,]{0,60}\[(?P<macro>[^\[\]\n]{0,500})\]"
    r"|\{(?P<attribute>[\w-]{1,60})\}"
    r"|(?<![\w*])(?:\[[^\[\]\n]{1,100}\])?\*{1,2}(?P<strong>[^\s*][^*\n]{0,300}?)(?<=\S)\*{1,2}(?![\w*])"
    r"|(?<![\w_])_{1,2}(?P<emphasis>[^\s_][^_\n]{0,300}?)(?<=\S)_{1,2}(?![\w_])"
)
_CHARACTERS = {"nbsp": "\u00a0", "zwsp": "", "amp": "&", "lt": "<", "gt": ">", "plus": "+", "asterisk": "*", "empty": ""}
_ATTRIBUTE_BUDGET = 1_000_000  # characters that all references to attributes may stand for


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document; attributes are filled in, anchors, comments and conditions go."""
    yield from convert(load_text(source)).parts(settings)


def convert(text: str) -> Document:
    """Convert a document."""
    converter = _Converter([line.rstrip() for line in text.split("\n")])
    converter.convert()
    return converter.document


class _Converter:
    def __init__(self, lines: list[str]) -> None:
        self.document = Document()
        self._lines = lines
        self._attributes: dict[str, str] = {}
        self._style = ""  # the attribute line above the next block
        self._paragraph: list[str] = []
        self._levels: list[str] = []  # marks of the lists that are open
        self._budget = _ATTRIBUTE_BUDGET
        self._in_list = False  # the last block is a list

    def convert(self) -> None:
        at = 0
        while at < len(self._lines):
            at = self._convert_line(self._lines[at], at)
        self._flush()

    def _convert_line(self, line: str, at: int) -> int:  # noqa: PLR0911 - one answer per kind of line
        if not line:
            self._flush()
            return at + 1
        if found := _DELIMITER.match(line):
            self._flush()
            return self._delimited(found.group(1), at)
        if line.startswith("//") or _PREPROCESSOR.match(line) or line in ("+", "<<<", "'''", "---"):
            return at + 1
        if found := _ATTRIBUTE.match(line):
            self._set(found.group(1).strip("!"), found.group(2) or "")
            return at + 1
        if self._paragraph and not self._levels and not _HEADING.match(line):
            self._paragraph.append(line)
            return at + 1
        if _BLOCK_ATTRIBUTES.match(line):
            self._flush()
            self._style = line.strip("[]")
            return at + 1
        if _BLOCK_MACRO.match(line):
            return at + 1
        if found := _HEADING.match(line):
            return self._title(found, at)
        if found := _BLOCK_TITLE.match(line):
            self._flush()
            self.document.add(f"**{self._inline(found.group(1))}**")
            return at + 1
        if self._item(line):
            return at + 1
        self._paragraph.append(line)
        return at + 1

    def _set(self, name: str, value: str) -> None:
        self._attributes[name] = value[:500]
        if name == "lang":
            self.document.language = value

    def _title(self, found: re.Match[str], at: int) -> int:
        """A heading. Below the document's title stand its authors and revision, up to a blank line."""
        self._flush()
        self._levels = []
        level = len(found.group(1))
        text = self._inline(found.group(2))
        first = level == 1 and self.document.title is None and not self.document.blocks
        self.document.add(heading(level, text))
        if not first:
            return at + 1
        self.document.title = text
        following = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        is_author = bool(re.match(r"[\w.' -]{2,100}(?:<[^<>]{1,200}>)?(?:;.*)?$", following)) and not _LIST.match(following)
        if is_author:
            self.document.add(re.sub(r"\s*<[^<>]*>", "", following))
        return at + 2 if is_author else at + 1

    def _item(self, line: str) -> bool:
        if found := _LIST.match(line):
            self._flush()
            mark = found.group(1)
            kind = "1." if mark[-1] == "." and mark[0].isdigit() else mark
            if kind in self._levels:
                self._levels = self._levels[: self._levels.index(kind) + 1]
            else:
                self._levels.append(kind)
            shown = "1. " if "." in kind else "- "
            done = {"x": "[x] ", "*": "[x] ", " ": "[ ] "}.get(found.group(2) or "", "")
            self._paragraph = ["   " * (len(self._levels) - 1) + shown + done + found.group(3)]
            return True
        if found := _TERM.match(line):
            self._flush()
            self.document.add(
                f"**{self._inline(found.group(1))}**" + (f": {self._inline(found.group(2))}" if found.group(2) else "")
            )
            return True
        return False

    def _flush(self) -> None:
        """Write the paragraph or list item that has been gathered. A list goes on over blank lines, up to the next block."""
        gathered, self._paragraph = self._paragraph, []
        if not gathered:
            return
        text = self._inline("\n".join(gathered))
        is_item = bool(self._levels) and text.lstrip().startswith(("- ", "1. "))
        kind = self._style.partition(",")[0].strip("\"' ").lower()
        if found := _ADMONITION.match(text):
            text = f"**{found.group(1).capitalize()}**: {text[found.start(2) :]}"
        elif kind in ("quote", "verse"):
            text = quoted(text)
        elif kind in ("source", "listing") or (gathered[0][0] == " " and not is_item):
            text = fenced("\n".join(gathered), self._language())
        if is_item and self._in_list and self.document.blocks:
            self.document.blocks[-1] += "\n" + text
        else:
            self.document.blocks.append(text)
        self._in_list, self._style = is_item, ""
        if not is_item:
            self._levels = []

    def _language(self) -> str:
        parts = [part.strip() for part in self._style.split(",")]
        return parts[1] if len(parts) > 1 and parts[0].startswith("source") and parts[1].isalnum() else ""

    def _delimited(self, mark: str, at: int) -> int:
        """A block between two lines of the same mark; one without end goes on to the last line."""
        close = "```" if mark.startswith("```") else mark
        end = next((n for n in range(at + 1, len(self._lines)) if self._lines[n] == close), len(self._lines))
        body = self._lines[at + 1 : end]
        kind = self._style.partition(",")[0].partition("%")[0].lower()
        if mark[0] in "/" or kind == "comment":
            pass
        elif mark[0] in "-.`" and len(mark) > 2:
            language = mark[3:] if mark[0] == "`" else self._language()
            self.document.add(fenced("\n".join(_CALLOUT.sub("", line) for line in body), language))
        elif mark[0] in "|,:!":
            self.document.add(table(self._rows(body, mark[0])))
        elif mark[0] == "+":
            self.document.add("\n".join(body) if kind in ("stem", "latexmath") else "")
        elif mark[0] == "_" or kind in ("quote", "verse"):
            inner = _Converter(body)
            inner._attributes = self._attributes
            inner.convert()
            self.document.add(quoted("\n\n".join(inner.document.blocks)))
        else:  # what the lines only hold together: its content goes on like the rest
            if kind.upper() in ("NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"):
                self.document.add(f"**{kind.capitalize()}**")
            self._style = ""
            return at + 1
        self._style = ""
        return end + 1

    def _rows(self, body: list[str], mark: str) -> Iterator[list[str]]:
        """Rows of a table: a line of cells each, or as many cells as the columns that the attributes or the first line state."""
        if mark in ",:":
            yield from ([self._inline(cell) for cell in line.split(mark)] for line in body if line)
            return
        lines = [[self._inline(cell) for cell in _CELL.split(line)[1:]] if "|" in line else line for line in body if line]
        cells: list[str] = []
        widths = []
        for line in lines:
            if isinstance(line, list):
                cells.extend(line)
                widths.append(len(line))
            elif cells:
                cells[-1] += " " + self._inline(line.strip())
        width = self._columns() or max(widths[:1] or [1])
        for start in range(0, len(cells), width):
            yield cells[start : start + width]

    def _columns(self) -> int:
        found = re.search(r"cols=\"?([^\"\]]{1,200})", self._style)
        if not found:
            return 0
        repeated = re.match(r"(\d{1,2})\*", found.group(1))
        return int(repeated.group(1)) if repeated else found.group(1).rstrip(", ").count(",") + 1

    def _inline(self, text: str) -> str:
        return _INLINE.sub(self._replace, text).removesuffix(" +")

    def _filled(self, name: str) -> str:
        value = self._attributes.get(name, _CHARACTERS.get(name, "{" + name + "}"))
        self._budget -= len(value)
        if self._budget < 0:
            raise LimitError(f"asciidoc: attributes stand for more than {_ATTRIBUTE_BUDGET} characters")
        return value

    def _replace(self, found: re.Match[str]) -> str:  # noqa: PLR0911 - one answer per kind of markup
        groups = found.groupdict()
        if groups["code"]:
            return f"`{groups['code']}`"
        if groups["target"] or groups["url"]:
            shown = (groups["text"] or groups["shown"] or "").partition(",window=")[0].removesuffix("^")
            return shown or groups["target"] or groups["url"]
        if groups["anchor"]:
            return (groups["name"] or groups["anchor"]).strip()
        if groups["note"]:
            self.document.notes.append(groups["note"])
            return f"[^{len(self.document.notes)}]"
        if groups["attribute"]:
            return self._filled(groups["attribute"])
        if groups["strong"]:
            return f"**{groups['strong']}**"
        if groups["emphasis"]:
            return f"*{groups['emphasis']}*"
        return groups["macro"] or ""
