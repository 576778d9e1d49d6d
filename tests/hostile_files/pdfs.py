"""PDF files written object by object (ISO 32000-1): bombs, floods, circles, numbers that lie."""

import random
import zlib
from collections.abc import Iterator, Mapping

from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, ENCRYPTED, LIMIT, MEMORY, READ, SCAN, TIME, Made, hostile
from tests.hostile_files.zips import deflate_repeated

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
MIB = 1 << 20
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
RESOURCES = b"/Resources<</Font<</F 5 0 R>>>>"
SHOW = f"BT /F 12 Tf 50 700 Td ({SENTENCE}) Tj ET\n".encode()
# Pages that nobody can read are an empty or damaged document; pages drawn without text ask for text recognition.
ANY = CORRUPT | EMPTY | LIMIT | READ | SCAN
COSTLY = ANY | MEMORY | TIME


def stream(content: bytes, entries: bytes = b"", length: bytes | None = None) -> bytes:
    return b"<<%s/Length %s>>\nstream\n%s\nendstream" % (entries, length or b"%d" % len(content), content)


def flated(content: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(content, 9), b"/Filter/FlateDecode" + entries)


def flated_many(unit: bytes, times: int, entries: bytes = b"") -> bytes:
    """The unit compressed once and repeated; the checksum at the end is left out, as readers of PDF do not mind."""
    return stream(b"\x78\xda" + deflate_repeated(unit, times), b"/Filter/FlateDecode" + entries)


