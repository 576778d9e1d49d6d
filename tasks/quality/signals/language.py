"""Which languages a text is written in, and how much of it in each.

Source: py3langid, a naive Bayes model over byte n-grams (Lui and Baldwin 2012). Its answers are ISO 639 codes, of two letters
where there is one. What it cannot do: tell Bosnian, Croatian and Serbian in Latin letters apart, nor Bokmål ("no") from Nynorsk
("nn"), in less than a page; and below about 80 characters one answer in 20 is wrong.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.quality.text_view import TextView

UNDETERMINED = "und"
LEAST_LETTERS = 20
LEAST_PROBABILITY = 0.3  # the model is calibrated: below it, hardly one answer in three is right
LONG = 600  # characters; a longer text is looked at in three places, a shorter one as a whole
PLACE = 200  # characters looked at in each place, and of each paragraph
LEAST_PARAGRAPH = 100  # characters; shorter paragraphs are looked at with the next one
MOST_PARAGRAPHS = 24  # looked at in one text, spread over it
LEAST_SHARE = 0.1  # of a text: less is a quotation, a list of names, or a mistake
SCRIPT_CHARACTERS = 20_000  # looked at for a mix of scripts

# What the model names, and the language it is written as: varieties, and members of languages that have two letters.
_VARIETIES = {
    **{"ary": "ar", "arz": "ar", "sdh": "ku", "uzs": "uz", "wuu": "zh", "yue": "zh", "zxx": UNDETERMINED},
    **{"fuv": "ff", "gug": "gn", "kik": "ki"},
}
# All that is ever answered but "und".
ANSWERS = frozenset(
    re.findall(
        r"\w+",
        """ace af am an ar as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et eu ext fa ff fi fo fr fy ga gcf gcr
    gd gl gn gom grc gu guw ha hbo he hi hr ht hu hy id ig is it ja jv ka kab ki kk km kn ko ku ky la lb lg lij ln lo lt
    ltg lv mg mk ml mn mr ms mt my ne nl nn no nso oc om or pa pcm pl ps pt qu ro ru rw sa se si sk sl sn so sq sr st sv
    sw ta te tg th tk tl tr tt ug uk ur uz vec vi vo wa xh yo zh zu""",
    )
)
# Languages that one part of a text may be taken for and the next part not: their parts count as one language.
_FAMILIES = {
    language: number
    for number, family in enumerate(
        [
            ("bs", "hr", "sr"),
            ("nn", "no"),
            ("id", "ms"),
            ("en", "pcm"),
            ("an", "es", "ext"),
            ("de", "lb"),
            ("fr", "wa", "gcf", "gcr"),
        ]
    )
    for language in family
}
# What a setting may name that the model does not: the collective codes of ISO 639 and their members.
_MEMBERS = {"no": ("nb", "nn"), "nb": ("no",), "sh": ("bs", "hr", "sr")}
ALLOWED = ANSWERS | _MEMBERS.keys() | {UNDETERMINED}  # what a setting may name
LEAST_ALLOWED = 0.5  # share of a text that has to be in allowed languages
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u2c00-\ua71f\ua800-\uab2f\uabc0-\ufaff\ufb13-\ufdff\ufe70-\ufefe\U00010000-\U0003ffff]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")


@dataclass(frozen=True)
class LanguageFacts:
    """What a text is written in.

    language: that of most of it; "und" where it is too short or too strange to tell. languages: share of the text in each
    language (LEAST_SHARE to 1, together 1), the largest first; empty for "und". signals: language.probability, that the model
    gives to its answer (0 to 1); language.share, of the text in that language. None for "und".
    """

    language: str
    languages: dict[str, float] = field(default_factory=dict)
    signals: dict[str, float] = field(default_factory=dict)


def measure_language(view: TextView) -> LanguageFacts:
    """The languages of a text, from its prose, and from its table cells too where that has too few letters.

    Three places are enough where they agree, as they mostly do; else, and where scripts mix, paragraphs are looked at.
    """
    for paragraphs in (view.paragraphs, [*view.paragraphs, *view.cells]):
        text = "\n".join(paragraphs)
        if len(text) <= LONG:
            found = _facts([_vote(text)])
        else:
            votes = [_vote(place, PLACE) for place in take_places(text)]
            families = {family_of(vote.language) for vote in votes if vote.language != UNDETERMINED}
            agreed = len(families) == 1 and not has_mixed_scripts(text)
            found = _facts(votes if agreed else _paragraph_votes(paragraphs))
        if found.languages:
            return found
    return LanguageFacts(UNDETERMINED)


def identify(text: str) -> tuple[str, float]:
    """The language of a short text and the model's probability for it; "und" and 0 where there is no telling."""
    if sum(map(str.isalpha, text)) < LEAST_LETTERS:
        return UNDETERMINED, 0.0
    label, probability = load_identifier().classify(text)
    language = _VARIETIES.get(label, label)
    return (
        (language, float(probability)) if probability >= LEAST_PROBABILITY and language != UNDETERMINED else (UNDETERMINED, 0.0)
    )


