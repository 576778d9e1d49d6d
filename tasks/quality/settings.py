"""What is good enough to keep: a profile, and thresholds of one's own where the profile's do not fit."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator, field_validator, model_validator

from tasks.quality.profiles import PROFILES
from tasks.quality.signals.language import ALLOWED

OFF = "off"


def _in_one_sentence(allowed: str) -> WrapValidator:
    """One message for the whole field, instead of one for each of the kinds of value it could have been."""

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            raise ValueError(f'must be {allowed}, or "{OFF}", or empty') from error

    return WrapValidator(check)


Share = Annotated[
    Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | Literal["off"] | None, _in_one_sentence("a number from 0 to 1")
]
Amount = Annotated[
    Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["off"] | None, _in_one_sentence("a number of at least 0")
]
Count = Annotated[Annotated[int, Field(ge=0)] | Literal["off"] | None, _in_one_sentence("a whole number of at least 0")]
StopWords = Annotated[Annotated[int, Field(ge=0, le=8)] | Literal["off"] | None, _in_one_sentence("a whole number from 0 to 8")]


def _threshold(name: str, title: str, description: str) -> Any:
    """A field without a value of its own; its description names the bound of every profile."""
    bounds = ", ".join(f"{profile} {OFF if (bound := PROFILES[profile][name]) is None else f'{bound:g}'}" for profile in PROFILES)
    return Field(None, title=title, description=f'{description} Empty: as the profile says ({bounds}). "{OFF}": not checked.')


class GateSettings(BaseModel):
    """What is good enough to keep. A profile gives every threshold; each can be set apart, or switched off."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality")

    profile: Literal["office", "web", "code", "strict"] = Field(
        "office",
        description="office: business documents. web: thresholds as published for web pages (Gopher, C4, FineWeb). code: source "
        "code and technical documentation. strict: a small set of clean prose.",
    )
    languages: list[str] = Field(
        default=[],
        description="Languages to keep, as codes (ISO 639, of two letters where there are such) as en or de: a document part is "
        "kept when at least half of it is in these. und stands for texts too short to tell. Empty: all languages.",
    )
    early_termination: bool = Field(
        True,
        description="A document is measured until the first gate rejects it. Off: every document is measured to the end whatever "
        "the gates say (slower, same documents kept).",
    )

    embedding_model: str | None = Field(
        default=None,
        min_length=1,
        title="Second stage: model",
        description="A local mlx-lm model (a folder or a hub id) whose embeddings help to judge texts of an uncertain score; "
        "`doctune gates --learn-head` must have learned how. Empty: the score alone decides.",
    )
    second_stage_low: float = Field(
        default=0.05, ge=0, le=1, title="Second stage: from", description="Lowest score that counts as uncertain."
    )
    second_stage_high: float = Field(
        default=0.9, ge=0, le=1, title="Second stage: to", description="Highest score that counts as uncertain."
    )

    min_words: Count = _threshold("min_words", "Fewest words", "Fewest words of a document part.")
    max_words: Count = _threshold("max_words", "Most words", "Most words of a document part.")
    max_symbols: Share = _threshold("max_symbols", "Symbols", "Largest share of characters that are neither letters nor digits.")
    max_lorem_share: Share = _threshold("max_lorem_share", "Placeholder text", "Largest share of words of a lorem ipsum text.")
    max_policy_share: Share = _threshold(
        "max_policy_share", "Site notices", "Largest share of words in lines about cookies, privacy or scripts."
    )
    min_sentences: Count = _threshold("min_sentences", "Sentences", "Fewest sentences in lines that C4 would keep.")
    max_curly_lines: Share = _threshold("max_curly_lines", "Curly brackets", "Largest share of lines with a curly bracket.")
    max_open_lines: Share = _threshold("max_open_lines", "Open lines", "Largest share of lines that do not end like a sentence.")
    max_few_word_lines: Share = _threshold("max_few_word_lines", "Lines of few words", "Largest share of lines under 3 words.")
    max_long_word_lines: Share = _threshold(
        "max_long_word_lines", "Endless words", "Largest share of lines with a word over 1,000 characters."
    )
    max_javascript_lines: Share = _threshold(
        "max_javascript_lines", "JavaScript", "Largest share of lines that mention JavaScript."
    )
    min_paragraphs: Count = _threshold("min_paragraphs", "Long lines", "Fewest lines of 200 characters or more.")
    min_alpha_words: Share = _threshold("min_alpha_words", "Words with a letter", "Smallest share of words with a letter.")
    min_mean_word_length: Amount = _threshold(
        "min_mean_word_length", "Shortest words", "Smallest mean length of words, in characters."
    )
    max_mean_word_length: Amount = _threshold(
        "max_mean_word_length", "Longest words", "Largest mean length of words, in characters."
    )
    max_hashes_per_word: Amount = _threshold("max_hashes_per_word", "Hash signs", "Most hash signs per word.")
    max_ellipses_per_word: Amount = _threshold("max_ellipses_per_word", "Ellipses", "Most ellipses per word.")
    max_bullet_lines: Share = _threshold("max_bullet_lines", "Bullets", "Largest share of lines that begin with a bullet.")
    max_ellipsis_lines: Share = _threshold(
        "max_ellipsis_lines", "Cut-off lines", "Largest share of lines that end in an ellipsis."
    )

    max_boilerplate: Share = _threshold(
        "max_boilerplate", "Boilerplate", "Largest share of words in confidentiality notices, unsubscribe footers and the like."
    )
    max_table_words: Share = _threshold("max_table_words", "Tables", "Largest share of words in tables.")
    max_figures: Share = _threshold("max_figures", "Figures", "Largest share of words that are numbers.")
    max_placeholders: Share = _threshold(
        "max_placeholders", "Unfilled places", "Largest share of words that are places of a template to be filled in."
    )
    max_machine_lines: Share = _threshold(
        "max_machine_lines", "Machine output", "Largest share of characters in lines of logs, dumps, hashes and records."
    )
    max_navigation: Share = _threshold(
        "max_navigation", "Navigation", "Largest share of words in menus, breadcrumbs and lists of links."
    )
    max_code: Share = _threshold("max_code", "Code", "Largest share of lines of code, in a format that is not code itself.")
    max_garbage_words: Share = _threshold(
        "max_garbage_words", "Garbled words", "Largest share of words that look like errors of text recognition."
    )
    max_encoding_damage: Amount = _threshold(
        "max_encoding_damage", "Wrong encoding", "Most wrongly decoded places per 1,000 characters."
    )

    max_short_lines: Share = _threshold(
        "max_short_lines", "Short lines", "Share of lines under 30 characters from which a text is refused."
    )
    min_line_punct: Share = _threshold(
        "min_line_punct", "Sentence ends", "Share of lines that end like sentences, at or below which a text is refused."
    )
    max_newlines_per_word: Amount = _threshold("max_newlines_per_word", "Line ends", "Most line ends per word.")
    max_fineweb_dup_line_chars: Share = _threshold(
        "max_fineweb_dup_line_chars",
        "Repeated lines (FineWeb)",
        "Share of characters in repeated lines from which a text is refused.",
    )
    max_dup_line: Share = _threshold("max_dup_line", "Repeated lines", "Largest share of repeated lines.")
    max_dup_para: Share = _threshold("max_dup_para", "Repeated paragraphs", "Largest share of repeated paragraphs.")
    max_dup_line_chars: Share = _threshold(
        "max_dup_line_chars", "Text in repeated lines", "Largest share of characters in repeated lines."
    )
    max_dup_para_chars: Share = _threshold(
        "max_dup_para_chars", "Text in repeated paragraphs", "Largest share of characters in repeated paragraphs."
    )
    max_top_2_gram: Share = _threshold(
        "max_top_2_gram", "Commonest 2 words", "Largest share of characters in the most frequent phrase of 2 words."
    )
    max_top_3_gram: Share = _threshold(
        "max_top_3_gram", "Commonest 3 words", "Largest share of characters in the most frequent phrase of 3 words."
    )
    max_top_4_gram: Share = _threshold(
        "max_top_4_gram", "Commonest 4 words", "Largest share of characters in the most frequent phrase of 4 words."
    )
    max_dup_5_gram: Share = _threshold(
        "max_dup_5_gram", "Repeated 5 words", "Largest share of characters in repeated phrases of 5 words."
    )
    max_dup_6_gram: Share = _threshold(
        "max_dup_6_gram", "Repeated 6 words", "Largest share of characters in repeated phrases of 6 words."
    )
    max_dup_7_gram: Share = _threshold(
        "max_dup_7_gram", "Repeated 7 words", "Largest share of characters in repeated phrases of 7 words."
    )
    max_dup_8_gram: Share = _threshold(
        "max_dup_8_gram", "Repeated 8 words", "Largest share of characters in repeated phrases of 8 words."
    )
    max_dup_9_gram: Share = _threshold(
        "max_dup_9_gram", "Repeated 9 words", "Largest share of characters in repeated phrases of 9 words."
    )
    max_dup_10_gram: Share = _threshold(
        "max_dup_10_gram", "Repeated 10 words", "Largest share of characters in repeated phrases of 10 words."
    )
    min_stop_words: StopWords = _threshold(
        "min_stop_words", "Common words", "Fewest of the eight commonest English words, in English texts only."
    )
    min_score: Share = _threshold("min_score", "Quality score", "Lowest quality score, from 0 to 1.")

    @field_validator("languages")
    @classmethod
    def _languages_are_codes(cls, languages: list[str]) -> list[str]:
        for language in languages:
            if language not in ALLOWED:
                raise ValueError(f'"{language}" is no language code that can be told; these are: {", ".join(sorted(ALLOWED))}')
        return languages

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Self:
        for least, most in (("min_words", "max_words"), ("min_mean_word_length", "max_mean_word_length")):
            low, high = self.bound(least), self.bound(most)
            if low is not None and high is not None and low > high:
                raise ValueError(f"{least} ({low:g}) is above {most} ({high:g}): no document could pass")
        if self.second_stage_low > self.second_stage_high:
            raise ValueError(
                f"second_stage_low ({self.second_stage_low:g}) is above second_stage_high ({self.second_stage_high:g}): no score "
                "would be uncertain"
            )
        return self

    def bound(self, name: str) -> float | None:
        """The threshold that a setting stands for: its own value or the profile's; None when it is not checked.

        Raises KeyError for a name that is no threshold.
        """
        by_profile = PROFILES[self.profile][name]
        own = getattr(self, name)
        if own is None:
            return by_profile
        return None if own == OFF else float(own)

    def cache_identity(self) -> dict[str, Any]:
        """What decides, resolved: two ways to say the same thresholds have one cache key.

        The second stage is not in it: what counts of that travels with the judging (tasks/quality/second/stage.py).
        """
        bounds = {name: None if (bound := self.bound(name)) is None else float(bound) for name in PROFILES[self.profile]}
        return {**bounds, "languages": sorted(set(self.languages)), "early_termination": self.early_termination}


class AuditSettings(BaseModel):
    """Rejected documents that are measured to the end all the same, so that the report can state the false-reject rate."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Quality: audit sample")

    share: float = Field(
        0.01, ge=0, le=1, description="Share of the rejected documents that is measured to the end, past the gate that rejects."
    )
    seed: int = Field(0, ge=0, description="Another seed picks another sample.")
