"""PowerPoint presentations, read from their XML: no engine at hand keeps words whole that PowerPoint splits into runs.

Element and attribute names are those of ECMA-376 part 1, chapters 19 (PresentationML) and 21 (DrawingML).
"""

from collections.abc import Iterator
from typing import Any

from tasks.extraction.office.blocks import gather_blocks, hold_pages, picture
from tasks.extraction.office.ooxml import Package, open_package
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import markdown_table

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_NOT_TEXT = {"dt", "ftr", "sldNum", "hdr", "sldImg"}  # placeholders: date, footer, slide number, header, picture of the slide
_TITLES = {"title", "ctrTitle"}


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a presentation; its pages are slides, separated by form feeds. A slide that is damaged is counted as lost."""
    with open_package(source) as package:
        main = package.main_part("ppt/presentation.xml")
        targets = package.targets(main)
        ids = [slide.get(_R + "id") for slide in package.parse(main).iter(_P + "sldId")]
        names = [targets[key][1] for key in ids if key in targets]
        slides = hold_pages(_try_slide(package, name) for name in names)
        title, language = package.properties()
    lost = sum(slide is None for slide in slides)
    if slides and lost == len(slides):
        raise CorruptError("pptx: no slide could be read")
    for text in gather_blocks((slide or "" for slide in slides), settings.part_characters, "\f"):
        yield Part(text, title, language, pages=len(slides), pages_lost=lost)


def _try_slide(package: Package, name: str) -> str | None:
    try:
        slide = package.parse(name)
        targets = package.targets(name)
        blocks = list(_blocks(package, slide, targets))
        for kind, target in targets.values():
            if kind == "notesSlide" and package.has(target):
                notes = "\n\n".join(_blocks(package, package.parse(target), {}))
                blocks += [f"Notes: {notes}"] if notes else []
    except CorruptError:
        return None
    return "\n\n".join(blocks)


def _blocks(package: Package, slide: Any, targets: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Markdown blocks of a slide: its title, then its shapes in the order in which they stand in it."""
    shapes = list(slide.iter(_P + "sp", _P + "pic", _A + "tbl", _DIAGRAM + "relIds"))
    for shape in shapes:
        title = " ".join(_text_of(shape).split()) if _placeholder(shape) in _TITLES else ""
        if title:
            yield f"## {title}"
    for shape in shapes:
        kind = _placeholder(shape)
        body = shape.find(_P + "txBody")
        if shape.tag == _A + "tbl":
            rows = [[_text_of(cell) for cell in row.iter(_A + "tc")] for row in shape.iter(_A + "tr")]
            if rows:
                yield markdown_table(rows[0], rows[1:])
        elif shape.tag == _P + "pic":
            about = shape.find(f"{_P}nvPicPr/{_P}cNvPr")
            yield from filter(None, [picture(about.get("descr"))] if about is not None else [])
        elif shape.tag == _DIAGRAM + "relIds":
            target = targets.get(shape.get(_R + "dm"), ("", ""))[1]
            yield from _diagram(package.parse(target)) if package.has(target) else ()
        elif body is not None and kind not in _NOT_TEXT and kind not in _TITLES:
            yield from _paragraphs(body)


def _placeholder(shape: Any) -> str | None:
    """The kind of placeholder that a shape fills, None for a shape of its own."""
    holder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return holder.get("type", "") if holder is not None else None


def _diagram(data: Any) -> Iterator[str]:
    """The texts of a diagram (SmartArt), as a list in the order of its points."""
    texts = (" ".join(_text_of(point).split()) for point in data.iter(_DIAGRAM + "pt"))
    items = [f"- {text}" for text in texts if text]
    if items:
        yield "\n".join(items)


def _paragraphs(body: Any) -> Iterator[str]:
    """Paragraphs of a shape; neighbouring list items form one block."""
    items: list[str] = []
    counts: dict[int, int] = {}  # level -> numbered items so far
    for paragraph in body.iter(_A + "p"):
        text = _run_text(paragraph).strip()
        if not text:
            continue
        properties = paragraph.find(_A + "pPr")
        level = _level(properties)
        numbered = properties is not None and properties.find(_A + "buAutoNum") is not None
        if numbered or (properties is not None and properties.find(_A + "buChar") is not None) or level:
            counts = {at: count for at, count in counts.items() if at <= level}
            counts[level] = counts.get(level, 0) + 1 if numbered else 0
            items.append(f"{'  ' * level}{f'{counts[level]}.' if numbered else '-'} {' '.join(text.split())}")
            continue
        if items:
            yield "\n".join(items)
            items, counts = [], {}
        yield text
    if items:
        yield "\n".join(items)


def _level(properties: Any) -> int:
    """How deep a paragraph is indented: 0 to 8."""
    level = properties.get("lvl", "0") if properties is not None else "0"
    return int(level) if level in set("012345678") else 0


def _run_text(paragraph: Any) -> str:
    """The runs of a paragraph put together; a line break or tab inside it becomes one."""
    pieces = []
    for element in paragraph.iter(_A + "t", _A + "br", _A + "tab"):
        pieces.append(element.text or "" if element.tag == _A + "t" else "\n" if element.tag == _A + "br" else "\t")
    return "".join(pieces)


def _text_of(element: Any) -> str:
    return "\n".join(_run_text(paragraph) for paragraph in element.iter(_A + "p"))
