"""LangExtract's formats, there and back, and a page that no text can break out of."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.model.exchange import (
    ExchangedDocument,
    ExchangeError,
    exchange_id,
    jsonl_line,
    of_row,
    read_jsonl,
    to_langextract,
    viewer_page,
)

TEXT = "Acme \u201cSteel\u201d sells to 北京公司."
ROW: dict[str, Any] = {
    "document_id": "ab12",
    "part": 0,
    "annotations": [
        {
            "field": "party",
            "start": 0,
            "end": 12,
            "text": TEXT[:12],
            "value": "acme",
            "sources": ["model", "rules.x"],
            "confidence": 0.5,
        },
        {"field": "party", "start": 22, "end": 26, "text": TEXT[22:26], "value": None, "sources": ["model"], "confidence": 1.0},
    ],
    "ungrounded": [{"field": "party", "text": "Birch", "source": "model"}],
}


def _read(line: bytes) -> list[ExchangedDocument]:
    return list(read_jsonl(line.decode().split("\n")))


def test_there_and_back() -> None:
    document = of_row(ROW, TEXT)
    (back,) = _read(jsonl_line(document))
    assert (back.document_id, back.text, back.annotations) == ("ab12", TEXT, document.annotations)
    assert [(each["field"], each["text"]) for each in back.ungrounded] == [("party", "Birch")]


def test_langextract_reads_what_we_write(tmp_path: Path) -> None:
    from langextract.io import load_annotated_documents_jsonl

    (tmp_path / "annotations.jsonl").write_bytes(jsonl_line(of_row(ROW, TEXT)))
    (found,) = load_annotated_documents_jsonl(tmp_path / "annotations.jsonl", show_progress=False)
    assert found == to_langextract(of_row(ROW, TEXT))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert jsonl_line(of_row(ROW, TEXT)) == jsonl_line(of_row(ROW, TEXT))
    (part,) = _read(jsonl_line(of_row({**ROW, "part": 1}, TEXT)))
    assert part.document_id == exchange_id("ab12", 1)


def test_only_what_stands_in_the_text_is_read_as_an_annotation() -> None:
    interval = {"start_pos": 0, "end_pos": 5}
    found = [
        {"extraction_class": "party", "extraction_text": "ALICE", "char_interval": interval, "alignment_status": "match_exact"},
        {
            "extraction_class": "party",
            "extraction_text": "Alice Cooper",
            "char_interval": interval,
            "alignment_status": "match_lesser",
        },
        {"extraction_class": "party", "extraction_text": "Bob", "char_interval": None},
        {"extraction_class": "party", "extraction_text": "Alice", "char_interval": interval, "alignment_status": "match_exact"},
        {"extraction_class": "party", "extraction_text": "Alice", "char_interval": {"start_pos": 3, "end_pos": 99}},
    ]
    (document,) = read_jsonl([json.dumps({"document_id": "a", "text": "Alice ran.", "extractions": found}), "  "])
    assert [(each["text"], each["confidence"], each["sources"]) for each in document.annotations] == [
        ("Alice", 1.0, ["langextract"])
    ]
    assert [each["text"] for each in document.ungrounded] == ["ALICE", "Alice Cooper", "Bob", "Alice"]


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", '{"text": null}', '{"text": "a", "extractions": [{}]}', '{"text": "a", "extractions": 3}']
)
def test_what_is_no_annotated_document_is_told_by_its_line(line: str) -> None:
    good = json.dumps({"document_id": "a", "text": "a", "extractions": []})
    with pytest.raises(ExchangeError, match="line 2"):
        list(read_jsonl([good, line]))


ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def _page(text: str, field: str = "party") -> str:
    annotation = {"field": field, "start": 0, "end": len(text), "text": text, "value": text, "sources": [text], "confidence": 0.5}
    return viewer_page(ExchangedDocument(text, text, (annotation,)), title=text)


@pytest.mark.parametrize("field", ["party", ATTACK])
def test_a_text_cannot_become_a_script(field: str) -> None:
    page = _page(ATTACK, field)
    assert page.count("<script>") == page.count("</script>") == 1
    assert "<img" not in page
    assert "&lt;/script&gt;" in page
    assert "default-src 'none'" in page


def test_the_page_shows_every_annotation() -> None:
    page = viewer_page(of_row(ROW, TEXT), "A deal")
    assert "<title>A deal</title>" in page
    assert len(re.findall('class="lx-highlight', page)) == 2
    assert "Birch" not in page


def test_a_page_without_annotations_says_so() -> None:
    assert "No valid extractions" in viewer_page(ExchangedDocument("a", "text", ()), "a")


FRAGMENTS = ["</script>", "<script>", "<!--", "<", ">", "'", '"', "&", "\\", "{x}", "\u2028", " ", "a"]


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=12).map("".join).filter(str.strip))
def test_no_text_breaks_out_of_the_page(text: str) -> None:
    plain = _page("a" * len(text))
    page = _page(text)
    assert page.lower().count("<script") == plain.lower().count("<script")
    assert page.lower().count("</script") == plain.lower().count("</script")
