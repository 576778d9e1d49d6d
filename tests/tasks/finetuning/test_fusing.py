"""Exported models: the same as with the adapter, and files that others read."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm import load
from mlx_lm.utils import quantize_model, save

from tasks.finetuning.fusing import export_model
from tasks.finetuning.gguf import describe_tokenizer, write_gguf
from tasks.finetuning.jobs import ExportJob
from tasks.finetuning.starter import TOKENIZER, build_starter
from tests.tasks.finetuning.stored_adapters import NANO, store_adapter

TOKENS = mx.array([[5, 9, 700, 12, 44, 3, 8]])


def logits(model: Any) -> mx.array:
    found: mx.array = model(TOKENS).astype(mx.float32)
    return found


@pytest.fixture
def base(data_root: Path) -> Path:
    return data_root / build_starter(NANO).folder


@pytest.fixture
def adapter(tmp_path: Path, data_root: Path) -> Path:
    return data_root / store_adapter("one", scratch=tmp_path, strength=0.5).path


def test_fused_equals_adapter(base: Path, adapter: Path, tmp_path: Path) -> None:
    done = export_model(ExportJob(model=str(base), adapter=str(adapter), output=str(tmp_path / "new")))
    assert (done.model_type, done.fused_layers, done.bits_per_weight) == ("llama", 1, 32)
    plain = load(str(base))[0]
    assert done.parameters == sum(weight.size for _, weight in tree_flatten(plain.parameters()))
    tuned, fused = load(str(base), adapter_path=str(adapter))[0], load(str(tmp_path / "new"))[0]
    assert float(mx.abs(logits(plain) - logits(tuned)).max()) > 0.01
    assert float(mx.abs(logits(fused) - logits(tuned)).max()) < 1e-4


def test_bits_are_what_was_asked_for_and_near(base: Path, adapter: Path, tmp_path: Path) -> None:
    sizes = {}
    for bits in (4, 8):
        output = tmp_path / f"new-{bits}"
        done = export_model(ExportJob(model=str(base), adapter=str(adapter), output=str(output), bits=bits))
        assert bits < done.bits_per_weight < bits + 1.5
        assert json.loads((output / "config.json").read_text())["quantization"]["bits"] == bits
        sizes[bits] = (output / "model.safetensors").stat().st_size
        tuned = logits(load(str(base), adapter_path=str(adapter))[0])
        spread = float(mx.abs(tuned - logits(load(str(output))[0])).mean() / mx.abs(tuned).mean())
        assert spread < {4: 0.5, 8: 0.05}[bits]
    assert sizes[4] < sizes[8]


def test_a_quantized_base_is_not_quantized_again(base: Path, adapter: Path, tmp_path: Path) -> None:
    loaded: Any = load(str(base), return_config=True)
    model, config = quantize_model(loaded[0], loaded[2], 64, 4)
    save(tmp_path / "quantized", str(base), model, loaded[1], config)
    export_model(ExportJob(model=str(tmp_path / "quantized"), adapter=str(adapter), output=str(tmp_path / "new")))
    assert "quantization" not in json.loads((tmp_path / "new" / "config.json").read_text())
    tuned = load(str(tmp_path / "quantized"), adapter_path=str(adapter))[0]
    assert float(mx.abs(logits(load(str(tmp_path / "new"))[0]) - logits(tuned)).max()) < 1e-3


def test_a_gguf_file_holds_weights_and_tokenizer(base: Path, adapter: Path, tmp_path: Path) -> None:
    job = ExportJob(model=str(base), adapter=str(adapter), output=str(tmp_path / "new"), gguf="model.gguf")
    export_model(job)
    weights, metadata = mx.load(str(tmp_path / "new" / "model.gguf"), return_metadata=True)
    fused = dict(tree_flatten(load(str(tmp_path / "new"))[0].parameters()))
    assert len(weights) == len(fused)
    assert mx.array_equal(weights["token_embd.weight"], fused["model.embed_tokens.weight"])
    assert mx.array_equal(weights["blk.0.attn_v.weight"], fused["model.layers.0.self_attn.v_proj.weight"])
    queries = weights["blk.0.attn_q.weight"]
    assert sorted(queries.flatten().tolist()) == sorted(fused["model.layers.0.self_attn.q_proj.weight"].flatten().tolist())
    assert metadata["tokenizer.ggml.model"] == "gpt2"
    assert metadata["tokenizer.ggml.pre"] == "gpt-2"
    assert metadata["tokenizer.ggml.token_type"].dtype == mx.int32  # llama.cpp refuses any other
    tokenizer = json.loads(TOKENIZER.read_text())
    assert len(metadata["tokenizer.ggml.tokens"]) == NANO.vocabulary
    assert len(metadata["tokenizer.ggml.merges"]) == len(tokenizer["model"]["merges"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "qwen3"}, "type qwen3, only for llama"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "rope scaling of type llama3"),
        ({"head_dim": 7}, "head_dim"),
    ],
)
def test_what_gguf_cannot_say_is_refused(base: Path, tmp_path: Path, change: dict[str, Any], words: str) -> None:
    config = json.loads((base / "config.json").read_text()) | change
    with pytest.raises(ValueError, match=words):
        write_gguf(tmp_path / "model.gguf", base, {}, config)


def test_tokenizers_are_described_or_refused() -> None:
    byte_level = {"type": "ByteLevel", "use_regex": True}
    model = {"type": "BPE", "merges": [["a", "b"], ["ab", "c"]], "byte_fallback": False}
    split = {"type": "Split", "pattern": {"Regex": r"\p{N}{1,3}| ?[^\s]+"}}
    steps = {"type": "Sequence", "pretokenizers": [split, {"type": "ByteLevel", "use_regex": False}]}
    plain = describe_tokenizer({"model": model, "pre_tokenizer": byte_level})
    assert (plain["tokenizer.ggml.pre"], plain["tokenizer.ggml.merges"]) == ("gpt-2", ["a b", "ab c"])
    assert describe_tokenizer({"model": model, "pre_tokenizer": steps})["tokenizer.ggml.pre"] == "llama-bpe"
    pieces = describe_tokenizer({"model": {**model, "byte_fallback": True}, "pre_tokenizer": None})
    assert (pieces["tokenizer.ggml.model"], pieces["ranks"]) == ("llama", {"ab": 0, "abc": 1})
    digits = {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, byte_level]}
    for unknown in (
        {"pre_tokenizer": digits},
        {"pre_tokenizer": None},
        {"pre_tokenizer": byte_level, "normalizer": {"type": "NFC"}},
    ):
        with pytest.raises(ValueError, match="a way of its own"):
            describe_tokenizer({"model": model, **unknown})
    with pytest.raises(ValueError, match="type Unigram"):
        describe_tokenizer({"model": {"type": "Unigram"}})
