"""What is known of a document part beyond its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PartFacts:
    """format: as detection named it. encoding_damage: places that look wrongly decoded, as normalization counted them: "before"
    and "after" its repair, and "replacement_characters"; empty where it did not look."""

    format: str = ""
    encoding_damage: Mapping[str, int] = field(default_factory=dict)
