"""Evaluation files: which are found, what is read of each kind, and what a person is told of a broken one."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.dataset.errors import EvaluationError
from tasks.dataset.evaluation import find_evaluation, read_evaluation

ROWS = [{"question": "What is it?", "choices": ["a", "b"]}, {"question": "Why,\nthen?", "choices": []}]


def texts(path: Path, fields: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    (file,) = find_evaluation([str(path)])
    return list(read_evaluation(file, fields))


def test_every_kind_gives_its_texts_with_their_rows(tmp_path: Path) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "a.jsonl").write_text(lines)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    expected = [(1, "What is it?"), (1, "a"), (1, "b"), (2, "Why,\nthen?")]
    for name in ("a.jsonl", "a.jsonl.gz", "a.json", "a.parquet"):
        assert texts(tmp_path / name) == expected, name
        assert texts(tmp_path / name, ("choices",)) == [(1, "a"), (1, "b")], name


def test_tables_and_paragraphs_name_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('\ufeffquestion,answer\n"One\ntwo",1\nthree,2\n', encoding="utf-8")
    assert texts(tmp_path / "a.csv", ("question",)) == [(3, "One\ntwo"), (4, "three")]
    (tmp_path / "a.md").write_text("\nfirst\nstill first\n\n\nsecond")
    assert texts(tmp_path / "a.md") == [(2, "first\nstill first\n"), (6, "second")]


def test_errors_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"a": "b"}\n{"a": \n')
    with pytest.raises(EvaluationError, match=r"bad\.jsonl, line 2: is not JSON"):
        texts(tmp_path / "bad.jsonl")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"[]" * 100)[:20])
    (tmp_path / "latin.txt").write_bytes(b"Gr\xfc\xdfe")
    for name in ("cut.parquet", "cut.json.gz", "latin.txt"):
        with pytest.raises(EvaluationError, match=name.replace(".", r"\.")):
            texts(tmp_path / name)
    (tmp_path / "good.json").write_text(json.dumps(ROWS))
    with pytest.raises(EvaluationError, match=r"none of the fields \['text'\]; it has \['choices', 'question'\]"):
        texts(tmp_path / "good.json", ("text",))
    with pytest.raises(EvaluationError, match="no such evaluation file"):
        find_evaluation([str(tmp_path / "nothing*.json")])
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(EvaluationError, match="not an evaluation file"):
        find_evaluation([str(tmp_path / "a.pdf")])


def test_names_tell_files_apart_and_places_do_not_count(tmp_path: Path) -> None:
    for folder, content in (("one", "first"), ("two", "second"), ("three", "second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test.txt").write_text(content)
    assert [file.name for file in find_evaluation([str(tmp_path)])] == ["one/test.txt", "three/test.txt"]
    (moved,) = find_evaluation([str(tmp_path / "two" / "*.txt")])
    (here,) = find_evaluation([str(tmp_path / "three")])
    assert moved.cache_identity() == here.cache_identity() == ["test.txt", here.sha256]
