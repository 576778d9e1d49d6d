"""TEDS: how alike the tables of a page are.

Tree-edit-distance-based similarity of the tables' HTML trees (Zhong et al., "Image-based table recognition", arXiv:1911.10683):
table, rows, cells with their spans and texts; head and body make no difference. Mean over the tables of the truth, each with
the table found for it, in their order; one that was not found counts 0. opendataloader-bench makes a single tree of all
tables of a page, which a table that is there and not in the truth makes worse.
"""

from functools import cache
from typing import TYPE_CHECKING

from benchmarks.metrics.markdown import TABLE, collapse, tables_as_html
from benchmarks.metrics.trees import Node, measure_similarity

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def measure_teds(found: str, truth: str) -> float | None:
    """Similarity in [0, 1]; None when the truth has no table."""
    expected = tables_of(truth)
    return _best_sum(tables_of(found), expected) / len(expected) if expected else None


def tables_of(markdown: str) -> list[Node]:
    """The tables of a text, pipe tables and HTML tables, as trees."""
    import lxml.html

    return [_tree_of(lxml.html.fragment_fromstring(each)) for each in TABLE.findall(tables_as_html(markdown))]


def _tree_of(table: "HtmlElement") -> Node:
    rows = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        rows.append(Node("tr", children=[Node(_label(cell), collapse(" ".join(cell.itertext()))) for cell in cells]))
    return Node("table", children=rows)


def _label(cell: "HtmlElement") -> str:
    return f"td {cell.get('colspan', '1')} {cell.get('rowspan', '1')}"


def _best_sum(found: list[Node], expected: list[Node]) -> float:
    """The largest sum of similarities over pairs of tables that keep their order."""

    @cache
    def pair(one: int, other: int) -> float:
        return measure_similarity(found[one], expected[other])

    best = [[0.0] * (len(expected) + 1) for _ in range(len(found) + 1)]
    for one in range(len(found)):
        for other in range(len(expected)):
            best[one + 1][other + 1] = max(best[one][other] + pair(one, other), best[one][other + 1], best[one + 1][other])
    return best[-1][-1]
