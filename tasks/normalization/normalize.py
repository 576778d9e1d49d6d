"""All steps in their order; runs in a worker."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.normalization.characters import clean_controls, clean_soft_hyphens, compose, expand_ligatures, write_soft_hyphens
from tasks.normalization.encoding import REPLACEMENT, count_damage, repair_encoding
from tasks.normalization.furniture import remove_furniture
from tasks.normalization.hyphenation import join_divided_words
from tasks.normalization.layout import PRINTED, TYPED
from tasks.normalization.line_numbers import remove_line_numbers
from tasks.normalization.page_numbers import remove_page_numbers
from tasks.normalization.pages import join_pages
from tasks.normalization.paragraphs import join_broken_lines
from tasks.normalization.settings import NormalizationSettings
from tasks.normalization.spacing import close_gaps, join_spaced_letters, join_upright_words
from tasks.normalization.whitespace import tidy_whitespace

LEAST_CONTENT = 500  # characters of a text whose share of removed content says something
MARGIN = 4  # a quarter of the largest share needs no exact count, which takes as long as a step
MOST_ROUNDS = 4  # of the steps over a text in which one step reveals work for another
_NO_CONTENT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad]+")


@dataclass(frozen=True)
class Normalized:
    """A cleaned text.

    removed: step -> characters that it removed net (negative where it added some), for every step taken. flags: "step: why" for
    every step that was not taken because it would have removed too much. encoding_damage: "before" and "after", places that look
    wrongly decoded before and after the repair, and "replacement_characters", U+FFFD that are in the text.
    """

    text: str
    removed: dict[str, int]
    flags: list[str] = field(default_factory=list)
    encoding_damage: dict[str, int] = field(default_factory=dict)


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


@dataclass(frozen=True)
class Step:
    """One step. removes: whether it takes text out, so that the settings' largest share holds for it; the others write the same
    text in other characters, however many these are."""

    name: str
    apply: Callable[[str], str]
    removes: bool = False


def steps_for(format_name: str, settings: NormalizationSettings) -> Iterator[Step]:
    """The steps that are switched on and apply to a format, in their order.

    Encodings are repaired first, since control characters are part of the damage. Steps on characters come next: what they
    reveal (a fence behind a zero-width space) counts for the steps on layout. Page numbers go before running lines, which they
    stand next to, and lines are joined last, when all that stood between them is gone.
    """
    chosen = settings
    if chosen.encoding_damage:
        yield Step("encoding_damage", repair_encoding)
    if chosen.control_characters:
        yield Step("control_characters", clean_controls)
    if chosen.soft_hyphens:
        yield Step("soft_hyphens", write_soft_hyphens if format_name in PRINTED else clean_soft_hyphens)
    if chosen.ligatures:
        yield Step("ligatures", expand_ligatures)
    if chosen.unicode:
        yield Step("unicode", compose)
    if chosen.page_numbers:
        yield Step("page_numbers", remove_page_numbers, removes=True)
    if chosen.page_furniture:
        yield Step("page_furniture", remove_furniture, removes=True)
    if chosen.page_numbers or chosen.page_furniture:
        yield Step("page_ends", join_pages)
    yield from _layout_steps(format_name, chosen)


def _layout_steps(format_name: str, chosen: NormalizationSettings) -> Iterator[Step]:
    printed = format_name in PRINTED
    if chosen.line_numbers and (printed or format_name == "text"):
        yield Step("line_numbers", remove_line_numbers, removes=True)
    if chosen.upright_words and printed:
        yield Step("upright_words", join_upright_words)
    if chosen.spaced_letters and (printed or format_name == "text"):
        yield Step("spaced_letters", join_spaced_letters)
    if chosen.hyphenation:
        yield Step("hyphenation", lambda text: join_divided_words(text, format_name), removes=True)
    if chosen.column_gaps and (printed or format_name in TYPED):
        yield Step("column_gaps", close_gaps)
    if chosen.whitespace:
        yield Step("whitespace", tidy_whitespace)
    if chosen.broken_lines:
        yield Step("broken_lines", lambda text: join_broken_lines(text, format_name))


def normalize_text(text: str, format_name: str, settings: NormalizationSettings) -> Normalized:
    """Clean a text. Normalizing the result again gives the same text."""
    damage = {"before": count_damage(text)} if settings.encoding_damage else {}
    removed: dict[str, int] = {}
    refused: dict[str, str] = {}
    for _ in range(MOST_ROUNDS):
        before = text
        for step in steps_for(format_name, settings):
            removed.setdefault(step.name, 0)
            if step.name in refused:
                continue
            after = step.apply(text)
            share = _removed_share(text, after, settings.most_removed_share) if step.removes else 0.0
            if share > settings.most_removed_share:
                refused[step.name] = f"{step.name}: would remove {share:.2f}"
                continue
            removed[step.name] += len(text) - len(after)
            text = after
        if text == before or not (damage.get("before") or refused):
            break
    if damage:
        damage |= {"after": count_damage(text), "replacement_characters": text.count(REPLACEMENT)}
    return Normalized(text, removed, list(refused.values()), damage)


def _removed_share(before: str, after: str, most: float) -> float:
    """The share of a text's content that is gone; 0 for a text that is too short to tell, or where it is far below `most`."""
    gone = len(before) - len(after)
    if len(before) < LEAST_CONTENT or gone * MARGIN <= most * (len(before) - before.count(" ") - before.count("\n")):
        return 0.0
    content = len(_NO_CONTENT.sub("", before))
    return 0.0 if content < LEAST_CONTENT else 1 - len(_NO_CONTENT.sub("", after)) / content


def normalize_title(title: str | None) -> str | None:
    """A title on one line, without invisible characters; None when nothing is left."""
    if title is None:
        return None
    cleaned = compose(expand_ligatures(clean_soft_hyphens(clean_controls(repair_encoding(title)))))
    return " ".join(cleaned.split()) or None


def normalize_part(job: NormalizationJob) -> NormalizedPart:
    """The worker's function."""
    return NormalizedPart(normalize_text(job.text, job.format_name, job.settings), normalize_title(job.title))
