"""Bibliographies as lists of fields with names that a person reads: BibTeX, RIS, EndNote and MEDLINE (nbib)."""

import re
from collections.abc import Iterable, Iterator

from tasks.extraction.markup.document import load_text
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces

_ENDNOTE = {
    **{"%0": "Type", "%A": "Author", "%B": "Book", "%C": "Place", "%D": "Year", "%E": "Editor", "%I": "Publisher"},
    **{"%J": "Journal", "%K": "Keyword", "%N": "Number", "%P": "Pages", "%T": "Title", "%U": "URL", "%V": "Volume"},
    **{"%X": "Abstract", "%R": "DOI", "%S": "Series", "%Z": "Notes", "%8": "Date", "%@": "ISBN", "%G": "Language"},
}
_TAGS = {
    **{
        "TY": "Type",
        "AU": "Author",
        "A1": "Author",
        "A2": "Editor",
        "ED": "Editor",
        "FAU": "Author",
        "TI": "Title",
        "T1": "Title",
    },
    **{
        "T2": "Journal",
        "JO": "Journal",
        "JF": "Journal",
        "JT": "Journal",
        "PY": "Year",
        "Y1": "Year",
        "DP": "Year",
        "DA": "Date",
    },
    **{"VL": "Volume", "VI": "Volume", "IS": "Number", "IP": "Number", "SP": "Pages", "PG": "Pages", "EP": "Last page"},
    **{"AB": "Abstract", "N2": "Abstract", "KW": "Keyword", "MH": "Keyword", "OT": "Keyword", "PB": "Publisher", "DO": "DOI"},
    **{"UR": "URL", "SN": "ISSN", "N1": "Notes", "LA": "Language", "CY": "Place", "PMID": "PubMed"},
}
_NEW = {"%0", "TY", "PMID"}
_LINE = re.compile(r"(%[A-Z0-9@]) (.*)$|([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)$")
_ENTRY = re.compile(r"@([A-Za-z]{2,30})\s*[{(]\s*([^,\s{}]{0,300})\s*,")
_NO_ENTRIES = {"comment", "string", "preamble"}
_FIELD = re.compile(r"\s*,?\s*([A-Za-z][\w-]{0,40})\s*=\s*")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a bibliography; fields that only programs use are left out."""
    text = load_text(source)
    lines = _bibtex(text) if "@" in text and _ENTRY.search(text) else _tagged(text.split("\n"))
    for part in cut_pieces((line + "\n" for line in lines), settings.part_characters):
        yield Part(part)


def _tagged(lines: Iterable[str]) -> Iterator[str]:
    waiting = ""
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            if waiting and line.strip():
                waiting += " " + line.strip()  # a value that goes on
            continue
        if waiting:
            yield waiting
        tag, value = (found.group(1) or found.group(3)), (found.group(2) or found.group(4) or "").strip()
        if tag in _NEW:
            yield ""
        name = _ENDNOTE.get(tag) or _TAGS.get(tag)
        waiting = f"{name}: {value}" if name and value else ""
    if waiting:
        yield waiting


def _bibtex(text: str) -> Iterator[str]:
    for entry in _ENTRY.finditer(text):
        if entry.group(1).lower() in _NO_ENTRIES:
            continue
        yield ""
        yield f"Type: {entry.group(1).lower()}"
        at = entry.end()
        while found := _FIELD.match(text, at):
            value, at = _value(text, found.end())
            bare = " ".join(re.sub(r"[{}]", "", value).split())
            if bare:
                yield f"{found.group(1).capitalize()}: {bare}"


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at a place, in braces, quotes or bare; and the place after it."""
    if text[at : at + 1] not in ("{", '"'):
        found = re.compile(r"[^,{}\n]{0,1000}").match(text, at)
        return (found.group(), found.end()) if found else ("", at)
    quote = text[at] == '"'
    depth = 0
    for place in range(at + quote, len(text)):
        character = text[place]
        depth += (character == "{") - (character == "}")
        if (depth == 0 and character == '"') if quote else depth == 0:
            return text[at + 1 : place], place + 1
    return text[at + 1 :], len(text)
