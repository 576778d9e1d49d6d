import pytest

from tasks.annotation.choosing import evidence_for
from tasks.annotation.schema import AnnotationSchema, FieldSpec, choose_schema, load_schema

SCHEMAS = tuple(load_schema(name) for name in ("contract", "invoice", "resume", "generic"))

INVOICE = """Oakline Joinery Ltd

Invoice no.: 2291
Invoice date: 3 May 2021
Bill to: Fenwick Homes plc

Subtotal: £400.00
VAT 20%: £80.00
Total: £480.00
"""
LETTER_FACTURE = """Facture n° 77
Date : 4 mai 2021
Client : Maison Perrin SARL
Total HT : 100,00 €
TVA 20 % : 20,00 €
Total TTC : 120,00 €
"""
RESUME = """# Ana Pell

Email: ana@example.org

## Experience

Clerk, Fenwick Homes plc, 2015 - 2019

## Education

BA, University of Leeds, 2014

## Skills

Typing, filing
"""
LEBENSLAUF = RESUME.replace("Experience", "Berufserfahrung").replace("Education", "Ausbildung").replace("Skills", "Kenntnisse")
CONTRACT = """SUPPLY AGREEMENT

This Agreement is made on 1 May 2020 by and between Oakline Joinery Ltd and Fenwick Homes plc, hereinafter the parties.
The supplier shall deliver pursuant to the orders. This Agreement is governed by the laws of England.
"""
VERTRAG = """Liefervertrag

zwischen der Tischlerei Ohm GmbH, nachfolgend Lieferant, und der Bau AG. Die Vertragsparteien vereinbaren: Der Gerichtsstand
ist Kiel. Dieser Vertrag endet am 1. Mai 2022.
"""
ABOUT_INVOICES = """# How to write an invoice

An invoice is what you send to be paid. Every invoice needs an invoice number, an invoice date, a due date, the name of the seller
and of the customer, and the amount due. On an invoice the VAT and the total stand at the end; "Bill to" stands at the head.

- Invoice number: counts up without a gap
- Due date: usually 30 days later
- Total: the sum with tax
"""
ABOUT_RESUMES = """# Ten hints for your resume

A resume shows your experience, education and skills. Recruiters read a curriculum vitae in seconds, so keep yours short.
"""
ABOUT_CONTRACTS = """# Contract or agreement?

Lawyers call an agreement a contract when the law enforces it. A contract has an offer, an acceptance and a price.
"""
NEWS = "The party in power said that the agreement, a contract with two unions, would end the strike. A bill to tax fuel is due."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (INVOICE, "invoice"),
        (LETTER_FACTURE, "invoice"),
        (RESUME, "resume"),
        (LEBENSLAUF, "resume"),
        (CONTRACT, "contract"),
        (VERTRAG, "contract"),
        (ABOUT_INVOICES, "generic"),
        (ABOUT_RESUMES, "generic"),
        (ABOUT_CONTRACTS, "generic"),
        (NEWS, "generic"),
        ("", "generic"),
    ],
)
def test_chooses_by_what_a_text_is_not_by_what_it_is_about(text: str, name: str) -> None:
    assert choose_schema(text, SCHEMAS).name == name


def test_order_of_the_others_does_not_matter() -> None:
    assert choose_schema(INVOICE, (SCHEMAS[1], SCHEMAS[0], SCHEMAS[2], SCHEMAS[3])).name == "invoice"


def test_a_single_schema_is_chosen_whatever_the_text_is() -> None:
    assert choose_schema("", SCHEMAS[:1]).name == "contract"


def test_words_count_whole_and_once() -> None:
    schema = AnnotationSchema(
        name="s", description="d", evidence=("cat", "wild cat"), fields=(FieldSpec(name="f", description="d"),)
    )
    assert evidence_for("catalogue concat", schema) == (0, 0)
    assert evidence_for("Cat, cat, CAT", schema) == (1, 0)
    assert evidence_for("a wild\ncat", schema) == (1, 0)
