"""The labels file: what is appended is what is read, and a line that is no label is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.label_file import LABELS_FILE, Label, append_labels, now, read_labels, withdraw_label
from tasks.storage.root import read_bytes, use_data_root, write_bytes

A, B = "a" * 64, "b" * 64


def label(document_id: str = A, part: int = 0, keep: bool = True, signals: dict[str, float] | None = None) -> Label:
    return Label(document_id=document_id, part=part, keep=keep, language="en", signals=signals or {}, labelled_at=now())


def line(**others: object) -> bytes:
    return json.dumps(label().model_dump() | others).encode() + b"\n"


def test_there_are_no_labels_before_the_first() -> None:
    assert read_labels() == {}


def test_a_line_has_all_that_a_refit_needs() -> None:
    append_labels([label(signals={"natural.upper": 0.25})])
    stored = json.loads(read_bytes(LABELS_FILE))
    assert stored.keys() == {"document_id", "part", "keep", "language", "signals", "labelled_at"}
    assert stored["signals"] == {"natural.upper": 0.25}


def test_the_last_label_of_a_part_wins() -> None:
    append_labels([label(B), label(A)])
    append_labels([label(B, keep=False), label(B, part=1)])
    assert [(*key, each.keep) for key, each in read_labels().items()] == [(A, 0, True), (B, 0, False), (B, 1, True)]


labels = st.builds(
    Label,
    document_id=st.text("0123456789abcdef", min_size=64, max_size=64),
    part=st.integers(0, 9),
    keep=st.booleans(),
    language=st.none() | st.text(max_size=3),
    signals=st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    labelled_at=st.text(max_size=5),
)


@given(st.lists(labels, max_size=5))
@settings(max_examples=30, deadline=None)
def test_what_is_appended_is_read_again(some: list[Label]) -> None:
    write_bytes(LABELS_FILE, b"")
    for each in some:
        append_labels([each])
    assert read_labels() == {each.key: each for each in some}


def test_a_label_can_be_taken_back_and_an_earlier_one_counts_again() -> None:
    first, second = label(keep=True), label(keep=False)
    append_labels([first, label(B), second])
    withdraw_label(second)
    assert read_labels()[A, 0] == first
    withdraw_label(first)
    assert list(read_labels()) == [(B, 0)]
    with pytest.raises(ValueError, match="not there any more"):
        withdraw_label(first)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"{\n", "line 2"),
        (b"\xff\n", "line 2"),
        (line(document_id="short"), "line 2: document_id"),
        (line(keep="yes"), "line 2: keep"),
        (line(part=-1), "line 2: part"),
        (line(colour="red"), "line 2: colour"),
        (line(signals={"length.words": "many"}), "line 2: signals.length.words"),
    ],
)
def test_a_bad_line_is_named(bad: bytes, words: str) -> None:
    write_bytes(LABELS_FILE, line() + bad + line())
    with pytest.raises(ValueError, match=f"{LABELS_FILE}, {words}"):
        read_labels()


def test_a_label_after_a_line_that_was_cut_off_stands_on_its_own_line() -> None:
    write_bytes(LABELS_FILE, line() + line()[:20])
    append_labels([label(B)])
    lines = read_bytes(LABELS_FILE).splitlines()
    assert len(lines) == 3
    assert json.loads(lines[2])["document_id"] == B


def test_labels_are_kept_below_a_remote_root_as_well(tmp_path: Path) -> None:
    use_data_root(f"memory://{tmp_path.name}")
    append_labels([label(A)])
    append_labels([label(B)])
    assert list(read_labels()) == [(A, 0), (B, 0)]
