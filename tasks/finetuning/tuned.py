"""A model with an adapter on it, held as it was when the adapter was trained. mlx; only in a process of its own and in tests."""

import json
from pathlib import Path
from typing import Any

from mlx_lm.utils import load_adapters

from tasks.finetuning.adapting import quantize
from tasks.finetuning.spec import ADAPTER_FILES


def put_adapter(model: Any, adapter: Path) -> None:
    """Put an adapter on a freshly loaded model. One that was trained on a quantized model (QLoRA) has learned to make up for the
    rounding, so the model is quantized in the same way first. Raises ValueError when it does not fit, FileNotFoundError."""
    if not adapter.is_dir():
        raise FileNotFoundError(f"The adapter path does not exist: {adapter}")
    config = json.loads((adapter / ADAPTER_FILES[1]).read_text(encoding="utf-8"))
    bits = config.get("settings", {}).get("quantize")
    if bits:
        quantize(model, bits)
    load_adapters(model, str(adapter))
    model.eval()
