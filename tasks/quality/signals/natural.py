"""Features of the calibrated score (tasks/quality/score.py): the shape of characters, words and sentences, in any script.

They are measured on a sample of the prose, cut as the labelled texts are (HPLT release 2 inspection: 500 characters from each
half of a page, line breaks collapsed), so that they mean the same on a long document. All are
shares or means, but for the kinds of punctuation of an excerpt.
"""
# ruff: noqa: RUF001 (punctuation of many scripts)

import functools
import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from tasks.quality.text_view import TextView

EXCERPT = 500  # characters
WINDOW = 2000  # characters of a long text that are looked at in each place, before Markdown is removed
LONG = 20_000  # characters from which a second pair is worth its time
PAIRS = 2  # of excerpts, at most: one from the beginning, one from the middle
LEAST_WORDS = 20
LONG_WORD = 5  # letters from which a word is likelier to carry content than grammar
LIST_ITEM = 3  # words, at most, of a fragment that reads like a list item
SENTENCE = range(4, 46)  # words of a sentence that is neither a label nor a run of labels
CASED_LETTERS = 20  # letters from which the case of a text says something

_MARKUP = re.compile(r"^#{1,6}\s+|\*\*|__|`|!?\[(?=[^\]]*\]\()|\]\([^)\s]*\)")
_BULLET = re.compile(r"^[*+•]\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?…؟।۔])[\"»”')\]]*\s+")
_FRAGMENT_END = re.compile(r"[.!?…؟।۔,;:،؛|»«•·›/()\[\]{}=*_–—>]+(?=\s|$)|\s[-–—|»«•·›/=*>]+\s")
_EDGES = re.compile(r"^\W+|\W+$")
_GLUED = re.compile(r"[^\W\d_]{3,}[.,:;!?)][^\W\d_]{3,}")
_ELLIPSIS = re.compile(r"\.{2,}|…")
_DATE = re.compile(r"\d\d?[:.]\d\d|\d+[./-]\d+[./-]\d+|(?:19|20)\d\d")
_PRICE = re.compile(r"[$€£¥₽₺%]|\d+[.,]\d\d\b")
_CLOSING = "\"»”')]"
_ENDS = ".!?…؟।۔"
_SEPARATORS = "|»›·•"
Features = dict[str, float | None]


def measure_natural(view: TextView) -> dict[str, float]:
    """natural.<feature> of the prose; none under LEAST_WORDS words. What does not apply is missing (case in Arabic)."""
    return measure_excerpts(take_excerpts(view))


