"""Field F1 and the truth of contracts, on cases made by hand."""

import json
from pathlib import Path

import pytest

from benchmarks.annotation_basic import annotate_naively
from benchmarks.corpora.contracts import canonical_place, read_contracts
from benchmarks.metrics.fields import Truth, count, normalize
from tasks.annotation.scoring import Counts, interval, total


def truth(*values: str, neutral: tuple[str, ...] = ()) -> Truth:
    return Truth(tuple(frozenset(map(normalize, value.split("|"))) for value in values), frozenset(map(normalize, neutral)))


@pytest.mark.parametrize(
    ("found", "expected", "counts"),
    [
        (["ACME, Inc."], truth("Acme Inc"), Counts(1, 0, 0)),
        (["Acme  Inc", "acme inc."], truth("Acme Inc"), Counts(1, 0, 0)),
        (["Acme"], truth("Acme Inc"), Counts(0, 1, 1)),
        ([], truth("Acme Inc", "Birch"), Counts(0, 0, 2)),
        (["Company", "Birch"], truth("Birch", neutral=("the Company", "Company")), Counts(1, 0, 0)),
        (["A", "B"], truth("A|B"), Counts(1, 0, 0)),
        (["x"], truth(), Counts(0, 1, 0)),
        ([], truth(), Counts(0, 0, 0)),
    ],
)
def test_counts_by_hand(found: list[str], expected: Truth, counts: Counts) -> None:
    assert count(found, expected) == counts


def test_interval_holds_the_score_and_gains_are_paired() -> None:
    good = [{"a": Counts(1, 0, 0), "b": Counts(1, 1, 0)}] * 20
    bad = [{"a": Counts(0, 1, 1), "b": Counts(1, 1, 0)}] * 20
    assert total(good).f1 == pytest.approx(interval(good)[0]) == pytest.approx(interval(good)[1])
    assert interval(good, bad)[0] == pytest.approx(total(good).f1 - total(bad).f1)
    assert interval(good, good) == (0, 0)
    mixed = [*good, *bad]
    low, high = interval(mixed)
    assert low < total(mixed).f1 < high


def test_truth_of_a_contract(tmp_path: Path) -> None:
    def label(answer: str, *spans: str) -> dict:
        return {"spans": list(spans), "answer": answer}

    rows = [
        {
            "document_name": label("SUPPLY AGREEMENT", "SUPPLY AGREEMENT", "Annex"),
            "agreement_date": label("7/11/06", "July 11, 2006"),
            "governing_law": label("Ontario, Canada", "laws of the Province of Ontario"),
            "party": label(
                'Acme (UK) Ltd. ("Acme"); Birch, Inc. d/b/a Pine ("Birch" or "Buyer")',
                "Acme",
                "Acme (UK) Ltd.",
                "Birch, Inc.",
                "Buyer",
            ),
        },
        {
            "document_name": label("", *()),
            "agreement_date": label("[]/[]/2019", "[·], 2019"),
            "governing_law": label("Texas; People's Republic of China"),
            "party": label(""),
        },
    ]
    lines = [
        json.dumps({"document": f"text/{at}.txt", "source": f"Firm{at}_2019_x", "fields": row}) for at, row in enumerate(rows)
    ]
    (tmp_path / "index.jsonl").write_text("\n".join(lines), encoding="utf-8")
    first, second = read_contracts(tmp_path)
    assert first.company == "Firm0"
    assert first.pdf() is None
    assert first.truth["document_name"].values == (frozenset({"supply agreement", "annex"}),)
    assert first.truth["agreement_date"].values == (frozenset({"20060711"}),)
    assert first.truth["governing_law"].values == (frozenset({"ontario", "ontario canada"}),)
    assert first.truth["party"] == truth("Acme (UK) Ltd.", "Birch, Inc.", neutral=("Acme", "Buyer"))
    assert [second.truth[name].values for name in ("document_name", "agreement_date", "party")] == [(), (), ()]
    assert second.truth["governing_law"].values == (frozenset({"texas"}), frozenset({"china"}))


def test_forms_of_places() -> None:
    assert {canonical_place(name) for name in ("China", "People's Republic of China", "the Republic of China")} == {"china"}


def test_the_naive_annotator() -> None:
    text = "\n Exhibit 1\nSUPPLY AGREEMENT of May 3, 2001 between Acme Inc. and Birch LLC and Pine Ltd.\n"
    text += "Under the laws of the State of Ohio."
    assert annotate_naively(text) == {
        "document_name": ["Exhibit 1"],
        "agreement_date": ["2001-05-03"],
        "governing_law": ["Ohio"],
        "party": ["Acme Inc.", "Birch LLC"],
    }
    assert annotate_naively("") == {"document_name": [], "agreement_date": [], "governing_law": [], "party": []}
