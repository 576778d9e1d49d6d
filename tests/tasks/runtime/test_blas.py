"""The search for a fast BLAS: only a library with the right symbols counts, and only before mlx is loaded."""

import ctypes
import sys
import types
from pathlib import Path

import pytest

from tasks.runtime import blas
from tasks.runtime.blas import candidates, describe_blas, enable_fast_blas


@pytest.fixture(autouse=True)
def linux_without_mlx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas.sys, "platform", "linux")
    monkeypatch.delitem(sys.modules, "mlx.core", raising=False)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A system on which only MKL is there, and an OpenBLAS without the symbols; records what is loaded and how."""
    calls: list[tuple[str, int]] = []

    def load(name: str, mode: int) -> types.SimpleNamespace:
        if "openblas" in name:
            return types.SimpleNamespace()
        if "mkl" not in name:
            raise OSError(name)
        calls.append((name, mode))
        return types.SimpleNamespace(cblas_sgemm=print)

    monkeypatch.setattr(blas.ctypes, "CDLL", load)
    return calls


def test_the_first_library_with_the_symbols_is_loaded_globally(loaded: list[tuple[str, int]]) -> None:
    assert enable_fast_blas() == "libmkl_rt.so.2"
    assert loaded == [("libmkl_rt.so.2", ctypes.RTLD_GLOBAL)]


def test_to_describe_it_is_not_to_use_it(loaded: list[tuple[str, int]]) -> None:
    assert describe_blas().library == "libmkl_rt.so.2"
    assert loaded == [("libmkl_rt.so.2", ctypes.RTLD_LOCAL)]


def test_too_late_or_not_needed(loaded: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlx.core", types.ModuleType("mlx.core"))
    assert enable_fast_blas() is None
    monkeypatch.delitem(sys.modules, "mlx.core")
    monkeypatch.setattr(blas.sys, "platform", "darwin")
    assert enable_fast_blas() is None
    assert not describe_blas().needed
    assert loaded == []


def test_without_any_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "LIBRARIES", ("libno_such_blas.so.0",))
    assert enable_fast_blas() is None
    found = describe_blas()
    assert (found.needed, found.library) == (True, None)
    assert "libopenblas" in found.advice


def test_the_environment_of_this_python_is_searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libmkl_rt.so.3").touch()
    monkeypatch.setattr(blas.sys, "prefix", str(tmp_path))
    assert str(tmp_path / "lib" / "libmkl_rt.so.3") in list(candidates())
