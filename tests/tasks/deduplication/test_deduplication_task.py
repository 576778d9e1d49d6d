"""The doors, with the worker's function called in place."""

import itertools
import random
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.deduplication.task as door
from tasks.deduplication.assembly import cluster_rows
from tasks.deduplication.fingerprints import VALUES
from tasks.deduplication.memo import memo_path
from tasks.deduplication.settings import DeduplicationSettings
from tasks.deduplication.texts import Fingerprints, ShingleSource
from tasks.runtime.pool import Job, Outcome
from tasks.storage.paragraphs import split_paragraphs
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.root import local_path
from tasks.storage.schemas import NORMALIZATION, QUALITY
from tasks.storage.stage import digest_of

DEFAULTS = DeduplicationSettings()


def prose(seed: int, count: int = 200) -> list[str]:
    chooser = random.Random(seed)
    return [f"word{chooser.randrange(500)}" for _ in range(count)]


BASE = prose(1)
TEXTS = {
    "base": " ".join(BASE),
    "shouted": "\n".join(BASE).upper(),
    "edited": " ".join([*BASE[:100], "changed", *BASE[101:]]),
    "half": " ".join(BASE[:100] + prose(2)[:100]),
    "other": " ".join(prose(3)),
    "tiny": "Four words of text",
    "tiny_too": "four  WORDS of text",
    "tiny_near": "Four words of texts",
}
SCORES = {"shouted": 0.7, "edited": 0.9}


def document_id(name: str) -> str:
    return sha256(name.encode()).hexdigest()


@pytest.fixture
def in_place(data_root: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [
            Outcome(job, "timeout", None, "60 s", 60.0, None)
            if job.argument.read() == "hang"
            else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
            for job in jobs
        ]

    monkeypatch.setattr(door, "map_documents", call)


def make_shard(name: str, texts: dict[str, str], reasons: dict[str, str] | None = None) -> tuple[ParquetRef, ParquetRef]:
    """The cleaned dataset and the fingerprints of one shard."""
    ids = sorted((document_id(each), each) for each in texts)
    empty = {"format": "text", "title": None, "characters_before": 1, "removed": {}, "reason": None, "detail": None}
    rows = [{"document_id": of, "part": 0, "text": texts[each], **empty} for of, each in ids]
    decided = [
        {
            "document_id": of,
            "part": 0,
            "score": SCORES.get(each, 0.8),
            "audit": False,
            "reason": (reasons or {}).get(each),
            "detail": None,
        }
        for of, each in ids
    ]
    normalized = write_table(f"{name}-normalized.parquet", rows, NORMALIZATION)
    return normalized, door.fingerprint.fn(normalized, write_table(f"{name}-decided.parquet", decided, QUALITY), DEFAULTS)


def make_shards(names: Sequence[Sequence[str]]) -> tuple[list[ParquetRef], list[ParquetRef]]:
    made = [make_shard(str(index), {name: TEXTS[name] for name in shard}) for index, shard in enumerate(names)]
    return [normalized for normalized, _ in made], [fingerprints for _, fingerprints in made]


def pairs_file() -> Path:
    """Where compared pairs are remembered."""
    path = local_path(memo_path(door.FINGERPRINTS_STAGE.version))
    assert path
    return Path(path)


def forget_pairs() -> None:
    pairs_file().unlink(missing_ok=True)


def clusters(names: Sequence[Sequence[str]], settings: DeduplicationSettings = DEFAULTS) -> dict[str, dict[str, Any]]:
    normalized, fingerprints = make_shards(names)
    by_id = {document_id(name): name for name in TEXTS}
    return {by_id[row["document_id"]]: row for row in read_rows(door.cluster.fn(fingerprints, normalized, settings))}


@pytest.mark.usefixtures("in_place")
def test_only_kept_parts_get_a_fingerprint() -> None:
    _, made = make_shard("s", {"base": TEXTS["base"], "other": TEXTS["other"], "stuck": "hang"}, {"other": "quality.score"})
    rows = {row["document_id"]: row for row in read_rows(made)}
    assert set(rows) == {document_id("base"), document_id("stuck")}
    assert rows[document_id("base")]["score"] == 0.8
    assert len(rows[document_id("base")]["signature"]) == VALUES
    assert rows[document_id("stuck")]["reason"] == "deduplication.timeout"
    assert rows[document_id("stuck")]["signature"] is None


@pytest.mark.usefixtures("in_place")
def test_copies_point_to_the_best_one() -> None:
    rows = clusters([["base", "other", "tiny"], ["shouted", "half", "tiny_near"], ["edited", "tiny_too"]])
    assert [rows[name]["reason"] for name in ("edited", "base", "shouted")] == [None, "deduplication.near", "deduplication.near"]
    assert {rows[name]["detail"] for name in ("base", "shouted")} == {document_id("edited")}
    trio = [rows[name] for name in ("base", "shouted", "edited")]
    assert {row["cluster"] for row in trio} == {min(document_id(name) for name in ("base", "shouted", "edited"))}
    assert [row["cluster_size"] for row in trio] == [3, 3, 3]
    assert rows["base"]["similarity"] == rows["shouted"]["similarity"] == 1.0
    assert rows["edited"]["similarity"] == pytest.approx(191 / 201, abs=1e-6)  # of 196 phrases each, 5 differ
    for alone in ("half", "other", "tiny_near"):
        assert (rows[alone]["reason"], rows[alone]["cluster"], rows[alone]["cluster_size"], rows[alone]["similarity"]) == (
            *(None, document_id(alone)),
            *(1, None),
        )
    first, second = sorted(("tiny", "tiny_too"), key=document_id)
    assert rows[first]["reason"] is None
    assert (rows[second]["reason"], rows[second]["detail"]) == ("deduplication.exact", document_id(first))


@pytest.mark.usefixtures("in_place")
def test_settings_of_the_search() -> None:
    names = [["base", "edited"], ["shouted"]]
    strict = clusters(names, DeduplicationSettings(threshold=0.99, containment="off"))
    exact = clusters(names, DeduplicationSettings(near=False, containment="off"))
    for rows in (strict, exact):
        assert rows["edited"]["reason"] is None
        assert rows["edited"]["cluster_size"] == 1
        assert rows["shouted"]["reason"] == "deduplication.exact"


@pytest.mark.usefixtures("in_place")
def test_texts_that_differ_in_a_sign_are_no_exact_copies() -> None:
    sums = {sign: " ".join([*BASE, sign, "5"]) for sign in "+-"}
    normalized, fingerprints = make_shard("signs", sums)
    for near, reasons in ((True, [None, "deduplication.near"]), (False, [None, None])):
        rows = read_rows(door.cluster.fn([fingerprints], [normalized], DeduplicationSettings(near=near, containment="off")))
        assert [row["reason"] for row in rows] == reasons


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(sorted(TEXTS)), st.lists(st.integers(0, 8), max_size=3))
@pytest.mark.usefixtures("in_place")
def test_the_order_of_documents_and_shards_does_not_matter(names: list[str], cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(names)]
    shards = [names[start:end] for start, end in itertools.pairwise(edges)]
    assert digest_of(clusters(shards)) == digest_of(clusters([sorted(TEXTS)]))


