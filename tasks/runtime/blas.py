"""A fast BLAS for mlx on Linux without a GPU, where its wheel brings the reference one: matrix products some 30 times slower."""

import ctypes
import importlib.metadata
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# These two were measured with mlx. A numpy's own OpenBLAS cannot serve: its symbols have other names.
LIBRARIES = ("libopenblas.so.0", "libmkl_rt.so.2", "libopenblas.so", "libmkl_rt.so.3", "libmkl_rt.so")
ADVICE = "install OpenBLAS (Debian, Ubuntu: apt install libopenblas0-pthread; Fedora: dnf install openblas) or `pip install mkl`"


@dataclass(frozen=True)
class Blas:
    """Which BLAS mlx would use. needed: a separate one matters on this system. library: the one found, as given to the loader."""

    needed: bool
    library: str | None
    advice: str


def candidates() -> Iterator[str]:
    """Where to look: the loader's own search, then this Python's environment (Conda, the `mkl` wheel)."""
    yield from LIBRARIES
    folders = [Path(sys.prefix) / "lib"]
    try:
        files = importlib.metadata.files("mkl") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    folders += sorted({Path(str(file.locate())).resolve().parent for file in files if file.name.startswith("libmkl_rt")})
    for folder in dict.fromkeys(folders):
        yield from (str(folder / name) for name in LIBRARIES if (folder / name).is_file())


def _load(library: str, mode: int) -> bool:
    try:
        return bool(ctypes.CDLL(library, mode=mode).cblas_sgemm)
    except (OSError, AttributeError):
        return False


def enable_fast_blas() -> str | None:
    """Make mlx use a fast BLAS; returns the library, None where there is none, none is needed or mlx is loaded already.

    Has to run before `mlx.core` is imported: the loader resolves mlx's symbols against what is loaded globally by then.
    """
    if not sys.platform.startswith("linux") or "mlx.core" in sys.modules:
        return None
    return next((library for library in candidates() if _load(library, ctypes.RTLD_GLOBAL)), None)


def describe_blas() -> Blas:
    """What `enable_fast_blas` would find, without making mlx use it."""
    if not sys.platform.startswith("linux"):
        return Blas(needed=False, library=None, advice="")
    library = next((library for library in candidates() if _load(library, ctypes.RTLD_LOCAL)), None)
    return Blas(needed=True, library=library, advice="" if library else ADVICE)
