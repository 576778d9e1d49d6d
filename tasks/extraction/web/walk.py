"""Parse a web page and walk it once, without recursion, so that neither its depth nor its length matters."""

import json
from typing import Any

from tasks.extraction.texts import clean_language, clean_title, markdown_table
from tasks.extraction.web.hints import hints_of
from tasks.extraction.web.page import Block, Page, Region
from tasks.extraction.web.tables import INLINE, code_language, code_text, data_table, link_texts, math_text

_INVISIBLE = (
    *("script", "style", "noscript", "template", "svg", "iframe", "frame", "object", "embed", "applet", "canvas", "audio"),
    *("video", "map", "select", "datalist", "textarea", "button", "head", "annotation-xml"),
)
_ASIDE = ("nav", "footer", "dialog", "menu")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAK = "\x1e"
_DEEPEST = 2_000  # libxml2 drops what is nested deeper than 2,048
_LONGEST_ARTICLE = 200_000


def read_page(markup: str, links: bool = False, everything: bool = True) -> Page:
    """Parse a page into blocks.

    links: keep the targets of links, as Markdown. everything: also what its tags say is navigation, a footer or a dialogue.
    """
    from lxml import etree

    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return Page()
    walk = _Walk(links)
    page = walk.page
    title = next(root.iter("title"), None)
    page.title = clean_title(title.text) if title is not None else None
    page.language = clean_language(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"))
    if '"articleBody"' in markup:
        page.article = _stated_article(root)
    page.has_frame = next(root.iter(*_ASIDE), None) is not None
    etree.strip_elements(root, *_INVISIBLE, *(() if everything else _ASIDE), with_tail=False)
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif walk.enter(element):
            events.skip_subtree()
    walk.flush()
    page.sum_up()
    return page


class _Walk:
    """What is open during a walk: regions, headings, lists, quotations, links, and the run of text being gathered."""

    def __init__(self, links: bool) -> None:
        self.page = Page()
        self.targets = links
        self.pieces: list[str] = []
        self.link_chars = 0
        self.links = 0
        self.open_links: list[tuple[int, str]] = []
        self.stack: list[int] = []
        self.headings: list[int] = []
        self.counters: list[int | None] = []  # the next number of each open list, None for bullets
        self.markers: list[str] = []
        self.quotes = 0

    def enter(self, element: Any) -> bool:
        """Open an element; True when all of it is taken already."""
        tag = element.tag
        if tag in INLINE:
            self._enter_inline(tag, element)
            return False
        if tag == "br":
            self._break_line()
            return True
        if not isinstance(tag, str) or tag == "math":
            if tag == "math":
                self.say(math_text(element))
            return True
        if self.pieces:
            self.flush()
        self._open(tag, element)
        if tag == "pre":
            self._add_code(element)
            return True
        if tag == "table" and (rows := data_table(element)) is not None:
            self._add_table(rows, element)
            return True
        if tag in _HEADINGS:
            self.headings.append(_HEADINGS[tag])
        elif tag == "li":
            self.markers.append(self._next_marker())
        elif tag == "ul":
            self.counters.append(None)
        elif tag == "ol":
            start = element.get("start", "1")
            self.counters.append(int(start) if start.isdecimal() and len(start) < 7 else 1)
        elif tag == "blockquote":
            self.quotes += 1
        self.say(element.text)
        return False

    def leave(self, element: Any) -> None:
        """Close an element and take the text after it."""
        tag = element.tag
        if tag in INLINE:
            self._leave_inline(tag)
        elif isinstance(tag, str) and tag not in ("br", "math"):
            if self.pieces:
                self.flush()
            self.page.regions[self.stack.pop()].end = len(self.page.blocks)
            if tag in _HEADINGS:
                self.headings.pop()
            elif tag == "li":
                self.markers.pop()
            elif tag in ("ul", "ol"):
                self.counters.pop()
            elif tag == "blockquote":
                self.quotes -= 1
        self.say(element.tail)

    def say(self, text: str | None) -> None:
        """Add to the run of text."""
        if text and (self.pieces or not text.isspace()):
            self.pieces.append(text)
            if self.open_links:
                self.link_chars += len(text) if len(text) < 40 else len(" ".join(text.split()))

    def flush(self) -> None:
        """End the run of text: it becomes a block."""
        lines = [line for part in "".join(self.pieces).split(_BREAK) if (line := " ".join(part.split()))]
        self.pieces.clear()
        self.open_links = [(0, target) for _, target in self.open_links]
        linked, links, self.link_chars, self.links = self.link_chars, self.links, 0, 0
        if not lines:
            return
        kind, level, marker, text = "p", 0, "", "\n".join(lines)
        if self.headings:
            kind, level, text = "h", self.headings[-1], " ".join(lines)
        elif self.markers:
            kind, level, marker = "li", max(0, len(self.counters) - 1), self.markers[-1]
            self.markers[-1] = ""
        chars = len(text)
        self.page.blocks.append(Block(text, kind, level, marker, self.quotes, self.stack[-1], chars, min(linked, chars), links))

    def _enter_inline(self, tag: str, element: Any) -> None:
        if tag == "a":
            target = element.get("href", "")
            self.open_links.append((len(self.pieces), target.strip()))
            self.links += 1
        elif tag == "code":
            self.pieces.append("`")
        elif tag == "q":
            self.pieces.append('"')
        self.say(element.text)

    def _leave_inline(self, tag: str) -> None:
        if tag == "a":
            at, target = self.open_links.pop()
            if self.targets and target and not target.startswith(("#", "javascript:")):
                shown = "".join(self.pieces[at:])
                if shown.strip() and _BREAK not in shown:
                    self.pieces[at:] = [f"[{' '.join(shown.split())}]({target})"]
        elif tag == "code":
            if self.pieces and self.pieces[-1] == "`":
                self.pieces.pop()
            else:
                self.pieces.append("`")
        elif tag == "q":
            self.pieces.append('"')

    def _break_line(self) -> None:
        """A line break; the second one in a row ends a paragraph."""
        for piece in reversed(self.pieces):
            if piece == _BREAK:
                self.flush()
                return
            if not piece.isspace():
                self.pieces.append(_BREAK)
                return

    def _open(self, tag: str, element: Any) -> None:
        page, stack = self.page, self.stack
        if len(stack) >= _DEEPEST:
            page.cut_off = True
        hints, hidden = hints_of(tag, element.items())
        parent = stack[-1] if stack else 0
        hidden = hidden or (parent > 0 and page.regions[parent].hidden)
        stack.append(len(page.regions))
        page.regions.append(Region(tag, parent, len(stack) - 1, hints, hidden, len(page.blocks)))

    def _next_marker(self) -> str:
        number = self.counters[-1] if self.counters else None
        if number is None:
            return "-"
        self.counters[-1] = number + 1
        return f"{number}."

    def _add_code(self, element: Any) -> None:
        text = code_text(element)
        if text.strip():
            language = code_language(element)
            self.page.blocks.append(Block(text, "pre", 0, language, self.quotes, self.stack[-1], len(text), 0, 0))

    def _add_table(self, rows: list[list[str]], element: Any) -> None:
        linked = link_texts(element)
        chars = sum(len(cell) for row in rows for cell in row)
        link_chars = min(chars, sum(map(len, linked)))
        text = markdown_table(rows[0], rows[1:])
        self.page.blocks.append(Block(text, "table", 0, "", self.quotes, self.stack[-1], chars, link_chars, len(linked)))


def _stated_article(root: Any) -> str:
    """The bodies of articles in the structured data of a page (JSON-LD); "" for none, or for data that is damaged."""
    found: list[str] = []
    for script in root.iter("script"):
        if "ld+json" not in script.get("type", "") or not script.text:
            continue
        try:
            waiting = [json.loads(script.text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                body = item.get("articleBody")
                if isinstance(body, str):
                    found.append(body)
                waiting += [value for value in item.values() if isinstance(value, dict | list)]
            elif isinstance(item, list):
                waiting += item
    return " ".join(" ".join(found)[:_LONGEST_ARTICLE].split())
