"""The doctor finds what is wrong, and says what to do."""

import importlib.metadata
import socket
from pathlib import Path
from typing import Any

import pytest

from tasks.runtime import doctor
from tasks.runtime.blas import Blas
from tasks.runtime.doctor import (
    Finding,
    check_data_root,
    check_disk,
    check_machine,
    check_packages,
    check_server,
    check_training,
    diagnose,
)
from tasks.runtime.hardware import Accelerator, Hardware
from tasks.storage.root import use_data_root

GIB = 1 << 30


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.subject: finding.level for finding in findings}


def test_this_machine_is_diagnosed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "probe_accelerator", lambda: Accelerator("cpu", "a processor", None))
    found = levels(diagnose())
    assert {
        "python",
        "system",
        "cores",
        "memory",
        "caps",
        "accelerator",
        "disk",
        "data root",
        "packages",
        "prefect server",
    } <= set(found)
    assert found["python"] == found["data root"] == found["caps"] == "ok"


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("no idea")

    monkeypatch.setattr(doctor, "probe_accelerator", lambda: None)
    monkeypatch.setattr(doctor, "check_packages", broken)
    assert Finding("problem", "doctor", "a check failed: RuntimeError: no idea") in diagnose()


def test_little_memory_is_noted() -> None:
    small = Hardware(1, GIB // 2, GIB // 5, None, "Linux x86_64", "a processor")
    assert levels(check_machine(small)) == {"cores": "ok", "memory": "note", "caps": "ok"}
    large = Hardware(8, 64 * GIB, 60 * GIB, None, "Linux x86_64", "a processor")
    assert levels(check_machine(large))["memory"] == "ok"


@pytest.mark.parametrize(("free", "level"), [(None, "ok"), (GIB, "note"), (50 * GIB, "ok")])
def test_disk(free: int | None, level: str) -> None:
    (finding,) = check_disk(Hardware(1, GIB, GIB, free, "Linux", "a processor"))
    assert finding.level == level


@pytest.mark.parametrize(
    ("accelerator", "system", "library", "compiler", "expected"),
    [
        (Accelerator("metal", "Apple M3 Max", 96 * GIB), "darwin", None, None, {"accelerator": "ok"}),
        (Accelerator("cuda", "NVIDIA H200", 139 * GIB), "linux", None, None, {"accelerator": "ok"}),
        (
            Accelerator("cpu", "EPYC", None),
            "linux",
            "libopenblas.so.0",
            "/usr/bin/g++",
            {"accelerator": "note", "blas": "ok", "compiler": "ok"},
        ),
        (Accelerator("cpu", "EPYC", None), "linux", None, None, {"accelerator": "note", "blas": "note", "compiler": "note"}),
        (None, "linux", None, None, {"accelerator": "problem"}),
    ],
)
def test_training(
    monkeypatch: pytest.MonkeyPatch,
    accelerator: Any,
    system: str,
    library: str | None,
    compiler: str | None,
    expected: dict[str, str],
) -> None:
    monkeypatch.setattr(doctor, "probe_accelerator", lambda: accelerator)
    monkeypatch.setattr(doctor, "describe_blas", lambda: Blas(True, library, "install one"))
    monkeypatch.setattr(doctor.shutil, "which", lambda _name: compiler)
    assert levels(check_training(system)) == expected


def test_a_data_root_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    use_data_root(tmp_path / "file" / "root")
    assert levels(check_data_root()) == {"data root": "problem"}
    use_data_root(tmp_path / "new" / "root")
    assert levels(check_data_root()) == {"data root": "ok"}
    assert not (tmp_path / "new").exists()


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What doctune declares, to be changed by the test; fastapi 0.165.0, mlx 0.32.4 and nothing else are installed."""
    requires = {
        "doctune": ["fastapi"],
        "mlx": ["mlx-cuda-13 ; extra == 'cuda13'", "missing-on-windows ; sys_platform == 'win32'"],
    }
    versions = {"fastapi": "0.165.0", "mlx": "0.32.4"}

    def version(name: str) -> str:
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    def requires_of(name: str) -> list[str]:
        if name not in requires:
            raise importlib.metadata.PackageNotFoundError(name)
        return requires[name]

    class Metadata:
        def get_all(self, _name: str) -> list[str]:
            return ["cuda"]

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    monkeypatch.setattr(doctor.importlib.metadata, "requires", requires_of)
    monkeypatch.setattr(doctor.importlib.metadata, "metadata", lambda _name: Metadata())
    return requires


def test_packages_that_fit(declared: dict[str, list[str]]) -> None:
    assert levels(check_packages()) == {"packages": "ok"}


def test_the_known_trap(declared: dict[str, list[str]]) -> None:
    declared["doctune"] = ["fastapi<0.151"]
    (finding,) = check_packages()
    assert finding.level == "problem"
    assert "fastapi 0.165.0 is installed, fastapi<0.151 is needed (Prefect's server does not start" in finding.message


def test_a_missing_package_and_a_missing_extra(declared: dict[str, list[str]]) -> None:
    declared["doctune"] = ["rensa>=0.5", "appnope ; sys_platform == 'nowhere'", "mlx[cuda13] ; extra == 'cuda'"]
    assert check_packages() == [
        Finding("problem", "packages", "rensa is not installed"),
        Finding("note", "extra cuda", "mlx-cuda-13 is not installed"),
    ]


def test_a_checkout_that_is_not_installed(declared: dict[str, list[str]]) -> None:
    del declared["doctune"]
    assert levels(check_packages()) == {"packages": "note"}


def test_a_server_on_this_machine_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert check_server(f"http://127.0.0.1:{port}/api").level == "ok"
    assert check_server(f"http://127.0.0.1:{port}/api").level == "problem"


def test_no_other_machine_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an outside connection")

    monkeypatch.setattr(doctor.socket, "create_connection", refuse)
    assert check_server("https://prefect.example.org/api").level == "ok"
    assert check_server(None).level == "note"
    assert check_server("not a url").level == "problem"
