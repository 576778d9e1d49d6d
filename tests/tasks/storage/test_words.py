"""Words and their hashes."""

import os
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.storage.words import find_words, fold, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello,  WORLD!\n", ["hello", "world"]),
        ("Stra\u00dfe \ufb01ne \uff21", ["strasse", "fine", "a"]),
        ("snake_case x-y 3.5", ["snake_case", "x", "y", "3", "5"]),
        ("\u0939\u093f\u0928\u094d\u0926\u0940 \u0939\u0948", ["\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u0948"]),
        ("\u516c\u53f8A", ["\u516c", "\u53f8", "a"]),
        ("*** --- |", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_agree_with_a_plain_reading(text: str) -> None:
    unspaced = re.compile(
        "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
    )
    plain = "".join(each if each == "_" or unicodedata.category(each)[0] in "LMN" else " " for each in fold(text))
    assert words_of(text) == unspaced.sub(r" \1 ", plain).split()


@given(st.lists(st.text("abc\u00e9\u00df\u516c", min_size=1), max_size=12))
def test_the_same_word_has_the_same_hash_wherever_it_stands(parts: list[str]) -> None:
    words = find_words(fold(" ".join(parts)))
    alone = [int(value) for word in words_of(" ".join(parts)) for value in find_words(word).hashes]
    assert words.hashes.tolist() == alone
    assert len(set(alone)) == len(set(words_of(" ".join(parts))))


def test_a_hash_is_the_same_in_every_process() -> None:
    code = "from tasks.storage.words import find_words; print(find_words('w\u00f6rter zwei').hashes.tolist())"
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == str(find_words("w\u00f6rter zwei").hashes.tolist())
