"""Numbers and amounts of money as people write them: patterns that finders look for, and what they mean.

Codes of currencies are those of ISO 4217. A single mark before exactly three digits is ambiguous between languages: a comma
separates thousands; a dot does so in amounts of money (which have two decimals, hardly ever three) and not in other numbers.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

LARGEST_DIGITS = 30  # of a number that is still read as one
SHORTEST_SCALE = 3  # letters of a word of scale behind a number that is no money

CODES = [
    "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "GHS",
    "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "KWD", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN",
    "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "UYU",
    "VND", "ZAR",
]  # fmt: skip
SYMBOLS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD",
    "MX$": "MXN", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB",
    "₺": "TRY", "₪": "ILS", "₫": "VND", "₱": "PHP", "₦": "NGN", "₴": "UAH", "zł": "PLN", "Kč": "CZK",
    "Fr.": "CHF", "SFr.": "CHF",
}  # fmt: skip
WORDS = {
    "euro": "EUR", "euros": "EUR", "dollars": "USD", "dollar": "USD", "us dollars": "USD", "dólares": "USD", "dollari": "USD",
    "pounds sterling": "GBP", "pounds": "GBP", "swiss francs": "CHF", "schweizer franken": "CHF", "franken": "CHF",
    "yen": "JPY", "rupees": "INR", "zloty": "PLN", "kronor": "SEK", "rubles": "RUB", "yuan": "CNY",
}  # fmt: skip
SCALES = {
    "thousand": 3, "tausend": 3, "mille": 3, "mil": 3, "k": 3,
    "million": 6, "millions": 6, "millionen": 6, "mio.": 6, "mio": 6, "millón": 6, "millones": 6, "milioni": 6, "milione": 6,
    "miljoen": 6, "milhões": 6, "milhão": 6, "m": 6, "mn": 6,
    "billion": 9, "billions": 9, "bn": 9, "milliarde": 9, "milliarden": 9, "milliard": 9, "milliards": 9, "mrd.": 9, "mrd": 9,
    "miljard": 9, "miliardi": 9,
}  # fmt: skip

_SPACE = "[ \u00a0\u202f\u2009]"


def _one_of(words: list[str] | dict[str, str] | dict[str, int]) -> str:
    """An alternation, longest first, so that `US$` is not read as `$`."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


# Thousands in groups of three, then decimals; or digits with decimals. The dash of `212.000,-` stands for no cents.
_GROUPS = rf"\d{{1,3}}(?:(?:{_SPACE}|[.,'\u2019])\d{{3}}){{1,8}}(?!\d)(?:[.,](?:\d{{1,4}}(?!\d)|[-\u2013\u2014]))?"
NUMBER = rf"(?:{_GROUPS}|\d{{1,15}}(?:[.,](?:\d{{1,6}}(?!\d)|[-\u2013\u2014]))?)"
_SCALE = rf"(?:{_SPACE}?(?i:{_one_of(SCALES)})(?![^\W\d_]))?"
_BEFORE = rf"(?:(?<![^\W_])(?:{'|'.join(CODES)})(?![^\W\d_])|(?<!\w)(?:{_one_of(SYMBOLS)}))"
_AFTER = rf"(?:(?:{'|'.join(CODES)})(?!\w)|(?:{_one_of(SYMBOLS)})(?!\w)|(?i:{_one_of(WORDS)})(?!\w))"
_SIGN = r"(?:(?<![\w.])[-\u2212](?=[^\s\d]?\d))?"
# With a currency on either side.
MONEY = re.compile(
    rf"{_SIGN}{_BEFORE}{_SPACE}?[-\u2212]?{NUMBER}{_SCALE}|(?<![\w.,]){_SIGN}{NUMBER}{_SCALE}{_SPACE}?(?:d['\u2019]|(?:de|di|of){_SPACE})?{_AFTER}"
)
PLAIN = re.compile(rf"(?<![\w.,]){_SIGN}{NUMBER}(?![\w%])")
_PER_CENT = r"(?:%|(?i:percent|per cent|prozent|procent|por ciento|pour cent|per cento)(?!\w))"
PERCENT = re.compile(rf"(?<![\w.,])[-\u2212]?\d{{1,3}}(?:[.,]\d{{1,4}})?{_SPACE}?{_PER_CENT}")

_CURRENCY = re.compile(rf"{_BEFORE}|(?<![^\W\d_]){_AFTER}")
_IN_TEXT = re.compile(NUMBER)
_SCALE_AFTER = re.compile(rf"{_SPACE}?((?i:{_one_of(SCALES)}))(?![^\W\d_])")


def parse_number(text: str, money: bool = False) -> Decimal | None:
    """The first number of a text, with the word of scale after it (`14.2 million`); None when there is none."""
    found = _IN_TEXT.search(text)
    if not found:
        return None
    scale = _SCALE_AFTER.match(text, found.end())
    if scale and not money and len(scale[1]) < SHORTEST_SCALE:
        scale = None  # `5 m` is a length
    number = _decimal(found.group(), dot_groups=money and not scale)
    if number is None:
        return None
    negative = text[: found.start()].rstrip().endswith(("-", "\u2212")) or (
        text.lstrip().startswith("(") and text.rstrip().endswith(")")
    )
    return (-number if negative else number).scaleb(SCALES[scale[1].lower()] if scale else 0)


def _decimal(written: str, dot_groups: bool) -> Decimal | None:
    """A number as it stands in a text. dot_groups: whether a dot before three digits separates thousands."""
    digits = re.sub(r"[^\d.,]", "", written).rstrip(".,")
    if sum(map(str.isdigit, digits)) > LARGEST_DIGITS:
        return None
    whole, mark, behind = _at_last_mark(digits)
    several = digits.count(mark) > 1 if mark else False
    ambiguous = len(behind) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0" and (mark == "," or dot_groups)
    plain = re.sub("[.,]", "", whole)
    try:
        return Decimal(plain + behind if several or ambiguous else f"{plain}.{behind}" if mark else digits)
    except InvalidOperation:
        return None


def _at_last_mark(digits: str) -> tuple[str, str, str]:
    """What stands before the last dot or comma, the mark itself, and what stands behind it; ("", "", "") without marks."""
    last = max(digits.rfind("."), digits.rfind(","))
    return (digits[:last], digits[last], digits[last + 1 :]) if last >= 0 else ("", "", "")


def parse_money(text: str) -> tuple[Decimal, str | None] | None:
    """Amount, rounded to cents, and code of the currency, None when none is written; None when there is no number."""
    amount = parse_number(text, money=True)
    return None if amount is None else (amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN), currency_of(text))


def currency_of(text: str) -> str | None:
    """ISO 4217 code of the first currency in a text; a plain `$` is taken for the dollar of the United States."""
    found = _CURRENCY.search(text)
    if not found:
        return None
    written = found.group()
    return SYMBOLS.get(written) or WORDS.get(written.casefold()) or written
