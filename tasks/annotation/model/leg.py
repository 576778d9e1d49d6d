"""The model as a source of candidates: pieces of a document through LangExtract, what comes back grounded by ourselves."""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument
from tasks.annotation.errors import ModelError, SchemaError
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.chunks import covered, cut
from tasks.annotation.model.grounding import Named, ground
from tasks.annotation.model.memo import Memo, memo_path
from tasks.annotation.model.prompt import answer_schema, compact_format, describe, examples_of, whole_piece_tokenizer
from tasks.annotation.model.salvage import ATTRIBUTES
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.normalizers import normalizer_of
from tasks.annotation.schema import AnnotationSchema

if TYPE_CHECKING:
    from langextract.core.base_model import BaseLanguageModel
    from langextract.core.data import AnnotatedDocument

    from tasks.annotation.model.asking import CarefulModel

NAME = "model"
CONFIDENCE = 0.7  # of a value where the model does not tell how likely it found it
Span = tuple[int, int]
Connect = Callable[[ModelSettings, AnnotationSchema], "BaseLanguageModel"]


@dataclass(frozen=True)
class LegReport:
    """What became of a document.

    chunks: pieces given to the model. failures: a line for each that it failed on. coverage: share of the characters, white space
    aside, in pieces that it answered; None without a model. ungrounded: values that stand nowhere near their piece, sorted.
    """

    chunks: int = 0
    failures: tuple[str, ...] = ()
    coverage: float | None = None
    ungrounded: tuple[Named, ...] = ()

    def rows(self) -> dict[str, Any]:
        """As columns of ANNOTATED."""
        return {
            "chunks": self.chunks,
            "failures": list(self.failures),
            "coverage": self.coverage,
            "ungrounded": [{"field": each.field, "text": each.text, "source": NAME} for each in self.ungrounded],
        }


class ModelSource:
    """A model as a source. Nothing is imported, loaded or connected to before the first document that needs it.

    budget: shared by all documents of a run. connect: makes the provider for a schema; for tests. Where it raises ModelError, so
    do `propose` and `read`.
    """

    name = NAME

    def __init__(self, settings: ModelSettings, budget: Budget | None = None, connect: Connect | None = None) -> None:
        self._settings = settings
        self._budget = budget or Budget(settings)
        self._connect = connect or connect_provider
        self._models: dict[str, BaseLanguageModel] = {}

    @property
    def budget(self) -> Budget:
        """What may still be asked, for others that ask the same model."""
        return self._budget

    def propose(self, document: TextDocument, schema: AnnotationSchema) -> Iterable[Candidate]:
        """Candidates, each once, sorted by place and field."""
        return self.read(document, schema)[0]

    def read(self, document: TextDocument, schema: AnnotationSchema) -> tuple[list[Candidate], LegReport]:
        """Candidates and what became of the document. Answers are remembered below the data root, whatever ends the reading."""
        if self._settings.provider == "none":
            return [], LegReport()
        text = document.text
        chunks = cut(text, self._settings.max_chunk_characters, self._settings.overlap_characters)
        memo = Memo(memo_path(text, schema, self._settings))
        try:
            passes = self._ask(text, chunks, schema, memo) if chunks else []
        finally:
            memo.write()
        return _gather(text, chunks, passes, schema)

    def _ask(self, text: str, chunks: Sequence[Span], schema: AnnotationSchema, memo: Memo) -> "list[_Pass]":
        """One pass over the pieces after the other."""
        careful = self._careful(schema, memo, document=text)
        found = []
        for turn in range(self._settings.passes):
            careful.turn, careful.failures = turn, []
            annotated = self._extract(text, chunks, schema, careful)
            found.append(_Pass([_named(each) for each in annotated], list(careful.failures)))
        return found

    def _extract(
        self, text: str, chunks: Sequence[Span], schema: AnnotationSchema, model: "CarefulModel"
    ) -> "list[AnnotatedDocument]":
        import langextract as lx
        from langextract.core.data import Document
        from langextract.prompt_validation import PromptValidationLevel

        at_once = self._settings.parallel if self._settings.is_remote else self._settings.batch
        found = lx.extract(
            [Document(text[start:end].strip(), document_id=str(number)) for number, (start, end) in enumerate(chunks)],
            prompt_description=describe(schema),
            examples=examples_of(schema),
            model=model,
            use_schema_constraints=False,
            max_char_buffer=self._settings.max_chunk_characters,
            tokenizer=whole_piece_tokenizer(),
            batch_length=at_once,
            max_workers=1,
            resolver_params={
                "format_handler": compact_format(),
                "enable_fuzzy_alignment": False,  # takes minutes for one long value, and finds what does not stand there
                "accept_match_lesser": False,
            },
            prompt_validation_level=PromptValidationLevel.OFF,  # examples are checked where schemas are read
            show_progress=False,
        )
        return list(found)

    def _careful(self, schema: AnnotationSchema, memo: Memo, document: str) -> "CarefulModel":
        from tasks.annotation.model.asking import CarefulModel

        if taken := [field.name for field in schema.fields if field.name.endswith(ATTRIBUTES)]:
            raise SchemaError(f"field {taken[0]}: LangExtract takes names that end in {ATTRIBUTES} for something else")
        key = json.dumps(schema.model_dump(mode="json"), sort_keys=True)
        if key not in self._models:
            self._models[key] = self._connect(self._settings, schema)
        return CarefulModel(
            self._models[key],
            [field.name for field in schema.fields],
            memo.known,
            budget=self._budget,
            retries=self._settings.retries,
            parallel=self._settings.parallel,
            together=self._settings.provider == "mlx",
            secret=self._settings.api_key() if self._settings.api_key_env else "",
            keep=memo.write_now_and_then,
            document=document,
        )


