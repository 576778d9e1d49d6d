"""Numbers that pleadings, bills and code listings print in the margin, before every line."""

import re
from collections.abc import Sequence
from itertools import islice

from tasks.normalization.blocks import Kind, classify_lines

LEAST_RUN = 8  # lines in a row whose numbers count
LEAST_CONTINUED = 0.4  # of them go on in lower case; the rows of a ranking begin with capitals
_NUMBERED = re.compile(r"[ \t]{0,12}([0-9]{1,5})(?:[ \t]+(?=\S)|[ \t]*$)")
_SIGN = re.compile(r"\n[ \t]{0,12}[0-9]{1,5}[ \t\n]")


def remove_line_numbers(text: str) -> str:
    """The text without the numbers of lines: 8 lines or more in a row that count by one and go on from one to the next.

    Numbered lists and tables stay.
    """
    if sum(1 for _ in islice(_SIGN.finditer(text), LEAST_RUN - 1)) < LEAST_RUN - 1:
        return text
    lines = text.split("\n")
    matches = [_NUMBERED.match(line) for line in lines]
    kinds = classify_lines(lines)
    filled = [index for index, line in enumerate(lines) if line.strip()]
    run: list[int] = []
    for index in [*filled, None]:
        match = matches[index] if index is not None and kinds[index] is Kind.TEXT else None
        if match and run and int(match[1]) == int(matches[run[-1]][1]) + 1:  # type: ignore[index]
            run.append(index)  # type: ignore[arg-type]
            continue
        _strip_run(lines, run)
        run = [index] if match and index is not None else []
    return "\n".join(lines)


def _strip_run(lines: list[str], run: Sequence[int]) -> None:
    if len(run) < LEAST_RUN:
        return
    stripped = [_NUMBERED.sub("", lines[index], count=1) for index in run]
    words = [line for line in stripped if line]
    continued = sum(line[0].islower() for line in words)
    if continued < LEAST_CONTINUED * len(run) or sum(map(bool, map(_NUMBERED.match, words))) >= LEAST_RUN:
        return  # a ranking, or a table of numbers
    for index, line in zip(run, stripped, strict=True):
        lines[index] = line
