import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.normalizers import NORMALIZERS, normalizer_of
from tasks.annotation.normalizers.identifiers import VAT_SHAPES
from tasks.annotation.schema import FieldSpec

OWN = (
    "address", "email", "enum", "iban", "identifier", "key_value", "money", "number",
    "party", "percent", "person", "phone", "place", "text", "url", "vat_id",
)  # fmt: skip


def field(normalizer: str) -> FieldSpec:
    if normalizer == "enum":
        return FieldSpec(name="f", description="d", type="enum", values={"EUR": ("€", "Euro"), "USD": ("$",)})
    return FieldSpec(name="f", description="d", normalizer=normalizer)


def normalize(normalizer: str, text: str) -> str | None:
    one = field(normalizer)
    return normalizer_of(one)(text, one)


TOKENS = (
    "1.234", ",5", "12", " ", "EUR", "$", "€", "million", "%", "Dr. ", ", ", "+44", "00", "-", "a@b.c", "www.", "://", ":", "|",
    "the ", "DE", "GB82", "(", ")", "²", "\u0663",
)  # fmt: skip
PIECES = st.lists(st.one_of(st.text(max_size=6), st.sampled_from(TOKENS)), max_size=8).map("".join)


@pytest.mark.parametrize("normalizer", OWN)
@given(text=PIECES)
def test_never_raises_and_is_idempotent(normalizer: str, text: str) -> None:
    value = normalize(normalizer, text)
    if value is not None:
        assert value
        assert normalize(normalizer, value) == value


def test_names_are_registered() -> None:
    assert set(OWN) <= set(NORMALIZERS)


@pytest.mark.parametrize(
    ("normalizer", "text", "value"),
    [
        ("money", "$1,234.50", "1234.50 USD"),
        ("money", "1.234,50 €", "1234.50 EUR"),
        ("money", "EUR 310.000", "310000.00 EUR"),
        ("money", "CHF 1'250.05", "1250.05 CHF"),
        ("money", "2 750,00 EUR", "2750.00 EUR"),
        ("money", "US$ 6,750.00", "6750.00 USD"),
        ("money", "£35 million", "35000000.00 GBP"),
        ("money", "2,5 Mio. Euro", "2500000.00 EUR"),
        ("money", "€ 212.000,-", "212000.00 EUR"),
        ("money", "-12.00 EUR", "-12.00 EUR"),
        ("money", "1250", "1250.00"),
        ("money", "no amount", None),
        ("number", "1,250.50 kg", "1250.5"),
        ("number", "1.234", "1.234"),
        ("number", "1,234", "1234"),
        ("number", "0,5", "0.5"),
        ("number", "1.234.567", "1234567"),
        ("percent", "19 %", "19%"),
        ("percent", "8,25%", "8.25%"),
        ("party", "  Birch\nTools, Inc. ", "Birch Tools, Inc."),
        ("person", "Dr. Poe, Mary", "Mary Poe"),
        ("person", "Mr Paul Renard", "Paul Renard"),
        ("person", "mevrouw Els de Groot", "Els de Groot"),
        ("place", "the Netherlands", "Netherlands"),
        ("identifier", " inv 77/b ", "INV77/B"),
        ("iban", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("iban", "GB83 WEST 1234 5698 7654 32", None),
        ("vat_id", "NL 123456789 B01", "NL123456789B01"),
        ("vat_id", "XX123", None),
        ("phone", "+44 7700 900123", "+447700900123"),
        ("phone", "+44 (0)7700 900123", "+447700900123"),
        ("phone", "(312) 555-0148", "3125550148"),
        ("phone", "12", None),
        ("email", "<Jane.Roe@Example.ORG>", "jane.roe@example.org"),
        ("email", "jane", None),
        ("url", "linkedin.com/in/Jane/", "https://linkedin.com/in/Jane"),
        ("url", "nothing", None),
        ("enum", "in Euro", "EUR"),
        ("enum", "£", None),
        ("key_value", "**Next:** 3 May", "Next: 3 May"),
        ("key_value", "Serial no. | 12", "Serial no.: 12"),
        ("text", "**A [link](http://x.y) here**", "A link here"),
        ("address", "5 Fjord Road\nBergen  5003", "5 Fjord Road, Bergen 5003"),
    ],
)
def test_normalizes(normalizer: str, text: str, value: str | None) -> None:
    assert normalize(normalizer, text) == value


def test_shapes_of_vat_numbers_are_of_two_letter_countries() -> None:
    assert all(len(country) == 2 and country.isupper() for country in VAT_SHAPES)
