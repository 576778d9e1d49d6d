"""Charts as inline SVG: pure functions from numbers to text. Colours are classes that the page's style sheet fills in.

Each chart has a <title> that says in words what it shows, and its numbers also stand in a table or as text beside the bars.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tasks.reporting.facts import FunnelStep, Histogram

WIDTH = 760
LETTER = 7.3  # usual width of a letter in a label
VALUE = 200  # room for the words to the right of them
Point = tuple[float, float]


@dataclass(frozen=True)
class Bar:
    """A horizontal bar. value: its length. rest: a paler continuation. words: text to its right."""

    label: str
    value: float
    words: str
    rest: float = 0.0
    style: str = "kept"


def verdict_strip(parts: Sequence[tuple[str, int, str]]) -> Markup:
    """One bar cut into parts (label, count, class) in proportion to their counts."""
    total = sum(count for _, count, _ in parts)
    if not total:
        return Markup("")
    pieces, x = [], 0.0
    for label, count, style in parts:
        width = WIDTH * count / total
        if count:
            pieces.append(
                f'<rect class="{style}" x="{x:.1f}" y="0" width="{max(width - 2, 1):.1f}" height="18" rx="3">'
                f"<title>{escape(label)}: {count:,}</title></rect>"
            )
        x += width
    words = ", ".join(f"{count:,} {label}" for label, count, _ in parts)
    return _svg("strip", 18, f"Of {total:,} documents: {words}", "".join(pieces))


def funnel(steps: Sequence[FunnelStep]) -> Markup:
    """Documents that entered each stage: a bar for those that left it, paler for those that ended there."""
    bars = []
    for step in steps:
        ended = step.entered - step.left
        words = f"{step.left:,}" + (f"  ({ended:,} ended here)" if ended else "")
        bars.append(Bar(step.stage.capitalize(), step.left, words, rest=ended))
    sentence = ", ".join(f"{step.stage} {step.left:,} of {step.entered:,}" for step in steps)
    return bar_chart("funnel", f"Documents that left each stage: {sentence}", bars)


def bar_chart(name: str, title: str, bars: Sequence[Bar]) -> Markup:
    """Horizontal bars on a common scale."""
    longest = max((bar.value + bar.rest for bar in bars), default=0) or 1
    edge = round(max((len(bar.label) for bar in bars), default=0) * LETTER) + 16
    room = WIDTH - edge - VALUE
    rows = []
    for index, bar in enumerate(bars):
        y = index * 30
        width, rest = room * bar.value / longest, room * bar.rest / longest
        rows.append(f'<text class="label" x="{edge - 12}" y="{y + 18}" text-anchor="end">{escape(bar.label)}</text>')
        rows.append(f'<rect class="track" x="{edge}" y="{y + 4}" width="{room}" height="20" rx="3"/>')
        if bar.value > 0:
            rows.append(f'<rect class="{bar.style}" x="{edge}" y="{y + 4}" width="{max(width, 1.5):.1f}" height="20" rx="3"/>')
        if bar.rest:
            x = edge + width
            rows.append(f'<rect class="lost" x="{x:.1f}" y="{y + 4}" width="{max(rest, 1.5):.1f}" height="20" rx="3"/>')
        rows.append(f'<text class="value" x="{edge + room + 12}" y="{y + 18}">{escape(bar.words)}</text>')
    return _svg(name, max(len(bars) * 30, 1), title, "".join(rows))


def histogram(scores: Histogram) -> Markup:
    """Documents per bin of the quality score, kept ones at the bottom, ended ones above."""
    left, bottom, height = 44, 190, 160
    room = WIDTH - left - 10
    bins = len(scores.kept)
    ticks = nice_ticks(0, max((k + e for k, e in zip(scores.kept, scores.ended, strict=True)), default=0) or 1, whole=True)
    unit = height / ticks[-1]
    parts = [_gridline(left, bottom - tick * unit, f"{tick:,.0f}") for tick in ticks]
    for index, (kept, ended) in enumerate(zip(scores.kept, scores.ended, strict=True)):
        x, width = left + room * index / bins + 1.5, room / bins - 3
        low = bottom - kept * unit
        name = f"{index / bins:.2f} to {(index + 1) / bins:.2f}: {kept:,} kept, {ended:,} not kept"
        for y, count, style in ((low, kept, "kept"), (low - ended * unit, ended, "rejected")):
            if count:
                shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(count * unit - 0.5, 1):.1f}" rx="2"'
                parts.append(f'<rect class="{style}" {shape}><title>{name}</title></rect>')
    for step in range(0, 11, 2):
        x = left + room * step / 10
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{step / 10:.1f}</text>')
    title = f"Quality scores from 0 to 1: {sum(scores.kept):,} kept and {sum(scores.ended):,} not kept documents have one"
    return _svg("histogram", bottom + 26, title, "".join(parts))


def loss_curve(training: Sequence[tuple[int, float]], valid: Sequence[tuple[int, float]]) -> Markup:
    """Loss in nats per token over the steps of a training; the valid split as dots joined by a dashed line."""
    named = [("training", training), ("valid", valid)]
    first = [f"{name} from {curve[0][1]:.3f} to {curve[-1][1]:.3f}" for name, curve in named if curve]
    last = max((step for step, _ in [*training, *valid]), default=0)
    return _lines("curve", f"Loss in nats per token over {last:,} steps: {', '.join(first)}", training, valid)


def line_of(name: str, words: str, curve: Sequence[tuple[int, float]]) -> Markup:
    """A number over the steps of a training. words: what it is."""
    if not curve:
        return Markup("")
    values = [value for _, value in curve]
    return _lines(name, f"{words} over {curve[-1][0]:,} steps: from {min(values):.4g} to {max(values):.4g}", curve, ())


def _lines(name: str, title: str, first: Sequence[tuple[int, float]], second: Sequence[tuple[int, float]]) -> Markup:
    """One line, and a second one dashed and with dots, over the same steps."""
    points = [*first, *second]
    if not points:
        return Markup("")
    left, bottom, height = 52, 220, 195
    room = WIDTH - left - 16
    ticks = nice_ticks(min(value for _, value in points), max(value for _, value in points))
    steps = nice_ticks(0, max(step for step, _ in points) or 1, whole=True)
    last = max(step for step, _ in points) or 1

    def place(step: float, value: float) -> Point:
        share = (value - ticks[0]) / ((ticks[-1] - ticks[0]) or 1)
        return left + room * step / last, bottom - height * share

    parts = [_gridline(left, place(0, tick)[1], f"{tick:g}") for tick in ticks]
    for step in (step for step in steps if step <= last):
        parts.append(f'<text class="tick" x="{place(step, 0)[0]:.1f}" y="{bottom + 18}" text-anchor="middle">{step:,.0f}</text>')
    parts.append(f'<text class="tick" x="{WIDTH - 16}" y="{bottom + 36}" text-anchor="end">steps</text>')
    for label, curve, style in (("training", first, "line-train"), ("valid", second, "line-valid")):
        placed = [place(step, value) for step, value in curve]
        if len(placed) > 1:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
            parts.append(f'<polyline class="{style}" points="{line}"/>')
        if style == "line-valid" or len(placed) == 1:
            for (x, y), (step, value) in zip(placed, curve, strict=True):
                words = f"{label}, step {step:,}: {value:.4g}"
                parts.append(f'<circle class="dot-{label}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{words}</title></circle>')
    return _svg(name, bottom + 42, title, "".join(parts))


def nice_ticks(low: float, high: float, whole: bool = False, about: int = 4) -> list[float]:
    """Round numbers that enclose [low, high], some `about` of them. whole: no fractions."""
    span = max(high - low, 1e-6 * max(1.0, abs(high)))  # below that it is noise, and labels would repeat
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if whole:
        step = max(1.0, float(round(step)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def _gridline(left: float, y: float, words: str) -> str:
    return (
        f'<line class="grid" x1="{left}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'
    )


def _svg(name: str, height: float, title: str, content: str) -> Markup:
    return Markup(  # labels were escaped where they were put in
        f'<svg class="chart {name}" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="chart-{name}">'
        f'<title id="chart-{name}">{escape(title)}</title>{content}</svg>'
    )
