"""The cascade: a group of signals is measured, then the gates that look at it are asked; the first one that rejects ends it.

The order of the groups decides what is spent and which reason is given, never which texts are kept: a text is kept when no gate
rejects it, and the gates do not know of each other.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.quality.facts import PartFacts
from tasks.quality.gates import Gate
from tasks.quality.measure import GROUP_OF, LANGUAGE, Measured, measure_group
from tasks.quality.order import CascadeOrder
from tasks.quality.signals.language import LEAST_ALLOWED, allowed_share
from tasks.quality.text_view import view_text


@dataclass(frozen=True)
class Rejection:
    """Why a text is out. detail names the signal and its value, not the bound: moving a bound without changing a verdict must
    leave the stage's output, and so the cache of all later stages, as it is."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Cascade:
    """gates: all that are on but the score's, which is decided when all is measured. languages: those that may be kept; empty for
    all. to_the_end: measure everything, whatever the gates say."""

    gates: tuple[Gate, ...]
    languages: tuple[str, ...]
    order: CascadeOrder
    to_the_end: bool = False

    def groups(self, format_name: str) -> tuple[str, ...]:
        """The groups in the order for a format."""
        return self.order.groups_for(format_name)

    def decide(self, group: str, measured: Measured) -> Rejection | None:
        """The first decisive rejection by a gate that looks at this group."""
        if group == LANGUAGE and (rejection := decide_language(measured, self.languages)):
            return rejection
        return decide(self.gates_of(group), measured.signals, measured.language)

    def gates_of(self, group: str) -> list[Gate]:
        """The gates that look at a group."""
        return self._gates_of_group.get(group, [])

    @functools.cached_property
    def _gates_of_group(self) -> dict[str, list[Gate]]:
        gates: dict[str, list[Gate]] = {}
        for gate in self.gates:
            gates.setdefault(GROUP_OF[gate.signal], []).append(gate)
        return gates

    def walk(self, measured: Measured, format_name: str) -> "Verdict":
        """How far what is known leads: to a rejection, to the end, or to a group that would have to be measured first."""
        done: list[str] = []
        rejection: Rejection | None = None
        for group in self.groups(format_name):
            if group not in measured.groups:
                return Verdict(tuple(done), rejection, is_final=False)
            done.append(group)
            rejection = rejection or self.decide(group, measured)
            if rejection and not self.to_the_end:
                break
        return Verdict(tuple(done), rejection, is_final=True)


@dataclass(frozen=True)
class Verdict:
    """groups: those that it took, in order. is_final: nothing has to be measured any more."""

    groups: tuple[str, ...]
    rejection: Rejection | None
    is_final: bool


def decide(gates: Iterable[Gate], signals: Mapping[str, float], language: str | None = None) -> Rejection | None:
    """The first decisive rejection; None when every gate lets the text pass."""
    for gate in gates:
        if gate.rejects(signals, language):
            return Rejection(gate.code, f"{gate.signal} {signals[gate.signal]:.4g} ({gate.unit})")
    return None


def decide_language(measured: Measured, allowed: Sequence[str]) -> Rejection | None:
    """A rejection when languages are chosen and less than LEAST_ALLOWED of a text is in these. An undetermined one ("und") must
    be chosen too."""
    if not allowed or measured.language is None:
        return None
    if allowed_share(measured.language, measured.languages, allowed) >= LEAST_ALLOWED:
        return None
    shares = dict(measured.languages or {})
    named = ", ".join(f"{name} ({share:.0%})" for name, share in shares.items()) if len(shares) > 1 else measured.language
    return Rejection("quality.language", f"language {named}")


def measure_text(text: str, facts: PartFacts, cascade: Cascade, known: Measured) -> Measured:
    """Measure group after group until a gate rejects. known: what was measured before, and is not measured again. Runs in a
    worker."""
    view = view_text(text)
    measured = known
    for group in cascade.groups(facts.format):
        if group not in measured.groups:
            measured = measure_group(group, view, facts, measured)
        if not cascade.to_the_end and cascade.decide(group, measured):
            break
    return measured
