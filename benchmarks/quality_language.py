"""How often the language of a text is told right: python benchmarks/quality_language.py LABELS.jsonl

The first 1,000, 200 and 50 characters of web pages whose language a person confirmed (HPLT release 2 inspection), by the measure
that the line uses (py3langid with its bounds) and by pycld2 beside it, where that is installed. Right is the same language;
`_family` also takes languages that are easily mistaken for each other for the same one (signals/language.py), here Bokmål and
Nynorsk. A text that is too short or too strange to tell counts as wrong, and is counted apart (`_undetermined`). Asturian is left
out, since neither model knows it. The bounds were chosen on these same texts.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.quality.signals.language import UNDETERMINED, family_of, load_identifier, measure_language
from tasks.quality.text_view import view_text

LENGTHS = (1000, 200, 50)  # characters
# The codes of the labels (ISO 639-3) and ours. pes: Western Persian.
CODES = {
    **{"ara": "ar", "ben": "bn", "cat": "ca", "ces": "cs", "deu": "de", "ell": "el", "eng": "en", "fin": "fi", "gla": "gd"},
    **{"hin": "hi", "mar": "mr", "nld": "nl", "nno": "nn", "pes": "fa", "pol": "pl", "rus": "ru", "slk": "sk", "tur": "tr"},
}
Teller = Callable[[str], str]


def measure(labels: Path) -> dict[str, float]:
    """Accuracy at each length, per tool: `language_<length>`, `language_<length>_family`, `language_<length>_undetermined`, and
    texts of 1,000 characters per second; keys of pycld2 begin with `language_cld2`."""
    texts = read_confirmed(labels)
    figures = {"language_texts": float(len(texts))}
    for prefix, tell in _tellers().items():
        for length in LENGTHS:
            started = time.perf_counter()
            told = [tell(text[:length]) for _, text in texts]
            seconds = time.perf_counter() - started
            expected = [language for language, _ in texts]
            figures[f"{prefix}_{length}"] = _share(one == other for one, other in zip(expected, told, strict=True))
            figures[f"{prefix}_{length}_family"] = _share(
                family_of(one) == family_of(other) for one, other in zip(expected, told, strict=True)
            )
            figures[f"{prefix}_{length}_undetermined"] = _share(language == UNDETERMINED for language in told)
            if length == LENGTHS[0]:
                figures[f"{prefix}_texts_per_second"] = round(len(texts) / seconds, 1)
    return figures


def read_confirmed(labels: Path) -> list[tuple[str, str]]:
    """Language and text of the documents whose language was confirmed and is among CODES."""
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    found = [(row["language"].partition("_")[0], row["text"]) for row in rows if row["language_correct"]]
    return [(CODES[language], text) for language, text in found if language in CODES]


def _tellers() -> dict[str, Teller]:
    load_identifier()
    tellers: dict[str, Teller] = {"language": lambda text: measure_language(view_text(text)).language}
    try:
        import pycld2
    except ImportError:
        return tellers

    def tell(text: str) -> str:
        printable = "".join(character for character in text if character.isprintable())  # it refuses control characters
        _, _, found = pycld2.detect(printable, bestEffort=True)
        return UNDETERMINED if found[0][1] == "un" else str(found[0][1])

    return {**tellers, "language_cld2": tell}


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return round(sum(answers) / len(answers), 4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    print(json.dumps(measure(parser.parse_args().labels), indent=1))
