"""The source of LaTeX as text: comments, paragraphs, and which brace closes which."""

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*)?")
_LISTING = re.compile(r"\\begin\{(verbatim|lstlisting|minted|Verbatim)\}")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)


def without_comments(text: str) -> str:
    """Text without comments; in listings the same sign means something else."""
    kept = []
    at = 0
    while found := _LISTING.search(text, at):
        end = text.find(f"\\end{{{found.group(1)}}}", found.end())
        end = len(text) if end < 0 else end
        kept += [_COMMENT.sub(r"\1", text[at : found.start()]), text[found.start() : end]]
        at = end
    return "".join([*kept, _COMMENT.sub(r"\1", text[at:])])


def split_paragraphs(text: str) -> Iterator[str]:
    """What blank lines part, but for those in code blocks."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if line.startswith("```") and (not fence or line == fence):
            fence = "" if fence else line[: len(line) - len(line.lstrip("`"))]
        if line.strip() or fence:
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []
    yield "\n".join(lines)


def closing_braces(text: str) -> dict[int, int]:
    """Where each brace that opens is closed."""
    opened: list[int] = []
    closing: dict[int, int] = {}
    for found in _BRACES.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif found.group() == "}" and opened:
            closing[opened.pop()] = found.start()
    return closing
