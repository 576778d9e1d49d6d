"""The benchmark of languages on a few labels of our own."""

import json
from pathlib import Path

from benchmarks.quality_language import measure

ENGLISH = "The minutes of the last meeting were approved, and the budget for the next year was discussed at length by the board. "
GERMAN = (
    "Das Protokoll der letzten Sitzung wurde ohne Änderungen genehmigt, und der Haushalt für das nächste Jahr wurde beraten. "
)


def test_accuracy_counts_confirmed_labels_of_known_languages(tmp_path: Path) -> None:
    rows = [
        ("eng_Latn", True, ENGLISH * 9),
        ("deu_Latn", True, GERMAN * 9),
        ("deu_Latn", True, ENGLISH * 9),
        ("deu_Latn", False, ENGLISH * 9),
        ("ast_Latn", True, ENGLISH * 9),
        ("eng_Latn", True, "1234 5678"),
    ]
    file = tmp_path / "labels.jsonl"
    lines = [json.dumps({"language": language, "language_correct": correct, "text": text}) for language, correct, text in rows]
    file.write_text("\n".join(lines))
    figures = measure(file)
    assert (figures["language_texts"], figures["language_1000"], figures["language_1000_undetermined"]) == (4, 0.5, 0.25)
