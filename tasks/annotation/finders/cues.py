"""Words before a place that speak for it."""

import re

_DIGITS = re.compile(r"\d")
REACH = 40  # characters before a value in which a cue counts


def cue_before(text: str, start: int, cues: tuple[str, ...]) -> str:
    """The cue that ends nearest before a place, on the same line, as whole words and without digits between; "" for none."""
    if not cues:
        return ""
    reach = max(start - REACH, 0)
    left = max(reach, text.rfind("\n", reach, start) + 1)
    before = _DIGITS.split(text[left:start].casefold())[-1]
    best = (-1, "")
    for cue in cues:
        at = before.rfind(cue.casefold())
        whole = at >= 0 and not before[at - 1 : at].isalnum() and not before[at + len(cue) : at + len(cue) + 1].isalnum()
        if whole:
            best = max(best, (at + len(cue), cue))
    return best[1]
