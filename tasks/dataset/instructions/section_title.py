"""Section titles: a passage answered with its heading, and a heading answered with the passage under it."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from tasks.dataset.instructions.material import Answer, Draft, Material, Span, pick, trim
from tasks.dataset.instructions.phrases import phrases_of
from tasks.dataset.instructions.readable import is_readable, length_of_prose, names_something
from tasks.dataset.instructions.survey import fold
from tasks.dataset.structure import HEADING

KIND = "section_title"
LEAST_BODY = 160  # characters that a title is asked for; with less it is a guess
QUOTED = (40, 600)  # characters of a body that is quoted
LONGEST_TITLE = 100
_WORD = re.compile(r"[^\W\d_]{3,}")
_MARKUP = re.compile(r"[\[\]<>|\\`]")
_EMPHASIS = "*_ \t"


@dataclass(frozen=True)
class _Section:
    """A heading and what stands under it up to the next one. start: of the heading's line. level: 1 to 6."""

    start: int
    level: int
    name: str
    title: Span
    body: Span


def make(material: Material, seed: object) -> Iterator[Draft]:
    """For every section the question for its title, where no other has the same, and where it is short and has neighbours the one
    for its text. Of code, tables and encoded data neither is asked."""
    sections = list(_sections(material))
    starts = [section.start for section in sections]
    headings = Counter(fold(section.name) for section in sections)
    for at, section in enumerate(sections):
        length = section.body[1] - section.body[0]
        if len(section.name) > LONGEST_TITLE or not _WORD.search(section.name) or _MARKUP.search(section.name):
            continue
        body = material.text[slice(*section.body)]
        if not is_readable(body):
            continue
        told = names_something(section.name) and headings[fold(section.name)] == 1 and fold(section.name) not in fold(body)
        if told and length_of_prose(body) >= LEAST_BODY:
            yield _ask_title(material, section, seed)
        whole = at + 1 == len(sections) or sections[at + 1].level <= section.level  # it has no sections of its own
        piece = material.piece_around((section.start, section.body[1]))
        if whole and piece is not None and length <= QUOTED[1] and length_of_prose(body) >= QUOTED[0]:
            names = [fold(each.name) for each in sections[bisect_left(starts, piece[0]) : bisect_left(starts, piece[1])]]
            if len(names) > 1 and names.count(fold(section.name)) == 1:
                yield _ask_body(material, section, piece, seed)


def _sections(material: Material) -> Iterator[_Section]:
    text = material.text
    for _, found in groupby(material.structure.blocks, key=lambda block: block.section):
        blocks = list(found)
        start, end = blocks[0].start, blocks[-1].end
        line_end = text.find("\n", start, end)
        line = text[start : end if line_end < 0 else line_end]
        heading = HEADING.match(line)
        if heading:  # none above the first heading
            title = trim_emphasis(text, (start + heading.start(2), start + heading.end(2)))
            yield _Section(start, len(heading[1]), text[slice(*title)], title, trim(text, (start + len(line), end)))


def trim_emphasis(text: str, span: Span) -> Span:
    """A span without the marks of emphasis at its ends."""
    body = text[span[0] : span[1]]
    start = span[0] + len(body) - len(body.lstrip(_EMPHASIS))
    return start, max(start, start + len(body.strip(_EMPHASIS)))


def _ask_title(material: Material, section: _Section, seed: object) -> Draft:
    question = pick(phrases_of(material.language).title, seed, KIND, section.start)
    return Draft(
        KIND,
        section.body,
        before=f"{question}\n\n",
        after="",
        answer=section.name,
        answers=(Answer(section.name, *section.title),),
        kept=(section.body[0], section.body[0]),
        least=LEAST_BODY,
        source=(section.start, section.body[1]),
    )


def _ask_body(material: Material, section: _Section, piece: Span, seed: object) -> Draft:
    question = pick(phrases_of(material.language).body, seed, KIND, section.start, "body").format(title=section.name)
    body = material.text[slice(*section.body)]
    return Draft(
        KIND,
        piece,
        before="",
        after=f"\n\n{question}",
        answer=body,
        answers=(Answer(body, *section.body),),
        kept=(section.start, section.body[1]),
    )
