"""What a user can choose about quality: a profile of thresholds, and any threshold on its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.quality.profiles import PROFILES, ProfileName

Share = Annotated[float, Field(ge=0, le=1)] | Literal["off"] | None
Count = Annotated[int, Field(ge=0)] | Literal["off"] | None
Amount = Annotated[float, Field(ge=0)] | Literal["off"] | None

_ORDERED = (("min_words", "max_words"), ("min_mean_word_length", "max_mean_word_length"))


def _bound(words: str) -> Any:
    return Field(None, description=f"{words}. Empty: as the profile says; off: not checked.")


class GateSettings(BaseModel):
    """What is good enough to keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality")

    profile: ProfileName = Field(
        "office",
        description="Thresholds for office documents, for web pages (as published), for code and texts full of it, or strict.",
    )
    languages: list[Annotated[str, Field(pattern=r"^([a-z]{2,3}|und)$")]] = Field(
        default=[],
        description="Languages to keep, as two-letter codes such as en or de; und stands for texts too short to tell. "
        "Empty: all languages.",
    )
    early_termination: bool = Field(
        True, description="Stop measuring at the first gate that rejects. Off: slower, and the same documents are kept."
    )
    min_score: Share = _bound("Lowest probability that a person would call the text natural")
    min_words: Count = _bound("Fewest words of a document part")
    max_words: Count = _bound("Most words of a document part")
    min_mean_word_length: Amount = _bound("Smallest mean length of words, in characters")
    max_mean_word_length: Amount = _bound("Largest mean length of words, in characters")
    min_alpha_words: Share = _bound("Smallest share of words with a letter")
    min_stop_words: Count = _bound("Fewest of the eight commonest English words, in English texts only")
    max_symbols: Share = _bound("Largest share of characters that are neither letters nor digits")
    max_symbols_per_word: Amount = _bound("Most hash signs per word, and most ellipses per word")
    max_bullet_lines: Share = _bound("Largest share of lines that begin with a bullet")
    max_ellipsis_lines: Share = _bound("Largest share of lines that end in an ellipsis")
    max_lorem_share: Share = _bound("Largest share of placeholder words (lorem ipsum)")
    max_policy_share: Share = _bound("Largest share of words in lines about cookies, privacy or scripts")
    max_dup_line: Share = _bound("Largest share of repeated lines")
    max_dup_para: Share = _bound("Largest share of repeated paragraphs")
    max_dup_line_chars: Share = _bound("Largest share of characters in repeated lines")
    max_dup_para_chars: Share = _bound("Largest share of characters in repeated paragraphs")
    max_top_2: Share = _bound("Largest share of characters in the most frequent phrase of 2 words")
    max_top_3: Share = _bound("Largest share of characters in the most frequent phrase of 3 words")
    max_top_4: Share = _bound("Largest share of characters in the most frequent phrase of 4 words")
    max_dup_5: Share = _bound("Largest share of characters in repeated phrases of 5 words")
    max_dup_6: Share = _bound("Largest share of characters in repeated phrases of 6 words")
    max_dup_7: Share = _bound("Largest share of characters in repeated phrases of 7 words")
    max_dup_8: Share = _bound("Largest share of characters in repeated phrases of 8 words")
    max_dup_9: Share = _bound("Largest share of characters in repeated phrases of 9 words")
    max_dup_10: Share = _bound("Largest share of characters in repeated phrases of 10 words")
    min_line_punct: Share = _bound("Share of lines that end like sentences, at or below which a text is refused")
    max_short_lines: Share = _bound("Share of lines under 30 characters from which a text is refused")
    max_fineweb_dup_line_chars: Share = _bound("Share of characters in repeated lines from which a text is refused")
    max_newlines_per_word: Amount = _bound("Most line ends per word")

    def bound(self, name: str) -> float | None:
        """The threshold in force: the user's, else the profile's; None when it is not checked. Raises KeyError for a name that is
        no threshold."""
        own = getattr(self, name)
        if own is None:
            return PROFILES[self.profile][name]
        return None if own == "off" else own

    def bounds(self) -> dict[str, float | None]:
        """All thresholds in force, by name."""
        return {name: self.bound(name) for name in PROFILES[self.profile]}

    def cache_identity(self) -> Mapping[str, Any]:
        """What counts in a cache key: the thresholds in force, wherever they come from."""
        return {**self.bounds(), "languages": sorted(self.languages), "early_termination": self.early_termination}

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Self:
        for least, most in _ORDERED:
            low, high = self.bound(least), self.bound(most)
            if low is not None and high is not None and low > high:
                raise ValueError(f"{least} ({low}) is above {most} ({high}): no document could pass")
        return self


class AuditSettings(BaseModel):
    """Rejected documents that are measured to the end all the same, so that the report can state the false-reject rate."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality: audit sample")

    share: float = Field(0.01, ge=0, le=1, description="Share of the rejected documents that is audited.")
    seed: int = Field(0, ge=0, description="Another seed picks another sample.")
