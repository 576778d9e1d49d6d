"""MHS: whether the headings of a page were found, with the text that stands under each.

Similarity by tree edit distance of the page as headings in their order, each with one node of text beneath it, as in
opendataloader-bench: the level of a heading makes no difference, since people do not agree on levels either.
"""

from benchmarks.metrics.markdown import HEADING, collapse, tables_as_html
from benchmarks.metrics.trees import Node, measure_similarity


def measure_mhs(found: str, truth: str) -> float | None:
    """Similarity in [0, 1]; None when the truth has no heading, 0 when it has and none was found."""
    expected = sections_of(truth)
    if not _has_heading(expected):
        return None
    ours = sections_of(found)
    return measure_similarity(ours, expected) if _has_heading(ours) else 0.0


def sections_of(markdown: str) -> Node:
    """A page as a tree of headings with their text."""
    page = Node("page")
    section = page
    waiting: list[str] = []

    def close() -> None:
        if text := collapse(" ".join(waiting)):
            section.children.append(Node("text", text))
        waiting.clear()

    for line in tables_as_html(markdown).splitlines():
        if heading := HEADING.match(line):
            close()
            section = Node("heading", collapse(heading[1]))
            page.children.append(section)
        else:
            waiting.append(line)
    close()
    return page


def _has_heading(page: Node) -> bool:
    return any(child.label == "heading" for child in page.children)
