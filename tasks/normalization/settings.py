"""What a user can choose about cleaning."""

from pydantic import BaseModel, ConfigDict, Field


class NormalizationSettings(BaseModel):
    """How extracted text is cleaned. Each step can be switched off."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Cleaning")

    control_characters: bool = Field(
        True,
        description="Remove control and zero-width characters and make all line ends alike. Joiners that shape emoji, Indic "
        "and Arabic-script words stay.",
    )
    soft_hyphens: bool = Field(True, description="Remove soft hyphens and join the words that they divide at a line end.")
    ligatures: bool = Field(True, description="Write Latin ligature characters (as in 'office' set in print) as plain letters.")
    unicode: bool = Field(
        True, description="Write every character in its composed form (Unicode NFC) and every kind of space as a plain space."
    )
    page_furniture: bool = Field(
        True,
        description="Remove headers, footers and page numbers: lines at the top or bottom of at least 3 pages and half of all "
        "pages. Applies to formats with pages.",
    )
    hyphenation: bool = Field(
        True, description="Join words that were divided at a line end. Applies to PDF and plain text. True hyphens stay."
    )
    whitespace: bool = Field(
        True, description="Remove trailing spaces, double spaces and superfluous blank lines outside tables, code and lists."
    )
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Time limit for one document part, in seconds.")
