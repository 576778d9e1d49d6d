"""Thresholds of the gates, with defaults for office documents.

The published thresholds were tuned for web pages and refuse most technical and business documents (on 1,143 technical texts a
library's own Gopher filter keeps 2 %); where a default differs from its source, the description names the source's value.
"""

from pydantic import BaseModel, ConfigDict, Field, model_validator

_OFF = "Empty: not checked."


class BasicGateSettings(BaseModel):
    """Cheap checks, made for every document."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality: cheap checks")

    min_words: int | None = Field(
        30, ge=0, description=f"Fewest words. Gopher asks for 50; a short memo has 40, a page of links fewer than 30. {_OFF}"
    )
    max_words: int | None = Field(None, ge=1, description=f"Most words of one document part. Gopher: 100,000. {_OFF}")
    max_lorem_share: float | None = Field(0.3, ge=0, le=1, description=f"Largest share of placeholder words. {_OFF}")
    max_policy_share: float | None = Field(
        0.5, ge=0, le=1, description=f"Largest share of words in lines about cookies, privacy or scripts. {_OFF}"
    )
    max_symbols: float | None = Field(
        0.3, ge=0, le=1, description=f"Largest share of characters that are neither letters nor digits. {_OFF}"
    )
    min_alpha_words: float | None = Field(
        0.3, ge=0, le=1, description=f"Smallest share of words with a letter. Gopher: 0.8; tables of figures have less. {_OFF}"
    )
    min_mean_word_length: float | None = Field(
        2.5, ge=0, description=f"Smallest mean length of words, in characters. Gopher: 3. {_OFF}"
    )
    max_mean_word_length: float | None = Field(
        15.0, ge=1, description=f"Largest mean length of words, in characters. Gopher: 10; FineWeb-2 for German: 15. {_OFF}"
    )
    max_symbols_per_word: float | None = Field(
        0.1, ge=0, description=f"Most hash signs per word, and most ellipses per word. Gopher: 0.1. {_OFF}"
    )
    max_ellipsis_lines: float | None = Field(
        0.3, ge=0, le=1, description=f"Largest share of lines that end in an ellipsis. Gopher: 0.3. {_OFF}"
    )
    max_bullet_lines: float | None = Field(
        0.97, ge=0, le=1, description=f"Largest share of lines that begin with a bullet. Gopher: 0.9; slides have more. {_OFF}"
    )

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> "BasicGateSettings":
        for least, most in (("min_words", "max_words"), ("min_mean_word_length", "max_mean_word_length")):
            low, high = getattr(self, least), getattr(self, most)
            if low is not None and high is not None and low > high:
                raise ValueError(f"{least} ({low}) is above {most} ({high}): no document could pass")
        return self


class GateSettings(BaseModel):
    """What is good enough to keep: the cheap checks, and the costly ones for what passed them."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality")

    basic: BasicGateSettings = Field(default=BasicGateSettings(), description="Cheap checks, made for every document.")
    languages: list[str] = Field(
        default=[],
        description="Languages to keep, as two-letter codes such as en or de; und stands for texts too short to tell. "
        "Empty: all languages.",
    )
    min_stop_words: int | None = Field(
        1, ge=0, le=8, description=f"Fewest of the eight commonest English words, in English texts only. Gopher: 2. {_OFF}"
    )
    max_dup_line: float | None = Field(0.5, ge=0, le=1, description=f"Largest share of repeated lines. Gopher: 0.3. {_OFF}")
    max_dup_para: float | None = Field(0.5, ge=0, le=1, description=f"Largest share of repeated paragraphs. Gopher: 0.3. {_OFF}")
    max_dup_line_chars: float | None = Field(
        0.3, ge=0, le=1, description=f"Largest share of characters in repeated lines. Gopher: 0.2. {_OFF}"
    )
    max_dup_para_chars: float | None = Field(
        0.3, ge=0, le=1, description=f"Largest share of characters in repeated paragraphs. Gopher: 0.2. {_OFF}"
    )
    max_top_ngrams: tuple[float, float, float] | None = Field(
        (0.20, 0.18, 0.16),
        description=f"Largest share of characters in the most frequent phrase of 2, 3 and 4 words. Gopher: the same. {_OFF}",
    )
    max_dup_ngrams: tuple[float, float, float, float, float, float] | None = Field(
        (0.50, 0.48, 0.46, 0.44, 0.42, 0.40),
        description="Largest share of characters in repeated phrases of 5 to 10 words. Gopher: 0.15 to 0.10; contracts, "
        f"patents and manuals repeat phrases. {_OFF}",
    )
    max_short_lines: float | None = Field(
        0.9, ge=0, le=1, description=f"Share of lines under 30 characters from which a text is refused. FineWeb: 0.67. {_OFF}"
    )
    min_line_punct: float | None = Field(
        None,
        ge=0,
        le=1,
        description=f"Share of lines that end like sentences, at or below which a text is refused. FineWeb: 0.12. {_OFF}",
    )
    max_fineweb_dup_line_chars: float | None = Field(
        None, ge=0, le=1, description=f"Share of characters in repeated lines from which a text is refused. FineWeb: 0.1. {_OFF}"
    )
    max_newlines_per_word: float | None = Field(None, ge=0, description=f"Most line ends per word. FineWeb: 0.3. {_OFF}")
    min_score: float | None = Field(0.4, ge=0, le=1, description=f"Lowest quality score, from 0 to 1. {_OFF}")

    @model_validator(mode="after")
    def _shares_are_shares(self) -> "GateSettings":
        for name in ("max_top_ngrams", "max_dup_ngrams"):
            if any(not 0 <= share <= 1 for share in getattr(self, name) or ()):
                raise ValueError(f"{name}: every share must be between 0 and 1")
        return self


class AuditSettings(BaseModel):
    """Rejected documents that are measured to the end all the same, so that the report can state the false-reject rate."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality: audit sample")

    share: float = Field(0.01, ge=0, le=1, description="Share of the documents rejected by cheap checks that is audited.")
    seed: int = Field(0, ge=0, description="Another seed picks another sample.")
