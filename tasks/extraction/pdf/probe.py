"""A look at one page: has it a text layer, a broken one, only pictures, or nothing at all?"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from tasks.extraction.pdf.document import largest_image, page_text
from tasks.extraction.texts import is_blank

Kind = Literal["text", "garbled", "scan", "stamped", "blank"]

LEAST_CHARACTERS = 10  # fewer are a page number at most
STAMP_CHARACTERS = 100  # fewer, on a page that one image fills, can be a stamp; the image is what is to be read
FULL_PAGE = 0.6  # of the page's area
# Shares of the visible characters. Measured on 721 pages of 600 real PDFs: broken text layers have 0.07 and more of control
# characters, sound ones at most 0.02; symbols in private use, such as bullets, reach 0.10 on sound pages.
BROKEN_SHARE = 0.05
PRIVATE_SHARE = 0.3
JUDGED_LETTERS = 200  # fewer say nothing about their mix; so do fewer than these different ones
JUDGED_ALPHABET = 12
# Cosine of the letters' counts and of the usual ones. Texts of 200 letters and more in 12 languages, Finnish, Polish, Turkish and
# Gaelic among them, have at least 0.76, English with the alphabet shifted by any number of places at most 0.68.
LEAST_LIKENESS = 0.65

_SOFT_HYPHENS = "\x02\ufffe"  # what pdfium gives for a hyphen at the end of a line
_CID = re.compile(r"\(cid:\d+\)")
# Letters in the languages of Europe that are written with Latin letters, in percent: the mean of English, German, French,
# Spanish, Italian, Portuguese and Dutch, accents taken off.
_USUAL = dict(
    zip(
        "etaoinsrhldcumfpgwybvkxjqz",
        (14.6, 6.6, 8.9, 6.9, 7.6, 7.9, 6.8, 6.6, 3.0, 4.8, 4.8, 3.3, 4.2, 2.9, 1.4, 2.5, 1.7, 0.8, 0.7, 1.3, 1.4, 0.7, 0.2, 0.3,
         0.7, 0.5),
        strict=True,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What a page was found to be.

    kind: text; garbled (a text layer without meaning); scan (pictures or drawings without text); stamped (few
    words on a picture that fills the page: a slide, or a scan with a stamp); blank. text: of its text layer.
    """

    kind: Kind
    text: str


def look_at_page(document: Any, at: int) -> Look:
    """Look at a page of a document under pdfium."""
    text = page_text(document, at)
    characters = count_visible(text)
    if characters >= STAMP_CHARACTERS:
        return Look("garbled" if is_garbled(text) else "text", text)
    covered = largest_image(document, at)
    if is_blank(text):
        return Look("blank" if covered is None else "scan", text)
    if covered and characters < LEAST_CHARACTERS:  # on a drawing they are its text, on an image a page number
        return Look("scan", text)
    if covered and covered >= FULL_PAGE:
        return Look("stamped", text)
    return Look("garbled" if is_garbled(text) else "text", text)


def count_visible(text: str) -> int:
    """Characters, white space aside."""
    return sum(map(len, text.split()))


def is_garbled(text: str) -> bool:
    """Whether a text layer is without meaning: its font has no, or a false, table from glyphs to characters."""
    visible = count_visible(text)
    if visible < LEAST_CHARACTERS:
        return False
    broken = sum(len(found) for found in _CID.findall(text))
    private = 0
    for character, times in Counter(text).items():
        category = unicodedata.category(character)
        if character == "\ufffd" or (category in ("Cc", "Cn") and not character.isspace() and character not in _SOFT_HYPHENS):
            broken += times
        elif category == "Co":
            private += times
    return broken >= BROKEN_SHARE * visible or private >= PRIVATE_SHARE * visible or is_cipher(text)


def is_cipher(text: str) -> bool:
    """Whether a text in Latin letters has them in a mix that no language has: each glyph stands for another letter."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text.lower()).items():
        if character.isalpha():
            counts[unicodedata.normalize("NFD", character)[0]] += times
    letters = sum(counts.values())
    latin = {letter: counts[letter] for letter in _USUAL}
    alphabet = sum(count > 0 for count in latin.values())
    if letters < JUDGED_LETTERS or alphabet < JUDGED_ALPHABET or sum(latin.values()) < 0.8 * letters:
        return False
    product = sum(latin[letter] * usual for letter, usual in _USUAL.items())
    lengths = sum(count**2 for count in latin.values()) ** 0.5 * sum(usual**2 for usual in _USUAL.values()) ** 0.5
    return bool(product < LEAST_LIKENESS * lengths)
