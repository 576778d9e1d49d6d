"""The report of a run as one self-contained page: no script, no asset from elsewhere, readable in light and in dark."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.reporting import charts
from tasks.reporting.facts import RunSummary, Throughput

STAGE_NAMES = {
    "detection": "Detection",
    "samples": "Samples of large documents",
    "early": "Early gates",
    "extraction": "Extraction",
    "normalization": "Normalization",
    "signals": "Quality, signals",
    "second": "Quality, second stage",
    "quality": "Quality, gates",
    "privacy": "Personal data",
    "fingerprints": "Fingerprints",
    "clusters": "Duplicates",
    "chunks": "Pieces",
    "contamination": "Contamination",
    "annotation": "Annotation",
    "instructions": "Instructions",
    "instruction_contamination": "Contamination of instructions",
}
VERDICTS = ("kept", "rejected", "duplicate", "failed")


def environment() -> Environment:
    """The templates of this room, with the filters for people's numbers."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "count": count,
        "seconds": format_seconds,
        "size": format_bytes,
        "percent": percent,
        "measure": format_measure,
    }
    return made


def render_page(summary: RunSummary) -> str:
    """The HTML of a report."""
    training, scores = summary.training, summary.scores
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            summary=summary,
            headline=headline(summary),
            stage_names=STAGE_NAMES,
            strip=charts.verdict_strip([(name, getattr(summary.books, name), name) for name in VERDICTS])
            if summary.books
            else "",
            funnel=charts.funnel(summary.funnel),
            histogram=charts.histogram(scores) if scores and any(scores.kept + scores.ended) else "",
            throughput=throughput_chart(summary.throughput),
            curve=charts.loss_curve(training.curve, training.valid_curve) if training else "",
            rate=charts.line_of("rate", "Learning rate", training.rate_curve) if training else "",
            memory=charts.line_of("memory", "Largest memory so far in MiB", training.memory_curve) if training else "",
        )
    )


def headline(summary: RunSummary) -> str:
    """What the run came to, in a sentence or three."""
    books, dataset, training = summary.books, summary.dataset, summary.training
    words = []
    if books:
        words.append(f"{count(books.kept)} of {count(books.inputs)} {'document' if books.inputs == 1 else 'documents'} were kept")
        if dataset:
            words[0] += f" and became {count(sum(dataset.examples.values()))} examples"
            words[0] += f" of {count(sum(dataset.tokens.values()))} tokens in all"
    elif dataset:
        words.append(f"The dataset has {count(sum(dataset.examples.values()))} examples")
    if training:
        where = "on held-out text" if training.split != "train" else "on the training examples themselves"
        change = "fell" if training.loss_after < training.loss_before else "did not fall"
        before, after = f"{training.loss_before:.3f}", f"{training.loss_after:.3f}"
        words.append(f"The loss {where} {change}: {before} before the training, {after} after it")
    if dataset is None:
        words.append("No dataset was made")
    return ". ".join(words) + "."


def throughput_chart(rows: Sequence[Throughput]) -> Markup:
    """Seconds of document work per stage."""
    bars = []
    for row in rows:
        speed = f"{row.documents_per_second:,.1f}/s" if row.documents_per_second is not None else "-"
        words = f"{format_seconds(row.seconds)}, {speed}" + (", cached" if row.cached else "")
        bars.append(charts.Bar(STAGE_NAMES[row.stage], row.seconds, words, style="cached" if row.cached else "kept"))
    sentence = ", ".join(f"{STAGE_NAMES[row.stage]} {format_seconds(row.seconds)}" for row in rows)
    return charts.bar_chart("throughput", f"Seconds of document work per stage: {sentence}", bars) if bars else Markup("")


def count(value: float) -> str:
    """A whole number with separators: 12,345."""
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """A share as a percentage with a space that does not break: 0.034 -> "3.4 %"."""
    return f"{share * 100:.1f}\N{NO-BREAK SPACE}%" if 0 < share < 0.1 else f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def format_seconds(seconds: float) -> str:
    """A duration for people: "0.4 ms", "40 ms", "8.3 s", "4 min 10 s", "2 h 05 min"."""
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms" if 0 < seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def format_bytes(size: float) -> str:
    """A size for people, in powers of 1024: "817 B", "3.2 MiB"."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def format_measure(value: float, name: str) -> str:
    """A value with the unit that the end of its name says: `worker_peak_mib` -> "412 MiB"."""
    if name.endswith("_mib"):
        return format_bytes(value * 2**20)
    if name.endswith("_seconds"):
        return format_seconds(value)
    return percent(value) if name.endswith("_share") else f"{value:,.4g}"
