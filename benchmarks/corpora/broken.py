"""The folder `broken_pdfs`: fuzzed, broken and odd PDFs without a truth. Every file ends with a text or a reason."""

from collections import Counter
from pathlib import Path

from benchmarks.reading import Pass


def list_documents(folder: Path) -> list[Path]:
    """All files, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file())


def figures_of(found: Pass) -> dict[str, float]:
    """How the files ended. An unforeseen error of a reader counts as a crash."""
    reasons = Counter(file.reason or "text" for file in found.files)
    return {
        "broken_pdf_files": len(found.files),
        "broken_pdf_with_text": reasons["text"],
        "broken_pdf_hangs": reasons["extraction.timeout"],
        "broken_pdf_crashes": reasons["extraction.crashed"] + reasons["extraction.error"] + reasons["extraction.out_of_memory"],
        "broken_pdf_silent_empty": sum(1 for file in found.files if file.reason is None and not file.text.strip()),
        **{f"broken_pdf_{reason}": count for reason, count in sorted(reasons.items()) if reason != "text"},
    }
