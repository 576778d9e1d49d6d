"""Steps on single characters. They apply to all of a text, tables and code included, because what they change is invisible.

Source: Unicode 15 character properties; the joiners' contexts follow Unicode Standard Annex 31, section 2.3 (ZWJ and ZWNJ
matter between letters of Indic and Arabic-type scripts), and Unicode Technical Standard 51 (emoji joined by ZWJ).
"""

import re
import unicodedata

# Blocks whose letters are shaped or divided by invisible characters: Arabic, Syriac, N'Ko and their extensions, the Indic
# blocks to Sinhala, Thai, Lao, Tibetan, Myanmar, Khmer, Mongolian, and the Arabic presentation forms.
_SHAPED = (
    "\u0600-\u07ff\u0860-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ua980-\ua9df"
    "\ufb50-\ufdff\ufe70-\ufefc"
)
_EMOJI = "\u2190-\u2199\u2600-\u27bf\u2b50\u2b55\ufe0f\U0001f000-\U0001faff"

# Most texts have none of what clean_controls changes; one look is faster than four.
_ASCII_CONTROL = re.compile("[\x00-\x08\x0b\x0d-\x1f\x7f]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0d-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\r\v\x1c-\x1e\x85\u2028\u2029]")
# pdfium writes these for a hyphen at the end of a line; a plain hyphen lets the hyphenation step decide.
_PDFIUM_HYPHEN = re.compile("[\x02\ufffe](?=[ \t]*(?:\n|$))")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # controls, without tab, line feed and form feed
    "\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f"  # direction marks and invisible operators
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"  # byte order mark, annotations, non-characters, lone surrogates
)
_JOINER = re.compile(
    f"(?<=[{_SHAPED}])[\u200b-\u200d](?=[{_SHAPED}])|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|(?P<idle>[\u200b-\u200d])"
)

_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"

_SOFT_HYPHEN_AT_LINE_END = re.compile("\u00ad[ \t]*\n[ \t]*(?=[^\\W\\d_])")

_SOFT_HYPHEN_IN_WORD = re.compile("(?<=\\w)\u00ad(?=\\w|[ \t]{0,20}\n[ \t]{0,20}\\w)")


def clean_controls(text: str) -> str:
    """Line ends become line feeds; control, zero-width and direction characters go. Form feeds (page ends) and tabs stay.

    ZWJ, ZWNJ and the zero-width space stay between letters of scripts that need them, ZWJ also between emoji.
    """
    if not (_ASCII_CONTROL if text.isascii() else _CONTROL).search(text):
        return text
    text = _LINE_END.sub("\n", text)
    text = _PDFIUM_HYPHEN.sub("-", text)
    text = _INVISIBLE.sub("", text)
    return _JOINER.sub(lambda match: "" if match["idle"] else match[0], text)


def clean_soft_hyphens(text: str) -> str:
    """Soft hyphens go; one at a line end takes the line end with it when a letter follows, since it divides a word."""
    return _SOFT_HYPHEN_AT_LINE_END.sub("", text).replace("\u00ad", "")


def write_soft_hyphens(text: str) -> str:
    """Soft hyphens between word characters become plain ones: on a printed page they are hyphens that are seen ("X-ray",
    "2017-2021"), and at a line end the hyphenation step decides. Others go."""
    return _SOFT_HYPHEN_IN_WORD.sub("-", text).replace("\u00ad", "") if "\u00ad" in text else text


def expand_ligatures(text: str) -> str:
    """The Latin presentation forms U+FB00 to U+FB06 become letters. Others (such as the French oe) are letters themselves."""
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    return text


def compose(text: str) -> str:
    """Unicode NFC, and spaces of every width become plain ones (the ideographic space, which is a layout of its own, stays)."""
    text = unicodedata.normalize("NFC", text)
    for space in _SPACES:
        text = text.replace(space, " ")
    return text
