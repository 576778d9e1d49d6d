"""Documents in XML as Markdown: DocBook, JATS and TEI, whose vocabularies are alike.

Names of elements: DocBook 5.1 (OASIS), JATS 1.3 (NISO Z39.96), TEI P5.
"""

import re
from collections.abc import Iterator
from typing import Any

from tasks.extraction.markup.xmltree import DEEPEST, find_first, local_name, parse_source, text_of
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, cut_pieces, fenced, markdown_table

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SECTIONS = {
    *("section", "sect1", "sect2", "sect3", "sect4", "sect5", "simplesect", "chapter", "appendix", "part", "preface", "sec"),
    *("refsect1", "refsect2", "refsect3", "refsection", "glossary", "bibliography", "partintro", "dedication", "colophon"),
    *("abstract", "trans-abstract", "ack", "app", "ref-list", "notes", "bio", "article", "book", "refentry", "reference", "set"),
    *("div", "div1", "div2", "div3", "div4", "div5", "fn-group", "glossdiv", "acknowledgements", "boxed-text", "sidebar"),
}
_TITLES = {"title", "head", "article-title", "refname", "bridgehead", "trans-title"}
_PARAGRAPHS = {
    *("para", "p", "simpara", "ab", "subtitle", "attribution", "verse-line", "l", "speaker", "caption", "refpurpose"),
    *("kwd-group", "address", "salute", "signed", "dateline", "opener", "closer", "remark"),
}
_BULLETS = {"itemizedlist", "simplelist", "calloutlist", "list"}
_NUMBERED = {"orderedlist", "procedure", "substeps"}
_ITEMS = {"listitem", "list-item", "item", "step", "member", "callout"}
_TERMS = {"term", "glossterm", "label"}
_CODE = {"programlisting", "screen", "literallayout", "code", "preformat", "synopsis", "funcsynopsis", "cmdsynopsis", "eg"}
_QUOTES = {"blockquote", "disp-quote", "epigraph", "quote"}
_TABLES = {"tgroup", "table", "informaltable"}
_ROWS, _CELLS = {"row", "tr"}, {"entry", "cell", "td", "th"}
_ADMONITIONS = {"note", "warning", "caution", "important", "tip"}
_FORMULAS = {"disp-formula", "equation", "informalequation", "formula"}
_INLINE_CODE = {
    "literal",
    "command",
    "filename",
    "function",
    "varname",
    "option",
    "constant",
    "monospace",
    "userinput",
    "classname",
}
_STRONG, _EMPHASIS = {"bold"}, {"emphasis", "italic", "emph"}
_SKIPPED = {
    *(
        "indexterm",
        "index",
        "toc",
        "journal-meta",
        "permissions",
        "history",
        "pub-date",
        "counts",
        "custom-meta-group",
        "revision",
    ),
    *(
        "teiheader",
        "articleinfo",
        "bookinfo",
        "chapterinfo",
        "sectioninfo",
        "info",
        "object-id",
        "revhistory",
        "graphic",
        "imagedata",
    ),
    *(
        "colspec",
        "spanspec",
        "alt",
        "titleabbrev",
        "article-categories",
        "contrib-group",
        "aff",
        "author-notes",
        "pb",
        "lb",
        "math",
    ),
    *("self-uri", "volume", "issue", "fpage", "lpage", "elocation-id", "article-id", "related-article", "tex-math-source"),
}
_FOOTNOTES = {"footnote", "fn", "note-inline"}
_BROKEN = re.compile(r"[ \t]*\n[ \t]*")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document of one of the vocabularies."""
    root = parse_source(source)
    title = _title_of(root)
    writer = _Writer()
    if title:
        writer.add(f"# {title}")
    writer.write(root, 0, 0)
    language = clean_language(root.get(_LANGUAGE) or root.get("lang"))
    for text in cut_pieces(writer.pieces(), settings.part_characters):
        yield Part(text, clean_title(title), language)


def _title_of(root: Any) -> str | None:
    """The title in the document's head. DocBook also has it as the first child of the root, which is written as a heading."""
    head = find_first(root, "articleinfo", "bookinfo", "info", "titlestmt", "title-group")
    found = find_first(head, "title", "article-title") if head is not None else None
    return text_of(found) or None if found is not None else None


