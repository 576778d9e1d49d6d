"""Inline markup of reStructuredText as that of Markdown."""

import re

_INLINE = re.compile(
    r"``(?P<literal>[^\n]{1,1000}?)``"
    r"|:(?P<role>[A-Za-z][\w:+.-]{0,60}):`(?P<argument>[^`]{1,1000})`"
    r"|(?<!`)`(?P<reference>[^`]{1,1000})`__?(?!\w)"
    r"|(?<!`)`(?P<plain>[^`\s][^`]{0,1000})`(?P<suffix>:[A-Za-z][\w:+.-]{0,60}:)?"
    r"|(?<!\|)\|(?P<substitute>[A-Za-z][^|\n]{0,80})\|_{0,2}(?!\|)"
    r"|\[(?P<note>[#*]?[\w.-]{0,60})\]_(?!\w)"
    r"|(?<![\w`_./:-])(?P<name>[A-Za-z0-9](?:[\w.+-]{0,80}[A-Za-z0-9])?)__?(?![\w`])"
)
_TARGET = re.compile(r"\s*<([^<>]{1,1000})>\s*$")
_CODE = {
    *(
        "code",
        "literal",
        "file",
        "func",
        "function",
        "meth",
        "method",
        "class",
        "mod",
        "module",
        "attr",
        "data",
        "exc",
        "obj",
        "const",
    ),
    *(
        "option",
        "command",
        "program",
        "kbd",
        "envvar",
        "keyword",
        "samp",
        "type",
        "macro",
        "member",
        "makevar",
        "regexp",
        "decorator",
    ),
}


def convert_inline(text: str) -> str:
    """Convert a paragraph or a line: literals and names of code in backticks, references as their text, math as TeX."""
    return _INLINE.sub(_replace, text)


def inline_text(text: str) -> str:
    """The same for where other marks stand around: a title, a term."""
    return convert_inline(text).strip().strip("*")


def _replace(found: re.Match[str]) -> str:
    if literal := found.group("literal"):
        mark = "``" if "`" in literal else "`"
        return f"{mark}{literal}{mark}"
    if role := found.group("role"):
        return _role(role.rpartition(":")[2].lower(), found.group("argument"))
    if reference := found.group("reference"):
        return _shown(reference)
    if plain := found.group("plain"):
        return plain if found.group("suffix") else _shown(plain)
    if note := found.group("note"):
        return f"[^{note.lstrip('#*') or '*'}]"
    substitute: str = found.group("substitute") or found.group("name") or found.group()
    return substitute


def _role(role: str, argument: str) -> str:
    if role == "math":
        return f"${argument}$"
    shown = _shown(argument).removeprefix("!")
    if role in _CODE:
        return f"`{shown.rpartition('.')[2] if shown.startswith('~') else shown}`"
    return {"strong": f"**{shown}**", "emphasis": f"*{shown}*"}.get(role, shown)


def _shown(reference: str) -> str:
    """What a reader sees of a reference: its text, or where there is none its target."""
    target = _TARGET.search(reference)
    shown = reference[: target.start()] if target else reference
    return " ".join(shown.split()) or (target.group(1) if target else "")
