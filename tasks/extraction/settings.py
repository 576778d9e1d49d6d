"""The settings of extraction."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from tasks.extraction.registry import engines_of


class ExtractionSettings(BaseModel):
    """How documents are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_seconds: float = Field(60.0, gt=0, le=7200, description="Longest time for one document, in seconds.")
    timeout_seconds_per_mib: float = Field(
        0.5, ge=0, le=60, description="Seconds that a document has on top of that for each MiB of its size."
    )
    part_characters: int = Field(
        2_000_000, ge=1_000, le=20_000_000, description="A longer text is read in parts of at most this many characters."
    )
    max_parts: int = Field(4_096, ge=1, le=10_000, description="A document with more parts than this is refused, not cut off.")
    pdf_max_pages: int = Field(5_000, ge=1, description="A PDF with more pages than this is refused, not cut off.")
    passwords: tuple[str, ...] = Field((), repr=False, description="Passwords to try on encrypted PDFs.")
    ocr: Literal["auto", "off"] = Field(
        "auto", description="Recognise text in pictures and scanned pages, where a recogniser is."
    )
    ocr_languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{3}(_[a-z]+)*$")], ...] = Field(
        ("eng",), min_length=1, description="Languages of such text, as tesseract names them: eng, deu, chi_sim."
    )
    ocr_page_seconds: float = Field(30.0, gt=0, le=600, description="Longest time for recognising one page, in seconds.")
    ocr_document_seconds: float = Field(
        3600.0, gt=0, le=86_400, description="Longest time for a document with pages to be recognised, in seconds."
    )
    html_content: Literal["main", "all"] = Field(
        "main", description="Of web pages: the main content without navigation and other boilerplate, or all of the text."
    )
    links: bool = Field(False, description="Keep the targets of links in web pages and mails, as Markdown.")
    keep_mail_quotes: bool = Field(False, description="Keep the earlier mails that a mail repeats at its end.")
    keep_mail_signatures: bool = Field(False, description="Keep the signatures of mails.")
    engines: dict[str, str] = Field(
        default_factory=dict,
        description='Another engine for a format, as format and engine, such as {"docx": "unstructured"}. Empty: the defaults.',
    )

    @field_validator("engines")
    @classmethod
    def _engines_exist(cls, engines: dict[str, str]) -> dict[str, str]:
        for format_name, engine in engines.items():
            allowed = engines_of(format_name)
            if not allowed:
                raise ValueError(f"there is no reader for the format {format_name!r}")
            if engine not in allowed:
                raise ValueError(f"{format_name} can be read by {', '.join(allowed)}, not by {engine!r}")
        return dict(sorted(engines.items()))

    def time_limit(self, size: int) -> float:
        """Seconds that a document of `size` bytes may take."""
        return self.timeout_seconds + self.timeout_seconds_per_mib * size / 2**20
