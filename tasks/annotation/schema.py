"""Annotation schemas: YAML files that say which fields a kind of document has. Users add their own without code."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.annotation.errors import SchemaError
from tasks.annotation.faults import explain

FieldType = Literal["text", "date", "money", "party", "person", "place", "number", "identifier", "enum"]
SHIPPED_FOLDER = Path(__file__).parent / "schemas"
NAME = re.compile(r"[a-z][a-z0-9_]*")
MOST_RESULTS = 64  # values of a field with many, in what a model may answer


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
    words: str | None = Field(default=None, min_length=1, description="How a question calls it; its name when left out.")
    asked: bool = Field(default=True, description="Whether training examples ask for it: not where much of it may be missed.")
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
    """A kind of document and its fields. How a text is told to be of this kind, for the choice `auto`: by words anywhere in its
    head, and by fields whose labels or sections stand in it with a value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME.pattern}$")
    description: str = Field(min_length=1)
    evidence: tuple[str, ...] = Field(default=(), description="Words or phrases that texts of this kind have, in any case.")
    least_evidence: int = Field(default=3, ge=1, description="Different words of evidence and fields to be found, together.")
    least_fields: int = Field(default=0, ge=0, description="Fields to be found by label or section, whatever the words are.")
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


def load_schema(name: str, folder: Path | None = None) -> AnnotationSchema:
    """A schema by its name, of the user's own in `folder` first and then of those shipped, or by the path of a YAML file.

    Raises SchemaError, which names file, line and field.
    """
    places = [place / f"{name}.yaml" for place in (folder, SHIPPED_FOLDER) if place] if NAME.fullmatch(name) else [Path(name)]
    path = next((path for place in places if (path := place.expanduser()).is_file()), None)
    if path is None:
        own = sorted(path.stem for path in folder.expanduser().glob("*.yaml")) if folder else []
        known = ", ".join([*own, *shipped_schemas()])
        raise SchemaError(f"there is no annotation schema {name!r}: name a YAML file or one of {known}")
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> AnnotationSchema:
    import yaml

    try:
        written = path.read_text(encoding="utf-8")
        content: Any = yaml.load(written, Loader=_loader())
    except UnicodeDecodeError as error:
        raise SchemaError(f"{path} is no text in UTF-8: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SchemaError(f"{path}{line} is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise SchemaError(f"{path} is no YAML: {error}") from error
    try:
        return AnnotationSchema.model_validate(content)
    except ValidationError as error:
        models: dict[str, type[BaseModel]] = {"": AnnotationSchema, "fields": FieldSpec, "examples": FieldExample}
        known = {name: tuple(model.model_fields) for name, model in models.items()}
        raise SchemaError(f"{path}: {explain(error, yaml.compose(written, Loader=_loader()), known)}") from error


@functools.lru_cache(maxsize=1)
def _loader() -> Any:
    """The safe loader, for which all but null is a text: `No` is a label, 2024 and 1.50 stand in texts."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # not every build of PyYAML has libyaml
    resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


def result_schema(schema: AnnotationSchema) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a document's results: every field by name, its value as it stands in the text.

    A field with one value is a text or null, one with many an array; an enum holds its values instead. All is bounded, so that a
    grammar made of it ends.
    """
    properties = {}
    for field in schema.fields:
        value: dict[str, Any] = {
            "type": "string",
            "minLength": 1,
            "maxLength": field.max_length,
            "description": field.description,
        }
        if field.type == "enum":
            value = {"enum": sorted(field.values), "description": field.description}
        many = {"type": "array", "items": value, "maxItems": MOST_RESULTS}
        properties[field.name] = many if field.cardinality == "many" else {"anyOf": [value, {"type": "null"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema.name,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def choose_schema(text: str, schemas: Sequence[AnnotationSchema]) -> AnnotationSchema:
    """The schema that a text has most evidence for; the last of `schemas` when it has enough for none."""
    from tasks.annotation.choosing import evidence_for  # finders import this module

    found = [(evidence_for(text, schema), schema) for schema in schemas[:-1] or schemas]
    enough = [
        (words + fields, schema)
        for (words, fields), schema in found
        if fields >= schema.least_fields and words + fields >= schema.least_evidence
    ]
    return max(enough, key=lambda one: one[0])[1] if enough else schemas[-1]
