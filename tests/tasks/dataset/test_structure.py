"""Sections, blocks and sentences of Markdown."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dataset.structure import read_structure, sentence_cuts

TEXT = """Before.

# Title

First paragraph
goes on.

Second.

## Part

```python
# no heading

still code
```

# Other ##
"""


def blocks_of(text: str) -> list[str]:
    return [text[block.start : block.end].strip() for block in read_structure(text).blocks]


def test_blocks_and_heading_paths() -> None:
    structure = read_structure(TEXT)
    assert structure.headings == [None, "Title", "Title > Part", "Other"]
    assert [block.section for block in structure.blocks] == [0, 1, 1, 2, 3]
    assert blocks_of(TEXT) == [
        "Before.",
        "# Title\n\nFirst paragraph\ngoes on.",
        "Second.",
        "## Part\n\n```python\n# no heading\n\nstill code\n```",
        "# Other ##",
    ]


def test_a_fence_is_closed_by_its_own_kind_only() -> None:
    assert len(blocks_of("~~~\na\n\n```\n\nb\n~~~\n\nafter")) == 2
    assert len(blocks_of("````\na\n```\n\nb\n````\n\nafter")) == 2


def test_a_hash_without_space_is_no_heading() -> None:
    assert read_structure("#tag\n\ntext").headings == [None]


def test_sentences_begin_after_marks_and_lines() -> None:
    text = 'One. "Two!" Three?\nFour 1.5 five'
    edges = [0, *sentence_cuts(text, 0, len(text)), len(text)]
    pieces = [text[a:b].strip() for a, b in pairwise(edges)]
    assert pieces == ["One.", '"Two!"', "Three?", "Four 1.5 five"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["# A", "## B", "", "text", "```", "~~~", " ", "#", "a\rb", "ends."])).map("\n".join))
def test_blocks_tile_the_text(text: str) -> None:
    blocks = read_structure(text).blocks
    assert "".join(text[block.start : block.end] for block in blocks) == text
    assert all(block.start < block.end for block in blocks)
