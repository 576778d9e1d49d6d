"""Texts that were damaged on their way: read by a machine that could not read them, or decoded with a wrong encoding."""

import re

from tasks.quality.facts import PartFacts
from tasks.quality.text_view import TextView

LEAST_WORDS = 30
LONGEST_WORD = 40  # characters (Taghva et al.)
# Four equal letters, six consonants ("Angstschweiss" has eight in spelling, and is rare) or five vowels in a row.
_GARBLED = re.compile(r"([^\W\d_])\1{3}|[bcdfghjklmnpqrstvwxz]{6}|[aeiouy]{5}", re.IGNORECASE)
_MIXED = re.compile(r"[a-z][A-Z][a-z]{0,2}[A-Z]|[a-z]\d[a-z]|[a-z][A-Z]$")  # cases or digits that change within a word
_INNER = re.compile(r"(?<=\w)[^\w\s'\u2019\-./&@:,+=_()\[\]<>#%\u00ad](?=\w)")
_LATIN = re.compile(r"[A-Za-z]{2}")


def measure_damage(view: TextView, facts: PartFacts) -> dict[str, float]:
    """damage.garbage_words: share of the words with Latin letters that look like errors of text recognition: over LONGEST_WORD
    characters, four equal letters or six consonants or five vowels in a row, cases or digits that change within, or two odd
    marks inside. Source: Taghva et al., "Automatic removal of garbage strings in OCR text" (2001), and Kulp and Kontostathis,
    "On retrieving legal files: shortening documents and weeding out garbage" (TREC 2007), without their rule on short words.
    Addresses and file names are not counted. Left out under LEAST_WORDS such words.

    damage.encoding: places per 1,000 characters that are still wrongly decoded after normalization's repair, replacement
    characters among them. Left out where normalization did not look. High is bad for both.
    """
    signals: dict[str, float] = {}
    latin = garbage = 0
    odd = view.odd_words
    plain = [word for word in view.word_counts if word not in odd and word.isascii()]
    # One look at all of them together: hardly any text has such a word.
    garbled = {word for word in plain if _GARBLED.search(word)} if _GARBLED.search("\n".join(plain)) else set()
    for word in plain:
        count = view.word_counts[word]
        latin += count
        usual = word.islower() or word.istitle() or word.isupper()
        garbage += count if word in garbled or (not usual and _is_garbage(word)) else 0
    for word, count in odd.items():
        if _LATIN.search(word) and not any(mark in word for mark in "@/\\"):
            latin += count
            garbage += count if _is_garbage(word) else 0
    if latin >= LEAST_WORDS:
        signals["damage.garbage_words"] = garbage / latin
    if facts.encoding_damage and view.characters:
        places = facts.encoding_damage.get("after", 0) + facts.encoding_damage.get("replacement_characters", 0)
        signals["damage.encoding"] = min(1000.0, places * 1000 / view.characters)
    return signals


def _is_garbage(word: str) -> bool:
    if len(word) > LONGEST_WORD and "_" not in word and "." not in word and "-" not in word:
        return True
    return bool(_GARBLED.search(word) or _MIXED.search(word)) or len(set(_INNER.findall(word))) >= 2
