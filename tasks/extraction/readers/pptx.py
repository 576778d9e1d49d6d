"""PowerPoint presentations, read from their XML: no engine at hand keeps words whole that PowerPoint splits into runs.

Element and attribute names are those of ECMA-376 part 1, chapters 19 (PresentationML) and 21 (DrawingML).
"""

from collections.abc import Iterator
from typing import Any

from tasks.extraction.ooxml import DAMAGE, Package, open_package
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import markdown_table

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NOT_TEXT = {"dt", "ftr", "sldNum", "hdr", "sldImg"}  # placeholders: date, footer, slide number, header, picture of the slide


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a presentation; its pages are slides, separated by form feeds. A slide that is damaged is counted as lost."""
    with open_package(source) as package:
        main = package.main_part("ppt/presentation.xml")
        targets = package.targets(main)
        ids = [slide.get(_R + "id") for slide in package.parse(main).iter(_P + "sldId")]
        slides = [_try_slide(package, targets[key][1]) for key in ids if key in targets]
        title, language = package.properties()
    if slides and all(slide is None for slide in slides):
        raise CorruptError("pptx: no slide could be read")
    text = "\f".join(slide for slide in slides if slide)
    yield Part(text, title, language, pages=len(slides), pages_lost=sum(slide is None for slide in slides))


def _try_slide(package: Package, name: str) -> str | None:
    try:
        blocks = list(_blocks(package.parse(name)))
        for kind, target in package.targets(name).values():
            if kind == "notesSlide" and package.has(target):
                notes = "\n\n".join(_blocks(package.parse(target)))
                blocks += [f"Notes: {notes}"] if notes else []
        return "\n\n".join(blocks)
    except DAMAGE:
        return None


def _blocks(slide: Any) -> Iterator[str]:
    """Markdown blocks of a slide, in the order in which its shapes stand in it."""
    for shape in slide.iter(_P + "sp", _A + "tbl"):
        if shape.tag == _A + "tbl":
            rows = [[_text_of(cell) for cell in row.iter(_A + "tc")] for row in shape.iter(_A + "tr")]
            if rows:
                yield markdown_table(rows[0], rows[1:])
            continue
        placeholder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        kind = placeholder.get("type", "") if placeholder is not None else None
        body = shape.find(_P + "txBody")
        if body is None or kind in _NOT_TEXT:
            continue
        if kind in ("title", "ctrTitle"):
            title = " ".join(_text_of(body).split())
            if title:
                yield f"## {title}"
        else:
            yield from _paragraphs(body)


def _paragraphs(body: Any) -> Iterator[str]:
    """Paragraphs of a shape; neighbouring list items form one block."""
    items: list[str] = []
    counts: dict[int, int] = {}  # level -> numbered items so far
    for paragraph in body.iter(_A + "p"):
        text = _run_text(paragraph).strip()
        if not text:
            continue
        properties = paragraph.find(_A + "pPr")
        level = int(properties.get("lvl", 0)) if properties is not None and properties.get("lvl", "0").isdigit() else 0
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


def _run_text(paragraph: Any) -> str:
    """The runs of a paragraph put together; a line break or tab inside it becomes one."""
    pieces = []
    for element in paragraph.iter(_A + "t", _A + "br", _A + "tab"):
        pieces.append(element.text or "" if element.tag == _A + "t" else "\n" if element.tag == _A + "br" else "\t")
    return "".join(pieces)


def _text_of(element: Any) -> str:
    return "\n".join(_run_text(paragraph) for paragraph in element.iter(_A + "p"))
