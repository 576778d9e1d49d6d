"""What is measured of each block of a page to tell main content from the rest: a row per block, a column per feature.

The features are those that the field has found to matter: length and density of links (Kohlschütter et al., Boilerplate Detection
using Shallow Text Features, 2010), function words (Pomikálek, jusText, 2011), names of elements (readability), and neighbours.
"""

import re
from math import log1p
from typing import TYPE_CHECKING

from tasks.extraction.web.hints import BIT, HINTS
from tasks.extraction.web.page import Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_HEAD = 400  # characters of a block that are looked into
_SHORT = 250  # only shorter blocks can be labels, bylines or notices
_CENTER_SHARE = 0.6
_POSITIVE = BIT["content"] | BIT["article"]
_ASIDE = sum(BIT[name] for name in ("comment", "nav", "related", "consent", "footer", "sidebar"))
_PLAIN = str.maketrans(dict.fromkeys("-/.,:;!?()[]\"'„“”|&#+*…", " "))
_LABELS = (
    "share teilen tweet facebook twitter whatsapp mail email drucken print kommentar kommentare kommentaren comment comments "
    "commentaires more mehr weiterlesen lesen related ähnliche newsletter cookie cookies copyright reserved rights rechte "
    "vorbehalten abonnieren subscribe login anmelden registrieren sign tags tag schlagwörter schlagworte kategorie kategorien "
    "category categories filed posted veröffentlicht published written geschrieben autor author datenschutz privacy impressum "
    "imprint antworten reply previous next vorherige nächste zurück back follow folgen like gefällt advertisement anzeige "
    "partager similaires leggi condividi compartir lire thema artikel quelle foto bild photo credit image uhr javascript browser "
    "© » →"
)
_FUNCTION_WORDS = (
    "der die das und ist nicht ein eine zu den mit von auf für im dass sich es the of and to in is that it was for on with as "
    "are be this have le la les des et est que qui une dans pour el los las y en por con del il di che per non un gli een het "
    "van dat te w na się jest nie"
)
_LABEL_SET, _FUNCTION_WORD_SET = frozenset(_LABELS.split()), frozenset(_FUNCTION_WORDS.split())
_DATE = re.compile(r"\b\d{1,2}[./-]\s?(?:\d{1,2}[./-]|\w{3,9}\s)\s?(?:19|20)?\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{1,2}:\d\d\b")
_TAGS = ("p", "div", "li", "td", "dd", "figcaption", "blockquote", "header")
_OF_BLOCK = (
    *("log_chars", "log_words", "long", "link_share", "only_links", "links", "sentence_end", "sentences", "commas"),
    *("function_words", "capital", "digits", "label", "labels", "date", "upper", "heading", "title", "repeated", "in_article"),
)
_OF_REGION = ("chars_each", "link_share", "prose_share")
_OF_PLACE = (
    *("in_center", "below_center", "index", "chars_before", "after_heading", "after_prose", "outside_content", "outside_article"),
    *("in_links", "blocks_beside", "page_prose", "page_chars", "center_share", "not_in_article"),
)
_OF_NEIGHBOUR = ("log_chars", "link_share", "function_words", "heading", "prose")
COLUMNS = (
    *_OF_BLOCK,
    *(f"tag_{tag}" for tag in _TAGS),
    *(f"{column}_{level}" for level in ("around", "around_2", "around_3") for column in _OF_REGION),
    *(f"near_{hint}" for hint in HINTS),
    *(f"within_{hint}" for hint in HINTS),
    *_OF_PLACE,
    *(f"{column}_{place}" for place in ("before", "after", "after_2") for column in _OF_NEIGHBOUR),
)


def measure(page: Page) -> "Matrix":
    """The features of all blocks of a page that has any."""
    import numpy as np

    blocks, regions = page.blocks, page.regions
    own = np.array(_block_rows(page), dtype=np.float32)
    parents = np.array([region.parent for region in regions])
    at = np.array([block.region for block in blocks])
    hints = np.array([region.hints for region in regions])
    within = inherited_hints(page)[at]
    prose = np.array([block.is_prose for block in blocks])
    chars = np.array([block.chars for block in blocks], dtype=np.float32)
    clean = _summed(np.where(prose & ((within & _ASIDE) == 0), chars, 0), at, parents)
    up, up_2 = parents[at], parents[parents[at]]
    around = _region_rows(page, clean)
    bits = np.arange(len(HINTS))
    return np.concatenate(
        [
            own,
            np.array([[regions[block.region].tag == tag for tag in _TAGS] for block in blocks], dtype=np.float32),
            around[at],
            around[up],
            around[up_2],
            ((hints[at] | hints[up])[:, None] >> bits & 1).astype(np.float32),
            (within[:, None] >> bits & 1).astype(np.float32),
            _place_rows(page, own, chars, prose, within, at, clean),
            _neighbour_rows(own, prose),
        ],
        axis=1,
    )


def inherited_hints(page: Page) -> "Integers":
    """The hints of each region and of those around it. What holds most of a page is not named for being aside of it."""
    import numpy as np

    most = 0.6 * page.regions[0].chars
    found: list[int] = []
    for index, region in enumerate(page.regions):
        hints = region.hints & _POSITIVE if region.chars > most else region.hints
        found.append(hints | found[region.parent] if index else hints)
    return np.array(found)


