"""Formulas as one line of text, from MathML and from Office Math: x², (a+b)/c, √(x), ∑_(i=1)^n.

Source: Unicode Technical Note 28 (nearly plain-text encoding of mathematics). Scripts that have a character are written by it.
"""

from typing import Any

_SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064")  # function application, times, separator, plus
_INFIX = set("=<>≤≥≠≈≡∼→⇒⇔↔∈⊂⊆∝+−-±×·⋅÷:")
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def mathml_formula(element: Any) -> str:
    """A MathML element (W3C MathML 3); namespaces are ignored, annotations left out."""
    name = _local(element)
    parts = [child for child in element if _local(child) not in ("", "annotation", "annotation-xml", "maligngroup")]
    if not parts:
        return " ".join((element.text or "").split()).translate(_INVISIBLE) if name != "mspace" else " "
    texts = [mathml_formula(part) for part in parts]
    match name, len(parts):
        case "mfrac", 2:
            return f"{_grouped(texts[0])}/{_grouped(texts[1])}"
        case "msup" | "mover", 2:
            return texts[0] + _raised(texts[1])
        case "msub" | "munder", 2:
            return texts[0] + _lowered(texts[1])
        case "msubsup" | "munderover", 3:
            return texts[0] + _lowered(texts[1]) + _raised(texts[2])
        case "mroot", 2:
            return f"{_raised(texts[1])}√({texts[0]})"
        case "msqrt", _:
            return f"√({_joined(texts)})"
        case "mfenced", _:
            return element.get("open", "(") + element.get("separators", ",")[:1].join(texts) + element.get("close", ")")
        case "mtr" | "mlabeledtr", _:
            return " ".join(texts)
        case "mtable", _:
            return "; ".join(texts)
        case "semantics", _:
            return texts[0]  # the others say the same in another language
    return _joined(texts)


def office_formula(element: Any) -> str:
    """An Office Math element (ECMA-376 part 1, chapter 22)."""

    def of(name: str) -> str:
        child = element.find(_M + name)
        return office_formula(child) if child is not None else ""

    def value(name: str, usual: str) -> str:
        child = element.find(f"{_M}{_local(element)}Pr/{_M}{name}")
        return str(child.get(_M + "val", usual)) if child is not None else usual

    match _local(element):
        case "t":
            return (element.text or "").translate(_INVISIBLE)
        case "f":
            return f"{_grouped(of('num'))}/{_grouped(of('den'))}"
        case "sSup":
            return of("e") + _raised(of("sup"))
        case "sSub":
            return of("e") + _lowered(of("sub"))
        case "sSubSup":
            return of("e") + _lowered(of("sub")) + _raised(of("sup"))
        case "nary":
            return value("chr", "∫") + _lowered(of("sub")) + _raised(of("sup")) + of("e")
        case "rad":
            return (_raised(of("deg")) if of("deg") else "") + f"√({of('e')})"
        case "d":
            inner = value("sepChr", "|").join(office_formula(each) for each in element.iterchildren(_M + "e"))
            return value("begChr", "(") + inner + value("endChr", ")")
        case "mr":
            return " ".join(office_formula(each) for each in element.iterchildren(_M + "e"))
        case "m" | "eqArr":
            rows = [each for each in element if _local(each) in ("mr", "e")]
            return "; ".join(office_formula(row) for row in rows)
        case name if name.endswith("Pr"):
            return ""
    return "".join(office_formula(child) for child in element)


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
