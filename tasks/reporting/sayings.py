"""What each stage's rows say of a document part, in words: one function per stage."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tasks.reporting.findings import FIRST_SCORE
from tasks.reporting.outcomes import (
    ANNOTATION,
    CHUNKS,
    CLUSTERS,
    CONTAMINATION,
    DETECTION,
    EARLY,
    INSTRUCTION_CONTAMINATION,
    INSTRUCTIONS,
    SAMPLES,
    SECOND,
)
from tasks.reporting.reason_pages import Asked, judge

LOG_ODDS = "embedding.log_odds"  # what the second stage adds to a score's log-odds
FEATURES = "natural."  # of the score: single ones say nothing to a person
FIELDS_SHOWN = 20  # of a document part
# Texts, signatures and other long columns are left out.
QUESTIONS = ("questions", "refused_questions", "question_failures")  # further columns of annotation
COLUMNS = {
    DETECTION: ["format", "mismatch", "encoding"],
    "extraction": ["part", "title", "language_hint", "pages", "pages_lost", "engine", "engine_version"],
    "normalization": ["part", "characters_before", "removed", "flags", "encoding_damage"],
    SAMPLES: ["letters"],
    EARLY: [],
    "signals": ["part", "language", "languages", "groups", "signals"],
    SECOND: ["part", "signals"],
    "quality": ["part", "score", "audit"],
    "privacy": ["part", "findings", "masked"],
    "fingerprints": ["part", "shingles"],
    CLUSTERS: ["part", "cluster", "cluster_size", "similarity", "containment"],
    CHUNKS: ["part", "chunk", "tokens"],
    CONTAMINATION: ["part", "chunk"],
    ANNOTATION: ["part", "schema", "annotations", "chunks", "failures"],
    INSTRUCTIONS: ["part", "kind"],
    INSTRUCTION_CONTAMINATION: ["part", "chunk"],
}

Rows = Sequence[Mapping[str, Any]]  # of one part
Saying = Callable[[Rows, Asked, str | None], Iterator[str]]  # the rows, the gates of the run, the reason of the document


def _say_detection(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    words = [row["format"] or "no known format", row["encoding"], "not what its name says" if row["mismatch"] else None]
    yield ", ".join(word for word in words if word)


def _say_sample(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    yield f"a sample of {rows[0]['letters']:,} letters was looked at before reading it"


def _say_nothing(_rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    yield from ()


def _say_extraction(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    if not row["engine"]:
        return
    pages = [f"{row['pages']} pages"] if row["pages"] else []
    pages += [f"{row['pages_lost']} of them lost"] if row["pages_lost"] else []
    yield ", ".join([f"read by {row['engine']} {row['engine_version']}", *pages])
    yield from [f"title: {row['title']}"] if row["title"] else []
    yield from [f"says that its language is {row['language_hint']}"] if row["language_hint"] else []


def _say_normalization(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    removed = [f"{step.replace('_', ' ')} {size:,}" for step, size in sorted(row["removed"].items()) if size]
    yield f"{row['characters_before']:,} characters before"
    yield from [f"characters removed: {', '.join(removed)}"] if removed else []
    yield from [f"left undone: {flag.replace('_', ' ')}" for flag in row["flags"] or ()]
    damage = {name.replace("_", " "): places for name, places in (row["encoding_damage"] or {}).items() if places}
    yield from [f"wrongly decoded places: {', '.join(f'{name} {n:,}' for name, n in damage.items())}"] if damage else []


def _say_signals(rows: Rows, asked: Asked, reason: str | None) -> Iterator[str]:
    row = rows[0]
    shares = sorted((row["languages"] or {}).items(), key=lambda item: -item[1])
    mixed = ", ".join(f"{name} {share:.0%}" for name, share in shares) if len(shares) > 1 else ""
    yield from [f"language {row['language']}" + (f" ({mixed})" if mixed else "")] if row["language"] else []
    for line, decided in judge(row["signals"], asked, reason):
        yield line + (" <- this decided" if decided else "")
    rest = [name for name in sorted(row["signals"]) if name not in asked and not name.startswith(FEATURES)]
    unasked = [f"{name} {row['signals'][name]:.4g}" for name in rest]
    yield from [f"also measured: {', '.join(unasked)}"] if unasked else []


def _say_again(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    signals = rows[0]["signals"]
    yield f"score {signals[FIRST_SCORE]:.3f} is uncertain: looked at again, by what a model makes of the words"
    added = signals.get(LOG_ODDS)
    side = "for it" if (added or 0) > 0 else "against it"
    yield "no prose to look at" if added is None else f"that speaks {side} ({LOG_ODDS} {added:+.2f})"


def say_second(first: float, score: float, asked: Sequence[Mapping[str, str]]) -> str:
    """What the second stage made of a score, and whether that decided. asked: of the score."""
    did = "raised it from" if score > first else "lowered it from" if score < first else "left it at"
    decided = any((first < (bound := float(gate["bound"]))) != (score < bound) for gate in asked)
    return f"the second stage {did} {first:.3f}" + (" <- this decided" if decided else "")


def _say_quality(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    yield from [f"score {row['score']:.3f}"] if row["score"] is not None else []
    yield from ["part of the audit sample: measured to the end although it was rejected"] if row["audit"] else []


def _say_privacy(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    found = ", ".join(f"{name.replace('_', ' ')} {places:,}" for name, places in sorted((row["findings"] or {}).items()))
    masked = f"; {row['masked']:,} masked" if row["masked"] else ""
    yield (f"found: {found}" if found else "nothing personal found") + masked


def _say_fingerprints(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    if rows[0]["shingles"] is not None:
        yield f"{rows[0]['shingles']:,} distinct runs of five words"


def _say_clusters(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    yield "nothing like it" if row["cluster_size"] == 1 else f"one of {row['cluster_size']} similar texts"
    yield from [f"similarity with the most similar one: {row['similarity']:.3f}"] if row["similarity"] is not None else []
    yield from [f"{row['containment']:.0%} of it stands in a longer text"] if row["containment"] is not None else []


def _say_chunks(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    pieces = [each["tokens"] for each in rows if each["reason"] is None]
    yield f"{len(pieces)} {'piece' if len(pieces) == 1 else 'pieces'}, {sum(pieces):,} tokens"


def _say_contamination(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    yield f"{len(rows)} {'piece shares' if len(rows) == 1 else 'pieces share'} phrases with an evaluation file"


def _say_annotation(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    row = rows[0]
    if row["reason"] is not None:
        return
    found = Counter(each["field"].replace("_", " ") for each in row["annotations"])
    yield f"read as {row['schema']}: " + (", ".join(f"{name} {n:,}" for name, n in sorted(found.items())) or "no field found")
    for each in row["annotations"][:FIELDS_SHOWN]:
        value = f" = {each['value']}" if each["value"] not in (None, each["text"]) else ""
        text = " ".join(each["text"].split())
        yield f"{each['field'].replace('_', ' ')}: {text}{value} ({each['confidence']:.2f})"
    if len(row["annotations"]) > FIELDS_SHOWN:
        yield f"and {len(row['annotations']) - FIELDS_SHOWN:,} more"
    if row["failures"]:
        yield f"a model failed on {len(row['failures'])} of {row['chunks']} pieces: {row['failures'][0]}"
    yield from _say_questions(row)


def _say_questions(row: Mapping[str, Any]) -> Iterator[str]:
    """What a model asked about a text; nothing where the row has no such columns."""
    kept, refused, failures = (row.get(name) or [] for name in QUESTIONS)
    if kept or refused:
        reasons = Counter(each["reason"].replace("_", " ") for each in refused)
        why = f" ({', '.join(f'{reason} {n:,}' for reason, n in sorted(reasons.items()))})" if reasons else ""
        yield f"a model wrote {len(kept) + len(refused):,} questions: {len(kept):,} kept, {len(refused):,} refused{why}"
    for each in kept[:FIELDS_SHOWN]:
        yield f"{each['question']} {' '.join(each['answer'].split())}"
    if failures:
        yield f"a model failed on {len(failures):,} requests for questions: {failures[0]}"


def _say_instructions(rows: Rows, _asked: Asked, _reason: str | None) -> Iterator[str]:
    kinds = Counter(each["kind"].replace("_", " ") for each in rows if each["reason"] is None)
    yield ", ".join(f"{name} {count:,}" for name, count in sorted(kinds.items())) or "no examples"


SAYING: dict[str, Saying] = {
    DETECTION: _say_detection,
    SAMPLES: _say_sample,
    EARLY: _say_nothing,
    "extraction": _say_extraction,
    "normalization": _say_normalization,
    "signals": _say_signals,
    SECOND: _say_again,
    "quality": _say_quality,
    "privacy": _say_privacy,
    "fingerprints": _say_fingerprints,
    CLUSTERS: _say_clusters,
    CHUNKS: _say_chunks,
    CONTAMINATION: _say_contamination,
    ANNOTATION: _say_annotation,
    INSTRUCTIONS: _say_instructions,
    INSTRUCTION_CONTAMINATION: _say_contamination,
}
