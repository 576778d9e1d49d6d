"""What a user can choose about questions that a model writes."""

from pydantic import BaseModel, ConfigDict, Field


class QuestionSettings(BaseModel):
    """Questions with their answers, written by the model of the annotation and checked one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Questions by the model")

    per_document: int = Field(
        0, ge=0, le=500, description="Most questions that the model writes about a document part; 0: none. Needs a model."
    )
    round_trip: bool = Field(
        True, description="Ask the model each question in turn, and keep it only if the answer is the same again."
    )
