import re
from pathlib import Path

import pytest

from tasks.annotation.finders import vocabulary
from tasks.annotation.finders.vocabulary import alternation, words

FOLDER = Path(vocabulary.__file__).parent


def test_all_entries_are_texts_that_finders_ask_for() -> None:
    lists = vocabulary._lists()
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    asked = set(re.findall(r"(?:words|alternation)\([\"'](\w+)[\"']\)", code))
    assert asked == set(lists)
    for name, entries in lists.items():
        assert entries, name
        assert all(isinstance(entry, str) and entry.strip() == entry != "" for entry in entries), name
        assert len(entries) == len(set(entries)), (name, sorted(entry for entry in entries if entries.count(entry) > 1))


def test_alternatives_are_escaped_and_the_longest_comes_first() -> None:
    pattern = re.compile(alternation("titles_short"))
    assert pattern.fullmatch("Sig.ra")
    assert not pattern.fullmatch("Sigxra")
    assert alternation("titles").split("|")[-1] == "Sir"


def test_an_unknown_list_is_no_empty_one() -> None:
    with pytest.raises(KeyError):
        words("nothing")
