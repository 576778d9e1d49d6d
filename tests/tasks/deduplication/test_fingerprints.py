"""What texts are compared by."""

import os
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.deduplication.fingerprints import LEAST_SAMPLED, VALUES, count_shared, fingerprint_text, shingle_hashes
from tasks.storage.schemas import BANDS

TEXT = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all."


def test_layout_and_case_do_not_matter_for_phrases_and_words_do() -> None:
    same, plain = fingerprint_text(f"# {TEXT.upper()}\n\n".replace(" ", "\n")), fingerprint_text(TEXT)
    assert (same.signature, same.bands, same.paragraphs) == (plain.signature, plain.bands, plain.paragraphs)
    assert fingerprint_text(TEXT + " Really.").signature != plain.signature


def test_shape_of_a_fingerprint() -> None:
    made = fingerprint_text(TEXT)
    assert len(made.signature) == VALUES
    assert len(set(made.bands)) == len(BANDS)
    assert made.sample == []
    assert made.shingles == len(TEXT.split()) - 4


def test_short_texts_are_compared_exactly_only() -> None:
    assert fingerprint_text("Only four words here").signature == b""
    assert fingerprint_text("Now these are five words").shingles == 1


def test_the_same_text_may_differ_in_case_and_white_space_alone() -> None:
    text = "Set the offset to + 5 and \ufb01x it"
    same = fingerprint_text(text).text_sha256
    assert fingerprint_text("  SET the offset\n\nto +\t5 and fix it ").text_sha256 == same
    for other in (text.replace("+", "-"), text.replace("5", "5%"), text + "!", text.replace("+ 5", "+5")):
        assert fingerprint_text(other).text_sha256 != same


def test_texts_without_words_are_not_all_the_same() -> None:
    assert fingerprint_text("***").text_sha256 != fingerprint_text("---").text_sha256


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_similarity_agrees_with_sets_of_phrases(first: list[str], second: list[str]) -> None:
    sets = [{tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (first, second)]
    assert count_shared(shingle_hashes(" ".join(first)), shingle_hashes(" ".join(second))) == len(sets[0] & sets[1])


def test_a_sample_is_the_same_part_of_the_phrases_in_every_text() -> None:
    words = [f"word{number}" for number in range(2000)]
    inner, outer = fingerprint_text(" ".join(words[500:900])), fingerprint_text(" ".join(words))
    assert set(inner.sample) <= set(outer.sample)
    assert 180 < len(outer.sample) < 320  # one in eight of 1,996
    assert fingerprint_text(" ".join(words[: LEAST_SAMPLED + 3])).sample == []


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = f"from tasks.deduplication.fingerprints import fingerprint_text; print(fingerprint_text({TEXT!r}))"
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == str(fingerprint_text(TEXT))


def test_signature_is_pinned() -> None:
    """Fails when rensa or the hashing changes: then raise the revision of the fingerprints' stage."""
    assert fingerprint_text(TEXT).signature[:3].hex() == "10c949"
