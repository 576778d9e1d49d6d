"""What importing costs, in a process of its own: nothing heavy before a model is asked, and nothing of other providers then."""

import subprocess
import sys

import pytest

HEAVY = ("langextract", "mlx", "mlx_lm", "llguidance", "transformers", "torch", "google.genai", "pandas", "openai")
LOCAL = ("torch", "google.genai", "openai", "tensorflow")


def _loaded_after(code: str) -> list[str]:
    report = f"import sys\n{code}\nprint([name for name in {HEAVY + LOCAL!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=120)
    return eval(done.stdout.strip().splitlines()[-1])  # a list of names that the line above printed


def test_importing_the_room_costs_nothing() -> None:
    code = "import tasks.annotation, tasks.annotation.model.leg, tasks.annotation.model.exchange, tasks.annotation.model.settings"
    assert _loaded_after(code) == []


def test_without_a_model_langextract_is_not_even_imported() -> None:
    code = """
from tasks.annotation.document import TextDocument
from tasks.annotation.model.leg import source_of
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import load_schema
source_of(ModelSettings()).read(TextDocument("Acme sells."), load_schema("contract"))
"""
    assert _loaded_after(code) == []


@pytest.mark.slow
def test_a_local_run_loads_nothing_of_other_providers() -> None:
    code = """
from tasks.annotation.document import TextDocument
from tasks.annotation.model import leg
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import load_schema
from tasks.finetuning.starter import build_starter
from tasks.storage.root import local_path
leg.normalizer_of = lambda field: lambda text, field: text
settings = ModelSettings(provider="mlx", model=local_path(build_starter().folder), max_tokens=64)
report = leg.source_of(settings).read(TextDocument("Acme sells steel."), load_schema("contract"))[1]
assert report.chunks == 1, report
"""
    loaded = _loaded_after(code)
    assert {"langextract", "mlx", "llguidance"} <= set(loaded)
    assert not set(LOCAL) & set(loaded)
