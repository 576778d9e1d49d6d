"""Entities, depth and repetition in XML and HTML, alone and inside office packages."""

from collections.abc import Callable, Iterator

from tests.hostile_files import packages
from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, LIMIT, READ, TIME, UNSUPPORTED, Made, hostile

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
# Entities may be refused, left out or resolved within bounds; what they point to may never show.
ENTITIES = CORRUPT | LIMIT | EMPTY | READ | UNSUPPORTED
NESTED = CORRUPT | LIMIT | EMPTY | READ | UNSUPPORTED

Wrap = Callable[[str, str, str], bytes]


def laughs(root: str) -> str:
    """The billion laughs: ten entities, each ten times the one before (CWE-776)."""
    levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "ha ha ha ">{levels}]>'


def quadratic(root: str) -> str:
    """One long entity, to be used many times: no nesting that a parser could count."""
    return f'<!DOCTYPE {root} [<!ENTITY l9 "{"a " * 25_000}">]>'


def external(root: str, address: str) -> str:
    """An entity from outside (CWE-611), plain and through a parameter entity."""
    return f'<!DOCTYPE {root} [<!ENTITY l9 SYSTEM "{address}"><!ENTITY % p SYSTEM "{address}">%p;]>'


def make_entities(secret: str, server: str) -> Iterator[Made]:
    """secret: URL of a file that must stay unread. server: URL that must stay unasked."""
    for name, (root, wrap) in _WRAPPERS.items():
        stem, _, extension = name.rpartition(".")
        many = " ".join(["&l9;"] * 5000)
        for kind, head, use in (
            ("laughs", laughs(root), "&l9;"),
            ("quadratic", quadratic(root), many),
            ("file", external(root, secret), "&l9;"),
            ("passwd", external(root, "file:///etc/passwd"), "&l9;"),
            ("http", external(root, f"{server}/{stem}"), "&l9;"),
        ):
            content = wrap(head, SENTENCE, use)
            yield hostile(f"entities-{kind}-{stem}.{extension}", f"entities: {kind}", ENTITIES, content)


def _docbook(head: str, text: str, use: str) -> bytes:
    space = 'xmlns="http://docbook.org/ns/docbook" xmlns:xi="http://www.w3.org/2001/XInclude" version="5.0"'
    include = '<xi:include href="file:///etc/passwd" parse="text"/>'
    body = f"<title>T</title><para>{text}</para>{include}<para>{use}</para>"
    return f'<?xml version="1.0"?>{head}<article {space}>{body}</article>'.encode()


def _fb2(head: str, text: str, use: str) -> bytes:
    space = 'xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"'
    body = f"<body><section><p>{text}</p><p>{use}</p></section></body>"
    return f'<?xml version="1.0"?>{head}<FictionBook {space}>{body}</FictionBook>'.encode()


def _svg(head: str, text: str, use: str) -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<svg xmlns="http://www.w3.org/2000/svg"><text>{text}</text><text>{use}</text></svg>'.encode()
    )


def _xhtml(head: str, text: str, use: str) -> bytes:
    return f'<?xml version="1.0"?>{head}<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{text}</p><p>{use}</p></body></html>'.encode()


def _xml(head: str, text: str, use: str) -> bytes:
    return f'<?xml version="1.0"?>{head}<notes><note>{text}</note><note>{use}</note></notes>'.encode()


_WRAPPERS: dict[str, tuple[str, Wrap]] = {
    "docbook.docbook": ("article", _docbook),
    "fb2.fb2": ("FictionBook", _fb2),
    "svg.svg": ("svg", _svg),
    "html.html": ("html", _xhtml),
    "xml.xml": ("notes", _xml),
    "docx.docx": ("w:document", lambda head, text, use: packages.docx(head, f"{packages.p(text)}{packages.p(use)}")),
    "pptx.pptx": ("p:sld", lambda head, text, use: packages.pptx(head, packages.shape(text) + packages.shape(use))),
    "xlsx.xlsx": ("sst", lambda head, text, use: packages.xlsx(head, [text, use])),
    "odt.odt": (
        "office:document-content",
        lambda head, text, use: packages.odt(head, f"<text:p>{text}</text:p><text:p>{use}</text:p>"),
    ),
    "epub.epub": ("html", lambda head, text, use: packages.epub(_xhtml(head, text, use))),
}


def make_markup() -> Iterator[Made]:
    yield from _deep_html()
    yield from _odd_html()
    yield from _deep_xml()


