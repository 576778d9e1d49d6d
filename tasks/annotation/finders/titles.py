"""The title of a document such as an agreement: at its head, as a line or as capitalized words that end in AGREEMENT."""

import itertools
import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.names import Token
from tasks.annotation.finders.vocabulary import words
from tasks.annotation.schema import FieldSpec

HEAD = 6000  # characters
MOST_KEYWORDS = 16  # places at which a title may end
MOST_WORDS = 16
LINES = 25
LONGEST_LINE = 120

KEYWORDS = words("title_keywords")
_JOINING = words("title_joining")
_TOKEN = re.compile(r"[^\W_]\w*(?:[.'\u2019&/+#-]\w+)*|\n\s*\n|\n|[^\s\w]|_+")
_NUMBER_AFTER = re.compile(r"[ \t]{0,3}(?:,?[ \t]{0,3}(?:No\.?|NO\.?|Number|NUMBER|#)[ \t]{0,3}[\w.-]{1,12}|[#IVX\d]{1,4}\b)")
_PARENTHESIS_AFTER = re.compile(r"\s{0,40}\([^()\"“”]{2,40}\)")
_THIS = re.compile(r"\bthis\s+[\"“]?$", re.IGNORECASE)
_QUOTED_AFTER = re.compile(
    r"[\s,]{0,3}\(?\s*(?:the|this|hereinafter|together|as|collectively)?[^()\"“”\n]{0,60}[\"“”]\s*(?:the\s+)?agreement",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:execution|conformed|final|redacted|confidential|exhibit|form\s+of|copy|version|draft|[\d.]+\s|\W)", re.IGNORECASE
)
_INSIDE = {
    # the number of an exhibit, a clause or a filing, or a date
    "begins_with_number": re.compile(
        r"^(?:(?:exhibit|ex|appendix|annex|article|attachment|schedule|section|clause)\b[\s.:-]{0,3}[\w.()*+-]{1,16}[\s:.-]"
        r"|\(?(?:\d[\w.,/()-]*|[a-z]|[ivx]{1,5})[).:]{0,2}\s|[a-z]{3,9}\s\d{1,2},\s\d{4}\s)",
        re.IGNORECASE,
    ),
    "begins_with_edition": re.compile(r"^(?:[\d.]+\s+)?(?:execution|conformed|final|redacted|confidential)\b", re.IGNORECASE),
    "gap": re.compile(r"\S(?:[ \t]{3,}|\t)\S"),
}
_BEFORE = {
    "exhibit": re.compile(r"\b(?:exhibit|ex|appendix|annex|schedule)\b[\s-]*[\w.()*+-]{0,16}\s*$", re.IGNORECASE),
    "version": re.compile(
        r"(?:copy|version|draft|confidential|redacted|translation|form of|final|execution)[\s)\]:.-]*$", re.IGNORECASE
    ),
    "this": re.compile(r"\bthis\s+$", re.IGNORECASE),
    "sentence": re.compile(r"[.;:)\]]\s*$"),
    "quote": re.compile(r"[\"“]\s*$"),
}


