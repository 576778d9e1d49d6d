"""What a user can choose about pieces and about the dataset."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

InstructionKind = Literal["extraction", "question_answer", "table_lookup", "section_title", "generated"]


class ChunkSettings(BaseModel):
    """How documents are cut into pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Pieces")

    max_tokens: int = Field(
        512, ge=64, le=131072, description="Largest piece, in tokens of the model's tokenizer, the end-of-text token included"
    )
    min_tokens: int = Field(
        32,
        ge=1,
        le=8192,
        description="A piece below this many tokens is joined to its neighbour; a document below it is left out",
    )
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Time limit for one document part, in seconds")

    @model_validator(mode="after")
    def _room_to_join(self) -> "ChunkSettings":
        if self.min_tokens * 4 > self.max_tokens:
            raise ValueError(f"min_tokens ({self.min_tokens}) must be at most a quarter of max_tokens ({self.max_tokens})")
        return self


class InstructionSettings(BaseModel):
    """Examples with a question and an answer from the documents, mixed with the texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Questions and answers")

    kinds: list[InstructionKind] = Field(
        ["extraction", "question_answer", "table_lookup", "section_title", "generated"],
        description="What is asked; empty: nothing. The last kind are the questions that curation.annotation.questions asks for",
    )
    share: float = Field(0.3, ge=0, le=0.9, description="Largest share of the dataset's tokens that these examples may take")
    per_document: int = Field(16, ge=1, le=10_000, description="Most examples of this sort from one document")
    negatives: float = Field(
        0.15, ge=0, le=0.5, description="Largest share of these examples whose answer is that nothing of it stands in the text"
    )
    least_confidence: float = Field(0.5, ge=0, le=1, description="Annotations below this confidence are not asked about")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Another seed gives other questions")
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Time limit for one document part, in seconds")

    def cache_identity(self) -> dict[str, object]:
        """What counts in the key of the questions of a shard: how they are mixed is decided over all shards."""
        return self.model_dump(mode="json", exclude={"share"})


class DatasetSettings(BaseModel):
    """How pieces become a dataset."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Dataset")

    valid_fraction: float = Field(0.05, ge=0, le=0.4, description="Share of document groups held out to watch the training")
    test_fraction: float = Field(0.05, ge=0, le=0.4, description="Share of document groups held out to measure the result")
    batch_size: int = Field(4, ge=1, le=256, description="Least examples in a held-out split: the batch size of the trainer")
    max_seq_length: int = Field(
        512, ge=64, le=131072, description="Longest example the trainer takes, in tokens; a longer one is refused, never cut"
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Another seed gives other held-out documents")
    name: str = Field("doctune dataset", min_length=1, max_length=100, description="Title on the dataset card")
    license: str = Field(
        "unknown", pattern=r"^[a-z0-9][a-z0-9.\-]*$", description='Licence identifier on the dataset card, such as "cc-by-4.0"'
    )
    evaluation: list[str] = Field(
        [],
        description="Evaluation files (paths, folders, patterns): pieces that share 13 words in a row with them are left out",
    )
    evaluation_fields: list[str] = Field([], description="Columns of the evaluation files whose texts count; all when empty")
    evaluation_common_documents: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Phrases that stand in more documents than this are common property, not leaks, and do not count; "
        "empty: every shared phrase counts",
    )
    min_tokens: int = Field(
        32,
        ge=1,
        le=8192,
        description="A piece that the removal of recurring paragraphs leaves below this many tokens is left out",
    )

    instructions: InstructionSettings = Field(
        default=InstructionSettings(), description="Examples with a question and an answer beside the texts."
    )

    def recorded(self) -> dict[str, object]:
        """As the card and the manifest record them: without the places of evaluation files, which are paths of a machine."""
        return self.model_dump(mode="json", exclude={"evaluation"})

    def cache_identity(self) -> dict[str, object]:
        """What counts in a cache key: what is in the evaluation files is said by the contamination, not by their places."""
        return self.recorded()
