"""MLX as a provider of LangExtract: any model that mlx-lm loads, in this process, constrained to the JSON that was asked for.

    lx.extract(text, model_id="mlx:/models/some-model", ...)

Registered as plug-in of LangExtract under `mlx:`. Apart from LangExtract it is what our own source uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from langextract.core.base_model import BaseLanguageModel
from langextract.core.data import ATTRIBUTE_SUFFIX, ExampleData
from langextract.core.output_schema import validate_output_schema
from langextract.core.schema import BaseSchema
from langextract.core.types import FormatType, JsonSchema, ScoredOutput
from langextract.providers import router

from tasks.annotation.model.decoding import Answer, AnswerFailed, Decoder, load
from tasks.annotation.model.grammar import Grammar
from tasks.annotation.model.prompt import MOST_ITEMS
from tasks.annotation.model.salvage import EXTRACTIONS

PREFIX = "mlx:"
PATTERNS = (r"^mlx:",)
PRIORITY = 50  # above LangExtract's own, whose patterns take names such as qwen for models of Ollama
NOTHING = f'{{"{EXTRACTIONS}": []}}'
MAX_TOKENS = 512
BATCH = 8
LONGEST_VALUE = 400  # characters, where only examples say what is asked for


@dataclass(frozen=True)
class MLXOutput(ScoredOutput):
    """An output with its tokens; answer is None for a failure, whose output holds nothing and whose error says why."""

    answer: Answer | None = None
    error: str | None = None


class MLXSchema(BaseSchema):
    """A JSON schema of the answer, for constrained decoding."""

    def __init__(self, schema_dict: Mapping[str, Any]) -> None:
        self.schema_dict = dict(schema_dict)

    @classmethod
    def from_examples(cls, examples_data: Sequence[ExampleData], attribute_suffix: str = ATTRIBUTE_SUFFIX) -> "MLXSchema":
        """A schema of the classes that the examples show, with their attributes."""
        attributes: dict[str, set[str]] = {}
        for example in examples_data:
            for each in example.extractions:
                attributes.setdefault(each.extraction_class, set()).update(each.attributes or {})
        value = {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE}
        items = []
        for name, names in attributes.items():
            properties: dict[str, Any] = {name: value}
            if names:
                properties[f"{name}{attribute_suffix}"] = {
                    "type": "object",
                    "properties": dict.fromkeys(sorted(names), value),
                    "additionalProperties": False,
                }
            items.append({"type": "object", "properties": properties, "required": [name], "additionalProperties": False})
        array = {"type": "array", "maxItems": MOST_ITEMS, "items": {"anyOf": items} if items else False}
        return cls(
            {"type": "object", "properties": {EXTRACTIONS: array}, "required": [EXTRACTIONS], "additionalProperties": False}
        )

    @classmethod
    def from_schema_dict(cls, output_schema: JsonSchema) -> "MLXSchema":
        """A schema of LangExtract's envelope as the caller wrote it."""
        return cls(validate_output_schema(output_schema))

    def to_provider_config(self) -> dict[str, Any]:
        """Nothing: the schema is applied to the provider itself."""
        return {}

    @property
    def requires_raw_output(self) -> bool:
        """JSON without fences."""
        return True


@router.register(*PATTERNS, priority=PRIORITY)
class MLXLanguageModel(BaseLanguageModel):
    """A model of mlx-lm in this process.

    model_id: `mlx:` and the folder of a model. adapter_path: folder of a LoRA adapter. max_tokens: of an answer; the grammar
    closes before. batch_size: prompts at once. Nothing is loaded before the first prompt. Other arguments that LangExtract passes
    to every provider are accepted and have no effect: decoding is greedy and in one thread.
    """

    pattern_priority: ClassVar[int] = PRIORITY

    def __init__(
        self,
        model_id: str,
        *,
        adapter_path: str | None = None,
        max_tokens: int = MAX_TOKENS,
        batch_size: int = BATCH,
        format_type: FormatType = FormatType.JSON,
        **_unused: Any,
    ) -> None:
        super().__init__()
        self.model_id = model_id
        self.folder = str(Path(model_id.removeprefix(PREFIX)).expanduser())
        self.adapter_path = str(Path(adapter_path).expanduser()) if adapter_path else None
        self.max_tokens, self.batch_size = max_tokens, batch_size
        self.format_type = format_type
        self.failures = 0
        self._grammar: tuple[MLXSchema, Grammar] | None = None

    @classmethod
    def get_model_patterns(cls) -> tuple[str, ...]:
        """Names of models that are this provider's."""
        return PATTERNS

    @classmethod
    def get_schema_class(cls) -> type[BaseSchema]:
        """LangExtract makes one of these from the examples or the output schema."""
        return MLXSchema

    @property
    def decoder(self) -> Decoder:
        """The model, loaded when first asked for. Raises ModelError."""
        return load(self.folder, self.adapter_path)

    def infer(self, batch_prompts: Sequence[str], **_unused: Any) -> Iterator[Sequence[MLXOutput]]:
        """One output per prompt, in order; a prompt that fails gets an empty one and is counted, as raising here would lose all.

        Raises ModelError when there is no model at all.
        """
        decoder = self.decoder
        for answer in decoder.answer(batch_prompts, self._constraint_for(decoder), self.max_tokens, self.batch_size):
            if isinstance(answer, AnswerFailed):
                self.failures += 1
                yield [MLXOutput(0.0, NOTHING, None, str(answer))]
            else:
                yield [MLXOutput(answer.probability(0, len(answer.text)), answer.text, answer)]

    def _constraint_for(self, decoder: Decoder) -> Grammar | None:
        if not isinstance(self.schema, MLXSchema):
            return None
        if self._grammar is None or self._grammar[0] is not self.schema:
            self._grammar = (self.schema, Grammar(self.schema.schema_dict, decoder.tokenizer, decoder.vocabulary))
        return self._grammar[1]
