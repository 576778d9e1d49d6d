"""Which markup language a text is written in, when neither its beginning nor its extension says so.

Each language is known by marks at the start of its lines. Marks that only one language has count for much, marks that it shares
with others or with plain prose for little; the language with the highest score wins, and a low score is plain text.
"""

import re
from collections import Counter
from collections.abc import Sequence

ENOUGH = 4  # points that make a text more likely to be markup than prose
_MOST_CHARACTERS = 4_000  # of a line that are looked at

# Which lines to try a pattern on: those whose first character (after indentation) is the key. Repetitions are bounded or
# cannot overlap, so that a hostile line costs no more than a plain one.
_MARKS: dict[str, tuple[tuple[re.Pattern[str], str, int], ...]] = {
    key: tuple((re.compile(pattern), name, points) for pattern, name, points in rows)
    for key, rows in {
        "#": (
            (r"#{2,6} \S", "markdown", 4),
            (r"#(?:include|import) ?[<\"][\w./+-]{1,200}(?:[>]|\.h[hpx]{0,2}\")", "source", 5),
            (r"#[ \t]{0,8}(?:define|ifndef|ifdef|endif|undef|pragma)\b", "source", 4),
            (r"#(?:set|let|show|import|include|table|figure|align|link|image|outline|pagebreak|grid)\b[ (:]", "typst", 4),
            (r"#\+[A-Za-z_]{2,30}(?::|\b)", "org", 4),
        ),
        "=": (
            (r"={1,6} \S.*[^=\s]$", "typst", 2),
            (r"={1,6} \S.*[^=\s]$", "asciidoc", 2),
            (r"====+$", "asciidoc", 1),
        ),
        "*": (
            (r"\*{2,8} \S", "org", 2),
            (r"\*{2,8} \S", "asciidoc", 1),
            (r"\*+ (?:TODO|DONE|NEXT|WAITING) ", "org", 4),
            (r"\*\*[^*\s][^*]{0,200}\*\*", "markdown", 3),
            (r"\*\*[^*\s][^*]{0,200}\*\*", "rst", 3),
        ),
        ".": (
            (r"\.\. [A-Za-z][\w:+-]{0,40}::(?:\s|$)", "rst", 6),
            (r"\.\. (?:_[^:]{1,100}:|\[[#\w*]{1,30}\]|\|[^|]{1,60}\| )", "rst", 4),
            (r"\.{1,5} \S", "asciidoc", 1),
            (r"\.[A-Z][^.]{2,100}$", "asciidoc", 2),
        ),
        ":": (
            (r":[a-z][a-z0-9_-]{1,40}!?:(?: |$)", "asciidoc", 1),
            (r":(?:toc|icons|sectnums|numbered|experimental|source-highlighter|imagesdir|revnumber|doctype)!?:", "asciidoc", 4),
            (r":(?:PROPERTIES|END|LOGBOOK):$", "org", 4),
            (r":[A-Za-z][\w -]{1,40}: \S", "rst", 1),
            (r"::: ?[\w{.]", "djot", 2),
        ),
        "[": (
            (r"\[(?:(?:source|quote|verse)[,\]]|(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]|(?:cols|options|id)=)", "asciidoc", 4),
            (r"\[[^\[\]]{1,80}\]: \S", "markdown", 3),
            (r"\[[ xX]\] ", "markdown", 1),
        ),
        "|": (
            (r"\|={3,}$", "asciidoc", 6),
            (r"\|[ \t]{0,20}:?-{1,500}:?[ \t]{0,20}\|", "markdown", 6),
            (r"\|-{2,}\+[-+]*\|?$", "org", 5),
        ),
        "`": ((r"```[\w{ .+#-]{0,40}$", "markdown", 4),),
        "~": ((r"~~~[\w{ .+#-]{0,40}$", "markdown", 4),),
        ">": ((r"> ?\S", "markdown", 1),),
        "-": ((r"[-+*] \[[ xX]\] ", "markdown", 3),),
        "\\": (
            (r"\\(?:documentclass|usepackage|begin|newcommand|maketitle|input|bibliography)\b", "tex", 5),
            (r"\\(?:part|chapter|(?:sub){0,2}section|paragraph)\*?\{", "tex", 5),
            (r"\\(?:item|label|caption|includegraphics|end|title|author|date)\b", "tex", 2),
        ),
        "%": ((r"%{1,4} \S", "tex", 1),),
        "<": ((r"<!--", "markdown", 3),),
        "!": ((r"!\[[^\[\]]{0,200}\]\(", "markdown", 4),),
        "{": ((r"\{[.#][\w-]{1,60}[^{}]{0,100}\}$", "djot", 4),),
        "^": ((r"\^ \S", "djot", 3),),
        "d": ((r"def \w{1,100}\(.*$", "source", 3),),
        "i": ((r"import [\w.]{1,100}(?: as \w{1,100})?;?$", "source", 3),),
        "c": ((r"(?:class \w{1,100}(?:\(.{0,200}\))?:|const \w{1,100} = .*[;{(]|class \w{1,100}.{0,200} \{)$", "source", 3),),
        "f": ((r"(?:from [\w.]{1,100} import \S.*|function ?\w{0,100} ?\(.*\) ?\{)$", "source", 3),),
        "}": ((r"\}[;,)]*$", "source", 1),),
    }.items()
}
# Anywhere in the text: (pattern, language, points for the first few hits). Each begins with a rare literal.
_INLINE = (
    (re.compile(r"\[[^\[\]\n]{1,300}\]\((?:https?:|mailto:|/|#|\.)?[^()\s]{1,500}\)"), "markdown", 4),
    (re.compile(r"(?<![*\w])\*\*(?=[^*\s])[^*\n]{1,200}(?<=\S)\*\*(?!\*)"), "markdown", 3),
    (re.compile(r"\$\$"), "markdown", 2),
    (re.compile(r"\\[_*#\[]"), "markdown", 1),
    (re.compile(r"\[\[[^\[\]\n]{1,300}\]\[[^\[\]\n]{1,300}\]\]"), "org", 5),
    (re.compile(r"\b(?:image:|link:|xref:|include:|https?:)[^\s\[\]]{1,400}\[[^\[\]\n]{0,200}\]"), "asciidoc", 4),
    (re.compile(r"``[^`\n]{1,200}``"), "rst", 2),
    (re.compile(r"(?<!\w):[a-z][\w:+-]{1,30}:`[^`\n]{1,200}`"), "rst", 5),
    (re.compile(r"`[^`<>\n]{1,200} <[^<>\n]{1,300}>`_"), "rst", 5),
    (re.compile(r"#(?:link|emph|strong|text|cite|footnote|ref|image)[(\[]"), "typst", 4),
    (re.compile(r"\\(?:cite|ref|textbf|textit|emph|footnote)\{"), "tex", 3),
    (re.compile(r"\{[=+-][^{}\n]{1,200}[=+-]\}"), "djot", 4),
)
_ENDS_OF_CODE = (");", "{", "};", "},")
_SHARE_OF_CODE = 0.2  # of lines with such an end
_HITS = 3  # of one pattern that count
_UNDERLINE = re.compile(r"([=\-~^\"'*+#`:.])\1{2,}$")
_LISTING = re.compile(r"(?:-{4,}|\.{4,}|={4,}|_{4,})$")


