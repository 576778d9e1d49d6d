"""The card and the Modelfile of an exported model."""

from pathlib import Path

import pytest

from tasks.finetuning.export import write_export_card, write_modelfile
from tasks.finetuning.jobs import Exported
from tasks.finetuning.starter import build_starter
from tasks.storage.artifacts import AdapterRef, ModelRef
from tests.tasks.finetuning.stored_adapters import NANO, store_adapter

DONE = Exported(model_type="llama", parameters=1234567, bits_per_weight=16.0, fused_layers=14)


@pytest.fixture
def adapter(tmp_path: Path, data_root: Path) -> AdapterRef:
    return store_adapter("one", scratch=tmp_path)


def write(tmp_path: Path, data_root: Path, adapter: AdapterRef, model: ModelRef, bits: int | None = None) -> str:
    base = data_root / build_starter(NANO).folder
    write_export_card(
        tmp_path, DONE, tuned=data_root / adapter.path, base=base, adapter=adapter, model=model, bits=bits, gguf=False
    )
    return (tmp_path / "README.md").read_text()


def test_the_card_states_what_was_measured_and_what_it_was_made_from(
    tmp_path: Path, data_root: Path, adapter: AdapterRef
) -> None:
    card = write(tmp_path, data_root, adapter, build_starter(NANO))
    assert card.startswith(
        "---\nlibrary_name: mlx\npipeline_tag: text-generation\nlicense: apache-2.0\ntags:\n- mlx\n- doctune\n---\n"
    )
    assert "random numbers" in card
    assert "| loss (nats per token) | 6.1250 (" in card
    assert "1,234,567 parameters, an adapter on 14 layers fused in." in card
    assert "mlx_lm.server --model THIS_FOLDER" in card
    for digest in (adapter.digest, adapter.dataset_digest, adapter.model_digest):
        assert digest in card
    assert "## Dataset: splits\n\nThree splits." in card  # the dataset's own card is not needed any more
    assert "## Dataset: origin\n\n- Documents: 7" in card
    assert "Settings" not in card
    assert str(data_root) not in card


def test_the_card_names_a_base_of_a_hub_and_no_folder_of_this_machine(
    tmp_path: Path, data_root: Path, adapter: AdapterRef
) -> None:
    hub = write(tmp_path, data_root, adapter, ModelRef(source="org/small-model", digest="d", folder="/x"), 4)
    assert "base_model: org/small-model\n" in hub
    assert "- 4-bit\n" in hub
    assert "before the quantization" in hub
    assert "llama.cpp" not in hub
    assert "random numbers" not in hub
    local = write(tmp_path, data_root, adapter, ModelRef(source="/home/somebody/small-model", digest="d", folder="/x"))
    assert "base_model" not in local
    assert "somebody" not in local
    assert "# small-model, tuned" in local


def test_a_modelfile_is_written_where_ollama_can_read_the_weights(tmp_path: Path) -> None:
    assert write_modelfile(tmp_path, DONE, None, None)
    assert (tmp_path / "Modelfile").read_text() == "FROM .\n"
    assert write_modelfile(tmp_path, DONE, 4, "model.gguf")
    assert (tmp_path / "Modelfile").read_text() == "FROM ./model.gguf\n"
    (tmp_path / "Modelfile").unlink()
    assert not write_modelfile(tmp_path, DONE, 4, None)
    assert not write_modelfile(tmp_path, DONE.model_copy(update={"model_type": "mamba"}), None, None)
    assert not (tmp_path / "Modelfile").exists()
