"""Typst as Markdown. Syntax: the Typst reference, "Syntax". Nothing is executed: of code, the content in it remains."""

import re
from collections.abc import Iterator
from functools import cached_property

from tasks.extraction.markup.document import DEEPEST, Document, load_text, quoted, table
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import fenced

_COMMENT = re.compile(r"(?m)(?:^|(?<=[\s;{}()]))//[^\n]*|/\*[^*]{0,10000}\*/")
_STATEMENTS = {"set", "show", "let", "import", "include", "context", "if", "for", "while", "else"}
_HIDDEN = {"image", "v", "h", "pagebreak", "colbreak", "outline", "bibliography", "label", "counter", "line", "place", "metadata"}
_TABLES = {"table", "grid"}
_BLOCKS = {"figure", "align", "block", "rect", "box", "columns", "stack", "pad", "heading", "list", "enum"}
_TOKEN = re.compile(
    r"(?P<fence>```+)|`(?P<code>[^`\n]{1,1000})`|(?<!\\)\$(?P<math>[^$]{1,5000})\$|\\(?P<escaped>[^\sA-Za-z0-9])"
    r"|#(?P<name>[A-Za-z][\w-]{0,60}(?:\.[A-Za-z][\w-]{0,60}){0,5})|(?P<code_block>#[{(\[])"
    r"|(?m:^)(?P<equals>={1,6})[ \t]+(?=\S)|(?m:^)(?P<indent>[ \t]*)(?P<mark>[+/]|\d{1,4}\.)[ \t]+(?=\S)"
    r"|(?<![\w*])\*(?P<strong>[^*\s][^*\n]{0,500}?)(?<=\S)\*(?![\w*])|(?<![\w_])_(?P<emphasis>[^_\s][^_\n]{0,500}?)(?<=\S)_(?![\w_])"
    r"|[ \t]?<(?P<label>[A-Za-z][\w:.-]{0,60})>|(?<!\w)@(?P<reference>[A-Za-z][\w:.-]{0,60})|(?P<tie>~)|(?P<dashes>---?)(?=\s)"
)
_BRACKET = re.compile(r'"(?:\\.|[^"\\\n]){0,1000}"|\\.|[()\[\]{}]')
_PAIRS = {")": "(", "]": "[", "}": "{"}
_CONTENT = re.compile(r'"(?:\\.|[^"\\\n]){0,1000}"|```[^`]{0,10000}```|`[^`\n]{1,1000}`|\$[^$]{1,5000}\$|\[')
_STRING = re.compile(r'"((?:\\.|[^"\\\n]){0,1000})"')
_VALUE = re.compile(r'([\w-]{1,60})\s*=\s*("(?:[^"\\\n]){0,200}"|-?\d[\d.]{0,20}|\[[^\[\]\n]{0,200}\])\s*$')
_COLUMNS = re.compile(r"\bcolumns\s*:\s*(\d{1,3}|[A-Za-z][\w-]{0,60}|\([^()]{0,500}\))")
_TABLE_CALL = re.compile(r"\s*(?:[\w-]{1,60}\s*,\s*)?(?:table|grid)\(")
_TITLE = re.compile(r"#set\s+document\s*\([^()]{0,2000}?title\s*:\s*(?:\"([^\"\n]{1,500})\"|\[([^\[\]\n]{1,500})\])")
_LANGUAGE = re.compile(r"#set\s+text\s*\([^()]{0,2000}?lang\s*:\s*\"([A-Za-z-]{2,20})\"")
_DEFINITION = re.compile(r"[^:\n]{1,200}:")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document."""
    yield from convert(load_text(source)).parts(settings)


def convert(text: str) -> Document:
    """Convert a document. Raises LimitError for content nested too deep."""
    document = Document()
    title, language = _TITLE.search(text), _LANGUAGE.search(text)
    document.title = (title.group(1) or title.group(2)) if title else None
    document.language = language.group(1) if language else None
    document.add(_Converter(_without_comments(text), document, {}).convert())
    document.blocks = re.split(r"\n{3,}", "\n\n\n".join(document.blocks))
    return document


def _without_comments(text: str) -> str:
    pieces = text.split("```")
    return "```".join(piece if number % 2 else _COMMENT.sub("", piece) for number, piece in enumerate(pieces))


class _Converter:
    """A stretch of markup. depth: of content converted on its own."""

    def __init__(self, text: str, document: Document, values: dict[str, str], depth: int = 0) -> None:
        if depth > DEEPEST:
            raise LimitError(f"typst: content nested deeper than {DEEPEST}")
        self._text = text
        self._document = document
        self._values = values
        self._depth = depth
        self._at = 0

    def convert(self) -> str:
        out = []
        while found := _TOKEN.search(self._text, self._at):
            out.append(self._text[self._at : found.start()])
            self._at = found.end()
            out.append(self._token(found))
        out.append(self._text[self._at :])
        return re.sub(r"\n[ \t]*\n\s*\n", "\n\n", "".join(out))

    def _token(self, found: re.Match[str]) -> str:  # noqa: PLR0911 - one answer per kind of token
        groups = found.groupdict()
        if fence := groups["fence"]:
            return self._raw_block(fence)
        if groups["code"]:
            return f"`{groups['code']}`"
        if groups["math"]:
            inner = groups["math"]
            return f"\n$$\n{inner.strip()}\n$$\n" if inner[0].isspace() and inner[-1].isspace() else f"${inner}$"
        if groups["escaped"]:
            return groups["escaped"]
        if groups["name"] or groups["code_block"]:
            return self._code(groups["name"] or "")
        if groups["equals"]:
            return "#" * len(groups["equals"]) + " "
        if mark := groups["mark"]:
            return groups["indent"] + self._item(mark)
        if groups["strong"]:
            return f"**{self._inside(groups['strong'])}**"
        if groups["emphasis"]:
            return f"*{self._inside(groups['emphasis'])}*"
        if groups["reference"]:
            return groups["reference"].rpartition(":")[2]
        return {"~": " ", "---": "\u2014", "--": "\u2013"}.get(groups["tie"] or groups["dashes"] or "", "")

    def _item(self, mark: str) -> str:
        if mark != "/":
            return "1. " if mark == "+" else f"{mark} "
        found = _DEFINITION.match(self._text, self._at)
        if not found:
            return "/ "
        self._at = found.end()
        return f"- **{self._inside(found.group()[:-1].strip())}**:"

    def _raw_block(self, fence: str) -> str:
        end = self._text.find(fence, self._at)
        end = len(self._text) if end < 0 else end
        raw, self._at = self._text[self._at : end], end + len(fence)
        if "\n" not in raw:
            return f"`{raw.strip()}`"
        language, _, code = raw.partition("\n")
        return f"\n{fenced(code, language.strip())}\n"

    def _code(self, name: str) -> str:  # noqa: PLR0911 - one answer per kind of expression
        if not name:
            return self._contents(*self._group(self._at - 1))
        if name in _STATEMENTS:
            return self._statement(name)
        groups = []
        while self._text[self._at : self._at + 1] in ("(", "[") and self._at in self._closing:
            groups.append(self._group(self._at))
        if not groups:
            return self._values.get(name, "")
        first, last = name.partition(".")[0], name.rpartition(".")[2]
        if last in _HIDDEN:
            return ""
        arguments = groups[0][1] if groups[0][0] == "(" else ""
        content = " ".join(self._inside(inner).strip() for kind, inner in groups if kind == "[")
        if last in _TABLES or first in _TABLES:
            return f"\n\n{self._table(arguments)}\n\n"
        if last == "link":
            target = _STRING.search(arguments)
            return content or (target.group(1).removeprefix("mailto:") if target else "")
        if last == "footnote":
            self._document.notes.append(" ".join((content or self._contents("(", arguments)).split()))
            return f"[^{len(self._document.notes)}]"
        if last in ("emph", "strong", "raw", "quote"):
            text = content or " ".join(_STRING.findall(arguments))
            mark = {"emph": "*", "strong": "**", "raw": "`"}.get(last, "")
            return f"\n\n{quoted(text)}\n\n" if last == "quote" and "block: true" in arguments else f"{mark}{text}{mark}"
        text = " ".join(filter(None, [self._contents("(", arguments), content]))
        return f"\n\n{text}\n\n" if last in _BLOCKS else text

    def _statement(self, name: str) -> str:
        """Skip a statement: to the end of its line, or of the brackets that are open there. A value that is plain is kept."""
        start = self._at
        while self._at < len(self._text) and self._text[self._at] != "\n":
            self._at = self._closing.get(self._at, self._at) + 1
        statement = self._text[start : self._at]
        if name == "let" and (found := _VALUE.match(statement.strip())):
            self._values[found.group(1)] = found.group(2).strip('"[]')
        return self._contents("(", statement) if name in ("if", "for", "else", "context") else ""

    def _group(self, at: int) -> tuple[str, str]:
        """The brackets that open at a place: which, and what they hold. What is never closed is taken as text."""
        close = self._closing.get(at)
        if close is None:
            self._at = at + 1
            return "(", ""
        self._at = close + 1
        return self._text[at], self._text[at + 1 : close]

    def _contents(self, kind: str, code: str) -> str:
        """The content in code: tables and the blocks in square brackets; code itself and its strings are no text."""
        if kind == "[":
            return self._inside(code)
        call = _TABLE_CALL.match(code)
        if not call:
            return " ".join(filter(None, self._cells(code)))
        inner = _Converter(code, self._document, self._values, self._depth + 1)
        close = inner._closing.get(call.end() - 1)
        if close is None:
            return ""
        shown = self._table(code[call.end() : close])
        return "\n\n".join(filter(None, [shown, *self._cells(code[close + 1 :])]))

    def _cells(self, code: str) -> list[str]:
        """The content in code: blocks in square brackets, formulas and raw text, converted, each on one line."""
        closing = _Converter(code, self._document, self._values, self._depth + 1)._closing
        cells = []
        at = 0
        while found := _CONTENT.search(code, at):
            at = found.end()
            text = found.group()
            if text == "[":
                end = closing.get(found.start(), found.start())
                text, at = code[at:end], end + 1
            if text[:1] != '"':  # strings are names and lengths more often than words
                cells.append(" ".join(self._inside(text).split()))
        return cells

    def _table(self, arguments: str) -> str:
        cells = self._cells(arguments)
        found = _COLUMNS.search(arguments)
        stated = found.group(1) if found else "1"
        if not stated[0].isdigit() and not stated.startswith("("):
            stated = self._values.get(stated, "1")
        width = int(stated) if stated.isdigit() else stated.strip("(), ").count(",") + 1
        return table(cells[start : start + width] for start in range(0, len(cells), max(1, width)))

    def _inside(self, text: str) -> str:
        return _Converter(text, self._document, self._values, self._depth + 1).convert()

    @cached_property
    def _closing(self) -> dict[int, int]:
        """Where each bracket that opens is closed, strings apart."""
        opened: list[int] = []
        closing: dict[int, int] = {}
        for found in _BRACKET.finditer(self._text):
            bracket = found.group()
            if bracket in _PAIRS.values():
                opened.append(found.start())
            elif bracket in _PAIRS and opened and self._text[opened[-1]] == _PAIRS[bracket]:
                closing[opened.pop()] = found.start()
        return closing
