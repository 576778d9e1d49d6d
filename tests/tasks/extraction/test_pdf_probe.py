"""Which text layers are broken."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extraction.pdf.probe import is_cipher, is_garbled

ENGLISH = (
    "When the river rose in the autumn of that year, the people of the valley carried what they could to the chapel on the hill "
    "and waited there for three days. On the fourth morning the water had gone back, and they found their fields under a layer "
    "of grey mud, in which the first green showed already before the winter came."
)
FINNISH = (
    "Kun joki syksyllä nousi, laakson asukkaat kantoivat mukanaan minkä pystyivät kappelille kukkulalle ja odottivat siellä "
    "kolme päivää. Neljäntenä aamuna vesi oli laskenut, ja he löysivät peltonsa harmaan mudan alta, josta ensimmäinen vihreä "
    "näkyi jo ennen talven tuloa, vaikka lunta oli satanut tuntureille."
)
RUSSIAN = "Когда осенью река поднялась, жители долины отнесли всё, что могли, к часовне на холме и ждали там три дня. " * 3


def shifted(text: str, places: int) -> str:
    letters = string.ascii_lowercase
    return text.lower().translate(str.maketrans(letters, letters[places:] + letters[:places]))


@pytest.mark.parametrize(
    "text", [ENGLISH, FINNISH, RUSSIAN, "", "12.5 %", "TEST " * 100, "\uf0b7 First point\n\uf0b7 Second point"]
)
def test_sound_text(text: str) -> None:
    assert not is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "\x07\x1c\x1d\x08\x1a-/\x17\x18\x18\x05\x19",
        "(cid:12)(cid:7)(cid:31) and (cid:3)",
        "\ufffd" * 12,
        "\uf76f\uf770\uf765\uf76e\uf76d\uf761\uf767\uf761\uf77a\uf769",
        shifted(ENGLISH, 1),
    ],
    ids=["controls", "cids", "replacements", "private use", "another letter for each"],
)
def test_broken_text(text: str) -> None:
    assert is_garbled(text)


def test_soft_hyphens_of_pdfium_are_no_damage() -> None:
    assert not is_garbled(ENGLISH.replace("e", "e\x02", 20))


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert is_garbled(text) in (True, False)
    assert not is_cipher(text) or sum(character.isalpha() for character in text) >= 200
