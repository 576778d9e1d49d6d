"""LaTeX as Markdown: structure and text, formulas as TeX. Nothing is executed: of an unknown macro its arguments remain."""

import re
from collections.abc import Iterator
from functools import cached_property

from tasks.extraction.markup.document import DEEPEST, Document, heading, load_text, quoted, table
from tasks.extraction.markup.tex_source import closing_braces, split_paragraphs, without_comments
from tasks.extraction.markup.tex_symbols import (
    ACCENTS,
    CHARACTERS,
    HEADINGS,
    HIDDEN,
    LISTS,
    MARKS,
    MATH,
    REFERENCES,
    SILENT,
    TABLES,
    VERBATIM,
    accented,
)
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import fenced

_TOKEN = re.compile(
    r"\\(?P<edge>begin|end)[ \t]*\{(?P<environment>[^{}\n]{1,60})\}"
    r"|\\verb\*?(?P<bar>[^\w\s])(?P<verbatim>[^\n]{0,1000}?)(?P=bar)"
    r"|\\(?P<open>[\[(])|\\(?P<command>[A-Za-z@]+)\*?|\\(?P<character>[^A-Za-z])"
    r"|(?P<dollars>\$\$?)|(?P<dashes>---?)|(?P<quotes>``|'')|(?P<brace>[{}])|(?P<tie>~)"
)
_OPTIONAL = re.compile(r"\s*\[[^\[\]]{0,2000}\]")
_MACRO = re.compile(r"\\(?:re)?newcommand\*?\s*\{?\\([A-Za-z]{1,60})\}?\s*\{([^{}\\]{0,200})\}")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document or a piece of one."""
    yield from convert(load_text(source)).parts(settings)


def convert(text: str) -> Document:
    """Convert a document. Raises LimitError for groups nested too deep."""
    head, begin, rest = text.partition("\\begin{document}")
    body = rest.partition("\\end{document}")[0] if begin else text
    document = Document()
    macros = dict(_MACRO.findall(head))
    preamble = _Converter(without_comments(head) if begin else "", document, macros)
    described = {name: preamble.field(name) for name in ("title", "author", "date")}
    converter = _Converter(without_comments(body), document, macros, described)
    blocks = converter.convert()
    document.title = (described["title"] or converter.described.get("title") or "").replace("*", "") or None
    for block in split_paragraphs(blocks):
        document.add(block)
    return document


class _Converter:
    """A stretch of LaTeX. depth: of groups converted on their own."""

    def __init__(
        self, text: str, document: Document, macros: dict[str, str], described: dict[str, str] | None = None, depth: int = 0
    ) -> None:
        if depth > DEEPEST:
            raise LimitError(f"tex: groups nested deeper than {DEEPEST}")
        self._text = text
        self._document = document
        self._macros = macros
        self._depth = depth
        self.described = described or {}
        self._lists: list[str] = []
        self._unclosed: set[str] = set()
        self._at = 0

    def convert(self) -> str:
        out: list[str] = []
        while found := _TOKEN.search(self._text, self._at):
            before = self._text[self._at : found.start()]
            out.append(before.rstrip() if found.group("command") == "item" and self._lists else before)
            self._at = found.end()
            out.append(self._token(found))
        out.append(self._text[self._at :])
        return "".join(out)

    def field(self, name: str) -> str:
        """The argument of a command of the preamble, on one line."""
        found = re.search(rf"\\{name}\s*(?:\[[^\]]{{0,500}}\])?\s*(?=\{{)", self._text)
        if not found:
            return ""
        self._at = found.end()
        return " ".join(self._converted(self._argument()).replace(" , ", ", ").split())

    def _token(self, found: re.Match[str]) -> str:  # noqa: PLR0911 - one answer per kind of token
        groups = found.groupdict()
        if groups["edge"]:
            name = groups["environment"].rstrip("*")
            return self._begin(name, groups["environment"]) if groups["edge"] == "begin" else self._end(name)
        if groups["verbatim"] is not None:
            return f"`{groups['verbatim']}`"
        if groups["open"]:
            return self._math("\\]" if groups["open"] == "[" else "\\)", display=groups["open"] == "[")
        if groups["command"]:
            return self._command(groups["command"])
        if groups["character"]:
            return self._character(groups["character"])
        if groups["dollars"]:
            return self._math(groups["dollars"], display=groups["dollars"] == "$$")
        if groups["dashes"]:
            return "\u2014" if groups["dashes"] == "---" else "\u2013"
        if groups["quotes"]:
            return "\u201c" if groups["quotes"] == "``" else "\u201d"
        return " " if groups["tie"] else ""  # braces only group

    def _character(self, character: str) -> str:
        if character in ACCENTS:
            return accented(character, self._argument(letter=True))
        if character == "\\":
            self._skip_options()
        return CHARACTERS.get(character, "")

    def _command(self, name: str) -> str:  # noqa: PLR0911 - one answer per kind of command
        if name in ACCENTS and self._text[self._at : self._at + 1] in ("{", " "):
            return accented(name, self._argument(letter=True))
        if name in CHARACTERS:
            if self._text.startswith("{}", self._at):
                self._at += 2
            elif self._text.startswith(" ", self._at) and CHARACTERS[name][-1:].isalpha() and len(name) <= 2:
                self._at += 1
            return CHARACTERS[name]
        if name in HEADINGS:
            self._skip_options()
            text = self._converted(self._argument())
            return f"\n\n{heading(HEADINGS[name] + bool(self.described.get('title')), text)}\n\n"
        if name in SILENT:
            for _ in range(SILENT[name]):
                self._skip_options()
                self._argument()
            return ""
        if name in MARKS:
            text = self._converted(self._argument()).strip()
            return f"{MARKS[name]}{text}{MARKS[name]}" if text else ""
        if name in REFERENCES:
            self._skip_options()
            keys = self._argument()
            return f"[{keys}]" if "cite" in name else keys.rpartition(":")[2]
        if name in ("title", "author", "date"):
            self.described[name] = " ".join(self._converted(self._argument()).split())
            return ""
        return self._other_command(name)

    def _other_command(self, name: str) -> str:  # noqa: PLR0911 - one answer per kind of command
        if name == "maketitle":
            lines = [self.described.get(field, "") for field in ("author", "date")]
            return "\n\n".join(["", heading(1, self.described.get("title", "")), *filter(None, lines), ""])
        if name == "item":
            found = _OPTIONAL.match(self._text, self._at)
            self._at = found.end() if found else self._at
            label = self._converted(found.group().strip()[1:-1]) if found else ""
            mark = self._lists[-1] if self._lists else "- "
            indent = "   " * (len(self._lists) - 1)
            ahead = self._text[self._at : self._at + 200]
            self._at += len(ahead) - len(ahead.lstrip())
            return f"\n{indent}{mark}" + (f"**{label}** " if label else "")
        if name == "bibitem":
            self._skip_options()
            return f"\n- [{self._argument()}] "
        if name in ("footnote", "footnotetext", "thanks"):
            self._skip_options()
            self._document.notes.append(" ".join(self._converted(self._argument()).split()))
            return f"[^{len(self._document.notes)}]"
        if name == "href":
            self._argument()
            return self._converted(self._argument())
        if name == "caption":
            self._skip_options()
            return f"\n\n{self._converted(self._argument())}\n\n"
        if name in ("def", "let", "edef", "gdef"):
            definition = re.compile(r"\s*\\[A-Za-z@]+[^{\n]{0,200}").match(self._text, self._at)
            self._at = definition.end() if definition else self._at
            self._argument()
            return ""
        if name in self._macros:
            return self._macros[name]
        self._skip_options()  # of an unknown command: its braces only group
        return ""

    def _begin(self, name: str, full: str) -> str:  # noqa: PLR0911 - one answer per kind of environment
        if name in VERBATIM:
            body = self._body(full)
            found = _OPTIONAL.match(body)
            language = re.search(r"language=(\w+)", found.group()) if found else None
            if name == "minted":
                opening = re.match(r"(?:\[[^\]]*\])?\{(\w+)\}", body)
                return f"\n\n{fenced(body[opening.end() :] if opening else body, opening.group(1) if opening else '')}\n\n"
            code = (body[found.end() :] if found and name == "lstlisting" else body).strip("\n")
            return "" if name in HIDDEN else f"\n\n{fenced(code, language.group(1).lower() if language else '')}\n\n"
        if name in MATH:
            inner = self._body(full).strip()
            inner = re.sub(r"\\label\{[^{}]*\}", "", inner)
            if "&" in inner or "\\\\" in inner:
                inner = f"\\begin{{aligned}}\n{inner}\n\\end{{aligned}}"
            return f"\n\n$$\n{inner}\n$$\n\n"
        if name in TABLES:
            return f"\n\n{self._table(self._body(full), name)}\n\n"
        self._skip_options()
        if name in LISTS:
            if len(self._lists) >= DEEPEST:
                raise LimitError(f"tex: lists nested deeper than {DEEPEST}")
            self._lists.append(LISTS[name])
            return "\n" if len(self._lists) == 1 else ""
        if name in ("quote", "quotation", "verse"):
            return f"\n\n{quoted(self._converted(self._body(full)).strip())}\n\n"
        if name == "thebibliography":
            self._argument()
            return "\n\n## References\n\n"
        if name == "abstract":
            return "\n\n## Abstract\n\n"
        if name in ("minipage", "multicols", "wrapfigure", "adjustbox", "spacing"):
            self._argument()
        return "\n\n"

    def _end(self, name: str) -> str:
        if name in LISTS and self._lists:
            self._lists.pop()
            return "\n" if self._lists else "\n\n"
        return "\n\n"

    def _body(self, name: str) -> str:
        """What stands up to the end of an environment, those of its name inside it included."""
        begin, end = f"\\begin{{{name}}}", f"\\end{{{name}}}"
        start = at = self._at
        for _ in range(DEEPEST):
            close = self._text.find(end, at)
            if close < 0:
                self._at = len(self._text)
                return self._text[start:]
            if self._text.count(begin, start, close) == self._text.count(end, start, close):
                self._at = close + len(end)
                return self._text[start:close]
            at = close + len(end)
        raise LimitError(f"tex: environments nested deeper than {DEEPEST}")

    def _table(self, body: str, name: str) -> str:
        inner = _Converter(body, self._document, self._macros, self.described, self._depth + 1)
        for _ in range(2 if name in ("tabularx", "tabulary") else 1):
            inner._skip_options()
            inner._argument()
        text = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot)\b", "", body[inner._at :])
        text = re.sub(r"\\multi(?:column|row)\{[^{}]*\}\{[^{}]*\}|\\c(?:line|midrule)(?:\([^)]*\))?\{[^{}]*\}", "", text)
        rows = re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", text)
        return table([self._converted(cell) for cell in re.split(r"(?<!\\)&", row)] for row in rows)

    def _math(self, close: str, display: bool) -> str:
        end = -1 if close in self._unclosed else self._text.find(close, self._at)
        while close == "$" and end > 0 and self._text[end - 1] == "\\":
            end = self._text.find(close, end + 1)
        if end < 0:
            self._unclosed.add(close)  # nor is there one for the next that opens
        inner = self._text[self._at : end] if end >= 0 else ""
        if end < 0 or (not display and "\n\n" in inner):
            return close if close == "$" else ""  # a sign that opens nothing
        self._at = end + len(close)
        return f"\n\n$$\n{inner.strip()}\n$$\n\n" if display else f"${inner.strip()}$"

    def _converted(self, text: str) -> str:
        return _Converter(text, self._document, self._macros, self.described, self._depth + 1).convert()

    def _skip_options(self) -> None:
        while found := _OPTIONAL.match(self._text, self._at):
            self._at = found.end()

    def _argument(self, letter: bool = False) -> str:
        """The group in braces that comes next, without them; "" when none does. letter: a single character will do."""
        at = self._at
        while at < len(self._text) and self._text[at] in " \t\n":
            at += 1
        if not self._text.startswith("{", at):
            if not letter:
                return ""
            width = 2 if self._text.startswith("\\", at) else 1
            self._at = at + width
            return self._text[at : at + width]
        close = self._closing.get(at)
        if close is None:
            self._at = at + 1
            return ""
        self._at = close + 1
        return self._text[at + 1 : close]

    @cached_property
    def _closing(self) -> dict[int, int]:
        return closing_braces(self._text)
