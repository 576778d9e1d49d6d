"""What a user can choose about cleaning."""

from pydantic import BaseModel, ConfigDict, Field


class NormalizationSettings(BaseModel):
    """How extracted text is cleaned. Each step can be switched off."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Cleaning")

    encoding_damage: bool = Field(
        True, description="Repair text that was read with a wrong encoding somewhere before it came here (as in 'donâ€™t')."
    )
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
    page_numbers: bool = Field(
        True, description="Remove page numbers that stand on a line of their own and count with the pages, Roman ones too."
    )
    page_furniture: bool = Field(
        True,
        description="Remove running headers and footers: lines at the top or bottom of at least 3 pages and half of all "
        "pages, or of 3 pages that follow one another. Applies to formats with pages.",
    )
    line_numbers: bool = Field(
        True, description="Remove the line numbers in the margin of legal texts and listings. Applies to PDF and plain text."
    )
    upright_words: bool = Field(
        True, description="Join words whose letters stand each on a line of its own, as in text turned by 90 degrees (PDF)."
    )
    spaced_letters: bool = Field(
        True, description="Join words spelled with spaces ('N O T I C E') where they fill a line. Applies to PDF and plain text."
    )
    hyphenation: bool = Field(
        True, description="Join words that were divided at a line end. Applies to PDF and plain text. True hyphens stay."
    )
    column_gaps: bool = Field(
        True, description="Close gaps of three or more spaces inside sentences. Lines that form columns keep theirs."
    )
    whitespace: bool = Field(
        True, description="Remove trailing spaces, double spaces and superfluous blank lines outside tables, code and lists."
    )
    broken_lines: bool = Field(
        True,
        description="Join lines that were broken at a width into paragraphs. Applies to PDF, plain text and email; verse, "
        "addresses, lists, tables and code keep their lines.",
    )
    most_removed_share: float = Field(
        0.3,
        ge=0.0,
        le=1.0,
        description="A step that would remove more than this share of a text (white space apart) is not applied to it, and the "
        "text is flagged.",
    )
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Time limit for one document part, in seconds.")
