"""What the styles and lists of a Word document say about its paragraphs: heading levels, list levels, numbering."""

import re
from dataclasses import dataclass, field
from typing import Any

from tasks.extraction.office.ooxml import Package
from tasks.extraction.texts import clean_language

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_DEEPEST = 20  # styles based on styles; a circle ends here


@dataclass(frozen=True)
class ParagraphStyle:
    """heading: 1 to 6, 0 for none. list_id: of the list it is an item of, None for none. level: of that list, 0-based."""

    heading: int = 0
    list_id: str | None = None
    level: int = 0
    numbered: bool = False


@dataclass
class Styles:
    """The styles by their ids, and the lists: id -> level -> (numbered, first number). language: of the default style."""

    styles: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, dict[int, tuple[bool, int]]] = field(default_factory=dict)
    language: str | None = None

    def of(self, paragraph: Any) -> ParagraphStyle:
        """The style of a paragraph: its own properties first, then those of its style and of what that is based on."""
        heading, list_id, level = 0, None, None
        for properties, name in self._chain(paragraph):
            found = _HEADING.match(name)
            outline = _value(properties, "outlineLvl")
            if not heading and found:
                heading = int(found.group(1))
            elif not heading and outline is not None and int(outline) < 6:
                heading = int(outline) + 1
            elif not heading and name.lower() == "title":
                heading = 1
            numbering = properties.find(_W + "numPr") if properties is not None else None
            if numbering is not None:
                list_id = _value(numbering, "numId") if list_id is None else list_id
                level = _value(numbering, "ilvl") if level is None else level
        if list_id not in self.lists:  # 0 takes a paragraph out of its style's list
            return ParagraphStyle(min(heading, 6))
        depth = min(int(level or 0), 8)
        return ParagraphStyle(min(heading, 6), list_id, depth, self.lists[list_id].get(depth, (False, 1))[0])

    def first(self, list_id: str, level: int) -> int:
        """The number that a list begins with."""
        return self.lists.get(list_id, {}).get(level, (False, 1))[1]

    def _chain(self, paragraph: Any) -> list[tuple[Any, str]]:
        own = paragraph.find(_W + "pPr")
        chain = [(own, "")]
        style_id = _text_value(own, "pStyle")
        while style_id in self.styles and len(chain) < _DEEPEST:
            style = self.styles[style_id]
            chain.append((style.find(_W + "pPr"), _text_value(style, "name") or ""))
            style_id = _text_value(style, "basedOn")
        return chain


def read_styles(package: Package, main: str) -> Styles:
    """The styles and lists of a document whose text is in the part `main`."""
    found = Styles()
    for kind, target in package.targets(main).values():
        if not package.has(target):
            continue
        if kind == "styles":
            tree = package.parse(target)
            found.styles = {style.get(_W + "styleId"): style for style in tree.iter(_W + "style")}
            defaults = tree.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}lang")
            found.language = clean_language(defaults.get(_W + "val")) if defaults is not None else None
        elif kind == "numbering":
            found.lists = _read_lists(package.parse(target))
    return found


def _read_lists(tree: Any) -> dict[str, dict[int, tuple[bool, int]]]:
    kinds = {}
    for definition in tree.iter(_W + "abstractNum"):
        levels = {}
        for level in definition.iter(_W + "lvl"):
            number = level.get(_W + "ilvl", "0")
            numbered = _text_value(level, "numFmt") not in ("bullet", "none", None)
            levels[int(number) if number.isdigit() else 0] = numbered, int(_value(level, "start") or 1)
        kinds[definition.get(_W + "abstractNumId")] = levels
    return {number.get(_W + "numId"): kinds.get(_text_value(number, "abstractNumId"), {}) for number in tree.iter(_W + "num")}


def _text_value(parent: Any, name: str) -> str | None:
    """The value of a child element, None when there is none."""
    child = parent.find(_W + name) if parent is not None else None
    value: str | None = child.get(_W + "val") if child is not None else None
    return value


def _value(parent: Any, name: str) -> str | None:
    """Like `_text_value`, for a number that is not negative; None for anything else."""
    value = _text_value(parent, name)
    return value if value is not None and value.isascii() and value.isdigit() else None
