"""What goes with an exported model: the model card that hubs read, and the Modelfile that Ollama reads."""

import json
import re
from pathlib import Path

from tasks.finetuning.adapter import DATASET_CARD, METRICS, WARNING, proof_table
from tasks.finetuning.jobs import Exported
from tasks.finetuning.models import HUB_ID
from tasks.finetuning.spec import TrainingResult
from tasks.finetuning.starter import STARTER
from tasks.storage.artifacts import AdapterRef, ModelRef

CARD, MODELFILE = "README.md", "Modelfile"
DATASET_PARTS = ("Splits", "Origin")  # sections of the dataset's card that say what was trained on
PORT = 8080
# What Ollama says that it imports from safetensors (docs.ollama.com/import), by the model_type of config.json.
OLLAMA_TYPES = frozenset({"llama", "mistral", "mixtral", "gemma", "gemma2", "gemma3_text", "phi3", "qwen2", "qwen3"})


def write_export_card(
    folder: Path,
    exported: Exported,
    *,
    tuned: Path,
    base: Path,
    adapter: AdapterRef,
    model: ModelRef,
    bits: int | None,
    gguf: bool,
) -> None:
    """Write README.md of an exported model. tuned, base: folders of adapter and base model. bits: asked for, None for the base
    model's own."""
    result = TrainingResult.model_validate_json((tuned / METRICS).read_bytes())
    dataset = (tuned / DATASET_CARD).read_text(encoding="utf-8") if (tuned / DATASET_CARD).is_file() else ""
    where = "the training examples, as none were held out" if result.split == "train" else f"the {result.split} split"
    precision = f"Its weights are quantized to {bits} bits" if bits else "Its weights have the precision of the base model"
    parts = [
        _front_matter(model, _license(base), bits),
        f"# {model.name}, tuned",
        f"{model.name}, tuned by doctune: {exported.parameters:,} parameters, "
        + (f"an adapter on {exported.fused_layers} layers fused in. " if exported.fused_layers else "all weights trained. ")
        + f"{precision} ({exported.bits_per_weight:.1f} bits per weight).",
        *([WARNING] if model.source == STARTER else []),
        _use(exported, bits, gguf),
        f"## Measured\n\nOn {where}: {result.after.rows} examples of {result.proof.documents} documents, {result.after.tokens} "
        f"tokens; 95 % intervals over documents. Measured with the adapter beside the base model"
        f"{', before the quantization' if bits else ''}.\n\n" + proof_table(result.proof),
        f"## Made from\n\n- Base model: {model.name}, sha256 `{model.digest}`\n- Adapter: sha256 `{adapter.digest}`\n"
        f"- Dataset: sha256 `{adapter.dataset_digest}`\n- {result.steps} steps, {result.epochs:.2f} epochs, "
        f"{result.trained_tokens} tokens",
        *_dataset_parts(dataset),
    ]
    (folder / CARD).write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _license(base: Path) -> str | None:
    """The license that the card of the base model names; the tuned one is not freer than that."""
    card = base / CARD
    named = re.search(r"^license: *(\S+)", card.read_text(encoding="utf-8"), re.MULTILINE) if card.is_file() else None
    return named[1] if named else None


def _front_matter(model: ModelRef, license_name: str | None, bits: int | None) -> str:
    lines = ["---", "library_name: mlx", "pipeline_tag: text-generation"]
    lines += [f"license: {license_name}"] if license_name else []
    lines += [f"base_model: {model.source}"] if HUB_ID.fullmatch(model.source) and not Path(model.source).exists() else []
    lines += ["tags:", "- mlx", "- doctune", *([f"- {bits}-bit"] if bits else []), "---"]
    return "\n".join(lines)


def _use(exported: Exported, bits: int | None, gguf: bool) -> str:
    request = json.dumps({"messages": [{"role": "user", "content": "..."}], "max_tokens": 200})
    text = [
        "## Use",
        "",
        "```",
        'mlx_lm.generate --model THIS_FOLDER --prompt "..."',
        f"mlx_lm.server --model THIS_FOLDER --port {PORT}",
        f"curl http://127.0.0.1:{PORT}/v1/chat/completions -H 'Content-Type: application/json' -d '{request}'",
        "```",
        "",
        "The server speaks the protocol of OpenAI's chat and completions. A model without a chat template takes "
        "`/v1/completions` with a `prompt`.",
    ]
    if _for_ollama(exported, bits) or gguf:
        text += ["", f"With Ollama, in this folder: `ollama create NAME -f {MODELFILE}`, then `ollama run NAME`."]
    if not gguf and not bits:
        text += ["", "As GGUF, with llama.cpp: `python convert_hf_to_gguf.py THIS_FOLDER`."]
    return "\n".join(text)


def _dataset_parts(card: str) -> list[str]:
    """Sections of the dataset's card that say what the model has seen."""
    sections: dict[str, str] = {}
    for section in re.split(r"^## ", card, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        sections[title.strip()] = body.strip()
    return [f"## Dataset: {title.lower()}\n\n{sections[title]}" for title in DATASET_PARTS if title in sections]


def _for_ollama(exported: Exported, bits: int | None) -> bool:
    return bits is None and exported.model_type in OLLAMA_TYPES


def write_modelfile(folder: Path, exported: Exported, bits: int | None, gguf: str | None) -> bool:
    """Write Ollama's Modelfile where Ollama can read the weights: as GGUF, or unquantized of a type that it imports.

    Returns whether there is one: it cannot read weights that mlx quantized.
    """
    if gguf is None and not _for_ollama(exported, bits):
        return False
    (folder / MODELFILE).write_text(f"FROM {f'./{gguf}' if gguf else '.'}\n", encoding="utf-8")
    return True
