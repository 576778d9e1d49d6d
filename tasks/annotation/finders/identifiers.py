"""Identifiers that tell themselves apart: IBANs and VAT numbers by shape and check digits; and those after a cue."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.finders.kinds import EMAIL, IDENTIFIER, PHONE, URL, iban_bounds, vat_bounds, without_closing_marks
from tasks.annotation.finders.vocabulary import words
from tasks.annotation.schema import FieldSpec

# As North America writes them, and with the 0 and the groups of most of Europe.
_NATIONAL = re.compile(r"\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\(?0\d{1,4}\)?(?:[ /-]\d{2,8}){1,5}")
_PHONE_WORDS = tuple(sorted(words("phones")))


def find_iban(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """IBANs with right check digits."""
    at = 0
    while bounds := iban_bounds(document.text, at, len(document.text)):
        yield Found(*bounds, confidence=0.95)
        at = bounds[1]


def find_vat_id(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Numbers of the shape of VAT identification numbers; only a shape, so a label makes surer."""
    at = 0
    while bounds := vat_bounds(document.text, at, len(document.text)):
        yield Found(*bounds, confidence=0.5)
        at = bounds[1]


def find_identifier(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Words with digits after one of the field's cues."""
    for found in IDENTIFIER.finditer(document.text):
        if cue := cue_before(document.text, found.start(), field.cues):
            yield Found(*found.span(), confidence=0.6, cue=cue)


def find_email(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Addresses of mail."""
    for found in EMAIL.finditer(document.text):
        yield Found(*found.span(), confidence=0.9)


def find_url(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Addresses of the web."""
    for found in URL.finditer(document.text):
        yield Found(*without_closing_marks(document.text, *found.span()), confidence=0.85)


def find_phone(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Telephone numbers: international ones that the numbering plans allow, and others after a word for telephone."""
    import phonenumbers

    for found in PHONE.finditer(document.text):
        digits = sum(map(str.isdigit, found.group()))
        if not 7 <= digits <= 15:
            continue
        if found.group().startswith(("+", "(+")):
            try:
                possible = phonenumbers.is_possible_number(phonenumbers.parse(found.group(), None))
            except phonenumbers.NumberParseException:
                continue
            if possible:
                yield Found(*found.span(), confidence=0.9)
        elif cue := cue_before(document.text, found.start(), _PHONE_WORDS):
            yield Found(*found.span(), confidence=0.85, cue=cue)
        elif _NATIONAL.fullmatch(found.group()):
            yield Found(*found.span(), confidence=0.55)
