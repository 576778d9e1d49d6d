"""A parsed web page as a list of blocks (paragraph, heading, list item, table, code) and the tree of elements around them."""

from dataclasses import dataclass, field

PROSE_CHARS = 80  # from here on a block counts as prose if few of its characters are links
PROSE_LINKS = 0.3


@dataclass(slots=True)
class Region:
    """An element that holds blocks.

    parent: index of the region around it. hints: what its names say it is (hints.py). first, end: the blocks inside, as a
    range. Counts are of all its content: characters, characters of links, links, blocks.
    """

    tag: str
    parent: int
    depth: int
    hints: int
    hidden: bool
    first: int
    end: int = 0
    chars: int = 0
    link_chars: int = 0
    links: int = 0
    blocks: int = 0


@dataclass(slots=True)
class Block:
    """A run of text that stands on its own.

    kind: p, h, li, pre or table. level: of a heading (1 to 6), or depth of a list item (from 0). marker: "-" or "3." at the start
    of a list item, "" where it goes on; the language of code. quotes: how many quotations it stands in. region: index of the
    element around it. chars, link_chars: characters in all and in links.
    """

    text: str
    kind: str
    level: int
    marker: str
    quotes: int
    region: int
    chars: int
    link_chars: int
    links: int

    @property
    def is_prose(self) -> bool:
        """Whether it is long and not made of links."""
        return self.chars >= PROSE_CHARS and self.link_chars < PROSE_LINKS * self.chars


@dataclass(slots=True)
class Page:
    """The blocks of a page in reading order, and their regions, of which the first is the root.

    title, language: as the page states them. article: text that the page itself marks as its article for search engines
    (schema.org articleBody), "" for none. has_frame: its tags name navigation, a footer or the like. cut_off: nested so deep
    that the parser gave up in the middle.
    """

    blocks: list[Block] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    title: str | None = None
    language: str | None = None
    article: str = ""
    has_frame: bool = False
    cut_off: bool = False

    def sum_up(self) -> None:
        """Give every region the counts of all that is inside it."""
        for block in self.blocks:
            region = self.regions[block.region]
            region.chars += block.chars
            region.link_chars += block.link_chars
            region.links += block.links
            region.blocks += 1
        for region in reversed(self.regions[1:]):
            above = self.regions[region.parent]
            above.chars += region.chars
            above.link_chars += region.link_chars
            above.links += region.links
            above.blocks += region.blocks
