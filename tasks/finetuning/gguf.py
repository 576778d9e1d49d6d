"""A model as one GGUF file, for llama.cpp and Ollama: the architectures whose weights mlx-lm can rename.

mlx-lm 0.32 writes the tokenizer of such a file wrongly: llama.cpp refuses the type of its token types, every token gets the same
score, so that nothing says which pieces to join first, and a byte-level vocabulary is declared as one of SentencePiece. Its names
of weights and its sizes are right and used here; what the tokenizer is, is read from tokenizer.json.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm import gguf as mlx_gguf

ARCHITECTURES = ("llama", "mistral", "mixtral")
TOKEN_TYPE, RANKS = "tokenizer.ggml.token_type", "ranks"
# Only the tokenizer of Llama 3 takes digits in threes.
LLAMA3_PATTERN = r"\p{N}{1,3}"


def write_gguf(file: Path, model: Path, weights: Mapping[str, mx.array], config: Mapping[str, Any]) -> None:
    """Write unquantized weights (16 bits where they have 16) with what llama.cpp needs to know of the model and its tokenizer.

    model: the folder with tokenizer.json. Raises ValueError when mlx-lm or this module cannot say it in GGUF.
    """
    kind = config.get("model_type")
    if kind not in ARCHITECTURES:
        raise ValueError(f"mlx-lm 0.32 cannot write GGUF for models of type {kind}, only for {', '.join(ARCHITECTURES)}")
    scaling = (config.get("rope_scaling") or {}).get("rope_type") or (config.get("rope_scaling") or {}).get("type")
    if scaling not in (None, "default", "linear"):
        raise ValueError(f"mlx-lm 0.32 cannot write GGUF for models with rope scaling of type {scaling}")
    heads, width = config["num_attention_heads"], config["hidden_size"]
    if config.get("head_dim") not in (None, width // heads):
        raise ValueError("mlx-lm 0.32 cannot write GGUF for models whose head_dim is not hidden_size / num_attention_heads")
    described = describe_tokenizer(json.loads((model / "tokenizer.json").read_text(encoding="utf-8")))
    metadata = mlx_gguf.prepare_metadata(dict(config), mlx_gguf.HfVocab.load(model))
    metadata[TOKEN_TYPE] = metadata[TOKEN_TYPE].astype(mx.int32)
    if ranks := described.pop(RANKS, None):
        scores = [-float(ranks.get(token, len(ranks))) for token in metadata["tokenizer.ggml.tokens"]]
        metadata["tokenizer.ggml.scores"] = mx.array(scores, dtype=mx.float32)
    metadata |= described
    if template := _chat_template(model):
        metadata["tokenizer.chat_template"] = template
    key_heads = config.get("num_key_value_heads") or heads
    mx.save_gguf(str(file), {_rename(name): _convert(name, w, heads, key_heads) for name, w in weights.items()}, metadata)


def describe_tokenizer(tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """The kind of a tokenizer, from its tokenizer.json, as GGUF metadata; under RANKS, of a tokenizer of SentencePiece, which
    pieces are joined first. Raises ValueError for one that cannot be described."""
    model = tokenizer["model"]
    if model["type"] != "BPE":
        raise ValueError(f"tokenizers of type {model['type']} cannot be written to GGUF here")
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    if model.get("byte_fallback"):
        joined = (merge.replace(" ", "", 1) for merge in merges)
        return {"tokenizer.ggml.model": "llama", RANKS: {token: rank for rank, token in enumerate(dict.fromkeys(joined))}}
    kind = _splitting(tokenizer.get("pre_tokenizer") or {})
    if kind is None or tokenizer.get("normalizer"):
        raise ValueError("this tokenizer prepares text in a way of its own, which cannot be written to GGUF here")
    return {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": kind, "tokenizer.ggml.merges": merges}


def _splitting(pre_tokenizer: Mapping[str, Any]) -> str | None:
    """What llama.cpp calls the way in which a byte-level tokenizer cuts text; None when it is none that is known here."""
    steps = pre_tokenizer.get("pretokenizers") or [pre_tokenizer]
    kinds = [step.get("type") for step in steps]
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Split", "ByteLevel"] and LLAMA3_PATTERN in steps[0]["pattern"].get("Regex", ""):
        return "llama-bpe"
    return None


def _chat_template(model: Path) -> str | None:
    """The chat template of a model: a file of its own, or an entry of tokenizer_config.json."""
    if (model / "chat_template.jinja").is_file():
        return (model / "chat_template.jinja").read_text(encoding="utf-8")
    config = model / "tokenizer_config.json"
    template = json.loads(config.read_text(encoding="utf-8")).get("chat_template") if config.is_file() else None
    return template if isinstance(template, str) else None


def _rename(name: str) -> str:
    renamed: str = mlx_gguf.translate_weight_names(name)
    return renamed


def _convert(name: str, weight: mx.array, heads: int, key_heads: int) -> mx.array:
    """As llama.cpp expects it: queries and keys in its own order of rotary dimensions, norms in 32 bits, no bfloat16."""
    if "self_attn.q_proj.weight" in name:
        weight = mlx_gguf.permute_weights(weight, heads, heads)
    elif "self_attn.k_proj.weight" in name:
        weight = mlx_gguf.permute_weights(weight, heads, key_heads)
    if "norm" in name:
        return weight.astype(mx.float32)
    return weight.astype(mx.float16) if weight.dtype == mx.bfloat16 else weight
