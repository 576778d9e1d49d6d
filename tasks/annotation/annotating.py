"""What a run annotates by beside its settings: the schemas, and the rankers that were fitted for them. Read once, when a run
opens; part of every cache key that they shape."""

import hashlib
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.annotation.checking import check_schema
from tasks.annotation.ranker import SHIPPED_FOLDER
from tasks.annotation.schema import AnnotationSchema, load_schema
from tasks.annotation.settings import AnnotationSettings
from tasks.storage.artifacts import ModelRef
from tasks.storage.root import read_bytes

LEARNED_RANKERS = "annotation/rankers"  # below the data root


class RankerRef(BaseModel):
    """A fitted ranker. learned: its file is below the data root, else it came with doctune. sha256: of the file, hex."""

    model_config = ConfigDict(frozen=True)

    schema_name: str
    learned: bool
    sha256: str

    def cache_identity(self) -> list[str]:
        """What counts in a cache key: the content, not the place."""
        return [self.schema_name, self.sha256]

    def read(self) -> bytes:
        """The file. Raises FileNotFoundError, or ValueError when it is another one by now."""
        content = _read(self.schema_name, self.learned)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError(f"the ranker of {self.schema_name} changed while the run was going on; run again")
        return content


class Annotating(BaseModel):
    """schemas: in the order of the settings. rankers: schema name -> its ranker, where there is one. model: that runs on this
    machine, None without one."""

    model_config = ConfigDict(frozen=True)

    schemas: tuple[AnnotationSchema, ...]
    rankers: dict[str, RankerRef]
    model: ModelRef | None = None

    def cache_identity(self) -> dict[str, object]:
        """What counts in a cache key."""
        rankers = {name: ranker.cache_identity() for name, ranker in sorted(self.rankers.items())}
        model = {} if self.model is None else {"model": self.model.cache_identity()}
        return {"schemas": [schema.model_dump(mode="json") for schema in self.schemas], "rankers": rankers, **model}

    def fields(self) -> dict[str, list[dict[str, Any]]]:
        """Schema name -> its fields as plain data, for stages that make something of the annotations."""
        return {schema.name: [field.model_dump(mode="json") for field in schema.fields] for schema in self.schemas}


def learned_ranker(schema_name: str) -> str:
    """Where the ranker that `doctune annotate --train` fitted for a schema is, relative to the data root."""
    return f"{LEARNED_RANKERS}/{schema_name}.json"


def load_annotating(settings: AnnotationSettings, resolve: Callable[[str], ModelRef]) -> Annotating | None:
    """The schemas of the settings, each with the ranker that was learned for it, or else the shipped one; None when annotation
    is off. resolve: from the name of a model to its files. Raises SchemaError, and what `resolve` raises."""
    if not settings.enabled:
        return None
    schemas = tuple(load_schema(name) for name in settings.schemas)
    for schema in schemas:
        check_schema(schema)
    rankers = {schema.name: ranker for schema in schemas if (ranker := find_ranker(schema.name)) is not None}
    model = resolve(settings.model.model) if settings.model.provider == "mlx" else None
    return Annotating(schemas=schemas, rankers=rankers, model=model)


def find_ranker(schema_name: str) -> RankerRef | None:
    """The ranker for a schema: a learned one goes before a shipped one; None when there is neither."""
    for learned in (True, False):
        try:
            content = _read(schema_name, learned)
        except FileNotFoundError:
            continue
        return RankerRef(schema_name=schema_name, learned=learned, sha256=hashlib.sha256(content).hexdigest())
    return None


def _read(schema_name: str, learned: bool) -> bytes:
    return read_bytes(learned_ranker(schema_name)) if learned else (SHIPPED_FOLDER / f"{schema_name}.json").read_bytes()
