"""What a user can choose about annotation."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions.settings import QuestionSettings
from tasks.annotation.schema import shipped_schemas


class AnnotationSettings(BaseModel):
    """Which fields are looked for in the texts that are kept, and by what."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Annotation")

    enabled: bool = Field(True, description="Look for fields at all. They become training examples and a table to export.")
    schemas: tuple[str, ...] = Field(
        ("contract", "invoice", "resume", "generic"),
        min_length=1,
        description="Kinds of documents to tell apart: names of shipped schemas or paths of YAML files. Each document gets the "
        "one of whose evidence most stands in it; the last one is for all others.",
    )
    least_confidence: float = Field(0.0, ge=0, le=1, description="Values below this confidence are left out.")
    model: ModelSettings = Field(
        default=ModelSettings(), description="A language model as one more source of values. Off until one is named."
    )
    questions: QuestionSettings = Field(
        default=QuestionSettings(), description="Questions with their answers that the model writes, for training. Off at first."
    )
    viewers: int = Field(
        100, ge=0, le=10_000, description="Documents for which the run writes a page that shows the fields in the text."
    )
    timeout_seconds: float = Field(300.0, gt=0, le=86_400, description="Time limit for one document part, in seconds.")

    @field_validator("schemas")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if "." not in name and "/" not in name and name not in shipped_schemas():
                raise ValueError(f"there is no schema {name!r}: name a YAML file or one of {', '.join(shipped_schemas())}")
        return names

    @model_validator(mode="after")
    def _has_writer(self) -> Self:
        if self.questions.per_document and self.model.provider == "none":
            raise ValueError("`questions.per_document` above 0 needs a model that writes them: name one in `model`")
        return self

    def cache_identity(self) -> dict[str, object]:
        """What of the settings shapes the annotations of a document; the schemas themselves are an input of their own."""
        own = self.model_dump(mode="json", exclude={"enabled", "schemas", "viewers", "model", "questions"})
        model = {} if self.model.provider == "none" else {"model": self.model.cache_identity()}
        return own | model | ({"questions": self.questions.model_dump(mode="json")} if self.questions.per_document else {})
