"""Amounts of money, numbers and percentages."""

from decimal import Decimal

from tasks.annotation.amounts import parse_money, parse_number
from tasks.annotation.schema import FieldSpec


def normalize_money(text: str, field: FieldSpec) -> str | None:
    """`1234.50 EUR`: two decimals and the code of ISO 4217, which is left out where no currency is written."""
    parsed = parse_money(text)
    if parsed is None:
        return None
    amount, currency = parsed
    return f"{amount:f} {currency}" if currency else f"{amount:f}"


def normalize_number(text: str, field: FieldSpec) -> str | None:
    """A plain decimal number with a dot and no needless zeros: `1,250.50 kg` is `1250.5`."""
    number = parse_number(text)
    return None if number is None else _plain(number)


def normalize_percent(text: str, field: FieldSpec) -> str | None:
    """`8.25%`."""
    number = parse_number(text)
    return None if number is None else f"{_plain(number)}%"


def _plain(number: Decimal) -> str:
    written = f"{number:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in {"", "-0", "-"} else written
