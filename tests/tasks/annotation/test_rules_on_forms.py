"""The rules of the shipped schemas on whole documents: the surest candidate of a field is its value."""

import pytest

from tasks.annotation.document import TextDocument
from tasks.annotation.normalizers import normalizer_of
from tasks.annotation.schema import load_schema
from tasks.annotation.sources.rules import Rules

PLAIN = """Invoice
From:
Tallow Street Studio
12 Tallow Street

Invoice Number TS-3337
Order Number 12345
Invoice Date January 25, 2016
Due Date January 31, 2016
Total Due $93.50

To:
Harbour Bakery
9 Quay Street

Sub Total $85.00
Tax $8.50
Total $93.50
"""
TABLES = """| Bill To | Ship To |
|---|---|
| Oakline Joinery<br>5 High Street | Oakline Joinery |

Amount Due (USD):
$84.00
Invoice No
4411
"""
GERMAN = """Rechnung
Nr.: 2024-55   Datum: 1.2.2024
Kunden-Nr.: 883

Netto 100,00 EUR
MwSt. 19% 19,00 EUR
Brutto 119,00 EUR
Bankverbindung: DE89370400440532013000
"""
RESUME = """ANA PELL
Senior Accountant | Austin, TX | (512) 555-0134 | ana.pell@example.com

WORK EXPERIENCE
Senior Accountant, Oakline Joinery LLC                       Jan 2018 \u2013 Present
\u2022 Closed the books.
Staff Accountant
Harbour Foods, Inc., Dallas, TX                              Jun 2013 \u2013 Dec 2017

EDUCATION
University of Texas at Austin \u2014 BBA, Accounting              2013

TECHNICAL SKILLS
Software: Ledger, Excel
"""

LEBENSLAUF = """Lebenslauf

Name            Ina Brandt
Anschrift       Hauptstr. 5, 10115 Berlin
Telefon         0171 5550123

Berufserfahrung
01/2018 \u2013 heute
Projektmanagerin
Solartechnik Nord GmbH, Hamburg
\u2022 Leitung von Projekten

06/2014 \u2013 12/2017
Sachbearbeiterin Einkauf
Müller Logistik KG, Kiel

Ausbildung
Studium BWL, Hochschule Kiel (B.A.)

Sprachen
Deutsch: Muttersprache
Englisch: fließend
"""


def values(schema: str, text: str) -> dict[str, list[str | None]]:
    """By field, the normalized values of candidates that are sure enough, the surest first, each once."""
    spec = load_schema(schema)
    found: dict[str, list[str | None]] = {field.name: [] for field in spec.fields}
    for one in sorted(Rules().propose(TextDocument(text), spec), key=lambda one: (-one.confidence, one.start)):
        field = spec.field(one.field)
        value = one.value or normalizer_of(field)(text[one.start : one.end], field)
        if one.confidence >= 0.3 and value not in found[one.field]:
            found[one.field].append(value)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PLAIN,
            {"number": "TS-3337", "purchase_order": "12345", "invoice_date": "2016-01-25", "due_date": "2016-01-31",
             "tax": "8.50 USD", "seller": "Tallow Street Studio", "buyer": "Harbour Bakery", "net": "85.00 USD",
             "total": "93.50 USD", "currency": "USD"},
        ),
        (TABLES, {"buyer": "Oakline Joinery", "total": "84.00 USD", "number": "4411", "seller": None, "iban": None}),
        (
            GERMAN,
            {"number": "2024-55", "invoice_date": "2024-02-01", "net": "100.00 EUR", "tax": "19.00 EUR", "tax_rate": "19%",
             "total": "119.00 EUR", "iban": "DE89370400440532013000", "vat_id": None},
        ),
    ],
)  # fmt: skip
def test_invoices(text: str, expected: dict[str, str | None]) -> None:
    found = values("invoice", text)
    assert {field: next(iter(found[field]), None) for field in expected} == expected


def test_a_resume() -> None:
    found = values("resume", RESUME)
    assert found["name"] == ["ANA PELL"]
    assert found["phone"] == ["5125550134"]
    assert set(found["employer"]) == {"Oakline Joinery LLC", "Harbour Foods, Inc."}
    assert set(found["job_title"]) == {"Senior Accountant", "Staff Accountant"}
    assert found["education"] == ["University of Texas at Austin"]
    assert found["skill"] == ["Ledger", "Excel"]


def test_a_resume_whose_headings_stand_right_above_their_text() -> None:
    found = values("resume", LEBENSLAUF)
    assert found["name"] == ["Ina Brandt"]
    assert found["address"] == ["Hauptstr. 5, 10115 Berlin"]
    assert found["employer"] == ["Solartechnik Nord GmbH", "Müller Logistik KG"]
    assert found["job_title"] == ["Projektmanagerin", "Sachbearbeiterin Einkauf"]
    assert found["education"] == ["Hochschule Kiel"]
    assert found["language"] == ["Deutsch", "Englisch"]
