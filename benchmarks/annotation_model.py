"""The model leg of annotation: answers that keep to their schema, speed of the machinery, and start-up.

    python benchmarks/annotation_model.py CORPORA_FOLDER

The models have random weights, so nothing is said here about what a model finds: they are the hardest test of the constraint, and
the speed is what everything around a real model costs.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT
from tasks.annotation.document import TextDocument
from tasks.annotation.model import decoding, leg
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.chunks import cut
from tasks.annotation.model.prompt import answer_schema, compact_format, describe, examples_of
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema, load_schema, shipped_schemas
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.storage.root import local_path, use_data_root

PROMPTS = 200
SEEDS = (1, 2, 3, 4)  # of the weights
MAX_TOKENS = 160
TEXTS = 12
CHARACTERS = 12_000  # of each text
ROUNDS = 3  # of start-up, the fastest counts

# A provider that answers at once, handed over as an instance or found by its name: what is left is LangExtract's own start.
_PROVIDER = """
import langextract as lx
from langextract.core.base_model import BaseLanguageModel
from langextract.core.types import ScoredOutput
class Instant(BaseLanguageModel):
    def __init__(self, **_): super().__init__()
    def infer(self, batch_prompts, **_):
        for _ in batch_prompts: yield [ScoredOutput(1.0, '{"extractions": []}')]
example = lx.data.ExampleData(text="Acme.", extractions=[lx.data.Extraction("party", "Acme")])
def run(**how):
    lx.extract("Acme sells.", prompt_description="Find.", examples=[example], show_progress=False, **how)
"""
STARTS = {
    "none": """
from tasks.annotation.document import TextDocument
from tasks.annotation.model.leg import source_of
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import load_schema
source_of(ModelSettings()).read(TextDocument("Acme sells."), load_schema("contract"))
""",
    "model": _PROVIDER + "run(model=Instant(), use_schema_constraints=False)",
    "model_id": _PROVIDER
    + "from langextract.providers import router\nrouter.register('^instant')(Instant)\nrun(model_id='instant')",
    "mlx": """