class _Writer:
    """Blocks of Markdown, in document order, footnotes last."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._notes: list[str] = []

    def add(self, block: str) -> None:
        if block.strip():
            self._blocks.append(block)

    def pieces(self) -> Iterator[str]:
        for number, note in enumerate(self._notes, start=1):
            self._blocks.append(f"[^{number}]: {note}")
        for block in self._blocks:
            yield block + "\n\n"

    def write(self, element: Any, depth: int, level: int) -> None:
        """Write an element's blocks. depth: of the tree. level: of the headings above."""
        if depth > DEEPEST:
            raise LimitError(f"xml: nested deeper than {DEEPEST} levels")
        name = local_name(element)
        if not name or name in _SKIPPED:
            return
        if name in _TITLES:
            self.add(f"{'#' * min(6, max(1, level))} {self._inline(element, depth)}" if self._inline(element, depth) else "")
        elif name in _TABLES and any(local_name(each) in _ROWS for each in element.iter()):
            self._write_table(element, depth)
        elif name in _CODE and not (name == "code" and self._is_inline(element)):
            self.add(fenced("".join(element.itertext()).strip("\n"), element.get("language") or ""))
        elif not self._write_block(element, name, depth, level):
            self._children(element, depth, level + 1 if name in _SECTIONS else level)

    def _write_block(self, element: Any, name: str, depth: int, level: int) -> bool:
        """Write what is a block of its own kind; False for what only holds blocks."""
        if name in _BULLETS or name in _NUMBERED:
            self._write_list(element, name in _NUMBERED or element.get("list-type") == "order", depth, level)
        elif name in _QUOTES and len(element):
            self.add("\n".join(f"> {line}".rstrip() for line in self._nested(element, depth, level).split("\n")))
        elif name in _ADMONITIONS and len(element):
            self.add(f"**{name.capitalize()}**")
            self._children(element, depth, level)
        elif name in _FORMULAS:
            self.add(_formula(element))
        elif name in {"ref", "biblioentry", "bibl", "bibliomixed", "mixed-citation", "element-citation"}:
            self.add("- " + _citation(element))
        elif name in {"varlistentry", "def-item", "glossentry"}:
            self._write_definition(element, depth, level)
        elif name in _PARAGRAPHS or self._has_words(element):
            self._write_paragraph(element, depth, level)
        else:
            if name == "abstract" and not any(local_name(child) in _TITLES for child in element):
                self.add(f"{'#' * min(6, level + 1)} Abstract")
            return False
        return True

    def _children(self, element: Any, depth: int, level: int) -> None:
        for child in element:
            self.write(child, depth + 1, level)

    def _nested(self, element: Any, depth: int, level: int) -> str:
        """The blocks of an element's children as one text."""
        inner = _Writer()
        inner._notes = self._notes
        if self._has_words(element):
            inner._write_paragraph(element, depth, level)
        else:
            inner._children(element, depth, level)
        return "\n\n".join(inner._blocks)

    def _write_paragraph(self, element: Any, depth: int, level: int) -> None:
        """Running text, broken where a block (a list, a listing) stands inside it."""
        words = [element.text or ""]
        for child in element:
            if _is_block(child):
                self.add(_tidy("".join(words)))
                words = []
                self.write(child, depth + 1, level)
            else:
                words.append(self._inline_of(child, depth + 1))
            words.append(child.tail or "")
        self.add(_tidy("".join(words)))

    def _write_list(self, element: Any, numbered: bool, depth: int, level: int) -> None:
        lines = []
        count = 0
        for child in element:
            if local_name(child) not in _ITEMS:
                self.write(child, depth + 1, level + 1)
                continue
            count += 1
            mark = f"{count}. " if numbered else "- "
            text = self._nested(child, depth + 1, level + 1)
            lines.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        self.add("\n".join(re.sub(r"\n +(?=\n)", "\n", line) for line in lines))

    def _write_definition(self, element: Any, depth: int, level: int) -> None:
        terms = [self._inline(child, depth) for child in element if local_name(child) in _TERMS]
        self.add(f"**{', '.join(filter(None, terms))}**" if any(terms) else "")
        for child in element:
            if local_name(child) not in _TERMS:
                self.add(self._nested(child, depth + 1, level))

    def _write_table(self, element: Any, depth: int) -> None:
        if local_name(element) == "table":
            for child in element:
                if local_name(child) in ("title", "caption", "head", "label"):
                    self.add(self._inline(child, depth))
        rows = [
            [self._inline(cell, depth) for cell in row if local_name(cell) in _CELLS]
            for row in element.iter()
            if local_name(row) in _ROWS
        ]
        rows = [row for row in rows if any(row)]
        if rows:
            width = max(len(row) for row in rows)
            self.add(markdown_table([*rows[0], *[""] * (width - len(rows[0]))], rows[1:]))

    def _has_words(self, element: Any) -> bool:
        return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)

    def _is_inline(self, element: Any) -> bool:
        parent = element.getparent()
        return parent is not None and (local_name(parent) in _PARAGRAPHS or self._has_words(parent))

    def _inline(self, element: Any, depth: int) -> str:
        """The text of an element on one line."""
        return _tidy(self._content(element, depth))

    def _content(self, element: Any, depth: int) -> str:
        if depth > DEEPEST:
            raise LimitError(f"xml: nested deeper than {DEEPEST} levels")
        words = [element.text or ""]
        for child in element:
            words.append(self._inline_of(child, depth + 1))
            words.append(" " if _is_block(child) else "")
            words.append(child.tail or "")
        return "".join(words)

    def _inline_of(self, element: Any, depth: int) -> str:
        name = local_name(element)
        if name in _FOOTNOTES:
            self._notes.append(_tidy(self._content(element, depth)))
            return f"[^{len(self._notes)}]"
        if not name or name in _SKIPPED - {"math", "lb"}:
            return ""
        if name in ("lb", "break"):
            return " "
        if name == "inline-formula" or name in _FORMULAS or name == "math":
            return _formula(element)
        text = self._content(element, depth)
        mark = "`" if name in _INLINE_CODE or name == "code" else ""
        mark = "**" if name in _STRONG or element.get("role") in ("strong", "bold") else "*" if name in _EMPHASIS else mark
        bare = text.strip()
        return text.replace(bare, f"{mark}{bare}{mark}", 1) if mark and bare and mark not in bare else text


def _is_block(element: Any) -> bool:
    name = local_name(element)
    blocks = (_PARAGRAPHS, _BULLETS, _NUMBERED, _CODE - {"code"}, _QUOTES - {"quote"}, _TABLES, _ADMONITIONS, _SECTIONS)
    return any(name in each for each in blocks) or name in {"variablelist", "def-list", "fig", "table-wrap", "disp-formula"}


def _formula(element: Any) -> str:
    """TeX where it stands beside the MathML, else the characters of the formula."""
    tex = find_first(element, "tex-math", "texmath")
    text = text_of(tex) if tex is not None else text_of(element)
    inner = re.search(r"\\begin\{document\}(.*?)\\end\{document\}", text)
    return inner.group(1).strip() if inner else text


def _citation(element: Any) -> str:
    """A reference as one line; where its fields stand side by side without punctuation, they are set apart by it."""
    mixed = find_first(element, "mixed-citation", "bibliomixed")
    if mixed is not None:
        return text_of(mixed)
    fields = [text_of(each) for each in element.iter() if not len(each) and text_of(each)]
    return text_of(element) if (element.text or "").strip() else ", ".join(fields)


def _tidy(text: str) -> str:
    return " ".join(_BROKEN.sub(" ", text).split())