def take_excerpts(view: TextView) -> list[tuple[str, str]]:
    """The sample of the prose that is measured: pairs of excerpts, one from the beginning and one from the middle."""
    if sum(map(len, view.lines)) <= 4 * WINDOW:
        return take_pairs(_clean(view.lines))
    # Of a long text only what is sampled is cleaned.
    text = "\n".join(view.lines)
    head, middle = (_clean(text[start : start + WINDOW].split("\n")) for start in (0, len(text) // 2))
    starts = range(0, EXCERPT * (PAIRS if len(text) >= LONG else 1), EXCERPT)
    return [(_excerpt(head, start), _excerpt(middle, start)) for start in starts]


def _clean(lines: Sequence[str]) -> str:
    return " ".join(_BULLET.sub("- ", _MARKUP.sub("", line)) for line in lines)


def take_pairs(prose: str) -> list[tuple[str, str]]:
    """At most PAIRS pairs of excerpts: the k-th from the beginning with the k-th from the middle."""
    if len(prose) <= 2 * EXCERPT:
        return [(prose[:EXCERPT], prose[EXCERPT:])]
    middle = len(prose) // 2
    count = min(PAIRS, middle // EXCERPT, 1 + len(prose) // LONG)
    starts = [number * EXCERPT for number in range(count)]
    return [(_excerpt(prose, start), _excerpt(prose, middle + start)) for start in starts]


def measure_excerpts(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """The mean of each feature over the pairs of excerpts."""
    found = [_measure_pair(first, second) for first, second in pairs if len(first.split()) + len(second.split()) >= LEAST_WORDS]
    return {f"natural.{name}": value for name in NAMES if (value := _mean([each[name] for each in found])) is not None}


def _excerpt(prose: str, start: int) -> str:
    """EXCERPT characters without the words cut at its ends, where there are spaces to tell."""
    text = prose[start : start + EXCERPT]
    if start and 0 <= (space := text.find(" ")) < 40:
        text = text[space + 1 :]
    return text[: text.rfind(" ")] if " " in text[-40:] else text


def _measure_pair(first: str, second: str) -> Features:
    """Features of the excerpts apart, averaged, with those of their words together."""
    parts = [text for text in (first, second) if len(text.split()) >= 8] or [first]
    apart = [_measure_excerpt(text) for text in parts]
    features = {name: _mean([each[name] for each in apart]) for name in apart[0]}
    return features | _measure_words([[word.lower() for word in _words(text.split())] for text in parts])


def _measure_excerpt(text: str) -> Features:
    tokens = text.split()
    count = len(tokens) or 1
    characters = Counter("".join(tokens))
    kinds: Counter[str] = Counter()
    for character, times in characters.items():
        kinds[unicodedata.category(character)] += times
    total = characters.total() or 1
    letters = sum(times for kind, times in kinds.items() if kind[0] in "LM")
    odd = " ".join(token for token in tokens if not token.isalpha())  # most patterns need a mark or a digit, and no space
    words = _words(tokens)
    lowered = [word.lower() for word in words]
    sentences = [part for part in _SENTENCE_END.split(text) if part.split()]
    lengths = [len(part.split()) for part in sentences]
    fragments = [size for part in _FRAGMENT_END.split(text) if (size := len(part.split()))]
    flat = " ".join(tokens).lower()
    grams = len(flat) - 7
    scripts: Counter[str] = Counter()
    for character, times in characters.items():
        if character.isalpha():
            scripts[_script(character)] += times

    def per_word(times: int) -> float:
        return times / count

    upper, lower = kinds["Lu"] + kinds["Lt"], kinds["Ll"]
    cased = letters > CASED_LETTERS and upper + lower > letters / 2
    return {
        "letters": letters / total,
        "symbols": sum(times for kind, times in kinds.items() if kind[0] == "S") / total,
        "punctuation_kinds": float(sum(unicodedata.category(character)[0] in "PS" for character in characters)),
        "foreign_script": 1 - max(scripts.values(), default=0) / (scripts.total() or 1),
        "glued_sentences": per_word(len(_GLUED.findall(odd))),
        "sentences": per_word(
            sum(
                size
                for size, part in zip(lengths, sentences, strict=True)
                if size in SENTENCE and part.rstrip(_CLOSING)[-1:] in _ENDS
            )
        ),
        "longest_run": per_word(max(lengths, default=0)),
        "list_fragments": per_word(sum(size for size in fragments if size <= LIST_ITEM)),
        "clauses": per_word(sum(size for size in fragments if 5 <= size <= 15)),
        "dashes": per_word(sum(token in "-–—" for token in tokens)),
        "exclamations": per_word(text.count("!")),
        "ellipses": per_word(len(_ELLIPSIS.findall(odd))),
        "separators": per_word(sum(map(text.count, _SEPARATORS))),
        "dates": per_word(len(_DATE.findall(odd))),
        "prices": per_word(len(_PRICE.findall(odd))),
        "word_length_spread": _spread([len(word) for word in words]),
        "short_words": sum(len(word) <= 3 for word in words) / (len(words) or 1),
        "distinct_words": len(set(lowered)) / (len(words) or 1),
        "distinct_phrases": len({flat[at : at + 8] for at in range(grams)}) / grams if grams > 0 else 1.0,
    } | _measure_case(text, words, sentences, upper / (upper + lower) if cased else None)


def _measure_case(text: str, words: Sequence[str], sentences: Sequence[str], upper: float | None) -> Features:
    """What upper case says; nothing in a script without it."""
    if upper is None:
        return dict.fromkeys(("upper", "title_words", "capitals", "joined_words", "small_starts"))
    count = len(words) or 1
    mixed = (word for word in words if not (word.islower() or word.isupper() or word.istitle()))
    joined = sum(a.islower() and b.isupper() for word in mixed for a, b in itertools.pairwise(word))
    starts = [start for part in sentences[1:] if (start := part.lstrip("\"«“„'([-– "))]
    return {
        "upper": upper,
        "title_words": sum(word[0].isupper() for word in words) / count,
        "capitals": sum(len(word) > 1 and word.isupper() for word in words) / count,
        "joined_words": joined / (len(text.split()) or 1),
        "small_starts": sum(start[0].islower() for start in starts) / len(starts) if starts else None,
    }


def _measure_words(parts: Sequence[Sequence[str]]) -> Features:
    """Repetition over both excerpts: content words repeat in stuffed text, short words of grammar in prose."""
    words = [word for part in parts for word in part]
    count = len(words) or 1
    long = sorted(Counter(word for word in words if len(word) >= LONG_WORD).values(), reverse=True)
    short = sorted(Counter(word for word in words if len(word) < LONG_WORD).values(), reverse=True)
    pairs = Counter(itertools.pairwise(words))
    few = [{word for word in part if len(word) < LONG_WORD} for part in (parts[0], parts[-1])]
    comparable = len(parts) > 1 and min(map(len, parts)) > LONG_WORD
    return {
        "top_word": sum(long[:1]) / count,
        "top_words": sum(long[:3]) / count,
        "repeated_pairs": sum(times - 1 for times in pairs.values()) / max(1, len(words) - 1),
        "grammar_words": sum(short[:5]) / count,
        "shared_short_words": len(few[0] & few[1]) / max(1, min(map(len, few))) if comparable else None,
    }


def _words(tokens: Sequence[str]) -> list[str]:
    """Tokens that hold a letter, without the marks at their ends."""
    return [
        word
        for token in tokens
        if (word := token if token.isalpha() else _EDGES.sub("", token) if any(map(str.isalpha, token)) else "")
    ]


def _spread(values: Sequence[float]) -> float | None:
    """Standard deviation over mean."""
    if not values:
        return None
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) / mean


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


@functools.lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The script of a letter: the first word of its Unicode name."""
    return unicodedata.name(letter, "").partition(" ")[0]


NAMES = tuple(sorted(_measure_pair("", "")))
