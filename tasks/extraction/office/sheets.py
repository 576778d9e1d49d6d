"""Spreadsheets as text: a sheet is a heading and a table, in bounded parts, with values as a person sees them.

A sheet is bounded by what is in it, not by the corner of its last cell: rows and columns without content are left out.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tasks.extraction.texts import table_row

_CELL = 3  # characters that a cell takes in a table besides its text
_NOT_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)  # [h] is elapsed time
_DAYS = {1900: datetime.datetime(1899, 12, 30), 1904: datetime.datetime(1904, 1, 1)}
_LAST_DAY = 2_957_003  # 9999-12-31 when days are counted from 1904
# Formats that a number names without spelling them out (ECMA-376 part 1, 18.8.30).
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), *range(34, 37), *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
    9: "0%",
    10: "0.00%",
}


@dataclass(frozen=True)
class NumberFormat:
    """How a number is shown. date, clock: the parts of a moment. decimals: of a percentage."""

    kind: Literal["number", "moment", "elapsed", "percent"] = "number"
    date: bool = False
    clock: bool = False
    decimals: int = 0


def number_format(code: str) -> NumberFormat:
    """What a format code says, such as "0.0%", "d/m/yy h:mm", "[h]:mm" or "#,##0.00"."""
    if code.strip().lower() in ("general", "standard", "@"):
        return NumberFormat()
    bare = _NOT_CODE.sub("", code).split(";")[0].lower()
    if "%" in bare:
        return NumberFormat("percent", decimals=len(re.findall(r"[0#?]", bare.partition(".")[2])))
    if "[" in bare:
        return NumberFormat("elapsed")
    date = "y" in bare or "d" in bare or ("m" in bare and "h" not in bare and "s" not in bare)
    clock = "h" in bare or "s" in bare
    return NumberFormat("moment", date, clock) if date or clock else NumberFormat()


def built_in_format(number: int) -> NumberFormat:
    """The format of a number that stands for one."""
    return number_format(_BUILT_IN.get(number, "general"))


def show_number(value: float, shown_as: NumberFormat, epoch: int = 1900) -> str:
    """A number as a person sees it: moments by ISO 8601, percentages rounded as the format says, else at most 15 digits."""
    if shown_as.kind == "percent":
        return f"{value * 100:.{min(shown_as.decimals, 15)}f}%"
    if shown_as.kind == "moment" and 0 <= value <= _LAST_DAY:
        return _show_moment(value, shown_as, epoch)
    if shown_as.kind == "elapsed" and abs(value) <= _LAST_DAY:
        seconds = round(abs(value) * 86_400)
        return f"{'-' if value < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if value == value // 1 and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _show_moment(value: float, shown_as: NumberFormat, epoch: int) -> str:
    days = value + 1 if epoch == 1900 and value < 60 else value  # Excel counts a 29 February 1900, which there was not
    moment = _DAYS[epoch] + datetime.timedelta(seconds=round(days * 86_400))
    clock = moment.strftime("%H:%M:%S") if moment.second else moment.strftime("%H:%M")
    if not shown_as.date:
        return clock
    day = f"{moment.year:04}-{moment:%m-%d}"
    return f"{day} {clock}" if shown_as.clock else day


def sheet_tables(name: str, rows: Iterable[Mapping[int, str]], limit: int) -> Iterator[str]:
    """A sheet as texts of at most about `limit` characters, each with the heading and the first row as header.

    rows: column -> text of the cells that have one, column by column from the left; holds no more than a text's rows.
    """
    header: Mapping[int, str] | None = None
    waiting: list[Mapping[int, str]] = []
    columns: set[int] = set()
    size = 0
    for row in rows:
        if not row:
            continue
        added = sum(map(len, row.values()))
        if header is None:
            header, columns, size = row, set(row), added
            continue
        wider = columns | row.keys()
        if waiting and size + added + (len(waiting) + 3) * (len(wider) + 1) * _CELL > limit:
            yield _table(name, header, waiting, columns)
            waiting, wider, size = [], header.keys() | row.keys(), sum(map(len, header.values()))
        waiting.append(row)
        columns, size = wider, size + added
    if header is not None:
        yield _table(name, header, waiting, columns)


def _table(name: str, header: Mapping[int, str], rows: Iterable[Mapping[int, str]], columns: set[int]) -> str:
    order = sorted(columns)
    lines = [table_row([row.get(column, "") for column in order]) for row in (header, *rows)]
    heading = [f"## {' '.join(name.split())}", ""] if name.strip() else []
    return "\n".join([*heading, lines[0], "|" + " --- |" * len(order), *lines[1:]])
