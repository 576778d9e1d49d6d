"""Telemetry is off in the words that the installed packages read, not only in those that we believe they read."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tasks.runtime.offline import HUB_OFFLINE, SET_BY_US, TELEMETRY_OFF, forbid_telemetry

NAMES = (*TELEMETRY_OFF, *HUB_OFFLINE, SET_BY_US)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    for name in NAMES:
        os.environ.pop(name, None)
    yield
    os.environ.clear()
    os.environ.update(before)


def ask(code: str, forbid: bool, allow_hub: bool = False) -> object:
    """Run code in a fresh process with these variables alone and read the JSON it prints."""
    if forbid:
        forbid_telemetry(allow_hub=allow_hub)
    blind = ("CI", "GITHUB_ACTIONS", "BUILD_NUMBER", "BUILD_ID", "TF_BUILD")
    environment = {name: value for name, value in os.environ.items() if name not in blind}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def load_alone(package: str, *parts: str) -> str:
    """Code that loads one small module of a package without importing the package."""
    return f"""
import importlib.util, json, pathlib, sys
root = pathlib.Path(importlib.util.find_spec({package!r}).origin).parent
spec = importlib.util.spec_from_file_location("alone", root.joinpath(*{parts!r}))
alone = importlib.util.module_from_spec(spec)
"""


@pytest.mark.parametrize("forbid", [False, True])
def test_huggingface_reads_them(forbid: bool) -> None:
    code = load_alone("huggingface_hub", "constants.py") + (
        "spec.loader.exec_module(alone)\n"
        "print(json.dumps([alone.HF_HUB_DISABLE_TELEMETRY, alone.HF_HUB_OFFLINE, alone.HF_HUB_DISABLE_UPDATE_CHECK]))"
    )
    assert ask(code, forbid) == [forbid, forbid, forbid]


def test_huggingface_may_be_asked_when_the_user_allows_it() -> None:
    code = load_alone("huggingface_hub", "constants.py") + (
        "spec.loader.exec_module(alone)\nprint(json.dumps([alone.HF_HUB_DISABLE_TELEMETRY, alone.HF_HUB_OFFLINE]))"
    )
    assert ask(code, forbid=True, allow_hub=True) == [True, False]


def test_prefect_reads_them() -> None:
    code = (
        load_alone("prefect", "_internal", "analytics", "enabled.py")
        + """
import types
for name in ("prefect", "prefect._internal", "prefect._internal.analytics"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(root.joinpath(*name.split(".")[1:]))]
spec.loader.exec_module(alone)
print(json.dumps(alone.is_telemetry_enabled()))
"""
    )
    assert ask(code, forbid=False) is True
    assert ask(code, forbid=True) is False


def test_unstructured_reads_them() -> None:
    code = """
import ast, importlib.util, json, os, pathlib
source = (pathlib.Path(importlib.util.find_spec("unstructured").submodule_search_locations[0]) / "utils.py").read_text()
functions = [node for node in ast.parse(source).body if getattr(node, "name", "") == "_telemetry_opt_out"]
names = {"os": os}
exec(compile(ast.Module(functions, []), "utils", "exec"), names)
print(json.dumps(names["_telemetry_opt_out"]()))
"""
    # find_spec of a top-level package does not import it, so nothing is sent here even if the variables were wrong
    assert ask(code, forbid=False) is False
    assert ask(code, forbid=True) is True


def test_telemetry_is_off_whatever_the_environment_says() -> None:
    os.environ.update({"DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true"})
    forbid_telemetry(allow_hub=True)
    assert {name: os.environ[name] for name in TELEMETRY_OFF} == TELEMETRY_OFF


def test_a_later_permission_takes_back_our_restriction_only() -> None:
    forbid_telemetry()
    assert {name: os.environ[name] for name in HUB_OFFLINE} == HUB_OFFLINE
    forbid_telemetry(allow_hub=True)
    assert not any(name in os.environ for name in HUB_OFFLINE)

    os.environ.update(HUB_OFFLINE)
    forbid_telemetry()
    forbid_telemetry(allow_hub=True)
    assert {name: os.environ[name] for name in HUB_OFFLINE} == HUB_OFFLINE


def test_the_runtime_imports_nothing_heavy() -> None:
    code = """
import importlib, json, pkgutil, sys
import tasks.runtime
for module in pkgutil.iter_modules(tasks.runtime.__path__):
    importlib.import_module(f"tasks.runtime.{module.name}")
heavy = ("prefect", "mlx", "mlx.core", "rich", "transformers", "unstructured")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""
    assert ask(code, forbid=False) == []
