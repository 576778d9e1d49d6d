"""The gates in their order; the first one that rejects decides, and no later one is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.quality.gates import Gate


@dataclass(frozen=True)
class Rejection:
    """Why a text is out. detail names the signal and its value, not the bound: moving a bound without changing a verdict must
    leave the stage's output, and so the cache of all later stages, as it is."""

    reason: str
    detail: str


def decide(gates: Sequence[Gate], signals: Mapping[str, float], language: str | None = None) -> Rejection | None:
    """The first decisive rejection; None when every gate lets the text pass."""
    for gate in gates:
        if gate.rejects(signals, language):
            return Rejection(gate.code, f"{gate.signal} {signals[gate.signal]:.4g} ({gate.unit})")
    return None


def decide_language(language: str | None, allowed: Sequence[str]) -> Rejection | None:
    """A rejection when languages are chosen and this one is not among them. An undetermined one ("und") must be chosen too."""
    if not allowed or language is None or language in allowed:
        return None
    return Rejection("quality.language", f"language {language}")
