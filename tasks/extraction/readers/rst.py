"""reStructuredText as Markdown. Syntax: docutils, "reStructuredText Markup Specification" and "Directives"; also Sphinx."""

import re
from collections.abc import Callable, Iterator

from tasks.extraction.markup.document import DEEPEST, Document, dedented, heading, list_item, load_text, quoted, table
from tasks.extraction.markup.rst_inline import convert_inline, inline_text
from tasks.extraction.markup.rst_tables import GRID, SIMPLE, csv_rows, grid_rows, list_rows, simple_rows
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import fenced

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_EXPLICIT = re.compile(r"\.\.(?: +|$)")
_DIRECTIVE = re.compile(r"\.\. +(?:\|[^|\n]{1,100}\| +)?([A-Za-z][\w:+.-]{0,60}?) ?::(?:\s+(.*))?$")
_NOTE = re.compile(r"\.\. +\[([#*]?[\w.-]{0,60})\] *(.*)$")
_FIELD = re.compile(r":([^:\s][^:\n]{0,80}):(?: +(.*))?$")
_BULLET = re.compile(r"([-*+•‣]) +(?=\S)")
_NUMBERED = re.compile(r"\(?(\d{1,9}|#|[A-Za-z]|[ivxlcIVXLC]{1,8})([.)]) +(?=\S)")
_OPTION = re.compile(r"\s*:[\w-]{1,60}:")
_ADMONITIONS = {
    *("attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning", "admonition", "seealso"),
    *("deprecated", "versionadded", "versionchanged"),
}
_CODE = {
    "code",
    "code-block",
    "sourcecode",
    "parsed-literal",
    "literal",
    "ipython",
    "prompt",
    "testcode",
    "doctest",
    "highlight-block",
}
_NO_TEXT = {
    *(
        "contents",
        "toctree",
        "index",
        "image",
        "include",
        "raw",
        "meta",
        "default-role",
        "role",
        "highlight",
        "sectnum",
        "header",
    ),
    *("footer", "target-notes", "module", "currentmodule", "automodule", "autoclass", "autofunction", "automethod", "title"),
    *("literalinclude", "graphviz", "plot", "tabularcolumns", "class", "replace", "unicode", "date", "testsetup", "only-html"),
}
_MATH = {"math"}
_DOCINFO = {"title": "title", "lang": "language", "language": "language"}


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document; directives become what they show, comments and targets go."""
    yield from convert(load_text(source)).parts(settings)


def convert(text: str) -> Document:
    """Convert a document. Raises LimitError for blocks nested too deep."""
    document = Document()
    _Blocks([line.rstrip() for line in text.expandtabs(8).split("\n")], document, []).convert(0)
    first = next((block for block in document.blocks if block.startswith("# ")), None)
    document.title = document.title or (first.removeprefix("# ") if first else None)
    return document


class _Blocks:
    """Lines of one nesting level, converted from the top."""

    def __init__(self, lines: list[str], document: Document, styles: list[tuple[str, bool]]) -> None:
        self._lines = lines
        self._document = document
        self._styles = styles  # of section titles, the highest first: the character, and whether it also stands above

    def convert(self, depth: int) -> None:
        """Add the blocks to the document."""
        if depth > DEEPEST:
            raise LimitError(f"rst: blocks nested deeper than {DEEPEST} levels")
        at = 0
        while at < len(self._lines):
            if not self._lines[at]:
                at += 1
                continue
            steps: tuple[Callable[[int, int], int], ...] = (
                *(self._section, self._table, self._explicit, self._list, self._lines_and_doctests, self._field, self._indented),
            )
            at = next((after for step in steps if (after := step(at, depth)) > at), None) or self._paragraph(at, depth)

    def _line(self, at: int) -> str:
        return self._lines[at] if 0 <= at < len(self._lines) else ""

    def _section(self, at: int, depth: int) -> int:
        line, second, third = self._line(at), self._line(at + 1), self._line(at + 2)
        if depth:
            return at
        over = _ADORNMENT.match(line)
        if over:
            if second and not _ADORNMENT.match(second) and third[:1] == line[0] and _ADORNMENT.match(third):
                self._add_title(second.strip(), (line[0], True))
                return at + 3
            if not second and not self._line(at - 1) and len(line) >= 4:
                self._document.add("---")
                return at + 1
            return at
        under = _ADORNMENT.match(second)
        if under and line[0] != " " and len(second) >= min(len(line), 4) and not _EXPLICIT.match(line):
            self._add_title(line, (second[0], False))
            return at + 2
        return at

    def _add_title(self, title: str, style: tuple[str, bool]) -> None:
        if style not in self._styles:
            self._styles.append(style)
        self._document.add(heading(self._styles.index(style) + 1, convert_inline(title)))

    def _table(self, at: int, depth: int) -> int:
        line = self._lines[at].strip()
        if GRID.match(line):
            end = self._end(at, lambda each: each.strip()[:1] in ("+", "|") and bool(each.strip()))
            self._document.add(table(grid_rows([each.strip() for each in self._lines[at:end]])))
            return end
        if SIMPLE.match(line):
            end = at + 1
            borders = 1
            while end < len(self._lines) and borders < 3 and not (borders == 2 and not self._line(end)):
                borders += bool(SIMPLE.match(self._line(end).strip()))
                if borders == 2 and SIMPLE.match(self._line(end).strip()) and not self._line(end + 1):
                    end += 1
                    break
                end += 1
            self._document.add(table(simple_rows(dedented(self._lines[at:end]))))
            return end
        return at

    def _explicit(self, at: int, depth: int) -> int:
        line = self._lines[at]
        if line.startswith("__ "):
            return at + 1
        if not _EXPLICIT.match(line):
            return at
        end = self._end(at + 1, lambda each: not each or each[0] == " ")
        body = self._lines[at + 1 : end]
        if found := _DIRECTIVE.match(line):
            self._directive(found.group(1).lower().rpartition(":")[2], found.group(2) or "", body, depth)
        elif note := _NOTE.match(line):
            text = " ".join([note.group(2), *(each.strip() for each in body if each)])
            self._document.add(f"[^{note.group(1).lstrip('#*') or '*'}]: {convert_inline(text)}")
        return end

    def _directive(self, name: str, argument: str, body: list[str], depth: int) -> None:
        lines = dedented(body)
        while lines and (not lines[0] or _OPTION.match(lines[0])):
            option = lines.pop(0)
            if not option and name in _CODE:
                break
        text = "\n".join(lines).strip("\n")
        if name in _CODE:
            self._document.add(fenced(text, argument if argument.isidentifier() else "") if text else "")
        elif name in _MATH:
            self._document.add(f"$$\n{(argument + chr(10) + text).strip()}\n$$")
        elif name in ("csv-table", "list-table", "table"):
            self._document.add(convert_inline(argument))
            if name == "csv-table":
                self._document.add(table(csv_rows(lines, body)))
            elif name == "list-table":
                self._document.add(table(list_rows(lines)))
            else:
                self._nest(lines, depth)
        elif name not in _NO_TEXT:
            if name in _ADMONITIONS:
                self._document.add(f"**{inline_text(argument) if name == 'admonition' else name.capitalize()}**")
            if argument and name not in ("figure", "admonition", "container", "only", "tab", "tabs", "raw"):
                self._document.add(convert_inline(argument))
            self._nest(lines, depth)

    def _list(self, at: int, depth: int) -> int:
        """A list: items whose further lines are indented under their text."""
        if not _item_mark(self._line(at), self._line(at + 1)):
            return at
        items = []
        kind = self._line(at)[0] if _BULLET.match(self._line(at)) else ""
        while (found := _item_mark(self._line(at), self._line(at + 1))) is not None:
            if kind != (self._line(at)[0] if _BULLET.match(self._line(at)) else ""):
                break
            width = found.end()
            end = self._end(at + 1, lambda each, width=width: not each or each[:width].strip() == "")  # type: ignore[misc]
            while not self._line(end - 1):
                end -= 1
            lines = [self._lines[at][width:], *(each[width:] for each in self._lines[at + 1 : end])]
            mark = "- " if _BULLET.match(self._line(at)) else _number(found)
            items.append(list_item(mark, self._inside(lines, depth)))
            at = end
            while at < len(self._lines) and not self._line(at):
                at += 1
        self._document.add("\n".join(items))
        return at

    def _lines_and_doctests(self, at: int, depth: int) -> int:
        line = self._lines[at]
        if line.startswith(">>>"):
            end = self._end(at, bool)
            self._document.add(fenced("\n".join(self._lines[at:end]), "python"))
            return end
        if line.startswith("| "):
            end = self._end(at, lambda each: each.startswith(("| ", "  ")) or each == "|")
            self._document.add("\n".join(convert_inline(each.removeprefix("|").strip()) for each in self._lines[at:end]))
            return end
        return at

    def _field(self, at: int, depth: int) -> int:
        found = _FIELD.match(self._lines[at])
        if found is None:
            return at
        end = self._end(at + 1, lambda each: each[:1] == " ")
        name = found.group(1)
        text = " ".join([found.group(2) or "", *(each.strip() for each in self._lines[at + 1 : end])]).strip()
        if name.lower() in _DOCINFO and not self._document.blocks:
            setattr(self._document, _DOCINFO[name.lower()], text)
        elif text:
            self._document.add(f"**{inline_text(name)}**: {convert_inline(text)}")
        return end

    def _indented(self, at: int, depth: int) -> int:
        if self._lines[at][0] != " ":
            return at
        end = self._end(at, lambda each: not each or each[0] == " ")
        self._document.add(quoted(self._inside(dedented(self._lines[at:end]), depth)))
        return end

    def _paragraph(self, at: int, depth: int) -> int:
        end = self._end(at, lambda each: bool(each) and each[0] != " ")
        text = "\n".join(self._lines[at:end])
        follows = self._line(end)
        if end == at + 1 and follows[:1] == " " and not text.endswith("::"):  # a term and its definition
            after = self._end(end, lambda each: not each or each[0] == " ")
            self._document.add(f"**{inline_text(text)}**" if "`" not in text else convert_inline(text))
            self._nest(dedented(self._lines[end:after]), depth)
            return after
        if not text.endswith("::"):
            self._document.add(convert_inline(text))
            return max(end, at + 1)
        self._document.add(convert_inline(text[:-2].rstrip() if text.endswith(" ::") or text == "::" else text[:-1]))
        after = self._end(end, lambda each: not each or each[0] == " ")
        code = "\n".join(dedented(self._lines[end:after])).strip("\n")
        self._document.add(fenced(code) if code.strip() else "")
        return after

    def _end(self, at: int, test: Callable[[str], object]) -> int:
        while at < len(self._lines) and test(self._lines[at]):
            at += 1
        return at

    def _nest(self, lines: list[str], depth: int) -> None:
        _Blocks(lines, self._document, self._styles).convert(depth + 1)

    def _inside(self, lines: list[str], depth: int) -> str:
        inner = Document()
        _Blocks(lines, inner, self._styles).convert(depth + 1)
        return "\n\n".join(inner.blocks)


def _item_mark(line: str, following: str) -> re.Match[str] | None:
    """The mark of a list item; a paragraph may begin with a letter and a full stop, but then goes on unindented."""
    found = _BULLET.match(line) or _NUMBERED.match(line)
    if found and found.re is _NUMBERED and following and following[0] != " " and not _NUMBERED.match(following):
        return None
    return found


def _number(found: re.Match[str]) -> str:
    number = found.group(1)
    return f"{number}. " if number.isdigit() else "1. " if number == "#" else f"{number}{found.group(2)} "
