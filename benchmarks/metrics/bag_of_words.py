"""TF1: how much of the words of a text was found, and how much of what was found belongs there.

Source: the quality harness of kreuzberg (tools/benchmark-harness/src/quality.rs): Markdown links and images reduced to their
text, lower case, split at white space, of each token its letters, digits and inner "." and "," kept, numbers without a
trailing ".0"; F1 of the two multisets of tokens.
"""

import re
from collections import Counter

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_TRAILING_ZEROS = re.compile(r"\.0+$")


def tokens_of(text: str) -> Counter[str]:
    """The multiset of tokens that counts."""
    found: Counter[str] = Counter()
    for word in _LINK.sub(r"\1", text).lower().split():
        kept = "".join(character for character in word if character.isalnum() or character in ".,").strip(".,")
        if kept:
            found[_TRAILING_ZEROS.sub("", kept) if _is_number(kept) else kept] += 1
    return found


def measure_tf1(found: str, truth: str) -> float:
    """F1 of the token multisets; 1 when both are empty, 0 when one is."""
    ours, theirs = tokens_of(found), tokens_of(truth)
    total = sum(ours.values()) + sum(theirs.values())
    return 2 * sum((ours & theirs).values()) / total if total else 1.0


def _is_number(token: str) -> bool:
    return token.replace(",", "").replace(".", "", 1).isdigit()
