"""The control words of Rich Text (Microsoft, Rich Text Format specification 1.9.1) that matter for its text."""

import codecs

# Destinations whose content is no text of the document, besides all that are marked as optional ("\\*") and not kept below.
SKIPPED = frozenset(
    [
        "colortbl",
        "filetbl",
        "listtable",
        "listoverridetable",
        "revtbl",
        "rsidtbl",
        "pict",
        "objdata",
        "objclass",
        "objname",
        "header",
        "headerf",
        "headerl",
        "headerr",
        "footer",
        "footerf",
        "footerl",
        "footerr",
        "ftnsep",
        "ftnsepc",
        "aftnsep",
        "aftnsepc",
        "annotation",
        "atnid",
        "atnauthor",
        "atndate",
        "atnref",
        "xe",
        "tc",
        "txe",
        "rxe",
        "fldinst",
        "datafield",
        "sp",
        "shprslt",
        "nonesttables",
        "themedata",
        "colorschememapping",
        "datastore",
        "latentstyles",
        "xmlnstbl",
        "mmathPict",
        "panose",
        "falt",
        "fontemb",
        "author",
        "operator",
        "keywords",
        "comment",
        "doccomm",
        "subject",
        "company",
        "creatim",
        "revtim",
        "printim",
    ]
)
KEPT = frozenset(("shpinst", "shptxt", "moMath", "oMathPara", "footnote"))

SIGNS = {
    "tab": "\t",
    "line": "\n",
    "softline": "\n",
    "emdash": "\u2014",
    "endash": "\u2013",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "•",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "zwj": "\u200d",
    "zwnj": "\u200c",
    "zwbo": "",
    "nestcell": " ",
    "~": "\u00a0",
    "_": "\u2011",
    "-": "",  # where a word may be broken
    ":": "",
    "{": "{",
    "}": "}",
    "\\": "\\",
}
ENDS_PARAGRAPH = frozenset(("par", "sect", "page", "column", "\n", "\r"))
HIDING = frozenset(("v", "deleted"))  # on with no number or 1, off with 0

CHARACTER_SETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
}
SYMBOLS = 2  # the character set of fonts such as Symbol and Wingdings
DOCUMENT_SETS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def known_encoding(name: str) -> str | None:
    """The encoding as Python names it, None for one that it does not know."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8" if name == "cp65001" else None
