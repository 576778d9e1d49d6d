"""Which language a text is written in.

Source: py3langid, a naive Bayes model over byte n-grams (Lui and Baldwin 2012); 99.8 % right on texts of about 1,000
characters in 20 languages.
"""

import functools
from typing import Any

from tasks.quality.text_view import TextView

UNDETERMINED = "und"
LEAST_LETTERS = 20
SAMPLE = 2000  # characters: half from the beginning, half from the middle; titles alone mislead


def measure_language(view: TextView) -> tuple[str, dict[str, float]]:
    """The language (ISO 639-1) and language.probability (0 to 1, over all languages of the model).

    Prose is looked at first, table cells where it has too few letters. "und" and no signal under LEAST_LETTERS letters.
    """
    for lines in (view.lines, view.lines + view.cells):
        sample = take_sample("\n".join(lines))
        if sum(map(str.isalpha, sample)) >= LEAST_LETTERS:
            language, probability = _identifier().classify(sample)
            # Two digits: the model's matrix product differs in the last bits from one machine to the next.
            return language, {"language.probability": round(float(probability), 2)}
    return UNDETERMINED, {}


def take_sample(text: str) -> str:
    """At most SAMPLE characters of a text, from its beginning and its middle."""
    if len(text) <= SAMPLE:
        return text
    half, middle = SAMPLE // 2, len(text) // 2
    start = max(half, middle - half // 2)
    return text[:half] + text[start : start + half]


@functools.cache
def _identifier() -> Any:
    """The model, loaded once per process (about a second)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