def _deep_html() -> Iterator[Made]:
    page = "<!DOCTYPE html><html><body>{}</body></html>".format
    for tag, depth in (("div", 200_000), ("b", 100_000), ("table><tr><td", 20_000), ("ul><li", 50_000), ("blockquote", 100_000)):
        ends = "".join(f"</{each}>" for each in reversed(tag.split("><")))
        content = page(f"<{tag}>" * depth + SENTENCE + ends * depth)
        yield hostile(
            f"deep-{tag.partition('>')[0]}.html", f"recursion: {depth} nested {tag}", NESTED | TIME, content, depth > 150_000
        )
    yield hostile("deep-open.html", "recursion: 100,000 elements never closed", NESTED, page("<div><p><b>" * 33_000 + SENTENCE))
    words = page(f"<p>{SENTENCE}</p>" + "<font><a href=x><i>" * 10_000 + SENTENCE)
    yield hostile("deep-misnested.html", "time: formatting elements that the parser opens again and again", NESTED | TIME, words)
    yield hostile(
        "deep-select.html", "recursion: nested objects and buttons", NESTED, page("<object><button>" * 20_000 + SENTENCE)
    )


def _odd_html() -> Iterator[Made]:
    page = f"<!DOCTYPE html><html><body><p>{SENTENCE}</p>{{}}<p>{SENTENCE}</p></body></html>".format
    attributes = "".join(f" a{number}=x" for number in range(100_000))
    for name, attacks, middle in (
        ("attributes", "time: 100,000 attributes of one element", f"<p{attributes}>x</p>"),
        ("long-attribute", "memory: an attribute of 1 MB", f'<p title="{"x" * 1_000_000}">x</p>'),
        ("comment", "a comment never closed", "<!--" + " -" * 500_000),
        ("script", "a script never closed", "<script>" + "if(a<b){}" * 200_000),
        ("brackets", "time: a million opening brackets", "<" * 1_000_000),
        ("ends", "time: 300,000 ends without a beginning", "</b></i></p>" * 100_000),
        ("references", "time: 200,000 character references", "&amp;&#x41;" * 100_000),
        ("paragraphs", "time: 100,000 empty paragraphs", "<p></p>" * 100_000),
        ("rows", "time: a table of 20,000 rows", "<table>" + "<tr><td>a<td>b" * 20_000 + "</table>"),
        ("spans", "size: a cell over a billion columns and rows", "<table><tr><td colspan=999999999 rowspan=999999999>a</table>"),
        ("data", "memory: a picture of 1 MB in the text", f'<img src="data:image/png;base64,{"iVBO" * 250_000}">'),
        ("frames", "files and servers of others", '<iframe src="file:///etc/passwd"></iframe><embed src="file:///etc/passwd">'),
    ):
        yield hostile(f"odd-{name}.html", attacks, READ | EMPTY | LIMIT | CORRUPT, page(middle))
    yield hostile("odd-charset.html", "a charset that is not that of the page", READ | EMPTY, page('<meta charset="utf-16">'))
    yield hostile("odd-utf-7.html", "a charset that hides markup", READ | EMPTY, page('<meta charset="utf-7">+ADw-script+AD4-'))
    yield hostile(
        "odd-codec.html", "a charset that is no charset", READ | EMPTY, page('<meta charset="zlib_codec"><meta charset="hex">é')
    )
    yield hostile("odd-empty.html", "success without text", EMPTY | UNSUPPORTED, "<!DOCTYPE html><html><body></body></html>")
    nul = page("\0" * 1000).encode()
    yield hostile("odd-nul.html", "NUL characters in the text", DAMAGED, nul)


def _deep_xml() -> Iterator[Made]:
    for name, root, tag in (
        ("docbook", 'article xmlns="http://docbook.org/ns/docbook"', "section"),
        ("fb2", "FictionBook", "section"),
    ):
        end = root.split()[0]
        deep = f'<?xml version="1.0"?><{root}>' + f"<{tag}>" * 100_000 + SENTENCE + f"</{tag}>" * 100_000 + f"</{end}>"
        yield hostile(f"deep-{name}.{name}", "recursion: 100,000 nested sections", NESTED, deep)
    deep = '<?xml version="1.0"?>' + "<a>" * 200_000 + "x" + "</a>" * 200_000
    yield hostile("deep-xml.xml", "recursion: 200,000 nested elements", NESTED, deep)
    wide = (
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">'
        + "<g>" * 50_000
        + "<text>x</text>"
        + "</g>" * 50_000
        + "</svg>"
    )
    yield hostile("deep-svg.svg", "recursion: 50,000 nested groups", NESTED, wide)
    names = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(50_000))
    yield hostile("spaces.xml", "time: 50,000 namespaces", NESTED, f'<?xml version="1.0"?><a{names}><b>{SENTENCE}</b></a>')
    use = '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><text>x</text><use href="#a"/></g></svg>'
    yield hostile("cycle.svg", "a drawing that contains itself", NESTED, use)
