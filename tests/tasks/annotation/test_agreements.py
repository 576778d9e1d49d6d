"""Finders of agreements: titles, parties and whose law governs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.annotate import annotate_document
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.gazetteer import jurisdiction_of
from tasks.annotation.finders.jurisdictions import find_jurisdictions
from tasks.annotation.finders.parties import find_parties
from tasks.annotation.finders.titles import find_titles
from tasks.annotation.finders.windows import windows_of
from tasks.annotation.schema import AnnotationSchema, FieldSpec, load_schema
from tasks.annotation.sources.rules import Rules

SCHEMA = load_schema("contract")
AGREEMENT = """Exhibit 10.1

MASTER SUPPLY AGREEMENT

This Master Supply Agreement (the "Agreement") is made as of May 3, 2001 by and between Birch & Pine Tools, Inc.,
a Delaware corporation ("Supplier"), and Mary Q. Poe, an individual ("Buyer").

WHEREAS, Supplier makes tools;

7. This Agreement shall be governed by the laws of the State of New York, without regard to its conflict of laws rules.

IN WITNESS WHEREOF, the parties have signed.

BIRCH & PINE TOOLS, INC.        YOU ON DEMAND HOLDINGS, LLC

By: /s/ Ann Oak                 By: /s/ Tom Elm
"""
DOCUMENT = TextDocument(AGREEMENT, "en")
FINDERS = {"document_name": find_titles, "governing_law": find_jurisdictions, "party": find_parties}


def texts(field: str, document: TextDocument = DOCUMENT) -> list[str]:
    found = FINDERS[field](document, SCHEMA.field(field))
    return [document.text[one.start : one.end] for one in found]


def surest(field: str, text: str) -> str:
    best = max(FINDERS[field](TextDocument(text, "en"), SCHEMA.field(field)), key=lambda one: one.confidence)
    return text[best.start : best.end]


def test_titles() -> None:
    assert "MASTER SUPPLY AGREEMENT" in texts("document_name")
    assert surest("document_name", AGREEMENT) == "MASTER SUPPLY AGREEMENT"


def test_titles_with_number_parenthesis_or_small_first_letter() -> None:
    assert "AMENDMENT NO. 2" in texts("document_name", TextDocument("AMENDMENT NO. 2\n\nto it"))
    assert "MARKETING AGREEMENT (WQHT HD2)" in texts("document_name", TextDocument("MARKETING AGREEMENT (WQHT HD2)\n\nx"))
    assert "e-business Hosting Agreement" in texts("document_name", TextDocument("e-business Hosting Agreement 1.0"))


@pytest.mark.parametrize(
    "before",
    [
        "EXHIBIT 10.1 ",
        "Exhibit 4(a)\n",
        "10.26   EXECUTION VERSION   ",
        "1. ",
        "6, 2007     ",
        "B   ",
        "ARTICLE 2 ",
        "MAY 4, 2017 ",
    ],
)
def test_without_a_ranker_a_title_has_no_number_in_front(before: str) -> None:
    assert surest("document_name", f"{before}SUPPLY AGREEMENT\n\nThis Agreement is made by two.") == "SUPPLY AGREEMENT"


def test_parties_of_preamble_and_signatures() -> None:
    found = texts("party")
    assert {"Birch & Pine Tools, Inc.", "Mary Q. Poe", "BIRCH & PINE TOOLS, INC.", "YOU ON DEMAND HOLDINGS, LLC"} <= set(found)


def test_cues_of_parties() -> None:
    cues = {AGREEMENT[one.start : one.end]: set(one.cue.split()) for one in find_parties(DOCUMENT, SCHEMA.field("party"))}
    assert {"between", "kind", "form", "in_preamble", "head"} <= cues["Birch & Pine Tools, Inc."]
    assert {"and_before", "kind"} <= cues["Mary Q. Poe"]


RESEARCH = """RESEARCH AGREEMENT

