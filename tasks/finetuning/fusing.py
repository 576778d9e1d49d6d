"""A model with its adapter fused in, as a folder that mlx-lm and others load. mlx; only in a process of its own and in tests."""

from pathlib import Path
from typing import Any

from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm import load
from mlx_lm.utils import compute_bits_per_weight, dequantize_model, get_total_parameters, quantize_model, save

from tasks.finetuning.gguf import write_gguf
from tasks.finetuning.jobs import Exported, ExportJob
from tasks.finetuning.tuned import put_adapter

GROUP_SIZE = 64  # weights that share a scale in a quantized matrix: mlx-lm's own choice


def export_model(job: ExportJob) -> Exported:
    """Fuse, quantize when asked to, and write the model into the new folder `job.output`.

    A quantized base is dequantized first: quantizing it a second time with the adapter inside would lose part of what was
    learned. Raises ValueError when the adapter does not fit the model, or the model cannot be a GGUF file.
    """
    loaded: Any = load(job.model, return_config=True)
    model, tokenizer, config = loaded
    if job.adapter is not None:
        put_adapter(model, Path(job.adapter))
    fused = fuse_adapter(model)
    model = dequantize_model(model)
    config = {name: value for name, value in config.items() if name not in ("quantization", "quantization_config")}
    output = Path(job.output)
    if job.gguf is not None:
        output.mkdir(parents=True, exist_ok=True)
        weights: Any = dict(tree_flatten(model.parameters()))
        write_gguf(output / job.gguf, Path(job.model), weights, config)
    if job.bits is not None:
        model, config = quantize_model(model, config, GROUP_SIZE, job.bits)
    bits = float(compute_bits_per_weight(model))
    parameters = int(get_total_parameters(model))
    save(output, job.model, model, tokenizer, config, donate_model=True)
    return Exported(model_type=config["model_type"], parameters=parameters, bits_per_weight=bits, fused_layers=fused)


def fuse_adapter(model: Any) -> int:
    """Put the adapter's matrices into those of the model, in place; return how many layers had one."""
    fused = [(name, module.fuse(dequantize=True)) for name, module in model.named_modules() if hasattr(module, "fuse")]
    if fused:
        model.update_modules(tree_unflatten(fused))
    return len(fused)
