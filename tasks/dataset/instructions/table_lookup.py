"""Table look-up: a table and a question about a row and a column, answered with the cell."""

import re
from collections.abc import Iterator

from tasks.dataset.instructions.material import MASKED, Answer, Draft, Material, pick, position_of
from tasks.dataset.instructions.phrases import phrases_of
from tasks.dataset.instructions.readable import is_readable
from tasks.dataset.instructions.survey import fold
from tasks.dataset.instructions.tables import Cell, Row, Table, find_tables

KIND = "table_lookup"
PER_TABLE = 4  # questions about one table
LONGEST_NAME = 80  # characters of what names a row or a column in a question
LONGEST_CELL = 200
MOST_OF_KIND = 0.75  # share of a column's cells that are of the kind of its head, where that is no head
_SAYS_SOMETHING = re.compile(r"\w")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_CUT = re.compile(r"[^\W\d_]-$|\w\s(?:about|an?|and|at|for|from|of|on|or|the|to|with)$")  # a word or a sentence that goes on
_SENTENCE = re.compile(r"[.;](?:\s|$)|,\s[a-z]+\s|\b(?:by|in|respectively)$")
_AMOUNT = re.compile(r"[\d\s%$€£+*()\u00b1-]*\d[.,\u00b1 ]\d[\d\s.,%$€£+*()\u00b1-]*")
_KINDS = (re.compile(r"[A-Z][A-Z0-9/&-]{1,7}"), re.compile(r"\(?(?:[ivxIVX]+|[a-z]|\d+)[).]"))
_MARKUP = re.compile(r"!\[|[`\\{}]|<[!/a-zA-Z]|&#?\w+;|\$(?![\d.,\s])")


def make(material: Material, reach: int, seed: object) -> Iterator[Draft]:
    """Up to PER_TABLE questions about every table. reach: most characters of a passage."""
    for table in find_tables(material.text):
        if not _is_headed(table):
            continue
        column = _naming_column(table)
        if column is not None:
            yield from _questions(material, table, column, reach, seed)


def _is_headed(table: Table) -> bool:
    """Whether the first row names columns, each by another name. In what a layout was taken for, it holds values, keys of a form
    with a colon or pieces of sentences, and words are cut at the ends of cells; beside a head that spans columns is an empty one.
    """
    heads = [cell.text for cell in table.head.cells]
    named = [fold(head) for head in heads if head]
    if len(set(named)) < len(named) or not all(heads[1:]):
        return False
    cut = any(_CUT.search(cell.text) for row in (table.head, *table.rows) for cell in row.cells)
    return not cut and all(
        (_LETTER.search(head) or _YEAR.fullmatch(head) or not _DIGIT.search(head))
        and not head.endswith(":")
        and not _SENTENCE.search(head)
        for head in heads
    )


def _naming_column(table: Table) -> int | None:
    """The first column that tells all rows apart and names them; None without one. Amounts name nothing. Where it has keys of a
    form, or its head is of the kind of most cells (abbreviations, numbers of a list), the first row is no head: None."""
    for column, head in enumerate(table.head.cells):
        cells = [row.cells[column] for row in table.rows]
        if len({fold(cell.text) for cell in cells}) < len(cells) or not all(map(_names, cells)):
            continue
        if any(_AMOUNT.fullmatch(cell.text) for cell in cells):
            continue
        form = any(cell.text.endswith(":") for cell in cells) or not (len(cells) > 1 or _LETTER.search(cells[0].text))
        one_kind = any(
            kind.fullmatch(head.text) and sum(bool(kind.fullmatch(cell.text)) for cell in cells) >= MOST_OF_KIND * len(cells)
            for kind in _KINDS
        )
        return None if form or one_kind else column
    return None


def _names(cell: Cell) -> bool:
    return len(cell.text) <= LONGEST_NAME and _speaks(cell)


def _speaks(cell: Cell) -> bool:
    """Whether a cell says something that is not masked, is no code, and is the same read as Markdown: a backslash escapes."""
    said = _SAYS_SOMETHING.search(cell.text) and not _MARKUP.search(cell.text) and not MASKED.search(cell.text)
    return bool(said) and is_readable(cell.text)


def _questions(material: Material, table: Table, naming: int, reach: int, seed: object) -> Iterator[Draft]:
    heads = [fold(cell.text) for cell in table.head.cells]
    places = [
        (row, column)
        for row in table.rows
        if row.end - table.start <= reach
        for column, head in enumerate(table.head.cells)
        if column != naming and _names(head) and heads.count(fold(head.text)) == 1
    ]
    end = max((row.end for row, _ in places), default=table.start)  # of what can be shown at all
    made = 0
    for row, column in sorted(places, key=lambda place: position_of(seed, KIND, place[0].start, place[1])):
        draft = _draft(material, table, row, (naming, column), end, seed)
        if draft is not None:
            yield draft
            made += 1
        if made == PER_TABLE:
            return


def _draft(material: Material, table: Table, row: Row, columns: tuple[int, int], end: int, seed: object) -> Draft | None:
    naming, column = columns
    cell, name, head, key = row.cells[column], row.cells[naming], table.head.cells[column], table.head.cells[naming]
    phrases = [each for each in phrases_of(material.language).lookup if _names(key) or "{key}" not in each]
    question = pick(phrases, seed, KIND, cell.start).format(column=head.text, row=name.text, key=key.text)
    if not _speaks(cell) or len(cell.text) > LONGEST_CELL or fold(cell.text) in fold(question):
        return None
    return Draft(
        KIND,
        (table.start, end),
        before=f"{question}\n\n",
        after="",
        answer=cell.text,
        answers=(Answer(cell.text, cell.start, cell.end),),
        kept=(table.start, row.end),
        by_line=True,
    )
