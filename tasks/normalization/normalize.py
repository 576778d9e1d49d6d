"""All steps in their order; runs in a worker."""

from collections.abc import Callable
from dataclasses import dataclass

from tasks.normalization.characters import clean_controls, clean_soft_hyphens, compose, expand_ligatures, write_soft_hyphens
from tasks.normalization.hyphenation import join_divided_words
from tasks.normalization.pages import remove_furniture
from tasks.normalization.settings import NormalizationSettings
from tasks.normalization.whitespace import tidy_whitespace

PRINTED = frozenset({"pdf"})  # formats whose text is what stands on the page


@dataclass(frozen=True)
class Normalized:
    """A cleaned text. removed: step -> characters that it removed net (negative where it added some), for every step taken."""

    text: str
    removed: dict[str, int]


@dataclass(frozen=True)
class NormalizationJob:
    """What a worker needs. format_name: as detection named it."""

    text: str
    title: str | None
    format_name: str
    settings: NormalizationSettings


@dataclass(frozen=True)
class NormalizedPart:
    """What a worker gives back."""

    normalized: Normalized
    title: str | None


def normalize_text(text: str, format_name: str, settings: NormalizationSettings) -> Normalized:
    """Clean a text. Normalizing the result again gives the same text.

    Steps on characters come first: what they reveal (a fence behind a zero-width space) counts for the steps on layout.
    """
    steps: list[tuple[str, bool, Callable[[str], str]]] = [
        ("control_characters", settings.control_characters, clean_controls),
        ("soft_hyphens", settings.soft_hyphens, write_soft_hyphens if format_name in PRINTED else clean_soft_hyphens),
        ("ligatures", settings.ligatures, expand_ligatures),
        ("unicode", settings.unicode, compose),
        ("page_furniture", settings.page_furniture, remove_furniture),
        ("hyphenation", settings.hyphenation, lambda current: join_divided_words(current, format_name)),
        ("whitespace", settings.whitespace, tidy_whitespace),
    ]
    removed: dict[str, int] = {}
    for name, is_on, step in steps:
        if is_on:
            length = len(text)
            text = step(text)
            removed[name] = length - len(text)
    return Normalized(text, removed)


def normalize_title(title: str | None) -> str | None:
    """A title on one line, without invisible characters; None when nothing is left."""
    if title is None:
        return None
    return " ".join(compose(expand_ligatures(clean_soft_hyphens(clean_controls(title)))).split()) or None


def normalize_part(job: NormalizationJob) -> NormalizedPart:
    """The worker's function."""
    return NormalizedPart(normalize_text(job.text, job.format_name, job.settings), normalize_title(job.title))