@pytest.mark.usefixtures("in_place")
def test_a_small_memory_gives_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [["base", "half"], ["edited", "other"]]
    expected = clusters(names)
    forget_pairs()
    made: list[ShingleSource] = []

    class Tiny(ShingleSource):
        def __init__(self, fingerprints: Fingerprints, datasets: Sequence[ParquetRef], cache_bytes: int) -> None:
            super().__init__(fingerprints, datasets, 1)
            made.append(self)

    monkeypatch.setattr("tasks.deduplication.assembly.ShingleSource", Tiny)
    assert clusters(names) == expected
    assert made
    assert len(made[0]._cached) == 1


@pytest.mark.usefixtures("in_place")
def test_nothing_to_compare() -> None:
    assert clusters([[], []]) == {}


@pytest.mark.usefixtures("in_place")
def test_a_threshold_does_not_shape_fingerprints() -> None:
    stage = door.FINGERPRINTS_STAGE
    normalized, fingerprints = make_shards([["base"]])
    key = door.fingerprint.cache_key_fn
    arguments = {"texts": normalized[0], "decided": fingerprints[0]}
    keys = {key(None, {**arguments, "settings": each}) for each in (DEFAULTS, DeduplicationSettings(near=False))}
    assert len(keys) == 1
    assert keys.pop().startswith(stage.name)


@pytest.mark.usefixtures("in_place")
def test_output_changes_only_with_the_revision() -> None:
    """Fails when an output changes for the same input: then raise that stage's revision and pin the new digest."""
    normalized, fingerprints = make_shards([sorted(TEXTS)])
    outputs = (fingerprints[0], door.cluster.fn(fingerprints, normalized, DEFAULTS))
    rows = [[{**row, "signature": (row.get("signature") or b"").hex()} for row in read_rows(ref)] for ref in outputs]
    digests = [digest_of(each)[:12] for each in rows]
    assert (door.FINGERPRINTS_STAGE.revision, door.CLUSTERS_STAGE.revision) == (3, 2)
    assert digests == ["951b27f0bf96", "e9d9ffd67258"]


@pytest.mark.usefixtures("in_place")
def test_the_ends_of_a_chain_are_not_called_copies_of_each_other() -> None:
    """Ten texts, each nearly the one before: all are one group, and every duplicate is really a copy of what it points to."""
    step = 4  # of 200 words: neighbours share about 0.95 of their phrases, the ends about 0.6
    fresh = prose(9, 9 * step)
    texts = {f"link{number}": " ".join([*fresh[: number * step], *BASE[number * step :]]) for number in range(10)}
    normalized, fingerprints = make_shard("chain", texts)
    rows = read_rows(door.cluster.fn([fingerprints], [normalized], DEFAULTS))
    assert len({row["cluster"] for row in rows}) == 1
    assert 1 < sum(row["reason"] is None for row in rows) < 10
    words = {document_id(name): text.split() for name, text in texts.items()}
    phrases = {of: {tuple(each[at : at + 5]) for at in range(len(each) - 4)} for of, each in words.items()}
    for row in rows:
        if row["reason"]:
            mine, kept = phrases[row["document_id"]], phrases[row["detail"]]
            assert len(mine & kept) / len(mine | kept) >= DEFAULTS.threshold