from tasks.annotation.model.provider import MLXLanguageModel
model = MLXLanguageModel("mlx:" + sys.argv[1], max_tokens=16)
list(model.infer(batch_prompts=["Q: Acme.\\nA: "]))
""",
}


def measure(folder: Path) -> dict[str, float]:
    """All figures. folder: with contracts/text."""
    with tempfile.TemporaryDirectory() as root:
        use_data_root(root)
        os.environ["MLX_DISABLE_COMPILE"] = "1"  # compiling would be most of it for so small a model
        texts = read_texts(folder)
        return measure_validity(texts) | measure_speed(texts) | measure_sharing(texts) | measure_starts()


def read_texts(folder: Path) -> list[str]:
    """The beginnings of some contracts."""
    paths = sorted((folder / "contracts" / "text").iterdir())[:TEXTS]
    return [path.read_text(encoding="utf-8", errors="replace")[:CHARACTERS] for path in paths]


def measure_validity(texts: list[str]) -> dict[str, float]:
    """Share of answers that are JSON by their schema, over prompts that differ in text, schema and weights."""
    schemas = [load_schema(name) for name in shipped_schemas()]
    pieces = [text[start:end] for text in texts for start, end in cut(text, 600, 0)]
    each = PROMPTS // (len(SEEDS) * len(schemas))
    valid, total, closed, at = 0, 0, 0, 0
    for seed in SEEDS:
        for number, schema in enumerate(schemas):
            count = each if number else PROMPTS // len(SEEDS) - each * (len(schemas) - 1)
            prompts = _prompts(schema, [pieces[(at + step) % len(pieces)] for step in range(count)])
            at += count
            for text, tokens in _answers(schema, seed, prompts):
                total += 1
                valid += _keeps_to(text, schema)
                closed += tokens > MAX_TOKENS // 2
    assert total == PROMPTS
    return {"schema_valid": valid / total, "schema_long_answers": closed / total}


def _prompts(schema: AnnotationSchema, pieces: list[str]) -> list[str]:
    from langextract.prompting import PromptTemplateStructured, QAPromptGenerator

    generator = QAPromptGenerator(PromptTemplateStructured(describe(schema), examples_of(schema)), compact_format())
    return [generator.render(piece) for piece in pieces]


def _answers(schema: AnnotationSchema, seed: int, prompts: list[str], batch: int = 8) -> list[tuple[str, int]]:
    from tasks.annotation.model.provider import MLXLanguageModel, MLXSchema

    model = MLXLanguageModel(f"mlx:{_starter(seed)}", max_tokens=MAX_TOKENS, batch_size=batch)
    model.apply_schema(MLXSchema(answer_schema(schema, bounded=True)))
    outputs = [output for (output,) in model.infer(batch_prompts=prompts)]
    assert all(output.answer is not None for output in outputs), [output.error for output in outputs]
    return [(output.output or "", len(output.answer.ends)) for output in outputs if output.answer]


def _starter(seed: int) -> str:
    folder = local_path(build_starter(StarterShape(seed=seed, context=8192)).folder)
    assert folder is not None
    return folder


def _keeps_to(text: str, schema: AnnotationSchema) -> bool:
    import jsonschema

    try:
        jsonschema.validate(json.loads(text), answer_schema(schema, bounded=True))
    except (json.JSONDecodeError, jsonschema.ValidationError):
        return False
    return True


def measure_speed(texts: list[str]) -> dict[str, float]:
    """Kilobytes of text per second of wall time through the whole leg, the model with random weights included."""
    settings = ModelSettings(provider="mlx", model=_starter(SEEDS[0]), max_tokens=64)
    schema = load_schema("contract")
    leg.normalizer_of = lambda _field: lambda text, _named: text  # type: ignore[assignment] - normalizers have figures of their own
    source = leg.ModelSource(settings, Budget(settings))
    source.read(TextDocument("Acme sells."), schema)  # loads the model
    begun = time.perf_counter()
    reports = [source.read(TextDocument(text), schema)[1] for text in texts]
    seconds = time.perf_counter() - begun
    assert all("cut off at its budget" in failure for report in reports for failure in report.failures), reports
    return {"kb_per_second_model": round(sum(len(text.encode()) for text in texts) / 1000 / seconds, 2)}


def measure_sharing(texts: list[str]) -> dict[str, float]:
    """How many times as fast prompts are answered for their common beginning being kept, and for being read in batches."""
    schema = load_schema("contract")
    prompts = _prompts(schema, [text[:600] for text in texts])
    least = decoding.LEAST_PREFIX
    seconds = {}
    for name, batch, shortest in (("plain", 1, sys.maxsize), ("kept", 1, least), ("batches", 8, least)):
        decoding.LEAST_PREFIX = shortest
        decoding.load(_starter(SEEDS[0]), None)._prefixes.clear()
        begun = time.perf_counter()
        _answers(schema, SEEDS[0], prompts, batch)
        seconds[name] = time.perf_counter() - begun
    return {
        "prefix_speedup": round(seconds["plain"] / seconds["kept"], 2),
        "batch_speedup": round(seconds["kept"] / seconds["batches"], 2),
    }


def measure_starts() -> dict[str, float]:
    """CPU seconds of whole processes from nothing to the first answer, interpreter included."""
    folder = _starter(SEEDS[0])
    best = {name: min(_start(code, folder) for _ in range(ROUNDS)) for name, code in STARTS.items()}
    return {f"start_{name}_seconds": round(value, 2) for name, value in best.items()} | {
        "start_model_id_ratio": round(best["model_id"] / best["model"], 2)
    }


def _start(code: str, folder: str) -> float:
    before = _children()
    subprocess.run([sys.executable, "-c", f"import sys\n{code}", folder], cwd=ROOT, check=True, capture_output=True)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])), indent=2))
