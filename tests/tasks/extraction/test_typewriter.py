"""Prose in a typewriter font is no code; code is."""

from tasks.extraction.typewriter import free_prose, is_prose

PROSE = 'A bill to amend the act, entitled "Telecommunications act,"\nby amending the sections that follow, and to add new ones.'
CODE = "void FillString(\nTCHAR* buf,\nsize_t cchBuf) {\nfor (size_t i = 0; i < cchBuf; i++) {\nbuf[i] = ch;\n}\n}"
LISTING = "from __future__ import annotations\n\nfrom dataclasses import dataclass"


def fenced(block: str) -> str:
    return f"```\n{block}\n```"


def test_prose_is_told_from_code() -> None:
    assert is_prose(PROSE)
    assert not is_prose(CODE)
    assert not is_prose(LISTING)
    assert not is_prose("Two words")


def test_a_block_of_prose_loses_its_fence_and_code_keeps_it() -> None:
    words = "\n\n" + "Words of the page. " * 40
    assert free_prose([fenced(PROSE) + words + fenced(CODE), fenced(CODE)]) == [PROSE + words + fenced(CODE), fenced(CODE)]


def test_a_document_in_typewriter_loses_all_fences() -> None:
    assert free_prose([f"{fenced(PROSE)}\n\n{fenced('BILL 17')}", fenced(PROSE)]) == [f"{PROSE}\n\nBILL 17", PROSE]


def test_a_listing_stays_code() -> None:
    pages = [fenced(CODE), f"Listing 2\n\n{fenced(CODE)}", ""]
    assert free_prose(pages) == pages
