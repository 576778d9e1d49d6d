"""IP addresses, version 4 (RFC 791, dotted) and 6 (RFC 4291, 2.2).

Four small numbers with points are rather a version or a section than an address, unless a word before says that it is one.
"""

import ipaddress
import re
from collections.abc import Iterator

from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import words_before

_V4_MIDDLE = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_V4 = re.compile(r"(?<![\w.])(?<![\w][-/.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w])(?!\.[0-9])(?!-[0-9])")
_V6_MIDDLE = re.compile(r":[0-9A-Fa-f]{0,4}:")
_V6_CHARACTERS = re.compile(r"[0-9A-Fa-f:.]{0,45}")
_LONGEST_V6 = 45  # characters, with a version 4 address at the end
_SECTION_LIKE = 32  # numbers that are all below this are those of a version or a section
_NOT_ONE = re.compile(
    r"(?:\bv|ver\.?|version\w*|release\w*|build|firmware|driver|patch|section|sect?\.|§|chapter|clause|abschnitt|kapitel|"
    r"artikel|article|paragraph|rev\.?|revision|table|figure|oid|assembly|sdk)[ :=\"']{0,3}(?:of|no\.?|number)?[ :=\"']{0,3}$"
)
_IS_ONE = re.compile(
    r"\b(?:ip|ipv4|addr\w*|host\w*|server\w*|ping|dns|gateway|client|from|nameserver|router|adresse|dirección)"
    r"(?: is| at| address)?[ \t]?[:=]?[ \t\"'`(\[]{0,4}$"
)


def find(text: str, local: bool = False) -> Iterator[Finding]:
    """Addresses in a text. local: also those that say nothing about anybody (private, loopback, link-local, multicast)."""
    seen = -1
    for middle in _V4_MIDDLE.finditer(text):
        match = _V4.search(text, max(0, middle.start() - 3), middle.end() + 4)
        if match and match.start() > seen and _is_v4(text, match, local):
            seen = match.start()
            yield Finding("ip", match.start(), match.end())
    yield from _find_v6(text, local)


def _is_v4(text: str, match: re.Match[str], local: bool) -> bool:
    try:
        address = ipaddress.IPv4Address(match.group())
    except ValueError:
        return False
    before = words_before(text, match.start(), 30)
    if _NOT_ONE.search(before) or re.match(r"\.[0-9]|[0-9]|\w", text[match.end() : match.end() + 2]):
        return False
    if max(address.packed) < _SECTION_LIKE and not _IS_ONE.search(before):
        return False
    return local or not _is_local(address)


def _find_v6(text: str, local: bool) -> Iterator[Finding]:
    done = 0
    for middle in _V6_MIDDLE.finditer(text):
        if middle.start() < done:
            continue
        head = _V6_CHARACTERS.match(text[max(0, middle.start() - _LONGEST_V6) : middle.start()][::-1])
        start = middle.start() - (len(head.group()) if head else 0)
        tail = _V6_CHARACTERS.match(text, start)
        written = tail.group().rstrip(".") if tail else ""
        if written.endswith(":") and not written.endswith("::"):
            written = written[:-1]
        end = start + len(written)
        done = max(end, middle.start() + 1)
        if not _touches(text, start, end) and _is_v6(written, local):
            yield Finding("ip", start, end)


def _touches(text: str, start: int, end: int) -> bool:
    """A letter or digit stands directly before or after."""
    return bool(re.match(r"\w", text[end : end + 1]) or re.match(r"\w", text[max(0, start - 1) : start]))


def _is_v6(written: str, local: bool) -> bool:
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return False
    first = written.partition(":")[0]
    # `a::b` is a name in a program; an address of a machine starts with 2000::/3, fc00::/7 or fe80::/10.
    if len(first) < 3 or not any(character.isdigit() for character in written):
        return bool(local and written == "::1")
    return local or not _is_local(address)


def _is_local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Says nothing about anybody. Documentation ranges (RFC 5737, 3849) are none of these: they stand for real addresses."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in _LOCAL_V4)
    return any(address in network for network in _LOCAL_V6)


# RFC 6890 and 1112.
_LOCAL_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
]
_LOCAL_V6 = [ipaddress.IPv6Network(network) for network in ("::/127", "fc00::/7", "fe80::/10", "ff00::/8")]
