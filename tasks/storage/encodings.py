"""Which encoding the first bytes of a text are in, or that they are no text at all."""

import codecs
import re

# Offered to charset-normalizer: what documents are written in. Unrestricted, it names rare code pages for short texts.
_LEGACY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_15", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_CONTROL = bytes({*range(0x20), 0x7F} - {0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
_ASCII = bytes(range(0x80))
_SAMPLE_BYTES = 16 * 1024
MAX_CONTROL_SHARE = 0.01  # of bytes; a text may hold a stray one
_ZEROS_OF_UTF16 = 0.3  # at least this share of one byte of each pair is zero where a text is mostly Latin
_NO_TEXT = {"utf-7", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}


def sniff_encoding(head: bytes, complete: bool) -> str | None:
    """The encoding of the text that `head` begins, as Python names it; None when it is no text.

    complete: `head` is the whole file. ASCII is reported as UTF-8, because the rest of the file may need it.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name if decodes(head, name, complete=False) else None  # files end in half a character now and then
    if b"\0" in head:
        return _utf16_without_mark(head, complete)
    control = len(head) - len(head.translate(None, _CONTROL))
    if control > MAX_CONTROL_SHARE * len(head) and not (control == 1 and decodes(head, "utf-8", complete)):
        return None
    if decodes(head, "utf-8", complete):
        declared = _declared(head)
        # ISO 2022 hides other alphabets behind escapes in what looks like ASCII.
        return declared if declared and declared.startswith("iso2022") and b"\x1b" in head else "utf-8"
    declared = _declared(head)
    if declared and declared != "utf-8" and decodes(head, declared, complete):
        return declared
    first = len(head) - len(head.lstrip(_ASCII))  # ASCII says nothing, and the guess is costly
    return guess_legacy(head[max(0, first - _SAMPLE_BYTES // 4) : first + _SAMPLE_BYTES])


def guess_legacy(sample: bytes) -> str | None:
    """The likeliest legacy encoding of bytes that are not UTF-8, None when they look like no text in any."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_LEGACY), enable_fallback=False).best()
    if best is not None:
        return codecs.lookup(best.encoding).name
    high = sum(byte >= 0x80 for byte in sample)
    return "cp1252" if high < 0.2 * len(sample) else None


def decodes(head: bytes, encoding: str, complete: bool) -> bool:
    """Whether the bytes are valid in that encoding; a last character that is cut off counts as valid unless `complete`."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head, complete)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _declared(head: bytes) -> str | None:
    found = _DECLARED.search(head[:4096])
    if not found:
        return None
    try:
        codec = codecs.lookup(found.group(1).decode("ascii"))
    except (LookupError, ValueError):
        return None
    if codec.name in _NO_TEXT or not getattr(codec, "_is_text_encoding", True):
        return None
    # What calls itself Latin-1 or ASCII is Windows-1252 in practice (WHATWG Encoding Standard, section 4.2).
    return "cp1252" if codec.name in ("iso8859-1", "ascii") else codec.name


def _utf16_without_mark(head: bytes, complete: bool) -> str | None:
    pairs = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros >= _ZEROS_OF_UTF16 and others < 0.02 and decodes(head, name, complete):
            return name
    return None