This Agreement is made by and between Birch Tools, Inc. (the "Company"), a corporation of 12 Elm Road, Austin, Texas 75248
(hereinafter "Birch"), and Mary Q. Poe, an individual ("Scientist").

WHEREAS, the Company makes Krill Oil (hereinafter the "Product") for the Food and Drug Administration ("FDA"), and the Board of
Directors of the Company and the Internet (the "Web") know it. The Company and the Scientist, hereinafter the "Parties", agree.

IN WITNESS WHEREOF, the parties have signed.

Vice President BIRCH TOOLS, INC.

By: /s/ Ann Oak
"""
SIGNED_ONLY = """PURCHASE CONTRACT

The Seller sells Krill Oil (the "Product") to the Buyer.

Signed on behalf of Alder Fisheries Ltd
By: ________

Signed on behalf of Isarblick GmbH
By: ________
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (AGREEMENT, ["Birch & Pine Tools, Inc.", "Mary Q. Poe", "YOU ON DEMAND HOLDINGS, LLC"]),
        (RESEARCH, ["Birch Tools, Inc.", "Mary Q. Poe"]),
        (SIGNED_ONLY, ["Alder Fisheries Ltd", "Isarblick GmbH"]),
    ],
)
def test_without_a_ranker_parties_are_no_defined_terms_products_or_places(text: str, names: list[str]) -> None:
    own = AnnotationSchema(
        name="research",
        description="d",
        fields=(FieldSpec(name="party", description="d", type="party", cardinality="many", finders=("parties",)),),
    )
    assert [text[one.start : one.end] for one in annotate_document(TextDocument(text, "en"), own, [Rules()])] == names


def test_long_lists_of_signatures_are_followed() -> None:
    names = [f"Firm{letter}{letter} Limited" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 4]
    text = (
        "x " * 3000 + "IN WITNESS WHEREOF\n\n" + "\n\n".join(f"For and on behalf of {name}\n\nBy: ____________" for name in names)
    )
    assert windows_of(TextDocument(text))[-1].end == len(text)
    assert set(names) <= set(texts("party", TextDocument(text)))


def test_whose_law_governs() -> None:
    assert texts("governing_law") == ["New York"]
    assert (
        surest("governing_law", "a company organized under the laws of Delaware. English law governs this contract.") == "English"
    )


def test_where_a_company_was_organized_is_less_likely() -> None:
    text = "Acme, organized under the laws of Delaware. This Agreement is governed by and construed under the laws of Ohio."
    ohio, delaware = sorted(
        find_jurisdictions(TextDocument(text), SCHEMA.field("governing_law")), key=lambda one: -one.confidence
    )
    assert (ohio.value, delaware.value) == ("Ohio", "Delaware")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the State of Ohio", "Ohio"),
        ("ENGLAND AND WALES", "England and Wales"),
        ("English", "England"),
        ("People\u2019s Republic of China", "China"),
        ("Commonwealth of  Massachusetts", "Massachusetts"),
        ("Atlantis", None),
    ],
)
def test_names_and_adjectives_of_places(text: str, value: str | None) -> None:
    assert jurisdiction_of(text) == value


PIECES = st.sampled_from(
    [
        "AGREEMENT",
        " between ",
        "Acme",
        ", Inc.",
        "(",
        ")",
        '"',
        "\n",
        "\n\n",
        " the ",
        "laws of ",
        "Ohio",
        "&",
        " and ",
        "By: ",
        "/s/",
        ".",
        "§",
        "é",
        " ",
    ]
)


@pytest.mark.parametrize("field", sorted(FINDERS))
@given(text=st.text(max_size=80) | st.lists(PIECES, max_size=25).map("".join))
def test_any_text_gives_places_within_it(field: str, text: str) -> None:
    for found in FINDERS[field](TextDocument(text, "en"), SCHEMA.field(field)):
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == text[found.start : found.end].strip()
        assert 0 < found.confidence < 1