def take_places(text: str) -> tuple[str, str, str]:
    """PLACE characters each from the beginning, the middle and the end of a text of at least three times that."""
    start = (len(text) - PLACE) // 2
    return text[:PLACE], text[start : start + PLACE], text[-PLACE:]


def has_mixed_scripts(text: str) -> bool:
    """Whether both Latin letters and those of other scripts make up a part worth naming of a text."""
    if text.isascii():
        return False
    head = text[:SCRIPT_CHARACTERS]
    other = sum(map(len, _NOT_LATIN.findall(head)))
    latin = sum(map(len, _LATIN.findall(head))) if other else 0
    return min(other, latin) >= LEAST_SHARE * (other + latin) > 0


def family_of(language: str) -> str | int:
    """What a language and those it is easily mistaken for have in common."""
    return _FAMILIES.get(language, language)


def allowed_members(allowed: Sequence[str]) -> frozenset[str]:
    """The allowed languages, and those that a code among them includes: "no" Nynorsk, "sh" Bosnian, Croatian and Serbian."""
    return frozenset(member for language in allowed for member in (language, *_MEMBERS.get(language, ())))


def allowed_share(language: str, languages: Mapping[str, float] | None, allowed: Sequence[str]) -> float:
    """How much of a text is in allowed languages, 0 to 1. language, languages: as in LanguageFacts."""
    members = allowed_members(allowed)
    return round(sum(share for name, share in (languages or {language: 1.0}).items() if name in members), 2)


@dataclass(frozen=True)
class _Vote:
    """What a piece of a text is written in. weight: characters that it stands for."""

    language: str
    probability: float
    weight: int


def _vote(text: str, weight: int | None = None) -> _Vote:
    return _Vote(*identify(text), len(text) if weight is None else weight)


def _paragraph_votes(paragraphs: Sequence[str]) -> list[_Vote]:
    """What paragraphs spread over a text are written in; each counts as much as it is long."""
    blocks = _join_short(paragraphs)
    step = max(1.0, len(blocks) / MOST_PARAGRAPHS)
    chosen = [blocks[int(at * step)] for at in range(min(len(blocks), MOST_PARAGRAPHS))]
    return [_vote(block[:PLACE], len(block)) for block in chosen]


def _join_short(paragraphs: Sequence[str]) -> list[str]:
    """Paragraphs of at least LEAST_PARAGRAPH characters, but for the last one: a shorter one goes with the next."""
    blocks: list[str] = []
    waiting = ""
    for paragraph in paragraphs:
        waiting = f"{waiting}\n{paragraph}" if waiting else paragraph
        if len(waiting) >= LEAST_PARAGRAPH:
            blocks.append(waiting)
            waiting = ""
    return [*blocks, waiting] if waiting else blocks


def _facts(votes: Sequence[_Vote]) -> LanguageFacts:
    """What the pieces of a text say of it together. Of a family of languages the likeliest one stands for all."""
    known = [vote for vote in votes if vote.language != UNDETERMINED]
    if not known:
        return LanguageFacts(UNDETERMINED)
    weights: defaultdict[str | int, float] = defaultdict(float)
    likelihoods: defaultdict[str, float] = defaultdict(float)
    for vote in known:
        weights[family_of(vote.language)] += vote.weight
        likelihoods[vote.language] += vote.weight * vote.probability
    names: dict[str | int, str] = {}
    for language, _ in sorted(likelihoods.items(), key=lambda item: (-item[1], item[0])):
        names.setdefault(family_of(language), language)
    ordered = sorted(((weight, names[family]) for family, weight in weights.items()), key=lambda item: (-item[0], item[1]))
    named = [item for item in ordered if item[0] >= LEAST_SHARE * sum(weights.values())] or ordered[:1]
    total = sum(weight for weight, _ in named)
    # Two digits: the model's matrix product differs in the last bits from one machine to the next.
    languages = {language: round(weight / total, 2) for weight, language in named}
    main = next(iter(languages))
    voters = [vote for vote in known if family_of(vote.language) == family_of(main)]
    probability = sum(vote.weight * vote.probability for vote in voters) / sum(vote.weight for vote in voters)
    return LanguageFacts(main, languages, {"language.probability": round(probability, 2), "language.share": languages[main]})


@functools.cache
def load_identifier() -> Any:
    """The model, loaded once per process (about a second)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
