"""What a model's name means, and what is said when it means nothing."""

import json
import os
from pathlib import Path

import pytest

from tasks.finetuning.errors import ModelUnavailable
from tasks.finetuning.models import DIGESTS, resolve_model
from tasks.finetuning.starter import StarterShape, starter_files

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name, content in starter_files(NANO).items():
        (folder / name).write_bytes(content)
    return folder


def test_the_digest_follows_the_content_of_what_counts(folder: Path) -> None:
    first = resolve_model(str(folder), allow_hub=False)
    (folder / "README.md").write_text("other words")
    assert resolve_model(str(folder), allow_hub=False) == first
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert resolve_model(str(folder), allow_hub=False).digest != first.digest


def test_a_file_is_not_read_again_while_it_looks_the_same(folder: Path, data_root: Path) -> None:
    first = resolve_model(str(folder), allow_hub=False)
    known = json.loads((data_root / DIGESTS).read_bytes())
    weights = str(folder / "model.safetensors")
    known[weights]["sha256"] = "remembered"
    (data_root / DIGESTS).write_text(json.dumps(known))
    assert resolve_model(str(folder), allow_hub=False).digest != first.digest
    os.utime(weights, ns=(1, 1))
    assert resolve_model(str(folder), allow_hub=False) == first
    (data_root / DIGESTS).write_text("{ damaged")
    assert resolve_model(str(folder), allow_hub=False) == first


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_something_is_named_with_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelUnavailable, match=r"not a whole model: .*(config.json|tokenizer.json|safetensors) missing"):
        resolve_model(str(folder), allow_hub=False)


def test_a_hub_model_that_is_not_here_is_not_fetched_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelUnavailable, match=r"does not go online by itself.*hf download some/model"):
        resolve_model("some/model", allow_hub=False)


def test_a_name_that_is_nothing_is_explained() -> None:
    with pytest.raises(ModelUnavailable, match="is no folder here"):
        resolve_model("./no/such/folder", allow_hub=False)
    with pytest.raises(ModelUnavailable, match="is no folder here"):
        resolve_model("llama", allow_hub=True)
