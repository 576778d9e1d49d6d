"""Values of forms, found by their labels: in tables, columns and `Key: value` lines, and in sentences after the label."""

import functools
import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.code import stands_in_code
from tasks.annotation.finders.kinds import kind_of, piece_of
from tasks.annotation.finders.labels import label_words, ranks_of
from tasks.annotation.finders.pairs import Pair, names_columns, pairs_of
from tasks.annotation.finders.vocabulary import alternation, words
from tasks.annotation.normalizers.dates import dates_in
from tasks.annotation.schema import FieldSpec

# How sure a layout is: a key beside its value more than a key above it.
_SURE = {"line": 0.95, "row": 0.95, "header": 0.95, "columns": 0.9, "cells": 0.85, "column": 0.85, "below": 0.8}
_DOUBTFUL = 0.45
_STEP = 0.01  # less for every label that the schema names before
REACH = 60  # characters after a label in which a sentence gives the value
LONGEST_NOT = 14  # characters before a label in which it is turned into its contrary
INDENTED = 60  # characters of blanks and marks before a label that still stands at the beginning of its line
_LONGEST_GENERIC_KEY = 40
_LONGEST_GENERIC_VALUE = 120
_GENERIC_LAYOUTS = ("line", "row", "header")
# Of code and links, and the number of an item of a list.
_ODD_KEY = re.compile(r"[{}\[\]<>=\\$\"]|^\W*(?:[ivxlc]+|[a-z]|[\d.]+)\W*$|^[^\w(#]", re.IGNORECASE)
_BETWEEN = re.compile(rf"[\s:#.*_°(-]{{0,6}}(?:(?:{alternation('between')})\b[\s:.*_]{{0,4}}){{0,2}}")
# What must stand right behind the label in a sentence; other kinds may stand a few words on.
_ADJACENT = frozenset({"identifier", "vat_id", "iban", "percent", "date"})
_IN_SENTENCES = frozenset({"money", "identifier", "percent", "vat_id", "iban", "date"})


def find_key_value(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Values whose key is one of the field's labels. The earlier the label stands in the schema, the surer."""
    ranks = ranks_of(field.labels)
    for pair in pairs_of(document.text):
        rank = ranks.get(label_words(pair.key)) if ranks else None
        if rank is None:
            continue
        bounds = _value(document, pair, field)
        if bounds:
            sure = (_DOUBTFUL if names_columns(document.text, pair) else _SURE[pair.layout]) - min(rank, 20) * _STEP
            yield Found(*bounds, confidence=round(sure, 4), cue=pair.key)


def _value(document: TextDocument, pair: Pair, field: FieldSpec) -> tuple[int, int] | None:
    text = document.text
    if kind_of(field) == "percent":  # `VAT 20 %: 39.40`
        return piece_of(text, pair.key_start, pair.key_start + len(pair.key), field) or piece_of(
            text, pair.start, pair.end, field
        )
    if field.type == "date":
        return _first_date(document.text, pair.start, pair.end)
    return piece_of(text, pair.start, pair.end, field)


def _first_date(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The first complete date between two places."""
    found = next(dates_in(text[start:end]), None)
    return (start + found.start, start + found.end) if found else None


def find_labelled(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Values that a sentence gives right after one of the field's labels or cues: `invoice no. 77`, `the total is $5`.

    A label at the beginning of its line is surer than one within; one behind `excluding` or the like is none, nor is a bare `no.`
    within a line.
    """
    kind = kind_of(field)
    if kind not in _IN_SENTENCES or not (field.labels or field.cues):
        return
    text = document.text
    for found in _phrases((*field.labels, *field.cues)).finditer(text):
        at_start = _begins_line(text, found.start())
        before = text[max(found.start() - LONGEST_NOT, 0) : found.start()].casefold().rstrip(" .-")
        if before.endswith(_WITHOUT) or (not at_start and found.group().casefold().strip(".") in _BARE):
            continue
        line_end = text.find("\n", found.end(), found.end() + REACH)
        end = line_end if line_end >= 0 else min(found.end() + REACH, len(text))
        between = _BETWEEN.match(text, found.end(), end)
        start = between.end() if between else found.end()
        bounds = _first_date(text, start, end) if kind == "date" else piece_of(text, start, end, field)
        if bounds and (bounds[0] - start <= 2 or (kind not in _ADJACENT and bounds[0] - start <= REACH // 3)):
            sure = (0.75 if at_start else 0.6) - (0.0 if bounds[0] == start else 0.1)
            yield Found(*bounds, confidence=round(sure, 4), cue=found.group())


def _begins_line(text: str, at: int) -> bool:
    """Whether only blanks and the marks of lists and headings stand before a place on its line."""
    line_start = text.rfind("\n", max(at - INDENTED, 0), at) + 1
    return (line_start > 0 or at < INDENTED) and not text[line_start:at].strip(" \t*_#|>-")


_WITHOUT = tuple(sorted(words("without")))
_BARE = words("bare_labels")
_GAP = r"[ .,:'\u2019-]{0,2}"
_NUMBERS = frozenset({"no", "nr", "number", "#", "n", "n°", "nº"})
_LABEL_WORD = re.compile(r"n[°º]|\w+|#")


@functools.lru_cache(maxsize=256)
def _phrases(labels: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the labels as whole words in any case, with blanks or marks between them, the longest first."""
    phrases = sorted({tuple(_LABEL_WORD.findall(label)) for label in labels} - {()}, key=lambda phrase: (-len(phrase), phrase))
    joined = "|".join(_GAP.join(_any_number_sign(word, first=not at) for at, word in enumerate(phrase)) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def _any_number_sign(word: str, first: bool) -> str:
    """The pattern of a word of a label: `no` stands for all that is written for it, but a `#` before a label is a heading's."""
    if word.casefold() not in _NUMBERS:
        return re.escape(word)
    return "(?:no|nr|num|number|nbr|n[°º]|n)" if first else "(?:no|nr|num|number|nbr|#|n[°º]|n)"


def find_pairs(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Every key with its value, as one place in the text: what a form says, whatever its keys are; code and data are no form."""
    for pair in pairs_of(document.text):
        key_end = pair.key_start + len(pair.key)
        length = pair.end - pair.start
        if pair.layout not in _GENERIC_LAYOUTS or len(pair.key) > _LONGEST_GENERIC_KEY or length > _LONGEST_GENERIC_VALUE:
            continue
        if not any(map(str.isalpha, pair.key)) or not any(map(str.isalnum, document.text[pair.start : pair.end])):
            continue
        if len(pair.key.split()) > 5 or pair.start - key_end > 40:
            continue
        if names_columns(document.text, pair) or _ODD_KEY.search(pair.key) or stands_in_code(document.text, pair.start):
            continue
        yield Found(pair.key_start, pair.end, confidence=0.8 if pair.layout == "line" else 0.75, cue=pair.layout)
