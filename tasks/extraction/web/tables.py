"""Tables and code of a web page: units that are taken as a whole."""

import re
from typing import Any

_INLINE = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rp rt ruby s samp small span "
    "strike strong sub sup time tt u var wbr input output meter progress blink"
)
INLINE = frozenset(_INLINE.split())
_LAYOUT = ("table", "pre", "form", "h1", "h2", "h3", "h4", "blockquote", "article", "section")
_CELL_BLOCKS = ("p", "div", "ul", "ol", "dl")
_MOST_CELL_BLOCKS = 3
_LONGEST_CELL = 800
_WIDEST_SPAN = 12
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush:\s?)-?([A-Za-z0-9+#]{1,20})(?=$|\s|;)")


def data_table(table: Any) -> list[list[str]] | None:
    """The cells of a table that holds data; None for one that only arranges what is on the page."""
    if table.get("role") in ("presentation", "none") or next(table.iterdescendants(*_LAYOUT), None) is not None:
        return None
    rows = []
    for row in table.iter("tr"):
        cells = []
        for cell in row.iterchildren("td", "th"):
            if len(cell) and sum(1 for _ in cell.iter(*_CELL_BLOCKS)) > _MOST_CELL_BLOCKS:
                return None
            text = _cell_text(cell)
            if len(text) > _LONGEST_CELL:
                return None
            cells.append(text)
            span = cell.get("colspan", "1")
            cells += [""] * (min(int(span), _WIDEST_SPAN) - 1 if span.isdecimal() and len(span) < 4 else 0)
        if any(cells):
            rows.append(cells)
    return rows if len(rows) > 1 and max(map(len, rows)) > 1 else None


def link_texts(element: Any) -> list[str]:
    """The texts of all links in an element."""
    return [" ".join("".join(link.itertext()).split()) for link in element.iter("a")]


def code_text(element: Any) -> str:
    """The text of preformatted content, its lines as they are."""
    pieces = []
    for each in element.iter():
        if each.tag == "br":
            pieces.append("\n")
        elif isinstance(each.tag, str) and each.text:
            pieces.append(each.text)
        if each is not element and each.tail:
            pieces.append(each.tail)
    return "".join(pieces).strip("\n").rstrip()


def code_language(element: Any) -> str:
    """The language of code, from the names that highlighters give it; "" for none."""
    around = (element, element.find("code"), element.getparent())
    found = _LANGUAGE.search(" ".join(each.get("class", "") for each in around if each is not None))
    return found.group(1).lower() if found else ""


def math_text(element: Any) -> str:
    """A formula as TeX where the page has it, else its characters."""
    for note in element.iter("annotation"):
        if note.get("encoding") == "application/x-tex" and note.text:
            return f"${note.text.strip()}$"
    return element.get("alttext") or "".join(element.itertext())


def _cell_text(cell: Any) -> str:
    if len(cell) == 0:
        return " ".join((cell.text or "").split())
    pieces = [cell.text or ""]
    for each in cell.iterdescendants():
        space = "" if each.tag in INLINE else " "
        if isinstance(each.tag, str):
            pieces += [space, each.text or ""]
        if each.tail:
            pieces += [space, each.tail]
    return " ".join("".join(pieces).split())
