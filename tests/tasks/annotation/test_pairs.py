import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.finders.labels import label_words, ranks_of
from tasks.annotation.finders.pairs import cells_of, pairs_of


def read(text: str) -> list[tuple[str, str, str]]:
    return [(pair.key, text[pair.start : pair.end], pair.layout) for pair in pairs_of(text)]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Invoice no.: KX-1", ("Invoice no.", "KX-1", "line")),
        ("- **Date:** 3 May 2021", ("Date", "3 May 2021", "line")),
        ("**Date**: 3 May 2021", ("Date", "3 May 2021", "line")),
        ("Facture n° : 12", ("Facture n°", "12", "line")),
        ("金額\uff1a500", ("金額", "500", "line")),
        ("Total ........ 12.00", ("Total", "12.00", "columns")),
        ("Total\t12.00", ("Total", "12.00", "columns")),
        ("Total         12.00", ("Total", "12.00", "columns")),
        ("Bill to:\nFenwick Homes plc", ("Bill to", "Fenwick Homes plc", "below")),
        ("BILL TO\n\nFenwick Homes plc", ("BILL TO", "Fenwick Homes plc", "below")),
        ("| Total | 12.00 |", ("Total", "12.00", "row")),
        ("| **Total** | | | **12.00** |", ("Total", "12.00", "row")),
        ("| Date | 3 May |\n|---|---|\n| Due | 4 May |", ("Date", "3 May", "header")),
        ("| No | Date |\n|---|---|\n| 7 | 4 May |", ("Date", "4 May", "column")),
        ("| No | 7 | Date | 4 May |", ("Date", "4 May", "cells")),
        ("Number: 7      Date: 4 May", ("Date", "4 May", "line")),
        ("Vendor          Bill To\nOakline LLC     Harbour Bakery", ("Bill To", "Harbour Bakery", "below")),
        ("Name            Ana Pell\nMail            a@b.org", ("Name", "Ana Pell", "columns")),
    ],
)
def test_reads_keys_and_values(text: str, pair: tuple[str, str, str]) -> None:
    assert pair in read(text)


@pytest.mark.parametrize(
    "text", ["At 12:30 we met.", "See https://example.org/x", "", "\n\n", "|", "|---|---|", "a long sentence without any mark"]
)
def test_reads_nothing_where_nothing_is(text: str) -> None:
    assert read(text) == []


@given(
    st.lists(
        st.sampled_from(["a", "B", ":", " ", "  ", "\n", "|", "-", "*", "#", "1", "…", "\uff1a", "\t", "....", "\\|", "字"]),
        max_size=40,
    ).map("".join)
)
def test_offsets_enclose_trimmed_values(text: str) -> None:
    for pair in pairs_of(text):
        assert text[pair.key_start : pair.key_start + len(pair.key)] == pair.key
        assert 0 <= pair.start < pair.end <= len(text)
        assert text[pair.start : pair.end] == text[pair.start : pair.end].strip()


def test_cells_keep_escaped_bars_and_empty_cells() -> None:
    row = r"| a \| b | | c |"
    assert [row[start:end] for start, end in cells_of(row, 0, len(row))] == [r"a \| b", "", "c"]


@pytest.mark.parametrize(
    ("key", "same"),
    [
        ("VAT (20 %)", "VAT"),
        ("V.A.T. in EUR", "vat"),
        ("Invoice #", "invoice no"),
        ("N° de facture", "no facture"),
        ("FÄLLIG AM", "fallig am"),
        ("USt-IdNr.", "ust idnr"),
    ],
)
def test_keys_are_compared_without_case_accents_units_and_rates(key: str, same: str) -> None:
    assert label_words(key) == tuple(same.lower().split())


def test_the_first_of_equal_labels_gives_the_rank() -> None:
    assert ranks_of(("Total", "Sum", "TOTAL")) == {("total",): 0, ("sum",): 1}
