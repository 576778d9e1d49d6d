"""What earlier stages found out about a part, beyond its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PartFacts:
    """Facts of one part that signals may use.

    format: canonical name of the document's format ("pdf"); "" when it is not known. encoding_damage: the column of that name
    of NORMALIZATION ("after": places that still look wrongly decoded, "replacement_characters"); empty when nobody counted.
    """

    format: str = ""
    encoding_damage: Mapping[str, int] = field(default_factory=dict)
