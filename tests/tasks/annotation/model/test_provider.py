"""A model with random weights through mlx, on whatever runs the tests: its answers keep to the schema all the same."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langextract.core.base_model import BaseLanguageModel

from tasks.annotation.document import TextDocument
from tasks.annotation.errors import ModelError
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.exchange import jsonl_line, of_row
from tasks.annotation.model.leg import ModelSource
from tasks.annotation.model.prompt import answer_schema
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema, FieldExample, FieldSpec
from tasks.finetuning.starter import StarterShape, starter_files

ROOT = Path(__file__).resolve().parents[4]
MAX_TOKENS = 96
CHATML = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"
SCHEMA = AnnotationSchema(
    name="deal",
    description="A sale.",
    fields=(
        FieldSpec(name="party", description="Who.", max_length=30, examples=(FieldExample(text="Birch sells.", value="Birch"),)),
        FieldSpec(name="clause", description="What.", max_length=2000),
    ),
)
PROMPTS = [
    f"Find the parties and the clause, as they stand below.\n\nQ: Text {number} on {'steel and ' * (number % 3)}coal.\nA: "
    for number in range(12)
]


@pytest.fixture(scope="module", autouse=True)
def _without_compiling() -> Iterator[None]:
    """mlx compiles with g++ otherwise, for half a minute."""
    import mlx.core as mx

    mx.disable_compile()
    yield
    mx.enable_compile()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    for name, content in starter_files(StarterShape(hidden=32, heads=2, kv_heads=1, mlp=64)).items():
        (folder / name).write_bytes(content)
    return folder


def _provider(folder: Path, **arguments: Any) -> Any:
    from tasks.annotation.model.provider import MLXLanguageModel, MLXSchema

    model = MLXLanguageModel(f"mlx:{folder}", **{"max_tokens": MAX_TOKENS} | arguments)
    model.apply_schema(MLXSchema(answer_schema(SCHEMA, bounded=True)))
    return model


def _outputs(model: Any, prompts: list[str]) -> list[Any]:
    return [output for (output,) in model.infer(batch_prompts=prompts, max_workers=1)]


def _is_valid(text: str) -> bool:
    items = json.loads(text)["extractions"]
    return all(
        len(item) == 1 and set(item) <= {"party", "clause"} and all(isinstance(value, str) and value for value in item.values())
        for item in items
    )


def test_every_answer_keeps_to_the_schema_within_its_budget(folder: Path) -> None:
    outputs = _outputs(_provider(folder), PROMPTS)
    assert all(_is_valid(output.output) for output in outputs)
    assert any(json.loads(output.output)["extractions"] for output in outputs)
    # One that would go on for ever is brought to its end in time, and says so.
    assert max(len(output.answer.ends) for output in outputs) > MAX_TOKENS // 2
    assert not all(output.answer.finished for output in outputs)


def test_an_answer_that_ends_by_itself_is_finished(folder: Path) -> None:
    from tasks.annotation.model.provider import MLXSchema

    schema = answer_schema(
        SCHEMA.model_copy(update={"fields": (SCHEMA.fields[0].model_copy(update={"max_length": 5}),)}), bounded=True
    )
    schema["properties"]["extractions"]["maxItems"] = 1
    model = _provider(folder)
    model.apply_schema(MLXSchema(schema))
    assert all(output.answer.finished for output in _outputs(model, PROMPTS))


@pytest.mark.parametrize(("finished", "found"), [(True, ["Acme", "Ced"]), (False, ["Acme"])])
def test_a_value_that_was_cut_is_none(finished: bool, found: list[str]) -> None:
    from tasks.annotation.model.decoding import Answer
    from tasks.annotation.model.provider import MLXOutput

    said = json.dumps({"extractions": [{"party": "Acme"}, {"party": "Ced"}]})

    class Cut(BaseLanguageModel):
        def infer(self, batch_prompts: list[str], **_unused: Any) -> Any:
            for _ in batch_prompts:
                yield [MLXOutput(1.0, said, Answer(said, (len(said),), (0.0,), finished))]

    settings = ModelSettings(provider="mlx", model="scripted")
    text = "Acme, Ced and Cedar sell."
    candidates, report = ModelSource(settings, connect=lambda _settings, _schema: Cut()).read(TextDocument(text), SCHEMA)
    assert [text[each.start : each.end] for each in candidates] == found
    assert [each.confidence for each in candidates] == [1.0] * len(found)
    assert (report.coverage, len(report.failures)) == ((1.0, 0) if finished else (0.0, 1))


def test_a_batch_says_what_each_would_say_alone_and_the_beginning_is_read_once(folder: Path) -> None:
    model = _provider(folder, batch_size=4)
    before = model.decoder.prefix_hits
    together = [output.output for output in _outputs(model, PROMPTS)]
    assert model.decoder.prefix_hits - before == len(PROMPTS)
    assert [output.output for output in _outputs(_provider(folder, batch_size=1), PROMPTS)] == together
    # Without anything kept, the same.
    model.decoder._prefixes.clear()
    assert [_outputs(model, [prompt])[0].output for prompt in PROMPTS[:2]] == together[:2]


def test_probabilities_are_of_the_tokens_of_a_value(folder: Path) -> None:
    for output in _outputs(_provider(folder), PROMPTS):
        text = output.output
        assert output.answer.text == text
        assert output.answer.ends[-1] == len(text)
        assert 0 < output.answer.probability(0, len(text)) <= 1
        assert output.answer.probability(0, 1) > output.answer.probability(0, len(text))  # the grammar allows one beginning


def test_a_prompt_that_fails_costs_only_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _provider(folder)
    outputs = _outputs(model, [PROMPTS[0], "word " * 5000, PROMPTS[1]])
    assert "exceed the model's 2048" in outputs[1].error
    assert json.loads(outputs[1].output) == {"extractions": []}
    assert [output.error for output in outputs[::2]] == [None, None]
    assert model.failures == 1

    def broken(*_arguments: Any) -> Any:
        raise RuntimeError("no batches today")

    monkeypatch.setattr(type(model.decoder), "_together", broken)
    assert [output.output for output in _outputs(model, PROMPTS[:2])] == [output.output for output in outputs[::2]]


def test_a_chat_template_is_applied(folder: Path, tmp_path: Path) -> None:
    chat = tmp_path / "chat"
    shutil.copytree(folder, chat)
    (chat / "chat_template.jinja").write_text(CHATML)
    decoder = _provider(chat).decoder
    assert decoder.tokenizer.decode(decoder._render("Q: x\nA: ")) == "<user>Q: x\nA: <assistant>"
    assert all(_is_valid(output.output) for output in _outputs(_provider(chat), PROMPTS[:4]))


def test_a_model_is_loaded_on_the_first_prompt_and_once(folder: Path, tmp_path: Path) -> None:
    missing = _provider(tmp_path / "none")
    with pytest.raises(ModelError, match="there is no model"):
        list(missing.infer(batch_prompts=["Q: x\nA: "]))
    assert _provider(folder).decoder is _provider(folder).decoder


def test_a_folder_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot load"):
        _ = _provider(tmp_path).decoder


def test_an_adapter_changes_what_is_said(folder: Path, tmp_path: Path) -> None:
    import mlx.core as mx
    from mlx.utils import tree_flatten
    from mlx_lm import load
    from mlx_lm.tuner import linear_to_lora_layers

    model, _ = load(str(folder))
    model.freeze()
    parameters = {"rank": 4, "scale": 20.0, "dropout": 0.0}
    linear_to_lora_layers(model, 2, parameters)
    weights = {name: mx.ones_like(weight) for name, weight in tree_flatten(model.trainable_parameters())}
    mx.save_safetensors(str(tmp_path / "adapters.safetensors"), weights)
    (tmp_path / "adapter_config.json").write_text(
        json.dumps({"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": parameters})
    )
    adapted = [output.output for output in _outputs(_provider(folder, adapter_path=str(tmp_path)), PROMPTS)]
    assert all(map(_is_valid, adapted))
    assert adapted != [output.output for output in _outputs(_provider(folder), PROMPTS)]


def test_langextract_finds_the_provider_by_the_name_of_a_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import langextract as lx

    monkeypatch.setenv("LANGEXTRACT_DISABLE_PLUGINS", "1")
    import tasks.annotation.model.provider  # noqa: F401 - what the entry point would do

    example = lx.data.ExampleData(
        text="Birch sells.", extractions=[lx.data.Extraction("party", "Birch", attributes={"role": "seller"})]
    )
    for arguments in ({"examples": [example]}, {"output_schema": answer_schema(SCHEMA, bounded=False)}):
        found = lx.extract(
            "Acme sells coal.",
            prompt_description="Find the parties.",
            model_id=f"mlx:{folder}",
            language_model_params={"max_tokens": 128},
            resolver_params={"enable_fuzzy_alignment": False, "suppress_parse_errors": False},
            show_progress=False,
            **arguments,
        )
        assert {each.extraction_class for each in found.extractions} <= {"party", "clause"}


def test_the_entry_point_names_the_provider() -> None:
    from tasks.annotation.model.provider import MLXLanguageModel

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["langextract.providers"]["mlx"].partition(":")
    assert (module, name) == (MLXLanguageModel.__module__, MLXLanguageModel.__name__)


def test_two_runs_over_a_document_write_the_same_bytes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Acme sells coal to Cedar. " * 30
    settings = ModelSettings(
        provider="mlx", model=str(folder), max_tokens=MAX_TOKENS, max_chunk_characters=200, overlap_characters=50, batch=3
    )
    written = []
    for run in range(2):
        candidates, report = ModelSource(settings, Budget(settings)).read(TextDocument(text), SCHEMA)
        assert report.chunks > 3
        assert all("cut off at its budget" in failure for failure in report.failures)
        row = {
            "document_id": "a",
            "part": 0,
            "annotations": [
                {
                    "field": each.field,
                    "start": each.start,
                    "end": each.end,
                    "value": each.value,
                    "confidence": each.confidence,
                    "sources": ["model"],
                }
                for each in candidates
            ],
            **report.rows(),
        }
        written.append(jsonl_line(of_row(row, text)))
        if run == 0:  # the second run reads everything anew
            monkeypatch.setattr("tasks.annotation.model.memo.recall", lambda _path: {})
    assert written[0] == written[1]
