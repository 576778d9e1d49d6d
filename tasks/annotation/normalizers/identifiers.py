"""Identifiers: numbers of documents, of accounts, of taxpayers and of telephones."""

import re

from tasks.annotation.schema import FieldSpec

SHORTEST_PHONE, LONGEST_PHONE = 6, 15  # digits; 15 by E.164
_EXTENSION = re.compile(r"(?i)\s*\b(?:ext|x|durchwahl|poste)\b")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
# Prefix of the country and what follows, by the Commission's VAT information exchange system, and the United Kingdom's,
# Norway's and Switzerland's own. Only the shape: most countries publish no check digit.
VAT_SHAPES = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CH": r"E\d{9}(?:MWST|TVA|IVA)?", "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}", "GB": r"\d{9}(?:\d{3})?", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}", "LT": r"\d{9}(?:\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(?:MVA)?", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}",
}  # fmt: skip


def normalize_identifier(text: str, field: FieldSpec) -> str | None:
    """Upper case, without white space and the marks around it."""
    return "".join(text.split()).strip("#*_`'\"“”:;,.|()[]").upper() or None


def normalize_iban(text: str, field: FieldSpec) -> str | None:
    """Without blanks; None when the shape or the check digits of ISO 13616 (modulo 97) are wrong."""
    plain = re.sub(r"[\s-]", "", text).upper()
    return plain if is_iban(plain) else None


def is_iban(plain: str) -> bool:
    """Whether a text without blanks is an IBAN, by shape and check digits (ISO 13616, ISO 7064 MOD 97-10)."""
    return bool(_IBAN.fullmatch(plain)) and int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def normalize_vat_id(text: str, field: FieldSpec) -> str | None:
    """Without blanks, dots and dashes; None when it has no country's shape."""
    plain = re.sub(r"[\s.\-]", "", text).upper()
    shape = VAT_SHAPES.get(plain[:2])
    return plain if shape and re.fullmatch(shape, plain[2:], re.ASCII) else None


def normalize_phone(text: str, field: FieldSpec) -> str | None:
    """E.164 (`+447700900123`) where the country is written, bare digits otherwise; None for what has no 6 to 15 digits."""
    import phonenumbers

    plain = _EXTENSION.split(text.replace("(0)", ""))[0]
    digits = re.sub("[^0-9]", "", plain)
    if "+" in plain[: plain.find(digits[:1])] or digits.startswith("00"):
        try:
            number = phonenumbers.parse(f"+{digits.lstrip('0')}", None)
        except phonenumbers.NumberParseException:
            return None
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return written if SHORTEST_PHONE <= len(written) - 1 <= LONGEST_PHONE else None
    return digits if SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE else None
