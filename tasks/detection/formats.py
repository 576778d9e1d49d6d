"""The formats that detection can name: one table, from which the meaning of an extension follows."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["text", "zip", "ole", "binary"]


@dataclass(frozen=True)
class Format:
    """A format by its canonical name.

    label: what a person is told. family: text (has an encoding), zip or ole (a container), binary (anything else).
    extensions: lower case, without dot; an extension may belong to several formats. readable: this release has a reader for it.
    """

    name: str
    label: str
    family: Family
    extensions: tuple[str, ...]
    readable: bool = False


def _table(family: Family, rows: dict[str, str], readable: bool = False) -> list[Format]:
    """Formats of one family from `name` or `name=label` and a space-separated list of extensions."""
    formats = []
    for names, extensions in rows.items():
        name, _, label = names.partition("=")
        formats.append(Format(name, label or name, family, tuple(extensions.split()), readable))
    return formats


_READABLE = (
    _table(
        "binary",
        {
            "pdf=PDF": "pdf",
            "png=image/png": "png",
            "jpeg=image/jpeg": "jpg jpeg jpe jfif",
            "gif=image/gif": "gif",
            "bmp=image/bmp": "bmp dib",
            "tiff=image/tiff": "tif tiff",
            "webp=image/webp": "webp",
            "jp2=image/jp2": "jp2 jpx jpm j2k j2c jpf",
            "pnm=image/x-portable-anymap": "pbm pgm ppm pnm pam",
        },
        readable=True,
    )
    + _table(
        "zip",
        {
            "docx=Word document": "docx docm dotx dotm",
            "pptx=PowerPoint presentation": "pptx pptm ppsx ppsm potx potm",
            "xlsx=Excel workbook": "xlsx xlsm xltx xltm",
            "xlsb=Excel binary workbook": "xlsb",
            "odt=OpenDocument text": "odt ott",
            "ods=OpenDocument spreadsheet": "ods ots",
            "odp=OpenDocument presentation": "odp otp",
            "epub=EPUB book": "epub",
        },
        readable=True,
    )
    + _table(
        "ole",
        {
            "doc=Word 97-2003 document": "doc dot",
            "xls=Excel 97-2003 workbook": "xls xlt",
            "ppt=PowerPoint 97-2003 presentation": "ppt pps pot",
            "msg=Outlook message": "msg",
        },
        readable=True,
    )
    + _table(
        "text",
        {
            "html=HTML": "html htm xhtml shtml",
            "rtf=Rich Text": "rtf",
            "eml=email": "eml",
            "mbox=mailbox": "mbox",
            "mhtml=web archive": "mht mhtml",
            "csv=CSV": "csv",
            "tsv=TSV": "tsv tab",
            "markdown=Markdown": "md markdown mdown mkd mkdn mdwn commonmark mdx rmd qmd",
            "text=plain text": "txt text log asc",
            "json=JSON": "json geojson",
            "jsonl=JSON Lines": "jsonl ndjson",
            "ipynb=Jupyter notebook": "ipynb",
        },
        readable=True,
    )
    + _table(
        "text",
        {
            "xml=XML": "xml xsd xsl xslt",
            "docbook=DocBook XML": "docbook dbk docbook4 docbook5 xml",
            "jats=JATS XML": "jats nxml xml",
            "tei=TEI XML": "tei xml",
            "feed=RSS or Atom feed": "rss atom xml",
            "opml=OPML": "opml xml",
            "svg=image/svg+xml": "svg",
            "tex=LaTeX": "tex latex ltx",
            "rst=reStructuredText": "rst rest",
            "org=Org": "org",
            "asciidoc=AsciiDoc": "adoc asciidoc",
            "djot=Djot": "dj djot",
            "typst=Typst": "typ",
            "yaml=YAML": "yaml yml",
            "toml=TOML": "toml",
            "ini=INI": "ini cfg conf properties",
            "bibliography=bibliography": "bib enw ris nbib",
            "subtitles=subtitles": "srt vtt",
            "calendar=calendar": "ics",
            "vcard=contact card": "vcf",
        },
        readable=True,
    )
)

_NAMED = (
    _table(
        "text",
        {
            "postscript=PostScript": "ps eps",
            "source=source code": "py js mjs ts tsx jsx c h cc cpp hpp cs java kt go rs rb php pl lua r swift scala sh bash bat "
            "ps1 sql css scss less vue ml hs ex erl clj dart m mm f90 asm cmake gradle proto graphql tf",
        },
    )
    + _table(
        "zip",
        {
            "odf=OpenDocument (other)": "odg odf odc",
            "vsdx=Visio drawing": "vsdx",
            "hwpx=Hangul document": "hwpx",
            "iwork=Apple iWork": "pages numbers key",
            "jar=Java archive": "jar war apk",
            "zip": "zip cbz kmz xpi",
        },
    )
    + _table(
        "ole",
        {
            "hwp=hwp": "hwp",
            "ole=OLE container": "",
        },
    )
    + _table(
        "binary",
        {
            "heif=image/heif": "heic heif avif",
            "icon=image/x-icon": "ico cur",
            "psd=image/vnd.adobe.photoshop": "psd",
            "djvu=image/vnd.djvu": "djvu djv",
            "7z=7z": "7z",
            "gzip=gzip": "gz tgz",
            "bzip2=bzip2": "bz2 tbz2",
            "xz=xz": "xz txz",
            "zstd=zstd": "zst",
            "rar=rar": "rar",
            "tar=tar": "tar",
            "audio=audio": "mp3 wav flac ogg oga m4a aac aiff mid midi",
            "video=video": "mp4 m4v mov avi mkv webm wmv mpg mpeg",
            "executable=executable": "exe dll so dylib o class wasm",
            "sqlite=SQLite database": "sqlite sqlite3 db",
            "parquet=Parquet": "parquet",
            "font=font": "ttf otf ttc woff woff2",
            "mobi=Mobipocket book": "mobi azw azw3 prc",
            "chm=compiled HTML help": "chm",
            "binary=binary data": "bin dat",
        },
    )
)

# After the others: of files named .xml it is the rarest.
_LATER = _table("text", {"fb2=FictionBook": "fb2 xml"}, readable=True)

FORMATS: dict[str, Format] = {each.name: each for each in (*_READABLE, *_NAMED, *_LATER)}


def formats_of_extension(extension: str) -> tuple[Format, ...]:
    """The formats that an extension (lower case, no dot) may stand for, the likeliest first; none for an unknown one."""
    return _BY_EXTENSION.get(extension, ())


def _by_extension() -> dict[str, tuple[Format, ...]]:
    found: dict[str, tuple[Format, ...]] = {}
    for each in FORMATS.values():
        for extension in each.extensions:
            found[extension] = (*found.get(extension, ()), each)
    return found


_BY_EXTENSION = _by_extension()
