"""Whether a question and its answer, written by a model about a passage, may be believed. Pure rules; no model takes part.

Sources of the rules: answers are spans of the passage, compared as SQuAD does (Rajpurkar et al. 2016: lower case, without
punctuation and English articles; F1 over tokens); a pair is kept only if answering the question anew gives the same answer
(roundtrip consistency, Alberti et al. 2019, "Synthetic QA Corpora Generation with Roundtrip Consistency"); the rest keeps out
what such models are known to write: questions that give the answer away, ask about "the passage", or name what it does not.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.annotation.model.grounding import FoldedText, fold

Span = tuple[int, int]
REFUSALS = {
    "incomplete": "a question without an answer, or the other way round",
    "form": "not one printable question that ends with its mark",
    "length": "a question of too few or too many words",
    "vague": "a question about the text itself, such as “this passage”",
    "masked": "a masked value in the question or the answer",
    "ungrounded": "an answer that does not stand in the passage",
    "answer": "an answer that is trivial, long, or most of the passage",
    "gives_away": "a question that holds its answer",
    "unsupported": "a question that names a number or a name that is not in the passage",
    "unrelated": "a question that shares too few words with the passage",
    "example": "a question of the instructions' own examples",
    "duplicate": "a question that was asked before",
    "round_trip": "a question that the model answered otherwise the second time",
    "unchecked": "a question that the model did not answer the second time",
    "spare": "more than were asked for",
}
SHORTEST_QUESTION, LONGEST_QUESTION = 3, 40  # words
LONGEST_CHARACTERS = 250  # of a question
LONGEST_ANSWER = 200  # characters
MOST_OF_PASSAGE = 0.5  # that an answer may be
LEAST_SHARED = 0.5  # of the content words of a question that stand in the passage
LEAST_F1 = 0.8  # of the tokens of two answers that are the same; so strict that "in 1987" is another answer than "1987"
SAME_QUESTION = 0.8  # F1 of two questions with one answer
STEM = 5  # letters by which words are compared, as a question bends them: opens, opened, opening
NOUNS_IN_CAPITALS = frozenset({"de", "lb"})  # languages in which a capital letter makes no name

_MASKED = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*\]")  # what privacy puts in the place of a value (schemas: PRIVACY)
_MARKS = "?\uff1f\u061f\u037e\u055e"
# A word; a number with what divides it; or one character of a script without spaces.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|\d+(?:[.,:/-]\d+)*|[^\W\d_{_UNSPACED}]+")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_NUMBERED = re.compile(r"\S*\d\S*")
_EDGES = re.compile(r"^\W+|\W+$")
_ARTICLES = frozenset({"a", "an", "the"})
_SAYS_NOTHING = frozenset(
    ("yes", "no", "none", "it", "he", "she", "they", "this", "that", "these", "those", "there", "i", "we", "you", "true", "false")
)
# Words of questions and of every sentence, at least four letters long; shorter words never count.
_COMMON_WORDS = (
    "what which when where whom whose does were will with from that this they them their there have been being into about after",
    "before many much long kind type name called must should would could according",
    "welche welcher welches welchem welchen wann wohin woher warum wieso wurde wurden wird werden sind eine einer eines einem",
    "einen haben hatte nach über viele",
    "quel quelle quels quelles quand comment pourquoi combien dans pour avec sont était sera cette leur",
    "cuál cuáles quién quiénes cuándo dónde cómo cuánto cuánta cuántos cuántas para está fueron tiene debe",
)
_COMMON = frozenset(" ".join(_COMMON_WORDS).split())
_VAGUE = re.compile(
    r"\b(?:the|this|that|given|above|following|provided) (?:text|passage|excerpt|paragraph|snippet|extract)s?\b"
    r"|\bthis (?:document|section|article|sentence|page|clause)\b|\bthe author\b"
    r"|\b(?:according to|based on) the (?:document|article|section|context|information)\b"
    r"|\b(?:mentioned|described|stated|listed|given) (?:above|below|here)\b"
    r"|\b(?:im|laut|de[rmns]|diese[rmns]?|diesem) (?:vorliegenden )?(?:text|textes|abschnitt|absatz|passage|auszug)\b"
    r"|\bdiese[rmns]? (?:dokument|artikel|seite|satz)\b"
    r"|\b(?:le|du|ce|au) (?:texte|passage|extrait|paragraphe|document ci-dessus)\b|\bce document\b|\bcet article\b"
    r"|\b(?:el|este|del|al) (?:texto|pasaje|fragmento|párrafo)\b|\beste (?:documento|artículo)\b"
)


@dataclass(frozen=True)
class Pair:
    """A question and an answer as a model wrote them."""

    question: str
    answer: str


@dataclass(frozen=True)
class Faithful:
    """A pair that holds. answer: exactly what stands at start to end (exclusive) in the text; the first place in the passage, if
    it stands there several times. passage: that the question is about."""

    question: str
    answer: str
    start: int
    end: int
    passage: Span


def check_pair(pair: Pair, text: str, passage: Span, language: str | None, examples: Iterable[str] = ()) -> Faithful | str:
    """The pair with its place, or the reason to refuse it: a key of REFUSALS. Never raises.

    language: of the text, ISO 639-1. examples: the questions that the model was shown.
    """
    question = " ".join(pair.question.split())
    if refusal := _refuse_form(question, pair.answer):
        return refusal
    places = FoldedText.of(text, *passage).occurrences(pair.answer)
    if not places:
        return "ungrounded"
    start, end = places[0]
    body = text[slice(*passage)]
    if _is_trivial(pair.answer) or end - start > min(LONGEST_ANSWER, MOST_OF_PASSAGE * len(body)):
        return "answer"
    if refusal := _refuse_content(question, pair.answer, body, language, examples):
        return refusal
    return Faithful(question, text[start:end], start, end, passage)


def is_duplicate(found: Faithful, others: Iterable[Faithful]) -> bool:
    """Whether a question is one of others: the same tokens, or nearly the same ones and an answer at the same place."""
    asked = tokens(found.question)
    for each in others:
        other = tokens(each.question)
        if asked == other or ((found.start, found.end) == (each.start, each.end) and f1(asked, other) >= SAME_QUESTION):
            return True
    return False


def is_same_answer(one: str, other: str) -> bool:
    """Whether two answers agree: as SQuAD compares them, equal or with an F1 of LEAST_F1."""
    ours, theirs = squad_tokens(one), squad_tokens(other)
    if not ours or not theirs:
        return fold(one) == fold(other)
    return f1(ours, theirs) >= LEAST_F1


def tokens(text: str) -> list[str]:
    """Words and numbers, folded and in lower case, without punctuation; of scripts without spaces, characters."""
    return [found.group() for found in _TOKEN.finditer(fold(text).casefold())]


def squad_tokens(text: str) -> list[str]:
    """The tokens of an answer without the articles of English, which SQuAD leaves out."""
    return [token for token in tokens(text) if token not in _ARTICLES]


def f1(one: list[str], other: list[str]) -> float:
    """Harmonic mean of precision and recall of the tokens, each counted as often as it stands there; 0 to 1."""
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / (len(one) + len(other)) if common else 0.0


def _refuse_form(question: str, answer: str) -> str | None:
    """What is wrong with a pair whatever the passage; None for nothing."""
    if not question or not answer.strip():
        return "incomplete"
    if not question.isprintable() or question[-1] not in _MARKS or sum(map(question.count, _MARKS)) != 1:
        return "form"
    words = len(tokens(question)), len(question.split())
    if words[0] < SHORTEST_QUESTION or words[1] > LONGEST_QUESTION or len(question) > LONGEST_CHARACTERS:
        return "length"
    if _MASKED.search(question) or _MASKED.search(answer):
        return "masked"
    return "vague" if _VAGUE.search(question.casefold()) else None


def _refuse_content(question: str, answer: str, body: str, language: str | None, examples: Iterable[str]) -> str | None:
    """What is wrong with a question about a passage; None for nothing."""
    if _stands_in(tokens(answer), tokens(question)):
        return "gives_away"
    if fold(question).casefold() in {fold(each).casefold() for each in examples}:
        return "example"
    if not _is_supported(question, body, language):
        return "unsupported"
    return "unrelated" if _share_in(question, body) < LEAST_SHARED else None


def _is_trivial(answer: str) -> bool:
    """Fewer than two letters and no digit, or words that say nothing by themselves."""
    said = "".join(filter(str.isalnum, answer))
    if any(map(str.isdigit, said)):
        return False
    return (len(said) < 2 and not _HAS_UNSPACED.search(said)) or all(token in _SAYS_NOTHING for token in squad_tokens(answer))


def _stands_in(part: list[str], whole: list[str]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def _is_supported(question: str, body: str, language: str | None) -> bool:
    """Whether every number of a question, and every name as far as capital letters tell, stands in the passage."""
    known = {_EDGES.sub("", found).casefold() for found in _NUMBERED.findall(fold(body))}
    if any(_EDGES.sub("", found).casefold() not in known for found in _NUMBERED.findall(fold(question))):
        return False
    if language in NOUNS_IN_CAPITALS:
        return True
    stems = _stems(body)
    return all(
        stem in stems
        for word in question.split()[1:]
        if (name := _EDGES.sub("", word))[:1].isupper() and len(name) > 1
        for stem in _stems(name)
    )


def _share_in(question: str, body: str) -> float:
    """Share of the content words of a question that stand in a text; 0 without any."""
    content = {token[:STEM] for token in tokens(question) if _is_content(token)}
    return len(content & _stems(body)) / len(content) if content else 0.0


def _is_content(token: str) -> bool:
    return token not in _COMMON and (len(token) > 3 or token[0].isdigit() or bool(_HAS_UNSPACED.match(token)))


def _stems(text: str) -> set[str]:
    return {token[:STEM] for token in tokens(text)}
