"""The tables of reStructuredText as rows of cells: drawn as a grid or with rules, or given as CSV or as lists."""

import csv
import itertools
import re

from tasks.extraction.markup.rst_inline import convert_inline

GRID = re.compile(r"\+(?:[-=]+\+)+\s*$")
SIMPLE = re.compile(r"=+(?: +=+)+\s*$")


def grid_rows(lines: list[str]) -> list[list[str]]:
    """Rows of a grid table; a cell that spans columns keeps its text in the first of them."""
    edges = [place for place, character in enumerate(lines[0]) if character == "+"]
    rows: list[list[str]] = []
    cells = [""] * (len(edges) - 1)
    for line in lines[1:]:
        if GRID.match(line) or line.startswith("+"):
            rows.append([convert_inline(cell) for cell in cells])
            cells = [""] * (len(edges) - 1)
            continue
        for number, (left, right) in enumerate(itertools.pairwise(edges)):
            cells[number] = f"{cells[number]} {line[left + 1 : right].strip().strip('|')}".strip()
    return rows


def simple_rows(lines: list[str]) -> list[list[str]]:
    """Rows of a simple table; a line whose first column is blank goes on with the row above."""
    starts = [found.start() for found in re.finditer(r"=+", lines[0])]
    rows: list[list[str]] = []
    for line in lines[1:]:
        if not line.strip() or SIMPLE.match(line) or re.fullmatch(r"-+(?: +-+)*", line.strip()):
            continue
        cells = [line[left:right].strip() for left, right in zip(starts, [*starts[1:], None], strict=True)]
        if cells[0] or not rows:
            rows.append(cells)
        else:
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
    return [[convert_inline(cell) for cell in row] for row in rows]


def csv_rows(lines: list[str], body: list[str]) -> list[list[str]]:
    """The rows of a table given as CSV; its options may name a header."""
    head = next((line.partition(":header:")[2] for line in body if ":header:" in line), "")
    try:
        rows = list(csv.reader([head.strip(), *(line.strip() for line in lines)], skipinitialspace=True))
    except csv.Error:
        rows = [[line] for line in lines]
    return [[convert_inline(cell) for cell in row] for row in rows]


def list_rows(lines: list[str]) -> list[list[str]]:
    """The rows of a table given as a list of lists."""
    rows: list[list[str]] = []
    for line in lines:
        if found := re.match(r"[*-] +[*-](?: +(.*))?$", line):
            rows.append([found.group(1) or ""])
        elif rows and (found := re.match(r" +[*-](?: +(.*))?$", line)):
            rows[-1].append(found.group(1) or "")
        elif rows:
            rows[-1][-1] += " " + line.strip()
    return [[convert_inline(cell) for cell in row] for row in rows]
