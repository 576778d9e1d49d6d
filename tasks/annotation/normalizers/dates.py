"""Dates in words and figures to ISO 8601 days (YYYY-MM-DD)."""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.annotation.schema import FieldSpec

# Names of the months in English, German, French, Spanish, Italian, Portuguese and Dutch; also shortened, a period may follow.
_MONTH_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb febr februar février févr fevrier febrero febbraio fevereiro fev februari",
    "march mar märz maerz mars marzo março marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sept sep septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_DAY_WORDS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh",
    "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip
DAYS = {word: number for number, word in enumerate(_DAY_WORDS, 1)}
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_NUMBERS = {word: number for number, word in enumerate(_UNITS)} | _TENS


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_MONTH = rf"(?P<month>{_any_of(MONTHS)})\b\.?"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)(?!\d)"
_YEAR_WORDS = rf"(?P<year_words>(?:nineteen|twenty|two\s+thousand)(?:[\s-]+(?:hundred|and|{_any_of(_NUMBERS)}))*)\b"
_ORDINAL = r"(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h|er|º|°)\b)?"
_DAY_WORD = rf"(?P<day_word>{_any_of(DAYS)})\b".replace("-", r"[\s-]")
_DAY = r"(?<![\d.,/-])(?P<day>\d{1,2})" + _ORDINAL
# Possessive: white space is never given back, so that a run of blanks after a number costs no more than its length.
_LINK = r"\s*+(?:\(\d{1,2}(?:st|nd|rd|th)?\)\s*+)?(?:day\s*+)?(?:of\s*+|de\s++|del\s++)?(?:the\s++month\s++of\s++)?[.,]?\s*+"
_TO_YEAR = r"[\s,]*+(?:of\s++|de\s++|del\s++|in\s++the\s++year\s++(?:of\s++)?)?(?:the\s++year\s++)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:\b"
        + _DAY_WORD
        + "|"
        + _DAY
        + ")"
        + _LINK
        + r"(?<!\w)"
        + _MONTH
        + _TO_YEAR
        + "(?:"
        + _YEAR
        + "|"
        + _YEAR_WORDS
        + ")",
        r"\b" + _MONTH + r"\s*(?:the\s+)?(?:" + _DAY_WORD + r"|(?P<day>\d{1,2})(?!\d)" + _ORDINAL + r")[\s,.]*(?:of\s+)?" + _YEAR,
        r"(?<![\d./-])" + _YEAR + r"\s*(?P<mark>[-/.])\s*(?P<middle>\d{1,2})\s*(?P=mark)\s*(?P<last>\d{1,2})(?![\d/-])",
        r"(?<![\d./-])(?P<one>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<short>(?:19|20)\d\d|(?<=\d\d\.\d\d\.)\d\d"
        r"|(?<=[/-])\d\d)(?![\d/-]|\.\d)",
        _YEAR + r"\s*年\s*(?P<middle>\d{1,2})\s*月\s*(?P<last>\d{1,2})\s*日",
    )
)
_SHORT_YEAR_PIVOT = 70  # two figures from here on are of the last century


@dataclass(frozen=True)
class DateFound:
    """A day that stands in a text; end exclusive. value: ISO day."""

    start: int
    end: int
    value: str


def normalize_date(text: str, _field: FieldSpec) -> str | None:
    """The ISO day of a date. A text that is no date for the patterns goes to dateparser with the languages of their month names;
    incomplete dates (no day, month or year) give None."""
    found = next(dates_in(text), None)
    return found.value if found else _by_dateparser(text)


def _by_dateparser(text: str) -> str | None:
    if not any(letter.isdigit() for letter in text):
        return None
    import dateparser

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True, "PARSERS": ["absolute-time"]}
    day = dateparser.parse(text.strip(), languages=["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru"], settings=settings)
    return day.date().isoformat() if day else None


def dates_in(text: str, day_first: bool = False) -> Iterator[DateFound]:
    """Complete dates in the order of the text, without overlaps. day_first: how 3/4/2001 is read."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if value := _iso(match.groupdict(), day_first):
                found.append(DateFound(match.start(), match.end(), value))
    end = 0
    for date in sorted(found, key=lambda date: (date.start, -date.end)):
        if date.start >= end:
            yield date
            end = date.end


def _iso(parts: dict[str, str | None], day_first: bool) -> str | None:
    try:
        return datetime.date(*_numbers(parts, day_first)).isoformat()
    except ValueError:  # 30 February, or no date at all, such as 1.2.99 of a section
        return None


def _numbers(parts: dict[str, str | None], day_first: bool) -> tuple[int, int, int]:
    """Year, month and day."""
    given = {name: part for name, part in parts.items() if part}
    if "middle" in given:
        return int(given["year"]), int(given["middle"]), int(given["last"])
    if "one" in given:
        one, other, year = int(given["one"]), int(given["other"]), int(given["short"])
        if year < 100:
            year += 1900 if year >= _SHORT_YEAR_PIVOT else 2000
        european = day_first or given["mark"] == "."
        month, day = (other, one) if one > 12 or (european and other <= 12) else (one, other)
        return year, month, day
    day = DAYS["-".join(re.split(r"[\s-]+", given["day_word"].casefold()))] if "day_word" in given else int(given["day"])
    year = int(given["year"]) if "year" in given else _year_of(given["year_words"])
    return year, MONTHS[given["month"].casefold()], day


def _year_of(words: str) -> int:
    """ "nineteen hundred and ninety-nine", "two thousand and one", "twenty twelve" as a number."""
    numbers = [word for word in re.split(r"[\s-]+", words.casefold()) if word not in {"and", ""}]
    if "thousand" in numbers:
        return 2000 + sum(_NUMBERS.get(word, 0) for word in numbers[numbers.index("thousand") + 1 :])
    return _NUMBERS[numbers[0]] * 100 + sum(_NUMBERS.get(word, 0) for word in numbers[1:])
