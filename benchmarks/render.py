"""Write docs/benchmarks.md from benchmarks/results/*.json.

python benchmarks/render.py
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import RESULTS, ROOT

HEAD = """# Benchmarks

Generated from `benchmarks/results/` by `python benchmarks/render.py`; do not edit. Each file names the machine, the versions and
the commit. Speeds are of that machine only; shares are ratios from one run.
"""

# What a figure's key means, with its unit, where two benchmarks share a key with the benchmark's name before it.
MEANING = {
    "contracts_f1_basic": "field F1 on contracts, naive first-match rules",
    "contracts_f1_rules": "the same, rules with context, decided by their own confidences",
    "contracts_f1_hybrid": "the same, with rankers that have not seen the company; `_low`, `_high`: 95 % interval over documents",
    "contracts_f1_held_out": "the same on a third of the companies, which nobody looked at while the rules were written",
    "contracts_f1_held_out_basic": "naive rules on these",
    "contracts_held_out": "contracts of these companies",
    "contracts_gain": "hybrid minus basic; interval paired",
    "contracts_f1_from_pdf": "hybrid on the contracts that come with a PDF, read from it",
    "contracts_f1_from_text_of_pdf": "hybrid on the same contracts from their text",
    "contracts_with_pdf": "contracts that come with a PDF",
    "grounding_exact": "share of values that are exactly what stands at their place",
    "schema_valid": "share of a random-weight model's answers that are JSON by the schema, 200 prompts",
    "schema_long_answers": "share of these that took more than half of their budget",
    "kb_per_second": "kilobytes of text annotated per second of one core, without a model",
    "kb_per_second_model": "the same through the model leg, random starter model on a CPU",
    "cold_start_seconds": "seconds from a fresh interpreter to the fields of one contract, without a model",
    "prefix_speedup": "prompts answered as fast for their common beginning being kept",
    "batch_speedup": "and for being read in batches",
    "start_model_id_ratio": "CPU seconds to a first answer by `model_id=` over those by `model=`",
    "documents": "documents, byte-identical copies folded",
    "kept": "kept",
    "rejected": "rejected, each with a reason",
    "failed": "failed, each with a reason",
    "duplicate": "duplicates",
    "extraction.documents_per_minute": "files per minute, detected and read in two workers, text recognition included",
    "line.documents_per_minute": "documents per minute, from the command to its end, training of the starter model included",
    "curation_documents_per_minute": "documents per minute without the training",
    "cold_seconds": "seconds of the whole command, nothing cached",
    "flow_peak_mib": "peak memory of the flow's process, MiB",
    "worker_peak_mib": "peak memory of a worker process, MiB",
    "orchestration_share": "share of the command's time in which no stage was at work: start-up, Prefect, its server",
    "nothing_new_share": "a second run with nothing new, as a share of the first",
    "one_percent_share": "a run with 1 % new documents, as a share of the first (its training included)",
    "office_tf1_macro": "words found in office, web, mail and text files (F1), mean over documents, then over 11 formats",
    "office_tf1_mean": "the same, mean over all of these documents",
    "pdf_tf1": "words found in PDFs (F1), scans included; `ocr_available` says whether these could be read",
    "pdf_pages_overall": "structure of PDF pages: mean of reading order, tables and headings",
    "pdf_pages_nid": "reading order (normalized Indel similarity)",
    "pdf_pages_teds": "tables (tree edit distance similarity)",
    "pdf_pages_mhs": "headings (tree edit distance similarity)",
    "pdf_pages_per_second": "pages per second of one process",
    "web_segment_f1": "main content of web pages (segment F1), out of fold: each page by weights fitted on others",
    "web_segment_f1_fitted": "the same with the shipped weights, which were fitted on these pages",
    "web_pages_per_second": "pages per second of one process, detection included",
    "web_speed_ratio_to_trafilatura": "that speed as a multiple of trafilatura's, in the same run",
    "web_speed_ratio_to_resiliparse": "and of resiliparse's",
    "broken_pdf_files": "broken, fuzzed, locked and odd PDFs",
    "broken_pdf_hangs": "of them, ended by the time limit",
    "broken_pdf_crashes": "of them, killed their worker, or were met by an unforeseen error",
    "broken_pdf_silent_empty": "of them, a success without text",
    "broken_pdf_with_text": "of them, read",
    "detection_accuracy": "formats named rightly, extensions hidden",
    "detection_files_per_second": "files per second of one warm process",
    "speed_ratio_to_unstructured": "worker seconds of unstructured over ours, on the files that both read",
    "speed_ratio_to_markitdown": "the same for markitdown",
    "speed_ratio_to_kreuzberg": "the same for kreuzberg",
    "peak_tree_mib": "peak memory of the benchmark and its two workers together, MiB",
    "large_text_peak_ratio": "peak memory of reading the largest text in parts, over reading it whole",
    "large_text_mib_per_second": "reading that text in parts, its rows written, MiB a second",
    "large_pdf_peak_ratio": "peak memory of reading the largest PDF in parts, over liteparse reading it whole",
    "ocr_available": "1 if a text recogniser was installed",
    "auc": "quality score: AUC, each language by a model that saw none of it; features were chosen on these folds: optimistic",
    "auc_english": "the same, English documents alone",
    "average_precision": "the same: average precision of unnatural texts",
    "brier": "the same: Brier score of the probability",
    "cascade_mb_per_second": "text through the default cascade with its verdicts, MB per second of one core",
    "all_groups_mb_per_second": "all groups of signals without an early exit, MB per second of one core",
    "datatrove_mb_per_second": "datatrove's Gopher, C4 and FineWeb filters on the same texts in the same run",
    "speed_ratio_to_datatrove": "our cascade over datatrove's filters",
    "early_termination_saved_share": "work after normalization that early rejection saved; one run each way",
    "early_termination_saved_share_of_all_work": "the same as a share of all work on the documents, reading included",
    "early_termination_same_kept": "1 if the run that measured everything keeps the same documents",
    "dedup_recall_2pct": "near copies found, 2 % of 300 words edited, synthetic",
    "dedup_false_merges": "of 20,000 distinct synthetic documents",
    "dedup_docs_per_second": "fingerprints, bands, verification and clusters, one core",
    "dedup_100k_peak_mib": "peak memory of clustering 100,000 synthetic documents, MiB",
    "retune_10k_seconds": "`doctune gates --profile strict --dry-run` on 10,000 stored documents, the whole command, median of 5",
    "pii_precision": "on 217 texts that we wrote and corrected the finders on; 0.951 when the second half was first seen",
    "pii_recall": "the same",
    "resume_max_difference": "largest difference of a loss between a training that was killed and resumed, and one that was not",
    "two_process_max_difference": "largest difference of a loss between two processes that share each step and one process, nats",
    "staged_max_difference": "the same between two processes with half of the layers each and one process",
    "staged_weight_share": "weights in the larger of these two, over the model's (its embedding, also its head, is in both)",
    "staged_peak_share": "its peak memory over that of one process",
    "tokens_per_second_one_process": "trained tokens per second of the clock, one process",
    "tokens_per_second_two_process": "two processes that share each step, on the same cores",
    "tokens_per_second_staged": "two processes with half of the layers each, on the same cores",
    "peak_prediction_combinations": "combinations of model size, row width and checkpointing, 8 rows each",
    "peak_prediction_error_median": "foreseen over measured peak memory, from two measured steps, as a share",
    "peak_prediction_error_max": "the same, the largest",
    "peak_formula_error_median": "the same by the formula that a dry run uses, without its margin",
    "peak_formula_error_max": "the same, the largest",
    "val_loss_ours": "loss on the valid split after the training on mixed lengths, each token counted once",
    "val_loss_mlx_lm": "the same of mlx_lm.lora, scored by the same loss",
    "padding_share": "of what is computed, on mixed lengths",
    "large_examples": "examples of mixed lengths, one epoch from the dataset to a published adapter",
    "large_tokens": "tokens of these with a loss",
    "large_dropped_tokens": "of these, not trained on",
    "large_updates": "updates of 32 examples",
    "large_seconds": "seconds of the whole: plan, training, proof, adapter",
    "large_training_seconds": "seconds of the updates among them",
    "large_tokens_per_second": "trained tokens per second of the updates",
    "large_eta_ratio": "the time that the plan foretold from two measured steps, over these seconds",
    "large_peak_mib": "peak memory of training steps, MiB",
    "large_peak_foreseen_mib": "the same as the plan foretold it",
    "large_process_peak_mib": "peak memory of the training process with buffers that it keeps for use again, MiB",
    "large_loss_before": "loss on 200 held-out examples before",
    "large_loss_after": "and after",
    "large_loss_gain": "the difference; `_low`, `_high`: 95 % interval over examples",
    "perplexity_before": "perplexity of the starter on held-out contracts; `_low`, `_high`: 95 % interval over contracts",
    "perplexity_after": "the same with the adapter, made by `doctune curate` and `doctune finetune` on the other contracts",
    "loss_gain": "difference of the losses, nats per token",
    "field_exact_match_before": "answers in JSON with exactly the fields that annotation found in held-out contracts, base",
    "field_exact_match_after": "the same with the adapter",
    "field_exact_match_always_null": "the same of one who always answers that the text does not state it",
    "field_f1_before": "F1 over the values of these answers, base",
    "field_f1_after": "the same with the adapter",
    "field_f1_gain": "the difference",
    "kill_resume_equal": "1 if the dataset after three SIGKILLs is byte-identical to an undisturbed run's",
}


TRAINING = {
    "tokens_ratio_": "trained tokens per processor second over mlx_lm.lora's, same data, model and updates",
    "tokens_per_cpu_second_": "trained tokens per processor second",
    "tokens_per_second_": "trained tokens per second",
    "padding_share_": "padding in what is computed",
    "val_loss_gap_": "loss of doctune minus that of mlx_lm.lora, mean, least and most over the seeds",
    "val_loss_": "loss on the valid split afterwards, mean over the seeds",
    "peak_mib_": "peak memory of training steps, MiB",
}


def render(result: dict[str, Any]) -> str:
    """One section for one result."""
    machine, peers = result["machine"], result["peers"]
    lines = [
        f"## {result['benchmark']}",
        "",
        f"`{result['command']}`, commit {result['commit'][:12]}, on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}.",
        "",
        "| " + " | ".join(["figure", "doctune", *peers, "meaning"]) + " |",
        "|---|" + "---:|" * (1 + len(peers)) + "---|",
    ]
    for key, value in result["figures"].items():
        meaning = MEANING.get(f"{result['benchmark']}.{key}") or MEANING.get(key) or meaning_of(key)
        beside = [f"{figures[key]:,}" if key in figures else "" for figures in peers.values()]
        lines.append("| " + " | ".join([f"`{key}`", f"{value:,}", *beside, meaning]) + " |")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(result["versions"].items()))
    return "\n".join([*lines, "", f"Versions: {versions}.", ""])


def meaning_of(key: str) -> str:
    """What a key means that is made of a name."""
    if key.startswith("seconds_"):
        return f"seconds in {key.removeprefix('seconds_')}, shards added up"
    if key.startswith("tf1_"):
        return f"words found in {key.removeprefix('tf1_')} files (F1)"
    if key.startswith("broken_pdf_"):
        return f"of the broken PDFs, ended as {key.removeprefix('broken_pdf_')}"
    for head, meaning in TRAINING.items():
        if key.startswith(head):
            return f"{meaning}: {key.removeprefix(head).replace('_b', ' lengths, batch of ').replace('_', ', ')}"
    return "peak memory of the process that reads it, MiB" if key.startswith("large_") else ""


def main() -> None:
    """Render all results."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    page = "\n".join([HEAD, *map(render, results)])
    (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