def _block_rows(page: Page) -> list[tuple[float, ...]]:
    counts: dict[str, int] = {}
    for block in page.blocks:
        counts[block.text] = counts.get(block.text, 0) + 1
    title = (page.title or "").lower()
    rows: list[tuple[float, ...]] = []
    for block in page.blocks:
        text, chars = block.text[:_HEAD], block.chars
        size = len(text)
        short = chars < _SHORT
        words = text.lower().translate(_PLAIN).split()
        some = max(len(words), 1)
        labels = sum(map(_LABEL_SET.__contains__, words)) if short else 0
        digits = short and any(map(text.__contains__, "0123456789"))
        rows.append(
            (
                log1p(chars),
                log1p(len(words) * chars / size),
                chars >= 80,
                block.link_chars / max(chars, 1),
                block.link_chars > 0.9 * chars,
                log1p(block.links),
                chars > 20 and block.text[-1] in '.!?…"”“»:)',
                log1p(text.count(". ") + text.count("? ") + text.count("! ")),
                min(3.0, 20 * text.count(",") / size),
                sum(map(_FUNCTION_WORD_SET.__contains__, words)) / some,
                text[0].isupper(),
                sum(map(text.count, "0123456789")) / size if digits else 0,
                labels > 0,
                min(3.0, labels * 25 / size),
                digits and _DATE.search(text) is not None,
                short and text.isupper(),
                block.kind == "h",
                chars > 10 and short and text.lower() in title,
                counts[block.text] > 1,
                bool(page.article) and chars > 20 and " ".join(text[:60].split()) in page.article,
            )
        )
    return rows


def _summed(values: "Matrix", at: "Integers", parents: "Integers") -> "Matrix":
    """Values of blocks, added up over the regions that hold them."""
    import numpy as np

    sums = np.bincount(at, values, len(parents)).tolist()
    above = parents.tolist()
    for index in range(len(sums) - 1, 0, -1):
        sums[above[index]] += sums[index]
    return np.array(sums, dtype=np.float32)


def _region_rows(page: Page, clean: "Matrix") -> "Matrix":
    import numpy as np

    table = np.array([(region.chars, region.link_chars, region.blocks) for region in page.regions], dtype=np.float32)
    chars = table[:, 0]
    return np.stack(
        [np.log1p(chars / np.maximum(table[:, 2], 1)), table[:, 1] / np.maximum(chars, 1), clean / max(float(clean[0]), 1.0)],
        axis=1,
    )


def _place_rows(
    page: Page, own: "Matrix", chars: "Matrix", prose: "Flags", within: "Integers", at: "Integers", clean: "Matrix"
) -> "Matrix":
    """Where blocks stand, above all in relation to the center: the innermost region that holds most of the prose."""
    import numpy as np

    regions, count = page.regions, len(page.blocks)
    center = regions[int(np.flatnonzero(clean >= _CENTER_SHARE * clean[0])[-1])] if clean[0] > 0 else regions[0]
    index = np.arange(count)
    inside = (index >= center.first) & (index < center.end)
    central = np.flatnonzero(prose & inside)
    last = int(central[-1]) if len(central) else count
    depths = np.array([region.depth for region in regions])[at]
    before = np.cumsum(chars)
    heading = own[:, _OF_BLOCK.index("heading")] * own[:, _OF_BLOCK.index("title")]
    in_article = own[:, _OF_BLOCK.index("in_article")]
    content, article = (within & BIT["content"]) != 0, (within & BIT["article"]) != 0
    farms = np.array([region.link_chars > 0.6 * region.chars and region.links > 2 for region in regions])
    table = np.empty((count, len(_OF_PLACE)), dtype=np.float32)
    table[:, 0] = inside
    table[:, 1] = np.where(inside, np.minimum(depths - center.depth, 8), 9)
    table[:, 2] = index / count
    table[:, 3] = (before - chars) / before[-1]
    table[:, 4] = np.cumsum(heading) > 0
    table[:, 5] = np.log1p(np.maximum(index - last, 0))
    table[:, 6] = content.any() & ~content
    table[:, 7] = article.any() & ~article
    table[:, 8] = farms[at]
    table[:, 9] = np.log1p(np.array([region.blocks for region in regions]))[at]
    table[:, 10] = np.log1p(clean[0])
    table[:, 11] = np.log1p(before[-1])
    table[:, 12] = min(1.0, float(clean[0]) / max(center.chars, 1))
    table[:, 13] = in_article.any() & (in_article == 0)
    return table


def _neighbour_rows(own: "Matrix", prose: "Flags") -> "Matrix":
    import numpy as np

    columns = [_OF_BLOCK.index(name) for name in _OF_NEIGHBOUR if name != "prose"]
    table = np.concatenate([own[:, columns], prose[:, None].astype(np.float32)], axis=1)
    size = len(table)
    padded = np.zeros((size + 3, table.shape[1]), dtype=np.float32)
    padded[1:-2] = table
    return np.concatenate([padded[shift : shift + size] for shift in (0, 2, 3)], axis=1)
