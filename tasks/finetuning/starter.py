"""The starter: a small Llama-type model that is built on this machine, the same on every one, to try the line without a download.

Its weights are random numbers. It knows nothing, and what an adapter teaches it is not worth keeping; it is a full citizen
otherwise: mlx-lm loads, trains and generates with it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.storage.artifacts import ModelRef
from tasks.storage.root import size_of, write_bytes

if TYPE_CHECKING:
    import numpy as np

STARTER = "starter"
TOKENIZER = Path(__file__).parent / "starter_files" / "tokenizer.json"
END_OF_TEXT, PAD = "<|endoftext|>", "<|pad|>"
# A turn on lines of its own below the mark of its role; the end-of-text token ends an answer.
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] }}"
    "{{ (eos_token if message['role'] == 'assistant' else '') + '\n' }}{% endfor %}"
    "{{ '<|assistant|>\n' if add_generation_prompt else '' }}"
)
SPREAD = 0.1  # standard deviation of the weights: with less, the tied output cannot say that a token is likely

README = """\
---
library_name: mlx
license: apache-2.0
---

# starter

A Llama-type model with {parameters:,} random weights, built by doctune so that the whole line can be tried without a download.
It was never trained and knows nothing: before fine-tuning it guesses every token about equally, after it has seen a few pages
it knows which tokens are common. Use a real model for real work: a local folder or a hub id of any model that mlx-lm loads.

Built deterministically from a seed; float32; the tokenizer (byte-level BPE, {vocabulary} tokens) is part of doctune.
"""


@dataclass(frozen=True)
class StarterShape:
    """Sizes of the model. vocabulary: of the committed tokenizer. seed: of the weights.

    So small because mlx's wheel for Linux brings a slow BLAS: two cores train on some 1,400 tokens per second with it.
    """

    hidden: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    mlp: int = 192
    context: int = 2048
    vocabulary: int = 2048
    seed: int = 1

    @property
    def config(self) -> dict[str, Any]:
        """config.json, as mlx-lm's llama reads it."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.hidden // self.heads,
            "intermediate_size": self.mlp,
            "max_position_embeddings": self.context,
            "vocab_size": self.vocabulary,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "mlp_bias": False,
            "hidden_act": "silu",
            "bos_token_id": None,
            "eos_token_id": 0,
            "pad_token_id": 1,
            "torch_dtype": "float32",
            "doctune": {"from_scratch": True, "trained": False, "seed": self.seed},
        }

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, in the order in which they are drawn; one dimension means a norm, all ones."""
        width = self.hidden // self.heads * self.kv_heads
        found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocabulary, self.hidden)}
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}"
            found |= {
                f"{prefix}.self_attn.q_proj.weight": (self.hidden, self.hidden),
                f"{prefix}.self_attn.k_proj.weight": (width, self.hidden),
                f"{prefix}.self_attn.v_proj.weight": (width, self.hidden),
                f"{prefix}.self_attn.o_proj.weight": (self.hidden, self.hidden),
                f"{prefix}.mlp.gate_proj.weight": (self.mlp, self.hidden),
                f"{prefix}.mlp.up_proj.weight": (self.mlp, self.hidden),
                f"{prefix}.mlp.down_proj.weight": (self.hidden, self.mlp),
                f"{prefix}.input_layernorm.weight": (self.hidden,),
                f"{prefix}.post_attention_layernorm.weight": (self.hidden,),
            }
        return found | {"model.norm.weight": (self.hidden,)}


def make_weights(shape: StarterShape) -> "dict[str, np.ndarray[Any, Any]]":
    """The weights, float32, uniform with standard deviation SPREAD.

    From the raw stream of a bit generator, the only part of numpy's random numbers that never changes (NEP 19), and by
    multiplications that are exact or rounded once: the same bits on every platform.
    """
    import numpy as np

    generator = np.random.PCG64(shape.seed)
    reach = np.float32(2 * 3**0.5 * SPREAD)
    weights = {}
    for name, size in shape.shapes().items():
        if len(size) == 1:
            weights[name] = np.ones(size, np.float32)
            continue
        raw = generator.random_raw(int(np.prod(size)))
        unit = (raw >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)  # [0, 1) in steps of 2**-24
        weights[name] = ((unit - np.float32(0.5)) * reach).reshape(size)
    return weights


def starter_files(shape: StarterShape) -> dict[str, bytes]:
    """All files of the model folder: name -> content."""
    from safetensors.numpy import save

    weights = make_weights(shape)
    parameters = sum(weight.size for weight in weights.values())
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END_OF_TEXT,
        "pad_token": PAD,
        "clean_up_tokenization_spaces": False,
        "model_max_length": shape.context,
    }
    return {
        "chat_template.jinja": CHAT_TEMPLATE.encode(),
        "README.md": README.format(parameters=parameters, vocabulary=shape.vocabulary).encode(),
        "config.json": _json(shape.config),
        "model.safetensors": save(weights, metadata={"format": "mlx"}),
        "tokenizer.json": TOKENIZER.read_bytes(),
        "tokenizer_config.json": _json(tokenizer_config),
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def build_starter(shape: StarterShape | None = None) -> ModelRef:
    """Build the starter below `models/` of the data root, unless it is there whole, and return it."""
    from tasks.finetuning.models import digest_of_files, is_model_file

    files = starter_files(shape or StarterShape())
    digest = digest_of_files(
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if is_model_file(name)}
    )
    folder = f"models/{STARTER}-{digest[:16]}"
    for name, content in files.items():
        if size_of(f"{folder}/{name}") != len(content):
            write_bytes(f"{folder}/{name}", content)
    return ModelRef(source=STARTER, digest=digest, folder=folder)