def name_markup_language(lines: Sequence[str], text: str) -> str | None:
    """The markup language of a text, None for one that looks like plain prose. lines: those of `text`."""
    points = _points_of_lines(lines)
    for pattern, name, worth in _INLINE:
        hits = 0
        for hits, _ in enumerate(pattern.finditer(text), start=1):
            if hits == _HITS:
                break
        points[name] += hits * worth
    _weigh_headings(lines, points)
    best = max(sorted(points), key=lambda name: points[name], default=None)
    return best if best is not None and points[best] >= ENOUGH else None


def _points_of_lines(lines: Sequence[str]) -> Counter[str]:
    points: Counter[str] = Counter()
    hits: Counter[tuple[re.Pattern[str], str]] = Counter()
    fenced = False
    for line in lines:
        bare = line[:_MOST_CHARACTERS].strip()
        if not bare:
            continue
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
        elif fenced:
            continue  # what stands in a code block is of another language
        for pattern, name, worth in _MARKS.get(bare[0], ()):
            if hits[pattern, name] < _HITS and pattern.match(bare):
                hits[pattern, name] += 1
                points[name] += worth
    return points


def _weigh_headings(lines: Sequence[str], points: Counter[str]) -> None:
    """What only the neighbours of a line tell: underlined titles, and headings that stand alone between blank lines."""
    padded = ["", *(line.rstrip() for line in lines), ""]
    if padded[1].startswith("#!"):
        points["source"] += 3 * ENOUGH
    underlined = headings = comments = code = 0
    for before, line, after in zip(padded, padded[1:], padded[2:], strict=False):
        if not line:
            continue
        code += line.endswith(_ENDS_OF_CODE)
        if line.startswith("# "):
            comments += before.startswith("#") or after.startswith("#")
            headings += (not before or not after) and line[-1] not in ".;:,"
        elif underlined < _HITS and before and before[0].isalnum() and len(line) <= 200 and _UNDERLINE.match(line):
            if abs(len(line) - len(before)) <= 2:
                underlined += 1
                points["rst"] += 2 if line[0] in "=-" else 4
        elif _LISTING.match(line) and not before and after:
            points["asciidoc"] += 1
    if headings > comments:  # "# " begins a comment in many languages; comments stand in runs
        points["markdown"] += 4 * min(headings, _HITS)
    document = max((worth for name, worth in points.items() if name != "source"), default=0)
    if code > _SHARE_OF_CODE * len(lines) and document < ENOUGH:  # a document may show code
        points["source"] += 2 * ENOUGH
    if points["asciidoc"] == points["typst"] and points["typst"]:
        # A title alone: AsciiDoc has one of the first level and sections below it, Typst as many as it likes.
        sections = any(line.startswith("== ") for line in lines)
        points["asciidoc" if sections else "typst"] += 2
    if points["rst"] and not points["asciidoc"] and any(line.endswith("::") for line in lines):
        points["rst"] += 2
