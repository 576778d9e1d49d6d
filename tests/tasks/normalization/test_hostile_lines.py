"""Lines on which a careless expression takes minutes: cleaned like any others."""

import pytest

from tasks.normalization.normalize import normalize_text
from tasks.normalization.settings import NormalizationSettings

MANY = 50_000


@pytest.mark.parametrize(
    "line",
    [
        "a | b\n" + " " * MANY + "|x",
        "a | b\n" + "|" * MANY + "x",
        "\u00ad" * MANY + "x",
        "a" * MANY + "-\n" + "b" * MANY,
        "x-\n" * MANY,
        " -" * MANY + "\n",
        "`" * MANY + "x`",
        "\f" * MANY + "1 " * MANY,
        "\u200d" * MANY,
    ],
    ids=["spaces", "pipes", "soft-hyphens", "long-halves", "chain", "dashes", "fence", "pages", "joiners"],
)
def test_a_hostile_line_is_cleaned_like_any_other(line: str) -> None:
    once = normalize_text(line, "pdf", NormalizationSettings()).text
    assert len(once) <= len(line)
    assert normalize_text(once, "pdf", NormalizationSettings()).text == once
