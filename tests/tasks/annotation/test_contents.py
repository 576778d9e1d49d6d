import pytest

from tasks.annotation.contents import beginning_of
from tasks.annotation.schema import choose_schema, load_schema

SCHEMAS = tuple(load_schema(name) for name in ("contract", "invoice", "resume", "generic"))
AGREEMENT = """THIS AGREEMENT is made on 1 May 2020 by and between Oakline Joinery Ltd and Fenwick Homes plc, hereinafter parties.

WHEREAS the supplier delivers pursuant to orders, the parties agree as follows.
"""
TITLES = ("Definitions", "Grant of Rights", "Term and Termination of Rights", "Fees", "Notices", "Insurance of Goods")
LEADERS = "\n".join(f"{number}.A.  {title}{'.' * 40}{number + 3}" for number, title in enumerate(TITLES * 20, 1))
GAPS = "\n\n".join(f"Article {number}  {title}     {number + 3}" for number, title in enumerate(TITLES * 20, 1))
TABLE = "\n".join(f"| {number}. {title} | {number + 3} |" for number, title in enumerate(TITLES * 40, 1))
ONE_LINE = "\n\n".join(
    "   ".join(f"{chapter}.{number} {title}" for number, title in enumerate(TITLES, 1)) for chapter in range(1, 40)
)


@pytest.mark.parametrize(
    "contents",
    [
        f"Table of Contents\n\n{LEADERS}",
        f"LEASE      TABLE OF CONTENTS\n\n{GAPS}",
        f"## Inhaltsverzeichnis\n\n{TABLE}",
        f"CONTENTS\n\n{ONE_LINE}\n\n                 ii\n\n{GAPS}",
        LEADERS,
    ],
)
def test_what_stands_behind_a_table_of_contents_says_what_a_text_is(contents: str) -> None:
    text = f"Supply of doors\n\n{contents}\n\n{AGREEMENT}"
    assert len(contents) > 3000
    assert beginning_of(text, 1000).split() == f"Supply of doors {AGREEMENT}".split() or contents.startswith("LEASE")
    assert choose_schema(text * 2, SCHEMAS).name == "contract"


@pytest.mark.parametrize(
    "text",
    [
        AGREEMENT,
        "Invoice no.     12\nDoor     3\nHinge     24\nTotal     36\nItem 1. Handle     4\nItem 2. Lock     7\n",
        "1. The seller delivers.   2\n\n2. The buyer pays what was agreed on within thirty days.   3\n\n3. This ends.   4\n",
        "The contents of the box are three doors.\n\n1. Door\n2. Hinge\n",
        "Name ........... 1\nTown ........... 2\n",
    ],
)
def test_other_lists_stay(text: str) -> None:
    assert beginning_of(text, 6000) == text


def test_a_beginning_has_at_most_the_characters_asked_for() -> None:
    assert beginning_of("ab\n" * 100, 50) == ("ab\n" * 100)[:50]
    assert beginning_of("", 50) == ""
