"""`doctune try` and `doctune export`, with the starter."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from tasks.finetuning import history
from tests.tasks.finetuning.stored_adapters import NANO, store_adapter


@pytest.fixture(autouse=True)
def small_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The starter of this file is the one that the stored adapters were made for."""
    from tasks.finetuning import models
    from tasks.finetuning.starter import build_starter

    monkeypatch.setattr(models, "build_starter", lambda: build_starter(NANO))


def doctune(data_root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data-root", str(data_root)])


def test_both_answers_are_shown(tmp_path: Path, data_root: Path) -> None:
    refused = doctune(data_root, "try", "The report was")
    assert refused.exit_code == 2
    assert "no adapter is in use yet" in refused.output
    history.promote(store_adapter("aaaa0000", scratch=tmp_path, strength=5.0), run="night", why="it is better")
    shown = doctune(data_root, "try", "The report was", "--max-tokens", "5")
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("model starter (with")
    assert shown.output.splitlines()[0].endswith(" a chat template), adapter aaaa0000")
    first, second = shown.output.split("--- with the adapter")
    assert "--- without the adapter (" in first
    assert first.split("s)\n")[1].strip() != second.split("s)\n")[1].strip()


def test_an_adapter_of_another_model_is_refused(tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_adapter("aaaa0000", scratch=tmp_path)
    monkeypatch.undo()
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(data_root))
    refused = doctune(data_root, "try", "x", "--adapter", "aaaa")
    assert refused.exit_code == 2
    assert "not the model that the adapter was trained on" in refused.output


def test_an_export_is_whole_or_not_there(tmp_path: Path, data_root: Path) -> None:
    store_adapter("aaaa0000", scratch=tmp_path)
    target = tmp_path / "out" / "tuned"
    shown = doctune(data_root, "export", str(target), "--adapter", "aaaa", "--bits", "8", "--gguf")
    assert shown.exit_code == 0, shown.output
    assert {path.name for path in target.iterdir()} >= {
        *("README.md", "Modelfile", "config.json", "model.safetensors", "model.gguf", "tokenizer.json"),
    }
    assert [path.name for path in target.parent.iterdir()] == ["tuned"]
    assert "8-bit" in (target / "README.md").read_text()
    assert f"mlx_lm.server --model {target}" in shown.output

    before = (target / "README.md").stat().st_mtime_ns
    refused = doctune(data_root, "export", str(target), "--adapter", "aaaa")
    assert refused.exit_code == 2
    assert "nothing is overwritten" in refused.output
    assert (target / "README.md").stat().st_mtime_ns == before


def test_a_failed_export_leaves_nothing(tmp_path: Path, data_root: Path) -> None:
    adapter = store_adapter("aaaa0000", scratch=tmp_path)
    damaged = data_root / adapter.path / "adapters.safetensors"
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    failed = doctune(data_root, "export", str(tmp_path / "out" / "tuned"), "--adapter", "aaaa")
    assert failed.exit_code == 1
    assert list((tmp_path / "out").iterdir()) == []