def find_titles(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Titles in the head of the text: first those that end in a keyword, then whole short lines."""
    text = document.text[:HEAD]
    seen: set[tuple[int, int]] = set()
    for start, end, cues in (*_by_keyword(text), *_by_line(text)):
        if (start, end) not in seen and end - start <= field.max_length:
            seen.add((start, end))
            yield _judged(text, start, end, cues)


def _by_keyword(text: str) -> Iterator[tuple[int, int, list[str]]]:
    tokens = [Token(found.start(), found.end(), found[0], _kind(found[0])) for found in _TOKEN.finditer(text)]
    keywords = [at for at, token in enumerate(tokens) if token.text.casefold() in KEYWORDS and token.kind == "name"]
    for at in keywords[:MOST_KEYWORDS]:
        starts = _starts(tokens, at)
        for end, cues in _ends(text, tokens, at):
            for start in starts:
                yield tokens[start].start, end, cues


def _kind(text: str) -> str:
    if text.startswith("\n"):
        return "break" if text.count("\n") > 1 else "line"
    if text.casefold() in _JOINING:
        return "joining"
    return "name" if text[0].isalnum() and (text[0].isupper() or text[0].isdigit() or text[1:] != text[1:].lower()) else "break"


def _starts(tokens: list[Token], at: int) -> list[int]:
    """Places at which a title that ends at a keyword may begin."""
    starts = []
    for place in range(at, max(at - MOST_WORDS, -1), -1):
        kind = tokens[place].kind
        begins_line = place == 0 or tokens[place - 1].text.startswith("\n")
        if kind == "break" and begins_line and tokens[place].text[0].isalnum() and tokens[place].text.casefold() != "this":
            starts.append(place)  # "e-business Hosting Agreement"
        if kind == "break" or tokens[place].text.casefold() == "this":
            break
        if kind == "name":
            starts.append(place)
    return starts


def _ends(text: str, tokens: list[Token], at: int) -> list[tuple[int, list[str]]]:
    """Ends of the titles that have a keyword: there, after a number or parenthesis that follows, and where its capitals end."""
    end = tokens[at].end
    ends = [(end, ["keyword"])]
    if number := _NUMBER_AFTER.match(text, end):
        ends.append((number.end(), ["number"]))
    if parenthesis := _PARENTHESIS_AFTER.match(text, end):
        ends.append((parenthesis.end(), ["parenthesis"]))
    last = at
    for place in range(at + 1, min(at + MOST_WORDS, len(tokens))):
        if tokens[place].kind == "break" or tokens[place].text.casefold() in {"this", "between", "by"}:
            break
        if tokens[place].kind == "name":
            last = place
    if last > at:
        ends.append((tokens[last].end, ["capitals"]))
    return ends


def _by_line(text: str) -> Iterator[tuple[int, int, list[str]]]:
    for found in itertools.islice(re.finditer(r"[^\n]*\w[^\n]*", text), LINES):
        inner = found[0].strip().strip(' \t#*_|>"“”:').strip()
        if 3 < len(inner) <= LONGEST_LINE and not inner[0].islower():
            start = found.start() + found[0].index(inner)
            yield start, start + len(inner), ["whole_line", *(["heading"] if found[0].startswith("#") else [])]


def _judged(text: str, start: int, end: int, cues: list[str]) -> Found:
    title, before, after = text[start:end], text[max(start - 40, 0) : start], text[end : end + 120]
    cues = [*cues, *(name for name, pattern in _BEFORE.items() if pattern.search(before))]
    if not before.strip(" \t#*_|>") or before.rstrip(' \t#*_|>"“').endswith("\n"):
        cues.append("line_begins")
    if re.match(r"[ \t*_#|\"”]*(?:\n|$)", after):
        cues.append("line_ends")
    if _QUOTED_AFTER.match(after):
        cues.append("named_agreement")
    if _VERSION.match(title):
        cues.append("begins_with_version")
    cues += [name for name, pattern in _INSIDE.items() if pattern.search(title)]
    if title.isupper():
        cues.append("capitals_only")
    if title.split()[-1].casefold().strip(".,:") in KEYWORDS:
        cues.append("ends_in_keyword")
    previous = re.search(r"([^\W_][\w'\u2019.-]*)\W*$", before)
    if previous and title.isupper() and not previous[1].isupper():
        cues.append("case_changes")
    score = (
        0.2
        - 0.2 * ("begins_with_version" in cues)
        + 0.3 * ("capitals_only" in cues)
        + 0.25 * ("ends_in_keyword" in cues)
        + 0.2 * ("line_begins" in cues) * ("line_ends" in cues)
    )
    score += (
        0.1 * ("exhibit" in cues)
        + 0.1 * ("case_changes" in cues)
        - 0.3 * ("whole_line" in cues and "ends_in_keyword" not in cues)
    )
    score -= 0.3 * ("begins_with_number" in cues) + 0.15 * ("begins_with_edition" in cues) + 0.15 * ("gap" in cues)
    score -= min(start / 10_000, 0.3) + 0.2 * (len(title.split()) == 1)
    return Found(start, end, None, round(min(max(score, 0.01), 0.99), 3), " ".join(cues))
