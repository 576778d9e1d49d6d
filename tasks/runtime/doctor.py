"""What this machine is, which caps follow, what is missing: the findings behind `doctune doctor`. Repairs nothing."""

import importlib.metadata
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from tasks.runtime.blas import describe_blas
from tasks.runtime.hardware import Hardware, plan_caps, probe, probe_accelerator
from tasks.runtime.settings import RuntimeSettings
from tasks.storage.root import data_root, is_local

GIB = 1 << 30
MIB = 1 << 20
OLDEST_PYTHON = (3, 11)
LEAST_DISK_BYTES = 5 * GIB
CONNECT_SECONDS = 1.0
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
DISTRIBUTION = "doctune"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. level: ok, note (works, could be better) or problem (something will not work)."""

    level: Literal["ok", "note", "problem"]
    subject: str
    message: str


def diagnose(settings: RuntimeSettings | None = None, server_url: str | None = None) -> list[Finding]:
    """Look at everything; a few seconds, most of them for the accelerator. A check that fails itself is a finding too.

    server_url: the Prefect API that is configured, None for none.
    """
    hardware = probe()
    checks: tuple[Callable[[], list[Finding]], ...] = (
        check_python,
        lambda: check_machine(hardware, settings),
        lambda: check_training(sys.platform),
        lambda: check_disk(hardware),
        check_data_root,
        check_packages,
        lambda: [check_server(server_url)],
    )
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except (OSError, ValueError, RuntimeError) as error:
            findings.append(Finding("problem", "doctor", f"a check failed: {type(error).__name__}: {error}"))
    return findings


def check_python() -> list[Finding]:
    """The interpreter and the system."""
    version = platform.python_version()
    fits = sys.version_info[:2] >= OLDEST_PYTHON
    needed = ".".join(map(str, OLDEST_PYTHON))
    known = sys.platform == "darwin" or sys.platform.startswith("linux")
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return [
        Finding("ok", "python", version) if fits else Finding("problem", "python", f"{version}; doctune needs {needed} or newer"),
        Finding("ok", "system", system)
        if known
        else Finding("problem", "system", f"{system}: only macOS and Linux are supported"),
    ]


def check_machine(hardware: Hardware, settings: RuntimeSettings | None = None) -> list[Finding]:
    """Cores, memory and the caps that follow from them."""
    caps = plan_caps(hardware, settings)
    total, available = hardware.memory_bytes / GIB, hardware.available_bytes / GIB
    text = f"{available:.1f} GiB of {total:.1f} GiB available"
    scarce = caps.workers * caps.memory_per_worker_mib * MIB > hardware.available_bytes
    return [
        Finding("ok", "cores", f"{hardware.cores} usable ({hardware.cpu})"),
        Finding("note" if scarce else "ok", "memory", f"{text}: large documents may not fit" if scarce else text),
        Finding(
            "ok",
            "caps",
            f"{caps.workers} workers with up to {caps.memory_per_worker_mib} MiB each, {caps.shards_in_flight} shards at a time, "
            f"{caps.training_slots} training",
        ),
    ]


def check_training(system: str) -> list[Finding]:
    """What mlx trains on, and on a Linux CPU what makes that bearable."""
    accelerator = probe_accelerator()
    if accelerator is None:
        return [Finding("problem", "accelerator", "mlx does not load here, so fine-tuning will fail: pip install 'mlx[cpu]'")]
    memory = f" with {accelerator.memory_bytes / GIB:.0f} GiB" if accelerator.memory_bytes else ""
    if accelerator.kind != "cpu":
        return [Finding("ok", "accelerator", f"{accelerator.kind}: {accelerator.name}{memory}")]
    findings = [Finding("note", "accelerator", "none: training runs on the CPU, fit for small models only")]
    if system.startswith("linux"):
        blas = describe_blas()
        findings.append(
            Finding("ok", "blas", f"{blas.library} is used")
            if blas.library
            else Finding(
                "note", "blas", f"mlx uses its slow reference BLAS, training takes about 10 times as long; {blas.advice}"
            )
        )
        compiler = shutil.which("g++")
        findings.append(
            Finding("ok", "compiler", compiler)
            if compiler
            else Finding("note", "compiler", "no g++: mlx does not compile its kernels, training is some 10 % slower")
        )
    return findings


def check_disk(hardware: Hardware) -> list[Finding]:
    """Free space below the data root."""
    free = hardware.disk_free_bytes
    if free is None:
        return [Finding("ok", "disk", "the data root is remote")]
    text = f"{free / GIB:.1f} GiB free"
    return [Finding("ok", "disk", text) if free >= LEAST_DISK_BYTES else Finding("note", "disk", f"only {text}")]


def check_data_root() -> list[Finding]:
    """Whether the data root can be written. A missing folder is not made: its nearest parent is tried."""
    root = data_root()
    if not is_local():
        return [Finding("note", "data root", f"{root}: remote, not tried")]
    folder = Path(root)
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return [Finding("problem", "data root", f"{root} cannot be written: {error.strerror or error}")]
    return [Finding("ok", "data root", root)]


def check_packages() -> list[Finding]:
    """Installed packages against what doctune declares, required ones and extras."""
    try:
        declared = [Requirement(text) for text in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError:
        return [
            Finding("note", "packages", f"{DISTRIBUTION} is not installed (pip install -e .), so its packages were not checked")
        ]
    extras = sorted(importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or [])
    findings = []
    faults = [text for requirement in declared if _applies(requirement, "") and (text := _fault(requirement))]
    for fault in faults:
        findings.append(Finding("problem", "packages", fault))
    if not faults:
        findings.append(Finding("ok", "packages", "all required packages are there in fitting versions"))
    for extra in extras:
        wanted = [requirement for requirement in declared if _applies(requirement, extra) and not _applies(requirement, "")]
        missing = [text for requirement in wanted if (text := _fault(requirement))]
        if not wanted:
            continue
        findings.append(Finding("note" if missing else "ok", f"extra {extra}", "; ".join(missing) or "installed"))
    return findings


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _fault(requirement: Requirement) -> str | None:
    """What is wrong with a requirement here, None if nothing."""
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(version, prereleases=True):
        known = " (Prefect's server does not start with it)" if requirement.name == "fastapi" else ""
        return f"{requirement.name} {version} is installed, {requirement.name}{requirement.specifier} is needed{known}"
    for extra in sorted(requirement.extras):  # "mlx[cuda13]" is more than mlx
        for text in importlib.metadata.requires(requirement.name) or []:
            part = Requirement(text)
            if _applies(part, extra) and not _applies(part, "") and (fault := _fault(part)):
                return fault
    return None


def check_server(url: str | None) -> Finding:
    """Whether the Prefect server of PREFECT_API_URL answers. Only a server on this machine is contacted."""
    if not url:
        return Finding("note", "prefect server", "PREFECT_API_URL is not set: each run starts a temporary server of its own")
    address = urlsplit(url)
    host = address.hostname
    if not host:
        return Finding("problem", "prefect server", f"PREFECT_API_URL is not a URL: {url}")
    if host not in LOCAL_HOSTS:
        return Finding("ok", "prefect server", f"{url}: on another machine, not contacted")
    try:
        port = address.port or (443 if address.scheme == "https" else 80)
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            return Finding("ok", "prefect server", f"{url} answers")
    except (OSError, ValueError) as error:
        return Finding("problem", "prefect server", f"{url} does not answer ({error}): prefect server start")
