"""What the machine offers to this process, and the caps that follow from it."""

import functools
import json
import math
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasks.runtime.cgroup import read_cpu_quota, read_memory
from tasks.runtime.settings import RuntimeSettings
from tasks.storage.root import data_root, is_local

MIB = 1 << 20
PROBE_SECONDS = 60.0
# Enough for the interpreter, an engine and a large document; more than the upper bound is no document but a bomb.
MEMORY_PER_WORKER_MIB = (512, 4096)
MEMORY_SHARE = 0.6
SHARDS_IN_FLIGHT = (2, 8)
SPARE_CORE_FROM = 8

# In a process of its own: mlx takes its time to load, and what it finds there must not stay in the process of a flow.
ACCELERATOR_PROBE = """
import json, sys
import mlx.core as mx
info = mx.device_info()
kind = "metal" if mx.metal.is_available() else "cuda" if getattr(mx, "cuda", None) and mx.cuda.is_available() else "cpu"
names = ("max_recommended_working_set_size", "memory_size") if kind == "metal" else ("total_memory",)
memory = next((int(info[name]) for name in names if info.get(name)), None) if kind != "cpu" else None
json.dump([kind, str(info.get("device_name") or info.get("architecture") or ""), memory], sys.stdout)
"""


@dataclass(frozen=True)
class Hardware:
    """The machine as this process may use it.

    cores: usable ones (affinity, container quota; performance cores on Apple). memory_bytes: all of it, or the container's
    limit. available_bytes: of these, free now. disk_free_bytes: below the data root, None where that is remote.
    """

    cores: int
    memory_bytes: int
    available_bytes: int
    disk_free_bytes: int | None
    platform: str
    cpu: str


@dataclass(frozen=True)
class Accelerator:
    """What mlx trains on. kind: metal, cuda or cpu. memory_bytes: None where it is the machine's own memory (cpu)."""

    kind: str
    name: str
    memory_bytes: int | None


@dataclass(frozen=True)
class Caps:
    """How much runs at once. memory_per_worker_mib: a worker process over it is killed."""

    workers: int
    shards_in_flight: int
    model_slots: int
    training_slots: int
    memory_per_worker_mib: int


def probe() -> Hardware:
    """Look at the machine, some milliseconds; what can change (memory, disk) is fresh at each call."""
    total, available = read_memory_state()
    return Hardware(
        cores=usable_cores(),
        memory_bytes=total,
        available_bytes=available,
        disk_free_bytes=read_disk_free(),
        platform=f"{platform.system()} {platform.machine()}",
        cpu=cpu_model(),
    )


def usable_cores() -> int:
    """Cores that this process may use, at least 1. On Apple the performance cores: the others take several times as long, and
    a shard waits for its slowest document."""
    if sys.platform == "darwin":
        return _sysctl_number("hw.perflevel0.physicalcpu") or psutil.cpu_count(logical=False) or 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = read_cpu_quota()
    return max(1, min(cores, math.floor(quota + 0.01)) if quota is not None else cores)


def read_memory_state() -> tuple[int, int]:
    """Total and available bytes: the machine's, or a container's where that is less."""
    machine = psutil.virtual_memory()
    group = read_memory(total_bytes=machine.total)
    if group is None:
        return machine.total, machine.available
    limit, used = group
    return limit, min(machine.available, max(0, limit - used))


def read_disk_free() -> int | None:
    """Free bytes where the data root is or will be, None where that is remote."""
    if not is_local():
        return None
    folder = Path(data_root())
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@functools.cache
def cpu_model() -> str:
    """The processor's name as its maker gives it."""
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string") or platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _sysctl(name: str) -> str:
    try:
        done = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _sysctl_number(name: str) -> int | None:
    text = _sysctl(name)
    return int(text) if text.isdigit() else None


@functools.cache
def probe_accelerator() -> Accelerator | None:
    """What mlx would train on, None when mlx does not load here. About a second, asked once per process."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", ACCELERATOR_PROBE], capture_output=True, text=True, timeout=PROBE_SECONDS, check=True
        )
        kind, name, memory = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Accelerator(kind, name, memory)


def plan_caps(hardware: Hardware, settings: RuntimeSettings | None = None) -> Caps:
    """The caps for a machine; what the user has set goes first.

    One worker per usable core (one core is left over from 8 on), as long as each gets the least memory that is worth a
    worker; all of them together may take 60 % of what is available.
    """
    settings = settings or RuntimeSettings()
    least, most = MEMORY_PER_WORKER_MIB
    budget_mib = int(MEMORY_SHARE * hardware.available_bytes / MIB)
    workers = settings.workers
    if workers is None:
        by_cores = hardware.cores - 1 if hardware.cores >= SPARE_CORE_FROM else hardware.cores
        by_memory = budget_mib // (settings.memory_per_worker_mib or least)
        workers = max(1, min(by_cores, by_memory))
    memory = settings.memory_per_worker_mib or min(most, max(least, budget_mib // workers))
    few, many = SHARDS_IN_FLIGHT
    shards = settings.shards_in_flight or min(many, max(few, workers))
    # A model fills the accelerator, and training does so for hours: one of each at a time.
    return Caps(workers, shards, model_slots=1, training_slots=1, memory_per_worker_mib=memory)