@functools.lru_cache(maxsize=4)
def source_of(settings: ModelSettings, ledger: Path | None = None) -> ModelSource:
    """The source of this process for some settings, made once. ledger: where all processes of a run count what they ask."""
    return ModelSource(settings, Budget(settings, ledger))


def connect_provider(settings: ModelSettings, schema: AnnotationSchema) -> "BaseLanguageModel":
    """The provider of the settings, told the form of the answer. Raises ModelError."""
    examples = sum(len(example.text) + settings.max_tokens for field in schema.fields for example in field.examples)
    longest = len(describe(schema)) + examples + settings.max_chunk_characters
    return open_provider(settings, answer_schema(schema, bounded=True), answer_schema(schema, bounded=False), longest)


def open_provider(
    settings: ModelSettings, bounded: dict[str, Any], unbounded: dict[str, Any], longest_prompt: int
) -> "BaseLanguageModel":
    """The provider of the settings. longest_prompt: in characters. Raises ModelError.

    bounded, unbounded: JSON schema of the answer, with the lengths that its parts may have, and without, as servers refuse them.
    """
    if settings.provider == "mlx":
        from tasks.annotation.model.provider import PREFIX, MLXLanguageModel, MLXSchema

        if not Path(settings.model).expanduser().is_dir():
            raise ModelError(f"there is no folder {settings.model!r}: name the folder of a model that mlx-lm can load")
        model = MLXLanguageModel(
            PREFIX + settings.model, adapter_path=settings.adapter, max_tokens=settings.max_tokens, batch_size=settings.batch
        )
        model.apply_schema(MLXSchema(bounded))
        return model
    from tasks.annotation.model.remote import connect

    return connect(settings, longest_prompt, unbounded if settings.constrained else None)


@dataclass(frozen=True)
class _Pass:
    """Of each piece: what was named, and what went wrong."""

    named: list[list[Named]]
    failures: list[str | None]


def _named(annotated: "AnnotatedDocument") -> list[Named]:
    """What LangExtract made of an answer, in the answer's order; where it stands is found out anew."""
    from tasks.annotation.model.asking import CONFIDENCE as ATTRIBUTE

    found = sorted(annotated.extractions or [], key=lambda each: each.extraction_index or 0)
    return [
        Named(each.extraction_class, each.extraction_text, float(str((each.attributes or {}).get(ATTRIBUTE, CONFIDENCE))))
        for each in found
    ]


def _gather(
    text: str, chunks: Sequence[Span], passes: Sequence[_Pass], schema: AnnotationSchema
) -> tuple[list[Candidate], LegReport]:
    """Places of the values over all pieces and passes. The confidence of a place is the mean over the passes, 0 where it was not
    named; values longer than their field allows are none."""
    longest = {field.name: field.max_length for field in schema.fields}
    margin = max(longest.values())
    votes: dict[tuple[str, int, int], float] = {}
    ungrounded: set[tuple[str, str]] = set()
    for each in passes:
        best: dict[tuple[str, int, int], float] = {}
        for chunk, named in zip(chunks, each.named, strict=True):
            places, nowhere = ground(text, chunk, named, margin)
            ungrounded |= {(value.field, value.text) for value in nowhere}
            for place in places:
                key = (place.named.field, place.start, place.end)
                if place.end - place.start <= longest[key[0]]:
                    best[key] = max(best.get(key, 0.0), place.named.confidence)
        for key, confidence in best.items():
            votes[key] = votes.get(key, 0.0) + confidence / len(passes)
    answered = [any(each.failures[at] is None for each in passes) for at in range(len(chunks))]
    failures = dict.fromkeys(
        f"characters {start} to {end}: {reason}"
        for at, (start, end) in enumerate(chunks)
        for each in passes
        if (reason := each.failures[at]) is not None
    )
    report = LegReport(
        chunks=len(chunks),
        failures=tuple(failures),
        coverage=covered([chunk for chunk, is_read in zip(chunks, answered, strict=True) if is_read], text),
        ungrounded=tuple(Named(*each) for each in sorted(ungrounded)),
    )
    return [_candidate(text, key, votes[key], schema) for key in sorted(votes, key=lambda key: (key[1], key[2], key[0]))], report


def _candidate(text: str, key: tuple[str, int, int], confidence: float, schema: AnnotationSchema) -> Candidate:
    name, start, end = key
    field = schema.field(name)
    return Candidate(name, start, end, NAME, round(min(confidence, 1.0), 4), normalizer_of(field)(text[start:end], field))