LINES = {
    "letter": " ".join(prose(20, 80)),
    "thread": " ".join([*prose(21, 90), *prose(20, 80), *prose(22, 60)]),
    "archive": " ".join([*prose(23, 400), *prose(21, 90), *prose(20, 80), *prose(22, 60)]),
    "note": " ".join(prose(20, 80)[:40]),
    "stranger": " ".join(prose(24, 300)),
}


def clusters_of(texts: dict[str, str], settings: DeduplicationSettings = DEFAULTS) -> dict[str, dict[str, Any]]:
    normalized, fingerprints = make_shard("one", texts)
    by_id = {document_id(name): name for name in texts}
    return {by_id[row["document_id"]]: row for row in read_rows(door.cluster.fn([fingerprints], [normalized], settings))}


@pytest.mark.usefixtures("in_place")
def test_a_document_inside_another_goes_when_that_one_stays() -> None:
    rows = clusters_of(LINES)
    for name in ("letter", "thread"):
        assert (rows[name]["reason"], rows[name]["detail"]) == ("deduplication.contained", document_id("archive"))
        assert rows[name]["containment"] == 1.0
    group = {rows[name]["cluster"] for name in ("letter", "thread", "archive")}
    assert group == {min(document_id(name) for name in ("letter", "thread", "archive"))}
    for name in ("archive", "note", "stranger"):  # a note of fewer than 50 phrases is no evidence
        assert rows[name]["reason"] is rows[name]["containment"] is None
    assert all(row["reason"] is None for row in clusters_of(LINES, DeduplicationSettings(containment="off")).values())


@pytest.mark.usefixtures("in_place")
def test_a_notice_that_stands_in_many_texts_does_not_make_them_one_group() -> None:
    notice = " ".join(f"notice{number}" for number in range(80))
    texts = {f"mail{mail}": " ".join(f"m{mail}w{number}" for number in range(120)) + "\n\n" + notice for mail in range(6)}
    rows = clusters_of(texts | {"notice": notice})
    assert rows["notice"]["reason"] == "deduplication.contained"
    assert len({rows[name]["cluster"] for name in texts}) == len(texts)


@pytest.mark.usefixtures("in_place")
def test_what_was_compared_before_spares_work_and_changes_nothing() -> None:
    texts = {**TEXTS, **LINES}
    fewer = {name: text for name, text in texts.items() if name not in ("edited", "archive")}
    clusters_of(fewer)
    normalized, fingerprints = make_shard("one", texts)

    def run() -> tuple[ParquetRef, int]:
        version = door.FINGERPRINTS_STAGE.version
        compared = cluster_rows([fingerprints], [normalized], DEFAULTS, version).compared
        return door.cluster.fn([fingerprints], [normalized], DEFAULTS), compared

    after_fewer, some = run()
    after_all, none = run()
    forget_pairs()
    without, every = run()
    assert after_fewer.sha256 == after_all.sha256 == without.sha256
    assert 0 == none < some < every
    pairs_file().write_bytes(b"damaged")
    assert run() == (without, every)


@pytest.mark.usefixtures("in_place")
def test_pairs_of_texts_that_are_gone_are_forgotten() -> None:
    clusters_of(TEXTS)
    clusters_of(LINES)
    remembered = read_rows(memo_path(door.FINGERPRINTS_STAGE.version))
    _, fingerprints = make_shard("one", LINES)
    there = {row["text_sha256"] for row in read_rows(fingerprints)}
    assert remembered
    assert {digest for row in remembered for digest in (row["first"], row["second"])} <= there


@pytest.mark.usefixtures("in_place")
def test_paragraphs_that_recur_in_documents_that_are_no_copies() -> None:
    notice = "This message is meant for the person named above and for nobody else."
    once = "Only this one document has the sentence that you are reading right now."
    texts = {f"mail{number}": " ".join(prose(40 + number)) + f"\n\n{notice}" for number in range(5)}
    texts["copy"] = texts["mail0"].upper()
    texts["mail1"] += f"\n\n{once}\n\n{notice}"
    normalized, fingerprints = make_shard("mails", texts)
    found = door.cluster.fn([fingerprints], [normalized], DEFAULTS)
    (row,) = read_rows(door.find_recurring.fn([fingerprints], found, DEFAULTS))
    assert row["digest"] == split_paragraphs(notice)[0].digest
    assert (row["documents"], row["document_id"]) == (5, min(document_id(name) for name in texts))
    for settings_of_none in ({"recurring": "off"}, {"recurring_documents": 6}):
        none = door.find_recurring.fn([fingerprints], found, DeduplicationSettings(**settings_of_none))
        assert none.rows == 0
