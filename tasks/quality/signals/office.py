"""Our own rules for office documents: texts that are notices, empty forms, menus, machine output or code, and no prose.

No published thresholds exist for these. Shares are over prose (tasks/quality/text_view.py) unless it says otherwise. A text under
LEAST_WORDS words says too little and has none of these signals.
"""

import re
from collections import Counter
from collections.abc import Sequence

from tasks.quality.facts import PartFacts
from tasks.quality.text_view import TextView, split_words

LEAST_WORDS = 30
LEAST_ALIKE = 10  # lines of one shape that make a list written by a machine
CODE_FORMATS = frozenset({"source", "ipynb", "json", "jsonl", "xml", "yaml", "toml", "ini", "csv", "tsv", "tex", "typst"})

BOILERPLATE_PHRASES = (
    # notices of confidentiality under mails
    *("intended solely for the", "intended only for the", "if you are not the intended recipient", "if you have received this e"),
    *("may contain confidential", "may be privileged", "please delete this e", "consider the environment before printing"),
    *("virus-free", "nicht der richtige adressat", "diese e-mail irrt", "vertrauliche und/oder rechtlich"),
    *("n'\u00eates pas le destinataire", "message et toutes les pi\u00e8ces jointes", "si no es usted el destinatario"),
    *("este mensaje y sus archivos adjuntos", "non siete il destinatario", "niet de beoogde ontvanger"),
    # footers of newsletters and pages
    *("unsubscribe", "manage your preferences", "update your preferences", "you are receiving this", "view this email in your"),
    *("vom newsletter abmelden", "se d\u00e9sabonner", "darse de baja", "all rights reserved", "alle rechte vorbehalten"),
    *("tous droits r\u00e9serv\u00e9s", "todos los derechos reservados", "sent from my i"),
)
# Places of a form that nobody filled in. Each alternative is linear: a bounded or exclusive run between two marks.
_PLACEHOLDER = re.compile(
    r"_{4,}|\{\{[^{}\n]{1,60}\}\}|\$\{[^{}\n]{1,60}\}|<(?:insert|enter|your|name|company|date)\b[^<>\n]{0,60}>"
    r"|\[(?:insert|enter|your|company|client|name|date|address|title|phone|e-?mail|tbd|todo|xx+)\b[^\[\]\n]{0,60}\]"
    r"|\b(?:click|tap) (?:here|or tap here) to enter (?:text|a date)|\bTBD\b|\bXX{2,}\b",
    re.IGNORECASE,
)
# One of them is part of every place; looking for these first is far cheaper.
_PLACEHOLDER_HINTS = (
    *("____", "{{", "${", "[insert", "[enter", "[your", "[company", "[client", "[name", "[date", "[address", "[title", "[phone"),
    *("[email", "[e-mail", "[tbd", "[todo", "[xx", "<insert", "<enter", "<your", "<name", "<company", "<date", " to enter "),
    *("tbd", "xxx"),
)
_LINK = re.compile(r"\[[^\[\]\n]{0,200}\]\([^()\s]{0,500}\)|https?://\S+")
_SEPARATORS = re.compile(r"[|>\u00bb\u203a\u00b7\u2022/]")
_LOG = re.compile(
    r"\W{0,2}(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|(?:DEBUG|INFO|WARN|ERROR|TRACE)\b)"
)
_DUMP = re.compile(r"[0-9a-fA-F]{4,16}:?(?:\s+[0-9a-fA-F]{2,8}){4,}|[0-9a-fA-F]{32,}\b|[A-Za-z0-9+/]{60,}={0,2}$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_ASSIGNMENT = re.compile(r"\w[\w.\[\]]{0,60}\s*(?:[-+*/|&]?=|:=)\s*\S")
_CODE_WORDS = frozenset(
    [
        *("import", "from", "def", "class", "return", "if", "for", "while", "else", "elif", "try", "except", "function", "const"),
        *("let", "var", "public", "private", "static", "void", "int", "#include", "#define", "package", "using", "namespace"),
        *("struct", "fn", "func", "select", "insert", "update", "create"),
    ]
)
_CODE_STARTS = ("$ ", ">>>", "//", "/*", "*/", "#!")
LEAST_NUMBERS = 3  # of a line in a list written by a machine; a numbered item has one or two
LONGEST_LINE = 300  # characters; no line of code or of a list is longer, a paragraph often is


def measure_office(view: TextView, facts: PartFacts) -> dict[str, float]:
    """office.boilerplate: share of words in sentences with one of BOILERPLATE_PHRASES. office.tables: share of words in tables.
    office.figures: share of words of prose and tables that hold a digit and no letter. office.placeholders: share of words that
    are places of a form to be filled in. office.navigation: share of words in lines that hold nothing but links, or short items
    between separators. office.machine_lines: share of characters in lines of logs, dumps and digests, and in lines of
    LEAST_NUMBERS numbers or more of which LEAST_ALIKE have the same shape. office.code: share of all characters that are fenced
    code or lines that look like code; left out in formats that are code.

    High is bad for all.
    """
    words, prose = len(view.words), len(view.prose_words)
    signals: dict[str, float] = {}
    if words >= LEAST_WORDS:
        figures = sum(count for word, count in view.odd_words.items() if is_figure(word))
        signals["office.figures"] = figures / words
        signals["office.tables"] = 1 - prose / words
    if prose >= LEAST_WORDS:
        signals["office.boilerplate"] = _boilerplate_words(view.paragraphs) / prose
        signals["office.placeholders"] = min(1.0, _placeholder_words(view.lines) / prose)
        signals["office.navigation"] = sum(len(split_words(line)) for line in view.lines if is_navigation(line)) / prose
        signals["office.machine_lines"] = _machine_characters(view.lines) / sum(map(len, view.lines))
    if facts.format not in CODE_FORMATS and words + len(view.code) >= LEAST_WORDS:
        fenced = sum(map(len, view.code))
        other = sum(map(len, view.lines)) + sum(map(len, view.cells))
        looks = sum(len(line) for line in view.lines if len(line) <= LONGEST_LINE and looks_like_code(line))
        signals["office.code"] = (fenced + looks) / (fenced + other)
    return signals


def is_figure(word: str) -> bool:
    """Whether a word holds a digit and no letter."""
    return _DIGITS.search(word) is not None and _LETTERS.search(word) is None


def _boilerplate_words(paragraphs: Sequence[str]) -> int:
    if not holds_boilerplate("\n\n".join(paragraphs)):
        return 0
    sentences = (sentence for paragraph in paragraphs if holds_boilerplate(paragraph) for sentence in _SENTENCE.split(paragraph))
    return sum(len(split_words(sentence)) for sentence in sentences if holds_boilerplate(sentence))


def holds_boilerplate(text: str) -> bool:
    """Whether one of BOILERPLATE_PHRASES stands in a text, in any case."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in BOILERPLATE_PHRASES)


def _placeholder_words(lines: Sequence[str]) -> int:
    whole = "\n".join(lines).lower()
    hints = [hint for hint in _PLACEHOLDER_HINTS if hint in whole]
    if not hints:
        return 0
    doubtful = (line for line in lines if any(hint in line.lower() for hint in hints))
    return sum(max(1, len(found[0].split())) for line in doubtful for found in _PLACEHOLDER.finditer(line))


def looks_like_code(line: str) -> bool:
    """Whether a line of prose is more likely one of code: a block's bracket, an assignment, a call, a tag, a command."""
    last = line[-1]
    if last in "{}" or line.startswith(_CODE_STARTS) or (line[0] == "<" and last == ">"):
        return True
    if last == ";" and ("=" in line or line.endswith(");") or "->" in line):
        return True
    if last in ":;{(=)" and line.split(None, 1)[0].lower() in _CODE_WORDS and any(mark in line for mark in "()={}._\"'"):
        return True
    return "=" in line and _ASSIGNMENT.match(line) is not None


def is_navigation(line: str) -> bool:
    """Whether a line is links and nothing else, or at least three short items between separators."""
    if "](" in line or "://" in line:
        rest = _LINK.sub("", line)
        return not any(map(str.isalnum, rest))
    items = [item.strip() for item in _SEPARATORS.split(line)] if _SEPARATORS.search(line) else []
    named = [item for item in items if item]
    return len(named) >= 3 and all(len(item.split()) <= 3 and item[-1] not in ".?!;:," for item in named)


def _machine_characters(lines: Sequence[str]) -> int:
    found = 0
    shapes: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for line in lines:
        if _LOG.match(line) or _DUMP.match(line):
            found += len(line)
        elif len(line) <= LONGEST_LINE and len(_DIGITS.findall(line)) >= LEAST_NUMBERS:
            shape = shape_of(line)
            shapes[shape] += 1
            sizes[shape] += len(line)
    return found + sum(sizes[shape] for shape, count in shapes.items() if count >= LEAST_ALIKE)


def shape_of(line: str) -> str:
    """A line with every run of letters as "a" and every run of digits as "0"."""
    return _DIGITS.sub("0", _LETTERS.sub("a", line))