def write_pdf(objects: Mapping[int, bytes], trailer: bytes = b"", root: int = 1, xref: bool = True) -> bytes:
    """A file of numbered objects; 1 is the catalog."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    if xref:
        out += b"xref\n0 1\n0000000000 65535 f \n"
        for number, place in places.items():
            out += b"%d 1\n%010d 00000 n \n" % (number, place)
        out += b"trailer\n<</Root %d 0 R/Size %d%s>>\n" % (root, max(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def one_page(content: bytes, others: Mapping[int, bytes] | None = None, page: bytes = b"", trailer: bytes = b"") -> bytes:
    """A document of one page. content: its stream as an object. page: further entries of the page, or others of a known name."""
    box = b"" if b"/MediaBox" in page else b"/MediaBox[0 0 595 842]"
    resources = b"" if b"/Resources" in page else RESOURCES
    return write_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R" + box + resources + page + b">>",
            4: content,
            5: FONT,
            **(others or {}),
        },
        trailer,
    )


def make_pdfs() -> Iterator[Made]:
    yield from _bombs()
    yield from _floods()
    yield from _circles()
    yield from _lies()
    yield from _depths()
    yield from _fonts_and_images()
    yield from _locked()


def _bombs() -> Iterator[Made]:
    yield hostile(
        "flate-bomb.pdf", "memory: 600 MB of spaces in 0.6 MB", COSTLY, one_page(flated_many(b" " * MIB, 600)), heavy=True
    )
    yield hostile("flate-small.pdf", "memory: 60 MB of spaces in 60 KB", ANY, one_page(flated_many(b" " * MIB, 60)))
    twice = zlib.compress(b"\x78\xda" + deflate_repeated(b" " * MIB, 3000), 9)
    chained = stream(twice, b"/Filter[/FlateDecode/FlateDecode]")
    yield hostile("chained-flate.pdf", "memory: deflate in deflate, 3 GB in 10 KB", COSTLY, one_page(chained), heavy=True)
    filters = stream(SHOW, b"/Filter[" + b"/ASCIIHexDecode" * 5000 + b"]")
    yield hostile("chained-many.pdf", "time: a chain of 5,000 filters", ANY, one_page(filters))
    runs = stream(b"\x81 " * 400_000 + b"\x80", b"/Filter/RunLengthDecode")
    yield hostile("run-length.pdf", "memory: 51 MB from 0.8 MB of runs", ANY, one_page(runs))
    objects = b"7 0 " * 10 + b"<</A 1>>"
    boosted = flated_many(b" " * MIB, 300, b"/Type/ObjStm/N 1/First 4")
    yield hostile(
        "object-stream-bomb.pdf",
        "memory: an object stream of 300 MB",
        COSTLY,
        one_page(stream(SHOW), {6: boosted, 7: stream(objects)}),
    )
    text = flated_many(SHOW * 100, 200)
    yield hostile(
        "text-bomb.pdf", "size: 1.3 MB of text on one page, line on line at one place", COSTLY, one_page(text), heavy=True
    )


def _floods() -> Iterator[Made]:
    yield hostile(
        "operators.pdf",
        "time: 4 million operators in 20 KB",
        COSTLY,
        one_page(flated_many(b"q " * 50_000 + b"Q " * 50_000, 40)),
        heavy=True,
    )
    yield hostile("operators-fewer.pdf", "time: 300,000 operators", ANY, one_page(flated(b"0 0 m 9 9 l S\n" * 100_000 + SHOW)))
    yield hostile("saved-states.pdf", "stack: a million saved states", ANY | MEMORY, one_page(flated(b"q " * 1_000_000 + SHOW)))
    yield hostile(
        "operands.pdf", "stack: a million operands of one operator", ANY, one_page(flated(b"0 " * 1_000_000 + b"Tj " + SHOW))
    )
    kids = b"<</Type/Pages/Kids[" + b"3 0 R " * 20_000 + b"]/Count 20000>>"
    pages = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: kids,
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        4: stream(b""),
    }
    yield hostile("same-page.pdf", "time: one page 20,000 times", LIMIT | EMPTY | CORRUPT, write_pdf(pages))
    shown = {
        **pages,
        2: kids.replace(b"3 0 R " * 20_000, b"3 0 R " * 300).replace(b"20000", b"300"),
        4: stream(SHOW * 500),
        5: FONT,
    }
    shown[3] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + RESOURCES + b">>"
    yield hostile("amplified.pdf", "size: one page of 30 KB 300 times", COSTLY, write_pdf(shown), heavy=True)
    many = b"/Contents[" + b"4 0 R " * 50_000 + b"]"
    content = {1: pages[1], 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 4: stream(SHOW), 5: FONT}
    content[3] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]" + RESOURCES + many + b">>"
    yield hostile("same-content.pdf", "size: one stream 50,000 times on a page", COSTLY, write_pdf(content), heavy=True)


def _circles() -> Iterator[Made]:
    catalog = b"<</Type/Catalog/Pages 2 0 R>>"
    itself = {1: catalog, 2: b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>"}
    yield hostile("cycle-pages.pdf", "recursion: a page tree that contains itself", ANY, write_pdf(itself))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + RESOURCES + b">>"
    mixed = {
        1: catalog,
        2: b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 9>>",
        3: page,
        4: stream(SHOW),
        5: FONT,
        6: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 8>>",
    }
    yield hostile("cycle-branch.pdf", "recursion: a branch that leads back to the root", ANY, write_pdf(mixed))
    base = one_page(stream(SHOW))
    start = int(base.rpartition(b"startxref\n")[2].split()[0])
    for name, place in (("own", start), ("zero", 0), ("far", 10**12), ("negative", -5)):
        looped = base.replace(b"trailer\n<<", b"trailer\n<</Prev %d" % place)
        yield hostile(f"cycle-prev-{name}.pdf", "an older table that is this one, or nowhere", ANY, looped)
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    own = stream(SHOW + b"/X Do", form + b"/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>")
    uses = b"/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>"
    yield hostile("cycle-form.pdf", "recursion: a form that shows itself", ANY, one_page(stream(SHOW + b"/X Do"), {6: own}, uses))
    forms = {
        number: stream(b"/X Do " * 10, form + b"/Resources<</XObject<</X %d 0 R>>>>" % (number + 1)) for number in range(6, 18)
    }
    forms[18] = stream(SHOW, form + RESOURCES)
    laughs = one_page(stream(SHOW + b"/X Do"), forms, uses)
    yield hostile(
        "forms-laughs.pdf", "time and size: forms that show others ten times each, 12 levels", COSTLY, laughs, heavy=True
    )
    inside = stream(b"6 0 4 60 <</A 1>> <</Type/Page>>", b"/Type/ObjStm/N 2/First 9/Extends 6 0 R")
    yield hostile(
        "cycle-object-stream.pdf",
        "an object stream that extends itself and holds itself",
        ANY,
        one_page(stream(SHOW), {6: inside}),
    )
    length = one_page(stream(SHOW, length=b"4 0 R"))
    yield hostile("cycle-length.pdf", "a length that is the stream itself", ANY, length)
    own_parent = one_page(stream(SHOW), page=b"/Parent 3 0 R/Resources 3 0 R/Font 3 0 R")
    yield hostile("cycle-parent.pdf", "a page that is its own parent and resources", ANY, own_parent)
    reference = one_page(b"4 0 R")
    yield hostile("cycle-reference.pdf", "an object that is a reference to itself", ANY, reference)


def _lies() -> Iterator[Made]:
    catalog, page = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + RESOURCES + b">>",
    )
    for count in (b"0", b"-1", b"4000", b"2147483647", b"99999999999999999999", b"(x)"):
        pages = {1: catalog, 2: b"<</Type/Pages/Kids[3 0 R]/Count %s>>" % count, 3: page, 4: stream(SHOW), 5: FONT}
        yield hostile(
            f"lie-count-{len(count)}-{count[:2].decode().strip('(')}.pdf",
            f"a page count of {count.decode()}",
            ANY,
            write_pdf(pages),
        )
    for name, box in (
        ("huge", b"[0 0 1000000000 1000000000]"),
        ("negative", b"[595 842 0 0]"),
        ("nothing", b"[0 0 0 0]"),
        ("words", b"[a b c d]"),
        ("short", b"[1]"),
        ("endless", b"[0 0 1e400 1e400]"),
    ):
        yield hostile(
            f"lie-box-{name}.pdf",
            "a page of impossible size",
            ANY,
            one_page(stream(SHOW), page=b"/MediaBox" + box + b"/UserUnit 1000000"),
        )
    for number, length in enumerate((b"0", b"-1", b"2147483648", b"99999999999999999999", b"null")):
        yield hostile(
            f"lie-length-{number}.pdf",
            f"a stream said to have {length.decode()} bytes",
            ANY,
            one_page(stream(SHOW, length=length)),
        )
    base = one_page(stream(SHOW))
    yield hostile(
        "lie-size.pdf", "memory: a table said to hold 2 billion objects", ANY, base.replace(b"/Size 6", b"/Size 2147483647")
    )
    yield hostile(
        "lie-xref.pdf", "memory: a section of 4 billion entries", ANY, base.replace(b"xref\n0 1\n", b"xref\n0 4000000000\n", 1)
    )
    entries = b"/Type/XRef/Size 2000000000/W[8 8 8]/Index[0 2000000000]/Root 1 0 R"
    table = (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n9 0 obj\n"
        + stream(b"\1", entries)
        + b"\nendobj\nstartxref\n58\n%%EOF"
    )
    yield hostile("lie-xref-stream.pdf", "memory: a table of 48 GB in a stream of one byte", ANY, table)
    empty = write_pdf({1: catalog, 2: b"<</Type/Pages/Kids[]/Count 0>>"})
    yield hostile("empty.pdf", "success without text", EMPTY | CORRUPT, empty)
    blank = one_page(stream(b""))
    yield hostile("blank.pdf", "success without text", EMPTY, blank)
    yield hostile("head.pdf", "a head without a file", DAMAGED, b"%PDF-1.7\n")
    yield hostile(
        "random.pdf", "random bytes behind a signature", DAMAGED, b"%PDF-1.7\n1 0 obj\n" + random.Random(7).randbytes(20_000)
    )


def _depths() -> Iterator[Made]:
    page = b"<</Type/Page/MediaBox[0 0 595 842]/Contents 4 0 R" + RESOURCES + b">>"
    tree = {1: b"<</Type/Catalog/Pages 10 0 R>>", 3: page, 4: stream(SHOW), 5: FONT}
    tree |= {number: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(10, 5010)}
    tree[5010] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    yield hostile("deep-pages.pdf", "recursion: a page tree of 5,000 levels", ANY, write_pdf(tree))
    marks = {
        10 + number: b"<</Title(x)/First %d 0 R/Last %d 0 R/Next %d 0 R>>" % ((11 + number,) * 2 + (10,))
        for number in range(5000)
    }
    marks[5010] = b"<</Title(x)/Next 10 0 R/First 10 0 R>>"
    deep = {
        1: b"<</Type/Catalog/Pages 2 0 R/Outlines 10 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: page,
        4: stream(SHOW),
        5: FONT,
    }
    yield hostile("deep-bookmarks.pdf", "recursion: 5,000 bookmarks in one another, and back", ANY, write_pdf(deep | marks))
    for name, opening, closing in (("arrays", b"[", b"]"), ("dictionaries", b"<</A", b">>"), ("strings", b"(", b")")):
        nested = opening * 200_000 + closing * 200_000
        yield hostile(f"deep-{name}.pdf", f"recursion: 200,000 nested {name}", ANY, one_page(stream(SHOW), page=b"/X" + nested))
        yield hostile(
            f"deep-{name}-content.pdf", f"recursion: 200,000 nested {name} among operators", ANY, one_page(flated(nested + SHOW))
        )
        yield hostile(
            f"deep-{name}-info.pdf",
            f"recursion: 200,000 nested {name} as title",
            ANY,
            one_page(stream(SHOW), {6: b"<</Title " + nested + b">>"}, trailer=b"/Info 6 0 R"),
        )
    functions = {
        number: b"<</FunctionType 3/Domain[0 1]/Bounds[]/Encode[0 1]/Functions[%d 0 R]>>" % (number + 1)
        for number in range(10, 3000)
    }
    shading = (
        b"/Resources<</Font<</F 5 0 R>>/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 1 1]/Function 10 0 R>>>>>>"
    )
    yield hostile(
        "deep-functions.pdf",
        "recursion: 3,000 functions in one another",
        ANY,
        one_page(stream(SHOW + b"/S sh"), functions | {3000: b"10 0 R"}, shading),
    )


def _fonts_and_images() -> Iterator[Made]:
    cmap = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
    cmap += b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange endcmap"
    mapped = {5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>", 6: stream(cmap)}
    yield hostile("cmap-range.pdf", "memory: a map of 4 billion characters", ANY | TIME | MEMORY, one_page(stream(SHOW), mapped))
    long = b"begincmap 1 beginbfchar <54> <" + b"0041" * 200_000 + b"> endbfchar endcmap"
    yield hostile(
        "cmap-long.pdf", "size: one letter that stands for 200,000", ANY, one_page(stream(SHOW), {**mapped, 6: stream(long)})
    )
    uses = b"/CMapName/A def /A usecmap begincmap endcmap"
    circle = {5: mapped[5], 6: stream(uses, b"/UseCMap 6 0 R")}
    yield hostile("cmap-cycle.pdf", "a map that builds on itself", ANY, one_page(stream(SHOW), circle))
    drawn = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]"
    drawn += b"/FirstChar 84/LastChar 84/Widths[9]/Encoding<</Differences[84/T]>>/CharProcs<</T 6 0 R>>"
    drawn += RESOURCES + b">>"
    yield hostile(
        "font-cycle.pdf", "recursion: a letter that draws itself", ANY, one_page(stream(SHOW), {5: drawn, 6: stream(SHOW)})
    )
    image = b"/Type/XObject/Subtype/Image/Width 1000000/Height 1000000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    uses = b"/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>"
    for kind in (b"JBIG2Decode", b"JPXDecode", b"DCTDecode", b"CCITTFaxDecode", b"FlateDecode"):
        garbage = stream(random.Random(8).randbytes(3000), image + b"/Filter/" + kind)
        yield hostile(
            f"image-{kind.decode()}.pdf",
            "memory: a picture of 3 TB",
            ANY,
            one_page(stream(SHOW + b"9 0 0 9 0 0 cm /X Do"), {6: garbage}, uses),
        )


def _locked() -> Iterator[Made]:
    from tests.tasks.extraction.documents import pdf

    yield hostile("locked.pdf", "a password", ENCRYPTED, pdf([SENTENCE], password="secret"))
    wrong = one_page(stream(SHOW), trailer=b"/Encrypt<</Filter/Standard/V 99/R 99/O(x)/U(y)/P -1>>/ID[(a)(b)]")
    yield hostile("locked-unknown.pdf", "an encryption that nobody knows", ENCRYPTED | CORRUPT | EMPTY, wrong)
    circle = one_page(stream(SHOW), {6: b"6 0 R"}, trailer=b"/Encrypt 6 0 R")
    yield hostile("locked-cycle.pdf", "an encryption that is a reference to itself", ENCRYPTED | ANY, circle)
    named = one_page(stream(SHOW + b"% /Encrypt"))
    yield hostile("locked-not.pdf", "a text that speaks of encryption", READ, named)
