"""What the two binary formats of Excel have in common (Microsoft, MS-XLS and MS-XLSB): numbers, errors, formats of cells."""

import struct
from dataclasses import dataclass, field

from tasks.extraction.office.sheets import NumberFormat, built_in_format, number_format, show_number
from tasks.extraction.reading import CorruptError

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
_LAST_COLUMN = 16_384


@dataclass
class CellFormats:
    """How the numbers of a workbook's cells are shown.

    codes: of its own formats, by format number. styles: format number by style. epoch: year from which days are counted.
    """

    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    epoch: int = 1900
    _known: dict[int, NumberFormat] = field(default_factory=dict)

    def show(self, value: float, style: int) -> str:
        """A number in a cell of a style."""
        number = self.styles[style] if style < len(self.styles) else 0
        if number not in self._known:
            code = self.codes.get(number)
            self._known[number] = number_format(code) if code is not None else built_in_format(number)
        return show_number(value, self._known[number], self.epoch)


def rk_number(rk: int) -> float:
    """A number packed into 32 bits (MS-XLS 2.5.217): an integer of 30 bits or the upper half of a float, perhaps times 100."""
    if rk & 2:
        value: float = (rk >> 2) - (1 << 30 if rk & 0x80000000 else 0)
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", rk & 0xFFFFFFFC))[0]
    return value / 100 if rk & 1 else value


def truth(value: int) -> str:
    """A boolean as Excel shows it."""
    return "TRUE" if value else "FALSE"


def checked_column(column: int) -> int:
    """A 0-based column that a sheet can have. Raises CorruptError for another."""
    if column >= _LAST_COLUMN:
        raise CorruptError("a cell outside of the sheet")
    return column
