"""Encoding damage: text that was decoded with a wrong encoding ("donâ€™t", "cafÃ©") is decoded again with the right one.

Source: ftfy 6.3 (Robyn Speer, Apache-2.0), whose heuristic finds such text and tries the encodings that are usually confused.
Only its repair of encodings is used: not its changes of quotes, widths, ligatures or entities.
"""

import re

REPLACEMENT = "\ufffd"
# Wrongly decoded text always has a control character of Latin-1 or two characters in a row that are not ASCII. Measured: a
# hundred times as fast as the heuristic, to which only the lines with such a place go.
_SIGN = re.compile("[\x80-\x9f]|[^\x00-\x7f]{2}")
# UTF-8 read as Windows-1252 or Latin-1: quotation marks and dashes; Latin letters; no-break space and signs.
_COMMON = re.compile("\u00e2(?:\u20ac|\x80).|\u00c3[\u00a0-\u00bf\u0192\u2018-\u201e\x80-\x9f]|\u00c2[\u00a0-\u00bb\xad]")


def repair_encoding(text: str) -> str:
    """The text with damaged lines decoded again. Line by line, since a text can be pasted together from several."""
    if text.isascii():
        return text
    lines = text.split("\n")
    for index in _suspicious(lines):
        lines[index] = _repair(lines[index])
    return "\n".join(lines)


def count_damage(text: str) -> int:
    """Places that look like text decoded with a wrong encoding."""
    if text.isascii():
        return 0
    from ftfy.badness import badness

    lines = text.split("\n")
    return sum(badness(lines[index]) for index in _suspicious(lines))


def _suspicious(lines: list[str]) -> list[int]:
    return [index for index, line in enumerate(lines) if not line.isascii() and _SIGN.search(line)]


def _repair(line: str) -> str:
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import is_bad

    if not is_bad(line):
        return line
    # The repair of single places within sound text guesses more: only where a place is one of the common kinds.
    options = TextFixerConfig(unescape_html=False, replace_lossy_sequences=False, decode_inconsistent_utf8=False)
    repaired = fix_encoding(line, options)
    if repaired == line and _COMMON.search(line):
        repaired = fix_encoding(line, options._replace(decode_inconsistent_utf8=True))
    return line if "\n" in repaired or "\f" in repaired else repaired
