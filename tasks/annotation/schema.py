"""Annotation schemas: YAML files that say which fields a kind of document has. Users add their own without code."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.annotation.errors import SchemaError

FieldType = Literal["text", "date", "money", "party", "person", "place", "number", "identifier", "enum"]
SHIPPED_FOLDER = Path(__file__).parent / "schemas"
NAME = re.compile(r"[a-z][a-z0-9_]*")
HEAD_CHARACTERS = 4000  # of a text, in which evidence for a schema is looked for
LEAST_EVIDENCE = 2  # words, to choose a schema for them


class FieldExample(BaseModel):
    """A passage with the value that stands in it: few-shot example of the model, and a test of the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, description="A sentence or line, made up.")
    value: str | None = Field(description="The value as it stands in the text; null when the text has none.")


class FieldSpec(BaseModel):
    """A field of a schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME.pattern}$", description="Key of the field in the results.")
    description: str = Field(min_length=1, description="What a person would be told to look for.")
    type: FieldType = "text"
    cardinality: Literal["one", "many"] = "one"
    normalizer: str | None = Field(default=None, description="Named normalizer of the value; the type's own when left out.")
    finders: tuple[str, ...] = Field(default=(), description="Rules that look for it; those of the type when left out.")
    cues: tuple[str, ...] = Field(default=(), description="Words before the value that speak for it, in any case.")
    labels: tuple[str, ...] = Field(
        default=(), description="Keys of forms and table columns that hold it, such as 'Invoice no.'."
    )
    sections: tuple[str, ...] = Field(default=(), description="Headings under which it stands, such as 'Skills'.")
    values: dict[str, tuple[str, ...]] = Field(default={}, description="Of an enum: each value with the words that mean it.")
    max_length: int = Field(default=200, ge=1, le=2000, description="Characters of the longest value.")
    examples: tuple[FieldExample, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type == "enum") != bool(self.values):
            raise ValueError("`values` belongs to fields of type enum, and only to them")
        for example in self.examples:
            if example.value is not None and example.value not in example.text:
                raise ValueError(f"the value {example.value!r} does not stand in its example {example.text!r}")
        return self


class AnnotationSchema(BaseModel):
    """A kind of document and its fields. evidence: words that tell that a text is of this kind, for the choice `auto`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME.pattern}$")
    description: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    fields: tuple[FieldSpec, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [field.name for field in self.fields]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"field(s) named twice: {', '.join(twice)}")
        return self

    def field(self, name: str) -> FieldSpec:
        """The field of this name. Raises KeyError."""
        return {field.name: field for field in self.fields}[name]


def shipped_schemas() -> tuple[str, ...]:
    """Names of the schemas that come with doctune, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED_FOLDER.glob("*.yaml")))


def load_schema(name: str) -> AnnotationSchema:
    """A schema by the name of a shipped one or the path of a YAML file. Raises SchemaError."""
    path = SHIPPED_FOLDER / f"{name}.yaml" if NAME.fullmatch(name) else Path(name).expanduser()
    if not path.is_file():
        raise SchemaError(f"there is no annotation schema {name!r}: name a YAML file or one of {', '.join(shipped_schemas())}")
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> AnnotationSchema:
    import yaml

    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return AnnotationSchema.model_validate(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        raise SchemaError(f"{path}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    """All faults on one line, each with the place in the file."""
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'the schema'}: {fault['msg']}" for fault in error.errors())


def choose_schema(text: str, schemas: Sequence[AnnotationSchema]) -> AnnotationSchema:
    """The schema of whose evidence most stands in the head of the text; the last of `schemas` when there is too little."""
    head = text[:HEAD_CHARACTERS].casefold()
    counted = [sum(word.casefold() in head for word in schema.evidence) for schema in schemas]
    best = max(range(len(schemas)), key=lambda at: (counted[at], -at))
    return schemas[best] if counted[best] >= LEAST_EVIDENCE else schemas[-1]
