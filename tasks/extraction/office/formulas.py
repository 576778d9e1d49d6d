"""Formulas as one line of text, from MathML and from Office Math: x², (a+b)/c, √(x), ∑_(i=1)^n.

Source: Unicode Technical Note 28 (nearly plain-text encoding of mathematics). Scripts that have a character are written by it.
"""

from collections.abc import Callable
from typing import Any

# Written by their numbers, because these signs look like others.
_MINUS, _TIMES, _TILDE = "\u2212", "\u00d7", "\u223c"
_SUPERSCRIPTS = dict(zip("0123456789+-=()ni" + _MINUS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ⁻", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-=()" + _MINUS, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋", strict=True))
_INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064")  # function application, times, separator, plus
_INFIX = frozenset("=<>≤≥≠≈≡→⇒⇔↔∈⊂⊆∝+-±·⋅÷:" + _MINUS + _TIMES + _TILDE)
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def mathml_formula(element: Any) -> str:
    """A MathML element (W3C MathML 3); namespaces are ignored, annotations left out."""
    name = _local(element)
    texts = [mathml_formula(part) for part in element if _local(part) not in ("", "annotation", "annotation-xml")]
    if not texts:
        return " " if name == "mspace" else " ".join((element.text or "").split()).translate(_INVISIBLE)
    if name == "mfenced":
        inner = element.get("separators", ",")[:1].join(texts)
        return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"
    write = _MATHML.get((name, len(texts))) or _MATHML.get((name, 0), _joined)
    return write(texts)


def office_formula(element: Any) -> str:
    """An Office Math element (ECMA-376 part 1, chapter 22)."""
    name = _local(element)
    if name == "t":
        return (element.text or "").translate(_INVISIBLE)
    if name.endswith("Pr"):
        return ""
    write = _OFFICE.get(name)
    return write(element) if write is not None else "".join(office_formula(child) for child in element)


_MATHML: dict[tuple[str, int], Callable[[list[str]], str]] = {
    ("mfrac", 2): lambda parts: _fraction(*parts),
    **dict.fromkeys((("msup", 2), ("mover", 2)), lambda parts: parts[0] + _raised(parts[1])),
    **dict.fromkeys((("msub", 2), ("munder", 2)), lambda parts: parts[0] + _lowered(parts[1])),
    **dict.fromkeys((("msubsup", 3), ("munderover", 3)), lambda parts: parts[0] + _lowered(parts[1]) + _raised(parts[2])),
    ("mroot", 2): lambda parts: f"{_raised(parts[1])}√({parts[0]})",
    ("msqrt", 0): lambda parts: f"√({_joined(parts)})",
    **dict.fromkeys((("mtr", 0), ("mlabeledtr", 0)), " ".join),
    ("mtable", 0): "; ".join,
    ("semantics", 0): lambda parts: parts[0],  # the others say the same in another language
}

_OFFICE: dict[str, Callable[[Any], str]] = {
    "f": lambda each: _fraction(_of(each, "num"), _of(each, "den")),
    "sSup": lambda each: _of(each, "e") + _raised(_of(each, "sup")),
    "sSub": lambda each: _of(each, "e") + _lowered(_of(each, "sub")),
    "sSubSup": lambda each: _of(each, "e") + _lowered(_of(each, "sub")) + _raised(_of(each, "sup")),
    "nary": lambda each: _value(each, "chr", "∫") + _lowered(_of(each, "sub")) + _raised(_of(each, "sup")) + _of(each, "e"),
    "rad": lambda each: f"{_raised(_of(each, 'deg'))}√({_of(each, 'e')})",
    "d": lambda each: _value(each, "begChr", "(") + _all(each, _value(each, "sepChr", "|")) + _value(each, "endChr", ")"),
    "mr": lambda each: _all(each, " "),
    "eqArr": lambda each: _all(each, "; "),
    "m": lambda each: "; ".join(office_formula(row) for row in each.iterchildren(_M + "mr")),
}


def _of(element: Any, name: str) -> str:
    child = element.find(_M + name)
    return office_formula(child) if child is not None else ""


def _all(element: Any, separator: str) -> str:
    return separator.join(office_formula(each) for each in element.iterchildren(_M + "e"))


def _value(element: Any, name: str, usual: str) -> str:
    """A property of an Office Math element."""
    child = element.find(f"{_M}{_local(element)}Pr/{_M}{name}")
    return str(child.get(_M + "val", usual)) if child is not None else usual


def _local(element: Any) -> str:
    """The name of an element without its namespace; "" for a comment or the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _joined(texts: list[str]) -> str:
    """Neighbouring parts of a formula: blanks keep names apart, and set off operators that stand between two things."""
    line = ""
    for number, text in enumerate(texts):
        if line and text in _INFIX and number + 1 < len(texts):
            line += f" {text} "
        elif line and text and line[-1].isalnum() and text[0].isalnum():
            line += f" {text}"
        else:
            line += text
    return line


def _fraction(above: str, below: str) -> str:
    return f"{_grouped(above)}/{_grouped(below)}"


def _grouped(text: str) -> str:
    return text if text.isalnum() else f"({text})"


def _raised(text: str) -> str:
    return _script(text, _SUPERSCRIPTS, "^")


def _lowered(text: str) -> str:
    return _script(text, _SUBSCRIPTS, "_")


def _script(text: str, characters: dict[str, str], mark: str) -> str:
    if text and all(character in characters for character in text):
        return "".join(characters[character] for character in text)
    return mark + _grouped(text) if text else ""
