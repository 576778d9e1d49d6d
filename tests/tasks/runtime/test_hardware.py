"""The probe reads what containers say, and the caps follow from the machine."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.runtime import hardware as hardware_module
from tasks.runtime.cgroup import read_cpu_quota, read_memory
from tasks.runtime.hardware import (
    Accelerator,
    Caps,
    Hardware,
    plan_caps,
    probe,
    probe_accelerator,
    read_memory_state,
    usable_cores,
)
from tasks.runtime.settings import RuntimeSettings
from tasks.storage.root import use_data_root

GIB = 1 << 30


def machine(cores: int, memory_gib: float, available_gib: float) -> Hardware:
    return Hardware(cores, int(memory_gib * GIB), int(available_gib * GIB), 100 * GIB, "Linux x86_64", "a processor")


@pytest.mark.parametrize(
    ("hardware", "caps"),
    [
        pytest.param(machine(2, 24, 22), Caps(2, 2, 1, 1, 4096), id="small virtual machine"),
        pytest.param(machine(12, 128, 100), Caps(11, 8, 1, 1, 4096), id="M3 Max"),
        pytest.param(machine(1, 2, 1.8), Caps(1, 2, 1, 1, 1105), id="container"),
        pytest.param(machine(64, 256, 240), Caps(63, 8, 1, 1, 2340), id="server"),
        pytest.param(machine(4, 8, 6), Caps(4, 4, 1, 1, 921), id="laptop"),
        pytest.param(machine(16, 16, 3), Caps(3, 3, 1, 1, 614), id="busy machine: memory decides"),
        pytest.param(machine(1, 0.5, 0.2), Caps(1, 2, 1, 1, 512), id="too little: one worker with the least"),
    ],
)
def test_caps_of_known_machines(hardware: Hardware, caps: Caps) -> None:
    assert plan_caps(hardware) == caps


@pytest.mark.parametrize(
    ("chosen", "caps"),
    [
        (RuntimeSettings(workers=3), Caps(3, 3, 1, 1, 4096)),
        (RuntimeSettings(memory_per_worker_mib=8192), Caps(1, 2, 1, 1, 8192)),
        (RuntimeSettings(shards_in_flight=20), Caps(2, 20, 1, 1, 4096)),
        (RuntimeSettings(workers=50, memory_per_worker_mib=128), Caps(50, 8, 1, 1, 128)),
    ],
)
def test_what_the_user_set_goes_first(chosen: RuntimeSettings, caps: Caps) -> None:
    assert plan_caps(machine(2, 24, 22), chosen) == caps


@settings(max_examples=50, deadline=None)
@given(cores=st.integers(1, 512), available=st.floats(0.01, 4096))
def test_caps_are_within_bounds_on_any_machine(cores: int, available: float) -> None:
    caps = plan_caps(machine(cores, 4096, available))
    assert 1 <= caps.workers <= cores
    assert 512 <= caps.memory_per_worker_mib <= 4096
    assert 2 <= caps.shards_in_flight <= 8
    within = caps.workers * caps.memory_per_worker_mib <= 0.6 * available * 1024
    assert within or (caps.workers == 1 and caps.memory_per_worker_mib == 512)


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"runner": "ray"}, {"runner": "dask:"}, {"memory_per_worker_mib": 1}, {"x": 1}]
)
def test_bad_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RuntimeSettings.model_validate(wrong)


def test_a_runner_may_be_a_cluster() -> None:
    assert RuntimeSettings(runner="dask:tcp://10.0.0.1:8786").runner == "dask:tcp://10.0.0.1:8786"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_no_control_groups_no_limits(tmp_path: Path) -> None:
    assert read_cpu_quota(tmp_path) is None
    assert read_memory(tmp_path) is None


def test_version_2_in_a_container(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/memory.max": f"{2 * GIB}\n",
            "sys/fs/cgroup/memory.current": f"{GIB}\n",
            "sys/fs/cgroup/memory.stat": f"anon 1\ninactive_file {GIB // 4}\n",
        },
    )
    assert read_cpu_quota(root) == 1.5
    assert read_memory(root, 8 * GIB) == (2 * GIB, GIB - GIB // 4)
    assert read_memory(root, GIB) is None  # a limit above what the machine has is none


def test_version_2_of_a_service_the_tightest_group_above_counts(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/system.slice/doctune.service\n",
            "sys/fs/cgroup/system.slice/cpu.max": "200000 100000\n",
            "sys/fs/cgroup/system.slice/doctune.service/cpu.max": "max 100000\n",
            "sys/fs/cgroup/system.slice/memory.max": f"{4 * GIB}\n",
            "sys/fs/cgroup/system.slice/memory.current": f"{3 * GIB}\n",
            "sys/fs/cgroup/system.slice/doctune.service/memory.max": f"{3 * GIB}\n",
            "sys/fs/cgroup/system.slice/doctune.service/memory.current": f"{GIB}\n",
        },
    )
    assert read_cpu_quota(root) == 2.0
    assert read_memory(root, 8 * GIB) == (4 * GIB, 3 * GIB)


def test_version_1_with_the_path_of_the_host(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB // 2}\n",
            "sys/fs/cgroup/memory/memory.stat": f"total_inactive_file {GIB // 8}\n",
        },
    )
    assert read_cpu_quota(root) == 3.0
    assert read_memory(root, 8 * GIB) == (GIB, GIB // 2 - GIB // 8)


def test_version_1_without_limits(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/\n1:cpu:/\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
        },
    )
    assert read_cpu_quota(root) is None
    assert read_memory(root, 8 * GIB) is None


@pytest.mark.skipif(sys.platform != "linux", reason="control groups and affinity are Linux's")
@pytest.mark.parametrize(("affinity", "quota", "cores"), [(8, None, 8), (8, 2.5, 2), (8, 0.5, 1), (2, 16.0, 2), (4, 2.0, 2)])
def test_usable_cores(monkeypatch: pytest.MonkeyPatch, affinity: int, quota: float | None, cores: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(affinity)))
    monkeypatch.setattr(hardware_module, "read_cpu_quota", lambda: quota)
    assert usable_cores() == cores


def test_on_apple_the_performance_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware_module.sys, "platform", "darwin")
    monkeypatch.setattr(hardware_module, "_sysctl", lambda name: {"hw.perflevel0.physicalcpu": "12"}.get(name, ""))
    assert usable_cores() == 12


def test_a_container_has_the_memory_of_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware_module, "read_memory", lambda total_bytes: (1000, 400))
    assert read_memory_state() == (1000, 600)
    monkeypatch.setattr(hardware_module, "read_memory", lambda total_bytes: (1000, 1200))
    assert read_memory_state() == (1000, 0)


def test_the_probe_of_this_machine_is_sensible(tmp_path: Path) -> None:
    loaded = "mlx.core" in sys.modules  # by another test, perhaps; the probe must not add it
    use_data_root(tmp_path / "not" / "yet" / "there")
    found = probe()
    assert found.cores >= 1
    assert 0 < found.available_bytes <= found.memory_bytes
    assert found.disk_free_bytes is not None
    assert found.cpu
    assert ("mlx.core" in sys.modules) == loaded
    use_data_root("memory://somewhere")
    assert probe().disk_free_bytes is None


def test_the_accelerator_is_asked_once_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, stdout='["metal", "Apple M3 Max", 103079215104]')

    probe_accelerator.cache_clear()
    monkeypatch.setattr(hardware_module.subprocess, "run", answer)
    assert probe_accelerator() == probe_accelerator() == Accelerator("metal", "Apple M3 Max", 96 * GIB)
    assert len(calls) == 1
    probe_accelerator.cache_clear()


def test_without_mlx_there_is_no_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    probe_accelerator.cache_clear()
    monkeypatch.setattr(hardware_module, "ACCELERATOR_PROBE", "import no_such_module")
    assert probe_accelerator() is None
    probe_accelerator.cache_clear()
