"""Which notation a text of records is in: tables, settings, subtitles, bibliographies. Known by most or all of their lines."""

import csv
import re
import tomllib
from collections.abc import Sequence

_TIMES = r"(?:\d{1,3}:)?\d{2}:\d{2}[,.]\d{1,3}"
_SRT = re.compile(rf"\s*\d+[ \t]*\r?\n{_TIMES}[ \t]+-->[ \t]+{_TIMES}")
_BIBTEX = re.compile(r"(?:\s*%[^\n]*\n)*\s*@[A-Za-z]{3,20}\s*\{\s*[^,{}\s]{1,200}\s*,")
_TAGGED = (
    re.compile(r"\s*%0 [A-Z][A-Za-z ]+\n%[A-Z0-9] "),  # EndNote
    re.compile(r"\s*TY  - ?[A-Z]+\s*\n[A-Z][A-Z0-9]  - "),  # RIS
    re.compile(r"\s*PMID- ?\d+\s*\n[A-Z]{2,4} *- "),  # MEDLINE
)
_SECTION = re.compile(r"\[\[?[^\[\]\n]{1,200}\]?\]\s*(?:[#;].*)?$")
_ASSIGNMENT = re.compile(r"[\w.\"'-][\w .\"'/\\-]{0,100}[=:]")
_YAML_KEY = re.compile(r"\s*(?:- +)*(?:[\w.$/@-][\w .$/@-]{0,100}|\"[^\"]{1,100}\"|'[^']{1,100}'):(?:\s+\S.*|\s*)$")
_YAML_ITEM = re.compile(r"\s*- +\S|\s*-$")
_LEAST_ROWS = 3
_MOST_ROWS = 50


def name_records(lines: Sequence[str], text: str, complete: bool) -> str | None:
    """The notation of a text of records, None when it is something else. complete: `text` is all there is."""
    if _SRT.match(text):
        return "subtitles"
    if _BIBTEX.match(text) or any(pattern.match(text) for pattern in _TAGGED):
        return "bibliography"
    filled = [line for line in lines if line.strip()]
    return _name_settings(filled, text, complete) or _name_yaml(lines)


def _name_settings(filled: Sequence[str], text: str, complete: bool) -> str | None:
    """toml or ini: sections in brackets, and a line in two or more assigns a value."""
    first = next((line for line in filled if line.lstrip()[0] not in "#;"), "")
    if not (_SECTION.match(first) or ("=" in first and _ASSIGNMENT.match(first))):
        return None
    if complete and _is_toml(text):
        return "toml"
    plain = [line for line in filled if line.lstrip()[0] not in "#;"][:200]
    sections = sum(bool(_SECTION.match(line)) for line in plain)
    assignments = sum(bool(_ASSIGNMENT.match(line)) for line in plain)
    continued = sum(line[0] in " \t" for line in plain)
    if not sections or not assignments:
        return None
    whole = text[: text.rfind("\n[")]  # up to the last section that is seen whole
    if not complete and _is_toml(whole):
        return "toml"
    return "ini" if sections + assignments + continued > 0.9 * len(plain) else None


def _is_toml(text: str) -> bool:
    if "=" not in text:
        return False
    try:
        return bool(tomllib.loads(text.replace("\r\n", "\n")))
    except (ValueError, RecursionError):
        return False


def _name_yaml(lines: Sequence[str]) -> str | None:
    """yaml when every line is a key, an item, a comment or indented, and something stands right beneath a key that opens it.

    Lines "Name: words" alone are as likely a form that somebody filled in.
    """
    keys = nested = 0
    begun = opened = False
    for line in lines[:400]:
        bare = line.strip()
        if not bare:
            opened = False
            continue
        if bare[0] == "#" or bare in ("---", "...") or bare.startswith("%YAML"):
            begun |= bare == "---" and not keys
            continue
        is_key, is_item, is_indented = bool(_YAML_KEY.match(line)), bool(_YAML_ITEM.match(line)), line[0] in " \t"
        if not (is_key or is_item or is_indented):
            return None
        keys += is_key
        nested += opened and (is_item or is_indented)
        opened = is_key and bare.endswith((":", "|", ">", "|-", ">-"))
    return "yaml" if keys >= 2 and (nested or begun) else None


def name_table(filled: Sequence[str]) -> str | None:
    """csv or tsv when at least three records have the same number (two or more) of fields, and not all lines are prose."""
    lines = filled[:_MOST_ROWS]
    if len(lines) < _LEAST_ROWS or all(line.rstrip().endswith((".", "!", "?")) for line in lines):
        return None
    for delimiter, name, least in (("\t", "tsv", 2), (",", "csv", 3), (";", "csv", 3), ("|", "csv", 3)):
        if delimiter not in lines[0]:
            continue
        try:
            widths = [len(record) for record in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            continue
        if len(set(widths)) == 1 and widths[0] >= least:
            return name
    return None
