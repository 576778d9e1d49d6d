"""Postal addresses on one or two lines: a street with its number, and a town with its postal code, in either order."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.schema import FieldSpec

_NAME = r"[^\W\d_][\w'\u2019.-]{0,30}"
_NUMBER = r"\d{1,5}(?:[-/]\d{1,4})?[ ]?[A-Za-z]?"
_TOWN = rf"{_NAME}(?:[ ]{_NAME}){{0,3}}"
_GAP = r"(?:,[ ]?|[ ]?\n[ ]*|[ ]{1,2})"
# Number first: 27 Quarry Lane; 15 rue des Lilas; 1190 Belmont Ave, Suite 210.
_NUMBER_FIRST = rf"{_NUMBER},?[ ]{_NAME}(?:[ ]{_NAME}){{1,4}}(?:,[ ](?:Suite|Apt|Unit|Floor|Room|Box|#)\.?[ ]?\w{{1,6}})?"
# Number last: Gartenstraße 8; Via Garibaldi 12; Calle Mayor 45.
_NUMBER_LAST = rf"{_NAME}(?:[ ]{_NAME}){{0,4}},?[ ]{_NUMBER}"
# 94607 style after the state; 72074 Tübingen; 1016 HG Amsterdam; Bristol BS8 2PQ; Bergen 5003.
_US = rf"{_TOWN},[ ][A-Z]{{2}}[ ]\d{{5}}(?:-\d{{4}})?"
_CODE_FIRST = rf"(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?:-\d{{3}})?[ ](?:[A-Z]{{2}}[ ])?{_TOWN}"
_CODE_LAST = rf"{_TOWN},?[ ](?:[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}}|[A-Z]\d[A-Z][ ]\d[A-Z]\d|\d{{4,5}})"
ADDRESS = re.compile(rf"(?<![\w.,/-])(?:{_NUMBER_FIRST}|{_NUMBER_LAST}){_GAP}(?:{_US}|{_CODE_FIRST}|{_CODE_LAST})(?!\w)")
HEAD = 800


def find_address(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Addresses with street, number, postal code and town; those in the head of the text are surer."""
    for found in ADDRESS.finditer(document.text):
        yield Found(*found.span(), confidence=0.75 if found.start() < HEAD else 0.5)
