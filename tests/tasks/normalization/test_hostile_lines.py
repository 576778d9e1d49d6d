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
        "\u00c3\u00a9 \u00e2\u20ac\u2122" * (MANY // 10),
        "a " * MANY,
        "a\n" * MANY,
        "\n".join(f"{number} goes on" for number in range(MANY // 5)),
        "ab " * 20 + "   " * MANY + "x",
        "\f".join(f"A header of page number {number}\ntext\n- {number} -" for number in range(MANY // 50)),
        "\n".join("this line goes on in the next one as if it had" for _ in range(MANY // 50)),
        "_ " * MANY + "\f" + "- " * MANY,
        "http://" + "a/" * MANY + "\n" + "b/" * MANY,
        "I" * MANY + "\n\f\n" + "1" * MANY,
    ],
    ids=[
        *(
            "spaces",
            "pipes",
            "soft-hyphens",
            "long-halves",
            "chain",
            "dashes",
            "fence",
            "pages",
            "joiners",
            "mojibake",
            "letters",
        ),
        *("upright", "numbered", "gap", "headers", "wrapped", "rules", "address", "numerals"),
    ],
)
def test_a_hostile_line_is_cleaned_like_any_other(line: str) -> None:
    once = normalize_text(line, "pdf", NormalizationSettings()).text
    assert len(once) <= len(line)
    assert normalize_text(once, "pdf", NormalizationSettings()).text == once
