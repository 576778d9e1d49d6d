"""The starter model is the same everywhere, and mlx-lm loads it."""

import hashlib
from pathlib import Path

from tasks.finetuning.models import resolve_model
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter, make_weights, starter_files
from tasks.storage.artifacts import ModelRef

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)


def test_the_weights_are_pinned() -> None:
    weights = make_weights(StarterShape())
    joined = hashlib.sha256(b"".join(weight.tobytes() for weight in weights.values())).hexdigest()
    assert joined == "f83af0b1cb66c604101ee7540e4e5332dee775bc2a4e5c4268386a6e753f24b0"


def test_the_folder_is_rebuilt_the_same_when_a_file_is_lost(data_root: Path) -> None:
    model = build_starter(NANO)
    folder = data_root / model.folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "model.safetensors").write_bytes(b"cut off")
    assert build_starter(NANO) == model
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before == starter_files(NANO)


def test_the_digest_is_that_of_the_folder_named_as_a_path(data_root: Path) -> None:
    model = build_starter()
    assert resolve_model("starter", allow_hub=False) == model
    named = resolve_model(str(data_root / model.folder), allow_hub=False)
    assert named.digest == model.digest
    assert named.cache_identity() == model.cache_identity()
    assert named.name == Path(model.folder).name
    assert model.name == "starter"


def test_other_shapes_are_other_models() -> None:
    assert build_starter(NANO).digest != build_starter(StarterShape(seed=2)).digest


def test_mlx_lm_loads_it_and_its_tokenizer_keeps_every_text(data_root: Path) -> None:
    from mlx_lm import load

    model: ModelRef = build_starter(NANO)
    loaded, tokenizer = load(str(data_root / model.folder))[:2]
    text = "# Überschrift\n\nprix: 3 €, 漢字 \U0001f642"
    tokens = tokenizer.encode(text)
    assert tokenizer.decode(tokens) == text
    assert tokenizer.eos_token_id == 0
    assert "random weights" in (data_root / model.folder / "README.md").read_text()
    assert len(loaded.layers) == 1


def test_the_starter_is_trained_for_40_steps_unless_the_user_says() -> None:
    settings = FinetuningSettings()
    assert settings.for_model(64, from_scratch=True).max_steps == 40
    assert settings.for_model(64, from_scratch=False).max_steps is None
    assert settings.model_copy(update={"max_steps": 7}).for_model(64, from_scratch=True).max_steps == 7
