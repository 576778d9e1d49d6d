"""What the stages cost, and what early termination saved: sums over the measurements beside the stages' outputs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

import pyarrow as pa

from tasks.reporting.facts import SavedFacts, Throughput
from tasks.reporting.outcomes import CLUSTERS, EARLY, IN_ORDER, SAMPLES, ShardOutputs
from tasks.storage.parquet import ParquetRef, read_table
from tasks.storage.root import size_of
from tasks.storage.stage import metrics_path

# A median of fewer documents says little about a format; then the median over all formats stands in.
LEAST_FOR_A_MEDIAN = 3

Costs = dict[str, dict[str, float]]  # output -> document_id -> seconds, parts added up


def read_costs(shards: Sequence[ShardOutputs], clusters: ParquetRef | None) -> tuple[Costs, dict[str, float]]:
    """Seconds per output and document, and the largest worker (MiB) per output. Outputs without measurements are absent."""
    costs: Costs = {}
    peaks: dict[str, float] = {}
    for label, ref in _outputs(shards, clusters):
        path = metrics_path(ref.path)
        if size_of(path) is None:
            continue
        table = read_table(path, ["document_id", "seconds", "peak_mib"])
        if not table.num_rows:
            continue
        seconds = costs.setdefault(label, defaultdict(float))
        for document_id, spent in zip(table["document_id"].to_pylist(), table["seconds"].to_pylist(), strict=True):
            seconds[document_id] += spent
        peak = pa.compute.max(table["peak_mib"]).as_py()
        if peak is not None:
            peaks[label] = max(peak, peaks.get(label, 0.0))
    return costs, peaks


def _outputs(shards: Sequence[ShardOutputs], clusters: ParquetRef | None) -> Iterable[tuple[str, ParquetRef]]:
    for outputs in shards:
        yield from outputs.items()
    if clusters is not None:
        yield CLUSTERS, clusters


def throughput(costs: Costs, peaks: Mapping[str, float], worked: Iterable[str]) -> list[Throughput]:
    """One entry per output with measurements, in the order of the line. worked: outputs computed in this run."""
    computed = set(worked)
    rows = []
    for label in IN_ORDER:
        if label not in costs:
            continue
        seconds = sum(costs[label].values())
        rows.append(
            Throughput(
                stage=label,
                documents=len(costs[label]),
                seconds=round(seconds, 3),
                documents_per_second=round(len(costs[label]) / seconds, 2) if seconds > 0 else None,
                peak_mib=peaks.get(label),
                cached=label not in computed,
            )
        )
    return rows


def saved_work(costs: Costs, formats: Mapping[str, str | None], ended: Iterable[str]) -> list[SavedFacts]:
    """The work that was not done on documents that ended early: for each output that some of them never reached, the median cost
    of that output for their format. formats: document_id -> format. ended: document_ids of those that were not kept.

    A document that failed is counted too: nothing costly ran on it either.
    """
    gone = sorted(ended)
    saved = []
    for label in IN_ORDER:
        measured = costs.get(label)
        if not measured or label in (SAMPLES, EARLY):  # most documents never get a sample
            continue
        by_format: dict[str | None, list[float]] = defaultdict(list)
        for document_id, seconds in measured.items():
            by_format[formats.get(document_id)].append(seconds)
        usual = median(measured.values())
        medians = {name: median(each) for name, each in by_format.items() if len(each) >= LEAST_FOR_A_MEDIAN}
        spared = [medians.get(formats.get(document_id), usual) for document_id in gone if document_id not in measured]
        if spared:
            saved.append(SavedFacts(stage=label, documents=len(spared), seconds=round(sum(spared), 3)))
    return saved
