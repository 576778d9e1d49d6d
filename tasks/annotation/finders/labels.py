"""Whether the key of a form is one of a field's labels: without case, accents, punctuation, units and rates."""

import functools
import re
import unicodedata

from tasks.annotation.amounts import CODES
from tasks.annotation.finders.vocabulary import words

_ASIDE = re.compile(r"\([^()]{0,80}\)")
_RATE = re.compile(r"\d{1,3}(?:[.,]\d{1,4})?\s?%")
_CODE = re.compile(rf"\b(?:{'|'.join(CODES)})\b|[$€£¥]")
_WORD = re.compile(r"[^\W_]+")
# Words that add nothing to a key.
_FILLERS = words("fillers")


@functools.lru_cache(maxsize=4096)
def label_words(key: str) -> tuple[str, ...]:
    """The words of a key that count: `VAT (20 %)`, `V.A.T.` and `VAT in EUR` are the same."""
    plain = _RATE.sub(" ", _ASIDE.sub(" ", key))
    plain = _CODE.sub(" ", plain).replace("º", "o").replace("°", "o").replace("#", " no ").replace("№", " no ")
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(sign))
    found = _WORD.findall(plain.replace(".", "").replace("\u2019", " ").replace("'", " "))
    counting = tuple(word for word in found if word not in _FILLERS)
    return counting or tuple(found)


@functools.lru_cache(maxsize=256)
def ranks_of(labels: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    """The words of labels, each with its rank, 0 for the first: what a schema names first counts most."""
    ranks: dict[tuple[str, ...], int] = {}
    for rank, label in enumerate(labels):
        if words := label_words(label):
            ranks.setdefault(words, rank)
    return ranks
