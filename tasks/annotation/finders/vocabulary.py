"""The words of words.yaml, by the name of their list."""

import functools
import re
from pathlib import Path

_FILE = Path(__file__).with_name("words.yaml")


@functools.lru_cache(maxsize=1)
def _lists() -> dict[str, list[str]]:
    import yaml

    # The base loader: all is text, also `no` and `on`. That of libyaml is ten times as fast, but not in every build of PyYAML.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    lists: dict[str, list[str]] = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=loader)
    return lists


@functools.cache
def words(name: str) -> frozenset[str]:
    """The words of a list. Raises KeyError."""
    return frozenset(_lists()[name])


@functools.cache
def alternation(name: str) -> str:
    """The words of a list as alternatives of a regular expression, the longest first. Raises KeyError."""
    return "|".join(re.escape(word) for word in sorted(_lists()[name], key=lambda word: (-len(word), word)))
