"""What became of one document, stage by stage: the answer to `doctune why PATH`. Reads only that document's rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from tasks.reporting.findings import FIRST_SCORE
from tasks.reporting.outcomes import CHUNKS, CLUSTERS, CONTAMINATION, IN_ORDER, SECOND, ShardOutputs
from tasks.reporting.page import STAGE_NAMES, format_bytes, format_seconds
from tasks.reporting.reason_pages import Asked, judge
from tasks.reporting.summary import name_documents
from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.reasons import REASONS

LEAST_OF_A_DIGEST = 8
LOG_ODDS = "embedding.log_odds"  # what the second stage adds to a score's log-odds
QUALITY = ("signals", SECOND, "quality")  # what tasks/quality says of a text
FEATURES = "natural."  # of the score: single ones say nothing to a person
INDENT = 26  # columns before what is said of a stage
# Texts, signatures and other long columns are left out.
_COLUMNS = {
    "detection": ["format", "mismatch", "encoding"],
    "extraction": ["part", "title", "language_hint", "pages", "pages_lost", "engine", "engine_version"],
    "normalization": ["part", "characters_before", "removed", "flags", "encoding_damage"],
    "samples": ["letters"],
    "early": [],
    "signals": ["part", "language", "languages", "groups", "signals"],
    SECOND: ["part", "signals"],
    "quality": ["part", "score", "audit"],
    "privacy": ["part", "findings", "masked"],
    "fingerprints": ["part", "shingles"],
    CLUSTERS: ["part", "cluster", "cluster_size", "similarity", "containment"],
    CHUNKS: ["part", "chunk", "tokens"],
    CONTAMINATION: ["part", "chunk"],
}


def find_documents(decisions: ParquetRef, wanted: str, absolute: str | None = None) -> list[dict[str, Any]]:
    """The rows of the books that a person means: by path, alias, the end of either, or the first digits of the document_id.

    wanted: as it was typed. absolute: the same as a path of this machine, if it is one. Details name documents by path.
    """
    rows = read_rows(decisions)
    paths = {row["document_id"]: row["path"] for row in rows}
    rows = [row | {"detail": name_documents(row["detail"], paths)} for row in rows]
    exact = [row for row in rows if {wanted, absolute} & {row["path"], *row["aliases"]}]
    end = "/" + wanted.removeprefix("./").lstrip("/")
    loose = [row for row in rows if any(path.endswith(end) for path in (row["path"], *row["aliases"]))]
    digest = [row for row in rows if len(wanted) >= LEAST_OF_A_DIGEST and row["document_id"].startswith(wanted)]
    return exact or loose or digest


def explain(
    decision: Mapping[str, Any],
    shards: Sequence[ShardOutputs],
    clusters: ParquetRef | None,
    asked: Asked | None = None,
) -> list[str]:
    """Lines of plain text about one document.

    decision: its row of the books. shards, clusters: what the run's stages wrote. asked: the gates of the run, so that each value
    stands beside what was asked of it.
    """
    lines = list(_verdict(decision))
    ended: set[int] = set()  # later rows only repeat the reason; the second stage tells its to the gates
    told = dict(_stage_rows(decision["document_id"], shards, clusters))
    first = {row["part"]: row["signals"][FIRST_SCORE] for row in told.get(SECOND, ()) if LOG_ODDS in row["signals"]}
    for stage in IN_ORDER:
        rows = told.get(stage, [])
        parts = {row.get("part", 0) for row in rows}
        for number in sorted(parts):
            mine = [row for row in rows if row.get("part", 0) == number]
            name = STAGE_NAMES[stage].lower() + (f", part {number}" if len(parts) > 1 else "")
            said = list(_say(stage, mine, asked or {}, decision["reason"]))
            if stage == "quality" and number in first and mine[0]["score"] is not None:
                said.append(_say_second(first[number], mine[0]["score"], (asked or {}).get("score", ())))
            endings = [row for row in mine if row["reason"] is not None and number not in ended and stage != SECOND]
            if endings:
                ended.add(number)
                # The row of the books names documents by path, the stage's own by digest.
                detail = decision["detail"] if endings[0]["reason"] == decision["reason"] else endings[0]["detail"]
                said.append(f"ended here: {endings[0]['reason']}" + (f" ({detail})" if detail else ""))
            elif not said:
                said = ["passed"] if number not in ended else []
            if not said:
                continue
            lines.append(f"  {name:<{INDENT - 2}}{said[0]}")
            lines += [" " * INDENT + line for line in said[1:]]
    return lines


def _verdict(decision: Mapping[str, Any]) -> Iterator[str]:
    yield decision["path"]
    reason = decision["reason"]
    if reason is None:
        examples = decision["examples"]
        yield f"  kept: {examples} {'example' if examples == 1 else 'examples'} in the dataset"
    else:
        detail = f" ({decision['detail']})" if decision["detail"] else ""
        yield f"  {decision['verdict'].replace('_', ' ')}: {reason}{detail}"
        yield f"  {REASONS[reason].meaning}" + ("; trying again may help" if REASONS[reason].transient else "")
    facts = [decision["format"] or "format unknown", format_bytes(decision["bytes"])]
    facts += [f"{format_seconds(decision['seconds'])} of work", f"document {decision['document_id'][:16]}"]
    yield f"  {', '.join(facts)}"
    for alias in decision["aliases"]:
        yield f"  the same bytes are at {alias}"


def _stage_rows(
    document_id: str, shards: Sequence[ShardOutputs], clusters: ParquetRef | None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    mine = pc.field("document_id") == document_id
    for outputs in shards:
        if "detection" not in outputs or not read_rows(outputs["detection"], ["document_id"], filters=mine):
            continue
        for stage, ref in outputs.items():
            yield stage, read_rows(ref, [*_COLUMNS[stage], "reason", "detail"], filters=mine)
    if clusters is not None:
        yield CLUSTERS, read_rows(clusters, [*_COLUMNS[CLUSTERS], "reason", "detail"], filters=mine)


def _say(stage: str, rows: Sequence[Mapping[str, Any]], asked: Asked, reason: str | None) -> Iterator[str]:
    row = rows[0]
    if stage == "detection":
        words = [row["format"] or "no known format", row["encoding"], "not what its name says" if row["mismatch"] else None]
        yield ", ".join(word for word in words if word)
    elif stage == "extraction" and row["engine"]:
        pages = [f"{row['pages']} pages"] if row["pages"] else []
        pages += [f"{row['pages_lost']} of them lost"] if row["pages_lost"] else []
        yield ", ".join([f"read by {row['engine']} {row['engine_version']}", *pages])
        yield from [f"title: {row['title']}"] if row["title"] else []
        yield from [f"says that its language is {row['language_hint']}"] if row["language_hint"] else []
    elif stage == "normalization":
        removed = [f"{step.replace('_', ' ')} {size:,}" for step, size in sorted(row["removed"].items()) if size]
        yield f"{row['characters_before']:,} characters before"
        yield from [f"characters removed: {', '.join(removed)}"] if removed else []
        yield from [f"left undone: {flag.replace('_', ' ')}" for flag in row["flags"] or ()]
        damage = {name.replace("_", " "): places for name, places in (row["encoding_damage"] or {}).items() if places}
        yield from [f"wrongly decoded places: {', '.join(f'{name} {n:,}' for name, n in damage.items())}"] if damage else []
    elif stage in QUALITY:
        yield from _say_quality(stage, row, asked, reason)
    elif stage == "samples":
        yield f"a sample of {row['letters']:,} letters was looked at before reading it"
    elif stage == "privacy":
        found = ", ".join(f"{name.replace('_', ' ')} {places:,}" for name, places in sorted((row["findings"] or {}).items()))
        masked = f"; {row['masked']:,} masked" if row["masked"] else ""
        yield (f"found: {found}" if found else "nothing personal found") + masked
    elif stage == CONTAMINATION:
        yield f"{len(rows)} {'piece shares' if len(rows) == 1 else 'pieces share'} phrases with an evaluation file"
    elif stage == "fingerprints" and row["shingles"] is not None:
        yield f"{row['shingles']:,} distinct runs of five words"
    elif stage == CLUSTERS:
        alone = row["cluster_size"] == 1
        yield "nothing like it" if alone else f"one of {row['cluster_size']} similar texts"
        yield from [f"similarity with the most similar one: {row['similarity']:.3f}"] if row["similarity"] is not None else []
        yield from [f"{row['containment']:.0%} of it stands in a longer text"] if row["containment"] is not None else []
    elif stage == CHUNKS:
        pieces = [each["tokens"] for each in rows if each["reason"] is None]
        yield f"{len(pieces)} {'piece' if len(pieces) == 1 else 'pieces'}, {sum(pieces):,} tokens"


def _say_quality(stage: str, row: Mapping[str, Any], asked: Asked, reason: str | None) -> Iterator[str]:
    if stage == "signals":
        shares = sorted((row["languages"] or {}).items(), key=lambda item: -item[1])
        mixed = ", ".join(f"{name} {share:.0%}" for name, share in shares) if len(shares) > 1 else ""
        yield from [f"language {row['language']}" + (f" ({mixed})" if mixed else "")] if row["language"] else []
        for line, decided in judge(row["signals"], asked, reason):
            yield line + (" <- this decided" if decided else "")
        rest = [name for name in sorted(row["signals"]) if name not in asked and not name.startswith(FEATURES)]
        unasked = [f"{name} {row['signals'][name]:.4g}" for name in rest]
        yield from [f"also measured: {', '.join(unasked)}"] if unasked else []
    elif stage == SECOND:
        yield f"score {row['signals'][FIRST_SCORE]:.3f} is uncertain: looked at again, by what a model makes of the words"
        added = row["signals"].get(LOG_ODDS)
        side = "for it" if (added or 0) > 0 else "against it"
        yield "no prose to look at" if added is None else f"that speaks {side} ({LOG_ODDS} {added:+.2f})"
    else:
        yield from [f"score {row['score']:.3f}"] if row["score"] is not None else []
        yield from ["part of the audit sample: measured to the end although it was rejected"] if row["audit"] else []


def _say_second(first: float, score: float, asked: Sequence[Mapping[str, str]]) -> str:
    """What the second stage made of a score, and whether that decided. asked: of the score."""
    did = "raised it from" if score > first else "lowered it from" if score < first else "left it at"
    decided = any((first < (bound := float(gate["bound"]))) != (score < bound) for gate in asked)
    return f"the second stage {did} {first:.3f}" + (" <- this decided" if decided else "")
