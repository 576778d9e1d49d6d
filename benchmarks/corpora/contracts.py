"""Commercial contracts with labelled fields (a part of CUAD v1, CC BY 4.0): texts, truth, and groups by company.

The rules stand in the corpora's README: document name equal to any of its spans; dates as ISO days; governing law as the state or
country named in the answer; parties by their full names, the short ones neither rewarded nor punished.
"""

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.metrics.fields import Truth, normalize

FIELDS = ("document_name", "agreement_date", "governing_law", "party")
LONGEST_PARTY = 70  # characters; longer spans are sentences about the parties
SAME_NAME = 0.85  # similarity of a span and a name in the answer, which has typing errors

_PARENTHESES = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r"[\"“”][^\"“”]*[\"“”]")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})")
_STATE_FORM = re.compile(
    r"^(?:the )?(?:people s |peoples |federal |kingdom of |state of )?(?:republic of |kingdom of )?(?:the )?"
)


@dataclass(frozen=True)
class Contract:
    """A contract. company: whose filing it came with; contracts of one company belong into one fold."""

    path: Path
    company: str
    truth: dict[str, Truth]

    def text(self) -> str:
        """The contract's text."""
        return self.path.read_text(encoding="utf-8")

    def pdf(self) -> Path | None:
        """The contract as PDF, where there is one."""
        path = self.path.parent.parent / "pdf" / f"{self.path.stem}.pdf"
        return path if path.is_file() else None


def read_contracts(folder: Path) -> list[Contract]:
    """All contracts of the folder in the order of its index."""
    rows = (json.loads(line) for line in (folder / "index.jsonl").open(encoding="utf-8"))
    return [
        Contract(
            folder / row["document"],
            row["source"].split("_")[0],
            {
                "document_name": _name_truth(row["fields"]["document_name"]),
                "agreement_date": _date_truth(row["fields"]["agreement_date"]),
                "governing_law": _law_truth(row["fields"]["governing_law"]),
                "party": _party_truth(row["fields"]["party"]),
            },
        )
        for row in rows
    ]


def _name_truth(label: dict) -> Truth:
    spellings = frozenset(filter(None, map(normalize, label["spans"])))
    return Truth((spellings,) if spellings else ())


def _date_truth(label: dict) -> Truth:
    """One day; an answer with blanks ("[]/[]/2019") is a date that does not stand there."""
    for month, day, year in _DAY.findall(label["answer"]):
        century = "" if len(year) == 4 else "20" if int(year) < 50 else "19"
        return Truth((frozenset({normalize(f"{century}{year}-{int(month):02}-{int(day):02}")}),))
    return Truth()


def canonical_place(name: str) -> str:
    """A state or country without the words for its form: "People's Republic of China" is China."""
    return _STATE_FORM.sub("", normalize(name.replace("'", "")))


def _law_truth(label: dict) -> Truth:
    """Each law that the answer names between semicolons: the whole of it or its first part ("Ontario, Canada"). England and Wales
    are one law. Answers that are blanks name none."""
    answer = label["answer"]
    if "England" in answer and "Wales" in answer:
        return Truth((frozenset({"england", "wales", "england and wales"}),))
    places = []
    for item in answer.split(";"):
        if re.search(r"[A-Za-z]", item):
            places.append(frozenset({canonical_place(item), canonical_place(item.split(",")[0])}))
    return Truth(tuple(places))


def _party_truth(label: dict) -> Truth:
    """Spans that are full names: those that say as much as a name in the answer outside of parentheses and quotes, and that the
    answer does not give as a short name in quotes."""
    answer = re.sub(r"^\s*\((?=[^()]*\()", "", label["answer"])  # some answers stand in parentheses as a whole
    short = {normalize(quoted) for quoted in _QUOTED.findall(answer)}
    answer = re.sub(r"\([^()]*[\"“”][^()]*\)", " ", answer)
    answer = _QUOTED.sub(" ", answer)
    names = [normalize(name) for name in (*answer.split(";"), *_PARENTHESES.sub(" ", answer).split(";"))]
    names = list(dict.fromkeys(filter(None, names)))
    spans = [normalize(span) for span in label["spans"] if len(span) <= LONGEST_PARTY and normalize(span)]
    full: dict[str, None] = {}
    for name in names:
        same = [span for span in spans if _same_name(span, name) and span not in short]
        parts = sorted((span for span in spans if f" {span} " in f" {name} " and span not in short), key=len)
        full.update(dict.fromkeys(same or parts[-1:]))
    return Truth(tuple(frozenset({name}) for name in full), frozenset(spans) - frozenset(full))


def _same_name(span: str, name: str) -> bool:
    return f" {name} " in f" {span} " or difflib.SequenceMatcher(None, span, name, autojunk=False).ratio() >= SAME_NAME
