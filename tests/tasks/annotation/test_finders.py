import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.annotation.document import TextDocument
from tasks.annotation.finders import FINDERS, OF_TYPE, load_finder
from tasks.annotation.schema import FieldSpec, shipped_schemas

LABELS = ("Total", "Invoice no", "Seller")
SECTIONS = ("Skills", "Experience", "Education")


def field_of(**parts: object) -> FieldSpec:
    return FieldSpec.model_validate({"name": "f", "description": "d", "sections": SECTIONS, **parts})


def found(finder: str, text: str, **parts: object) -> list[str]:
    """The values that a finder is rather sure of, the surest first."""
    ones = list(load_finder(finder)(TextDocument(text), field_of(**parts)))
    return [
        text[one.start : one.end] for one in sorted(ones, key=lambda one: (-one.confidence, one.start)) if one.confidence >= 0.5
    ]


ENUM = {"type": "enum", "values": {"EUR": ["€", "Euro"], "USD": ["$"]}}


@pytest.mark.parametrize(
    ("finder", "text", "values", "parts"),
    [
        ("money", "It cost $14.2 million, or 1.250,00 € each.", ["$14.2 million", "1.250,00 €"], {}),
        ("money", "Pay EUR 310.000 or € 212.000,- now", ["EUR 310.000", "€ 212.000,-"], {}),
        ("money", "for any $x$ and $n > 1$ of 5 items", [], {}),
        ("money", "$2 / 3$ and $45 degree$ but $5 or $6, then $2\\cdot k+1$", ["$5", "$6"], {}),
        ("money", "at most $2\\cdot k$, $4^k$ or $9 in all", ["$9"], {}),
        ("percent", "at 8.25% or 19 Prozent", ["8.25%", "19 Prozent"], {}),
        ("number", "weight 12.5 kg, height 3", ["12.5"], {"type": "number", "cues": ["weight"]}),
        ("identifier", "with order KX-77/1 of May", ["KX-77/1"], {"type": "identifier", "cues": ["order"]}),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00 BIC X", ["DE89 3704 0044 0532 0130 00"], {}),
        ("iban", "IBAN DE88 3704 0044 0532 0130 00", [], {}),
        ("vat_id", "Id NL123456789B01.", ["NL123456789B01"], {}),
        ("email", "Write to <jane.roe@example.org>.", ["jane.roe@example.org"], {}),
        ("url", "See https://example.org/a_b?c=1, or www.example.net.", ["https://example.org/a_b?c=1", "www.example.net"], {}),
        ("phone", "Tel. 0341 5550187 or +44 7700 900123", ["+44 7700 900123", "0341 5550187"], {}),
        ("phone", "on 2021-05-03 at 10.000.000", [], {}),
        (
            "organisation",
            "by Birch Tools, Inc. and Isarblick GmbH & Co. KG.",
            ["Birch Tools, Inc.", "Isarblick GmbH & Co. KG"],
            {},
        ),
        ("organisation", "the University of Tartu lent it to Orme Bank", ["University of Tartu", "Orme Bank"], {}),
        ("organisation", "The Company is Limited. The Board met.", [], {}),
        ("person", "Mr Paul Renard met Frau Dr. Keller.", ["Mr Paul Renard", "Frau Dr. Keller"], {}),
        ("person", '"Late", said its director Amina Yusuf.', ["Amina Yusuf"], {}),
        ("person", "With kind regards,\nKenji Watanabe\n", ["Kenji Watanabe"], {}),
        ("person", "A B C D. M N O P", [], {}),
        ("head_name", "# Curriculum vitae Ana Pell\n\nClerk", ["Ana Pell"], {}),
        ("head_name", "Fenwick Homes plc\nInvoice", [], {}),
        ("place", "from Singapore to Den Haag in the Netherlands", ["Singapore", "Den Haag", "Netherlands"], {}),
        ("place", "the Bank of Ireland", [], {}),
        ("place", "Mr Jordan is nice", [], {}),
        ("address", "27 Quarry Lane, Bristol BS8 2PQ", ["27 Quarry Lane, Bristol BS8 2PQ"], {}),
        ("address", "1190 Belmont Ave, Chicago, IL 60657", ["1190 Belmont Ave, Chicago, IL 60657"], {}),
        ("address", "8 rue des Tanneurs\n67000 Strasbourg", ["8 rue des Tanneurs\n67000 Strasbourg"], {}),
        ("address", "Gartenstraße 8, 72074 Tübingen", ["Gartenstraße 8, 72074 Tübingen"], {}),
        ("key_value", "| **Total** | 5.00 |", ["5.00"], {"type": "money", "labels": LABELS}),
        ("key_value", "Seller: Birch Tools, Inc., Ohio", ["Birch Tools, Inc."], {"type": "party", "labels": LABELS}),
        ("key_value", "VAT 20 %: 4.00", ["20 %"], {"type": "number", "normalizer": "percent", "labels": ["VAT"]}),
        ("key_value", "Total: to be told", [], {"type": "money", "labels": LABELS}),
        ("labelled", "Our invoice no. KX/7 came.", ["KX/7"], {"type": "identifier", "labels": LABELS}),
        ("labelled", "The total is 4.00.\nTotal 5.00\nSub Total 3.00", ["5.00", "4.00"], {"type": "money", "labels": LABELS}),
        ("labelled", "An invoice no is needed.", [], {"type": "identifier", "labels": LABELS}),
        ("pair", "Ship: Petrel\n| Port | Kiel |", ["Ship: Petrel", "Port | Kiel"], {}),
        ("pair", '{\n  "ship": "Petrel",\n  "port": "Kiel"\n}\n\nShip: Petrel', ["Ship: Petrel"], {}),
        ("pair", "self_ref: '#/1'\ntext: Petrel\nlabel: list_item\nchildren: []", [], {}),
        ("pair", "Build:\n\n```\nport: Kiel\n\nship: Petrel\n```\n\nPort: Kiel", ["Port: Kiel"], {}),
        ("pair", "def port(ship: Petrel):\n    if ship:\n        load: int = 5\n    return ship", [], {}),
        ("pair", "title: The voyage\nauthor: Ada Poe\ndraft: true", ["title: The voyage", "author: Ada Poe", "draft: true"], {}),
        ("pair", "[Port](/kiel: harbour)\n(iv) | Outside edge\nPlus: +\nb) : x", [], {}),
        ("heading", "# Report\n\n1. Scope\n\nTEXT HERE\n\nAll is well.", ["Report", "1. Scope", "TEXT HERE"], {}),
        ("section", "## Skills\n\nTyping\nFiling\n\n## More\n\nx", ["Typing\nFiling"], {}),
        ("section_item", "## Key skills\n\n- Typing (fast)\n- Filing, Go\n", ["Typing", "Filing", "Go"], {}),
        ("section_item", "SKILLS\n| Skill | Level |\n|---|---|\n| Go | high |", ["Go"], {}),
        ("section_item", "Languages\nGerman: native\nEnglish: fluent", ["German", "English"], {"sections": ["Languages"]}),
        ("section_item", "Skills\nTools: Docker, Go\nOther: Excel", ["Docker", "Go", "Excel"], {}),
        ("employer", "## Experience\n\nClerk, Birch Tools, Inc., 2015 - 2019", ["Birch Tools, Inc."], {}),
        ("employer", "EXPERIENCE\n\nHill View Centre, Leeds\nStaff Nurse   2013-2019", ["Hill View Centre"], {}),
        ("job_title", "## Experience\n\n2015 - 2019: Clerk, Birch Tools, Inc.", ["Clerk"], {}),
        ("school", "## Education\n\nBA History, University of Leeds, 2012", ["University of Leeds"], {}),
        ("letterhead", "Birch Tools, Inc.\n\nHello", [], {}),
        ("enum", "12 Euro, 14 € and $5", ["Euro", "€"], ENUM),
        ("date", "on 5 May 2020 and 2021-06-07", ["5 May 2020", "2021-06-07"], {"type": "date"}),
        ("date", "due by 5 May 2020, sent 2020-04-05", ["5 May 2020"], {"type": "date", "cues": ["due by"]}),
    ],
)
def test_finds(finder: str, text: str, values: list[str], parts: dict[str, object]) -> None:
    assert found(finder, text, **parts) == values


