"""What LaTeX's commands for characters stand for (source: the LaTeX kernel and inputenc's tables), and what others take."""

import unicodedata

ACCENTS = {
    **{"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307"},
    **{"c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331"},
}
CHARACTERS = {
    **{"ss": "\u00df", "ae": "\u00e6", "AE": "\u00c6", "oe": "\u0153", "OE": "\u0152", "o": "\u00f8", "O": "\u00d8"},
    **{
        "aa": "\u00e5",
        "AA": "\u00c5",
        "l": "\u0142",
        "L": "\u0141",
        "i": "\u0131",
        "j": "\u0237",
        "dh": "\u00f0",
        "th": "\u00fe",
    },
    **{"ldots": "\u2026", "dots": "\u2026", "textellipsis": "\u2026", "S": "\u00a7", "P": "\u00b6", "copyright": "\u00a9"},
    **{"textregistered": "\u00ae", "texttrademark": "\u2122", "pounds": "\u00a3", "euro": "\u20ac", "texteuro": "\u20ac"},
    **{"textdegree": "\u00b0", "textbullet": "\u2022", "textendash": "\u2013", "textemdash": "\u2014", "dag": "\u2020"},
    **{"LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "LaTeXe": "LaTeX2e", "textbackslash": "\\", "textasciitilde": "~"},
    **{"textasciicircum": "^", "textbar": "|", "textless": "<", "textgreater": ">", "textunderscore": "_", "slash": "/"},
    **{"quad": " ", "qquad": " ", "and": ", ", "newline": "\n", "linebreak": "\n", "par": "\n\n", "hfill": " ", "enspace": " "},
    **{"textquotedblleft": "\u201c", "textquotedblright": "\u201d", "guillemotleft": "\u00ab", "guillemotright": "\u00bb"},
    **{"%": "%", "&": "&", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}", " ": " ", "\\": "\n", ",": " ", ";": " ", "-": ""},
    **{"/": "", "@": "", "!": "", ":": " ", "\n": " "},
}
HEADINGS = {"part": 1, "chapter": 1, "section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4, "subparagraph": 5}
MARKS = {
    **dict.fromkeys(("textbf", "strong"), "**"),
    **dict.fromkeys(("emph", "textit", "textsl"), "*"),
    **dict.fromkeys(("texttt", "code", "lstinline"), "`"),
}
# Commands whose arguments are no text, and how many they take.
_SILENT_ONE = (
    *(
        "label",
        "vspace",
        "hspace",
        "bibliographystyle",
        "bibliography",
        "pagestyle",
        "thispagestyle",
        "input",
        "include",
        "index",
    ),
    *("index", "includegraphics", "usepackage", "documentclass", "graphicspath", "nocite", "hyphenation", "addbibresource"),
    *("color", "pagenumbering", "vskip", "stepcounter", "refstepcounter", "usetikzlibrary", "RequirePackage", "hypersetup"),
    *("theoremstyle", "linespread", "selectlanguage", "newcounter", "cmidrule", "cline", "geometry", "textcolor"),
)
_SILENT_TWO = (
    *("setlength", "addtolength", "setcounter", "addtocounter", "newtheorem", "rule", "fontsize", "resizebox"),
    *("newcommand", "renewcommand", "providecommand", "DeclareMathOperator", "setkomafont", "DeclareRobustCommand"),
)
_SILENT_THREE = ("newenvironment", "renewenvironment", "addcontentsline", "definecolor")
SILENT = {**dict.fromkeys(_SILENT_ONE, 1), **dict.fromkeys(_SILENT_TWO, 2), **dict.fromkeys(_SILENT_THREE, 3)}
MATH = {"equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat", "dmath"}
VERBATIM = {"verbatim", "lstlisting", "minted", "Verbatim", "alltt", "comment", "filecontents", "tikzpicture", "pgfpicture"}
TABLES = {"tabular", "tabularx", "longtable", "tabu", "tabulary", "array"}
LISTS = {"itemize": "- ", "enumerate": "1. ", "description": "- ", "compactitem": "- ", "compactenum": "1. "}
REFERENCES = {
    *("ref", "eqref", "pageref", "autoref", "cref", "Cref"),
    *("cite", "citep", "citet", "parencite", "textcite", "autocite"),
}
HIDDEN = {"comment", "filecontents", "tikzpicture", "pgfpicture"}


def accented(accent: str, letter: str) -> str:
    """A letter under an accent."""
    bare = letter.strip().removeprefix("\\")
    return unicodedata.normalize("NFC", bare[:1] + ACCENTS[accent]) + bare[1:] if bare else ""
