"""What became of one document, stage by stage: the answer to `doctune why PATH`. Reads only that document's rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from tasks.reporting.findings import FIRST_SCORE
from tasks.reporting.outcomes import CLUSTERS, ENDING_NOTHING, IN_ORDER, SECOND, ShardOutputs
from tasks.reporting.page import STAGE_NAMES, format_bytes, format_seconds
from tasks.reporting.reason_pages import Asked
from tasks.reporting.sayings import COLUMNS, LOG_ODDS, QUESTIONS, SAYING, say_second
from tasks.reporting.summary import name_documents
from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.reasons import REASONS
from tasks.storage.schemas import ANNOTATED, schema_fingerprint

LEAST_OF_A_DIGEST = 8
INDENT = 26  # columns before what is said of a stage


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
            said = list(SAYING[stage](mine, asked or {}, decision["reason"]))
            if stage == "quality" and number in first and mine[0]["score"] is not None:
                said.append(say_second(first[number], mine[0]["score"], (asked or {}).get("score", ())))
            endings = [row for row in mine if row["reason"] is not None and number not in ended and stage != SECOND]
            if endings and stage in ENDING_NOTHING:
                detail = f" ({endings[0]['detail']})" if endings[0]["detail"] else ""
                said.append(f"nothing came of it: {endings[0]['reason']}{detail}; the text itself goes on")
            elif endings:
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
            # A run of an older version wrote no questions.
            asked = QUESTIONS if ref.schema_fingerprint == schema_fingerprint(ANNOTATED) else ()
            yield stage, read_rows(ref, [*COLUMNS[stage], *asked, "reason", "detail"], filters=mine)
    if clusters is not None:
        yield CLUSTERS, read_rows(clusters, [*COLUMNS[CLUSTERS], "reason", "detail"], filters=mine)