def test_a_letterhead_is_little_sure() -> None:
    ones = list(load_finder("letterhead")(TextDocument("Birch Tools, Inc.\n\nHello"), field_of()))
    assert [(one.start, one.end) for one in ones] == [(0, 17)]
    assert ones[0].confidence < 0.5


TOKENS = (
    "1.234", ",5", " ", "EUR ", "$", "€", "Dr. ", "Mr ", ", ", "+44 ", "a@b.co", "www.", "://", ": ", "|", "Aa ", "Bb Ltd", "\n",
    "\n\n", "# ", "- ", "Total", "Invoice no ", "Skills", "Experience", "2015", "DE89 3704 0044 0532 0130 00", "(", ")", "**",
    "字", "é", "\u0663", "\u2028", "Inc.", "&",
)  # fmt: skip
FIELDS = [
    field_of(labels=LABELS, cues=["Total"], type="money"),
    field_of(labels=LABELS, normalizer="percent", type="number"),
    field_of(labels=LABELS, type="party"),
    field_of(labels=LABELS, type="date", cues=["Aa"]),
    field_of(type="enum", values={"EUR": ["€", "EUR"]}),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=4)), max_size=25).map("".join))
def test_every_finder_gives_places_of_the_text_and_never_raises(text: str) -> None:
    for name in FINDERS:
        for field in FIELDS:
            for one in load_finder(name)(TextDocument(text), field):
                assert 0 <= one.start < one.end <= len(text), name
                assert text[one.start : one.end].strip(), name
                assert 0 < one.confidence <= 1, name


def test_types_name_registered_finders() -> None:
    assert {name for names in OF_TYPE.values() for name in names} <= set(FINDERS)


@pytest.mark.parametrize("name", shipped_schemas())
def test_libraries_are_imported_by_the_fields_that_need_them(name: str) -> None:
    needed = {"resume": {"phonenumbers"}, "generic": {"babel"}}.get(name, set())
    code = (
        "import sys\n"
        "from tasks.annotation.document import TextDocument\n"
        "from tasks.annotation.schema import load_schema\n"
        "from tasks.annotation.sources.rules import Rules\n"
        f"list(Rules().propose(TextDocument('Paid 5 EUR in Kiel, tel. +44 7700 900123'), load_schema({name!r})))\n"
        "heavy = {'phonenumbers', 'babel', 'dateparser', 'langextract', 'torch', 'mlx', 'pandas', 'google.genai'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == needed
