"""The two tiers of measuring; both run in a worker and know no threshold.

Cheap signals are measured for every text; costly ones only for texts that the cheap gates let pass.
"""

from dataclasses import dataclass

from tasks.quality.signals.c4 import measure_c4
from tasks.quality.signals.fineweb import measure_fineweb
from tasks.quality.signals.gopher import measure_gopher_quality, measure_gopher_repetition, measure_stop_words
from tasks.quality.signals.language import measure_language
from tasks.quality.signals.length import measure_length
from tasks.quality.signals.natural import measure_natural
from tasks.quality.signals.symbols import measure_symbols
from tasks.quality.text_view import view_text

DIGITS = 6  # of a stored signal


@dataclass(frozen=True)
class Measured:
    """Signals of one text. language: ISO 639-1 or "und"; None in the tier that does not measure it."""

    language: str | None
    signals: dict[str, float]


def measure_basic_signals(text: str) -> Measured:
    """The cheap tier: length, symbols, placeholder text, Gopher quality."""
    view = view_text(text)
    signals = measure_length(view) | measure_symbols(view) | measure_c4(view) | measure_gopher_quality(view)
    return Measured(None, _rounded(signals))


def measure_deep_signals(text: str) -> Measured:
    """The costly tier: language, stop words, Gopher repetition, FineWeb."""
    view = view_text(text)
    language, signals = measure_language(view)
    signals |= measure_stop_words(view) | measure_gopher_repetition(view) | measure_fineweb(view)
    signals |= measure_natural(view)
    return Measured(language, _rounded(signals))


def _rounded(signals: dict[str, float]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in sorted(signals.items())}
