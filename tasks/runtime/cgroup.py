"""Limits that a container or a service manager set for this process: Linux control groups, versions 1 and 2.

A process sits in a group of a tree; the limits of all groups above it hold as well, so the smallest one counts.
"""

import math
from collections.abc import Iterator
from pathlib import Path

CPU_V1 = "cpu"
MEMORY_V1 = "memory"


def _groups(root: Path, controller: str | None) -> Iterator[Path]:
    """The folders of this process' groups, from its own up to the top. controller: of version 1, None for version 2."""
    mounts = {
        None: ("sys/fs/cgroup", "sys/fs/cgroup/unified"),
        CPU_V1: ("sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"),
        MEMORY_V1: ("sys/fs/cgroup/memory",),
    }[controller]
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller is None if not controllers else controller in controllers.split(","):
            for mount in mounts:
                # In a container the path is often that of the host; what is mounted then is the process' own group.
                folder = root / mount / path.strip("/")
                while folder != root / mount:
                    if folder.is_dir():
                        yield folder
                    folder = folder.parent
                if folder.is_dir():
                    yield folder


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.lstrip("-").isdigit() else None


def read_cpu_quota(root: Path = Path("/")) -> float | None:
    """Cores' worth of time that the groups allow, None without a limit."""
    quotas = []
    for folder in _groups(root, None):
        limit, _, period = _text(folder / "cpu.max").partition(" ")
        if limit.isdigit() and period.isdigit():
            quotas.append(int(limit) / int(period))
    for folder in _groups(root, CPU_V1):
        quota, length = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if quota is not None and quota > 0 and length:
            quotas.append(quota / length)
    return min(quotas, default=None)


def read_memory(root: Path = Path("/"), total_bytes: float = math.inf) -> tuple[int, int] | None:
    """Limit and use in bytes of the group that has the least room left, None without a limit below the machine's `total_bytes`.

    Use is the working set: the page cache that can be dropped is not counted.
    """
    found = []
    names = (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    )
    for controller, (limit_name, use_name, cache_name) in zip((None, MEMORY_V1), names, strict=True):
        for folder in _groups(root, controller):
            limit, use = _number(folder / limit_name), _number(folder / use_name)
            if limit is None or use is None or limit >= total_bytes:
                continue
            stat = dict(line.split(" ", 1) for line in _text(folder / "memory.stat").splitlines() if " " in line)
            found.append((limit, max(0, use - int(stat.get(cache_name, 0)))))
    return min(found, key=lambda pair: pair[0] - pair[1], default=None)
