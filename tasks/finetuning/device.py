"""What mlx computes on, and how much memory it may use there. Only for the training process and tests."""

from typing import Any

import mlx.core as mx

from tasks.finetuning.memory import memory_budget
from tasks.runtime.hardware import cpu_model, read_memory_state

# Of the budget, for buffers that are kept to be used again. mlx-lm gives all back after every step; kept without a limit, those
# of varying widths were seen to take seven times the peak.
CACHE_SHARE = 0.1
LEAST_CACHE_BYTES = 256 * 2**20


def on_accelerator() -> bool:
    """Whether mlx computes on a GPU."""
    return bool(mx.default_device() != mx.Device(mx.cpu))


def device_name() -> str:
    """The device that is measured on: an accelerator's name and memory, or the processor."""
    if not on_accelerator():
        return f"cpu {cpu_model()}"
    info: dict[str, Any] = mx.device_info()
    return f"{info.get('device_name') or info.get('architecture')} {info.get('memory_size') or info.get('total_memory')}"


def limit_memory(available_bytes: int | None = None, processes: int = 1) -> int:
    """Tell mlx what it may use, and return that in bytes. available_bytes: None to ask the system. processes: that share it.

    mlx takes the limit as a wish: it waits for memory that is in use before it asks for more, and then asks nevertheless.
    """
    info: dict[str, Any] = mx.device_info() if on_accelerator() else {}
    working_set = info.get("max_recommended_working_set_size") or info.get("free_memory") or info.get("total_memory")
    if info.get("total_memory"):  # memory of its own, as on CUDA: the machine's does not count
        available_bytes = available_bytes or int(working_set or 0)
    available = available_bytes or read_memory_state()[1]
    budget = memory_budget(available // processes, None if working_set is None else int(working_set) // processes)
    mx.set_memory_limit(budget)
    mx.set_cache_limit(max(LEAST_CACHE_BYTES, int(CACHE_SHARE * budget)))
    if mx.metal.is_available():
        mx.set_wired_limit(min(budget, int(working_set or budget) // processes))
    return budget
