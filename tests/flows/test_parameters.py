"""Settings from files and options."""

from pathlib import Path

import pytest

from flows.parameters import SettingsError, read_settings


def test_defaults_then_file_then_options(tmp_path: Path) -> None:
    file = tmp_path / "doctune.toml"
    file.write_text('[finetuning]\nepochs = 2\nrank = 8\n[curation.gates]\nlanguages = ["en"]\n')
    settings = read_settings(str(file), ["finetuning.rank=4", 'curation.gates.languages=["de"]', "runtime.runner=threads"])
    assert settings["finetuning"].epochs == 2
    assert settings["finetuning"].rank == 4
    assert settings["curation"].gates.languages == ["de"]
    assert settings["finetuning"].seed == read_settings(None, [])["finetuning"].seed


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("finetuning.rank=0", r"finetuning\.rank: .*greater than or equal to 1 \(got 0\)"),
        ("finetuning.rnak=4", r"finetuning\.rnak: Extra inputs"),
        ("curation.gates.min_words=many", r"curation\.gates\.min_words: .*\(got 'many'\)"),
        ("finetuning", "write NAME=VALUE"),
        ("nothing.here=1", "no such section; there are curation, finetuning, runtime"),
        ("finetuning.rank.deep=1", r"finetuning\.rank"),
    ],
)
def test_what_is_wrong_is_named(override: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_settings(None, [override])


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("rank: 4")
    with pytest.raises(SettingsError, match=r"settings\.toml: not a TOML file"):
        read_settings(str(file), [])
