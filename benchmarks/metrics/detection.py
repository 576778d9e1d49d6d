"""Whether a detected format is the one that a corpus names by an extension or by another name."""

# What a corpus calls it: the canonical name in tasks/detection/formats.py. Only true synonyms: extensions of one format.
_ALIASES = {
    **{"htm": "html", "xhtml": "html"},
    **{"md": "markdown", "commonmark": "markdown", "mdx": "markdown", "gfm": "markdown"},
    **{"txt": "text", "log": "text"},
    **{"latex": "tex", "typ": "typst", "adoc": "asciidoc", "dj": "djot", "rest": "rst"},
    **{"nxml": "jats", "dbk": "docbook", "docbook5": "docbook"},
    **{"yml": "yaml", "ndjson": "jsonl"},
    **{"enw": "bibliography", "bib": "bibliography", "ris": "bibliography", "nbib": "bibliography"},
    **{"srt": "subtitles", "vtt": "subtitles", "ics": "calendar", "vcf": "vcard"},
    **{"rss": "feed", "atom": "feed"},
    **{"ppsx": "pptx", "pptm": "pptx", "docm": "docx", "dotx": "docx", "xlsm": "xlsx", "xltx": "xlsx", "ott": "odt"},
    **{"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff"},
    **dict.fromkeys(("j2c", "j2k", "jpx", "jpm", "jpf"), "jp2"),
    **dict.fromkeys(("pbm", "pgm", "ppm", "pam"), "pnm"),
    **dict.fromkeys(("heic", "heif", "avif"), "heif"),
    **{"tgz": "gzip", "gz": "gzip", "tbz2": "bzip2", "bz2": "bzip2", "txz": "xz", "zst": "zstd"},
}
# A name that covers others: a corpus that says "xml" or "json" is not contradicted by the vocabulary that it is written in.
_COVERS = {"xml": {"docbook", "jats", "fb2", "tei", "feed", "opml", "svg"}}


def same_format(found: str | None, named: str) -> bool:
    """Whether `found`, a canonical name or None, is the format that a corpus names `named`."""
    wanted = _ALIASES.get(named.lower(), named.lower())
    return found == wanted or found in _COVERS.get(wanted, set())
