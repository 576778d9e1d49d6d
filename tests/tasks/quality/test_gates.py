"""Every gate below, at and above its bound."""

import pytest

from tasks.quality.gates import Gate, gates_of
from tasks.quality.profiles import PROFILES
from tasks.quality.settings import GateSettings
from tasks.storage.reasons import REASONS

EPS = 1e-6
EVERYTHING_ON = GateSettings(
    min_sentences=5,
    max_curly_lines=0,
    max_open_lines=0.9,
    max_few_word_lines=0.9,
    max_long_word_lines=0.1,
    max_javascript_lines=0.5,
    min_paragraphs=3,
    max_words=100_000,
    max_table_words=0.9,
    min_line_punct=0.12,
    max_fineweb_dup_line_chars=0.1,
    max_newlines_per_word=0.3,
)
GATES = gates_of(EVERYTHING_ON)

# code -> signal -> (bound, rejected just below, rejected at the bound, rejected just above)
LOW, HIGH = (True, False, False), (False, False, True)
AT_MOST, AT_LEAST = (True, True, False), (False, True, True)
TABLE = [
    ("quality.length.min_words", "length.words", 30, LOW),
    ("quality.length.max_words", "length.words", 100_000, HIGH),
    ("quality.symbols.ratio", "symbols.ratio", 0.3, HIGH),
    ("quality.c4.lorem", "c4.lorem", 0.3, HIGH),
    ("quality.c4.policy", "c4.policy", 0.5, HIGH),
    ("quality.c4.sentences", "c4.sentences", 5, LOW),
    ("quality.c4.curly", "c4.curly", 0, HIGH),
    ("quality.c4.line_end", "c4.line_end", 0.9, HIGH),
    ("quality.c4.line_words", "c4.line_words", 0.9, HIGH),
    ("quality.c4.long_word", "c4.long_word", 0.1, HIGH),
    ("quality.c4.javascript", "c4.javascript", 0.5, HIGH),
    ("quality.c4.paragraphs", "c4.paragraphs", 3, LOW),
    ("quality.gopher.alpha_words", "gopher.alpha_words", 0.3, LOW),
    ("quality.gopher.mean_word_length", "gopher.mean_word_length", 2.5, LOW),
    ("quality.gopher.mean_word_length", "gopher.mean_word_length", 15, HIGH),
    ("quality.gopher.symbol_word", "gopher.hash_word", 0.1, HIGH),
    ("quality.gopher.symbol_word", "gopher.ellipsis_word", 0.1, HIGH),
    ("quality.gopher.ellipsis_lines", "gopher.ellipsis_lines", 0.3, HIGH),
    ("quality.gopher.bullets", "gopher.bullets", 0.97, HIGH),
    ("quality.office.boilerplate", "office.boilerplate", 0.6, HIGH),
    ("quality.office.tables", "office.tables", 0.9, HIGH),
    ("quality.office.figures", "office.figures", 0.7, HIGH),
    ("quality.office.placeholders", "office.placeholders", 0.2, HIGH),
    ("quality.office.machine_lines", "office.machine_lines", 0.7, HIGH),
    ("quality.office.navigation", "office.navigation", 0.8, HIGH),
    ("quality.office.code", "office.code", 0.8, HIGH),
    ("quality.damage.garbage_words", "damage.garbage_words", 0.25, HIGH),
    ("quality.damage.encoding", "damage.encoding", 20, HIGH),
    ("quality.fineweb.short_lines", "fineweb.short_lines", 0.9, AT_LEAST),
    ("quality.fineweb.line_punct", "fineweb.line_punct", 0.12, AT_MOST),
    ("quality.fineweb.newline_word", "fineweb.newline_word", 0.3, HIGH),
    ("quality.fineweb.dup_line_chars", "fineweb.dup_line_chars", 0.1, AT_LEAST),
    ("quality.gopher.dup_line", "gopher.dup_line", 0.5, HIGH),
    ("quality.gopher.dup_para", "gopher.dup_para", 0.5, HIGH),
    ("quality.gopher.dup_line_chars", "gopher.dup_line_chars", 0.3, HIGH),
    ("quality.gopher.dup_para_chars", "gopher.dup_para_chars", 0.3, HIGH),
    *[("quality.gopher.top_n", f"gopher.top_{n}", bound, HIGH) for n, bound in zip((2, 3, 4), (0.2, 0.18, 0.16), strict=True)],
    *[
        ("quality.gopher.dup_n", f"gopher.dup_{n}", bound, HIGH)
        for n, bound in zip(range(5, 11), (0.50, 0.48, 0.46, 0.44, 0.42, 0.40), strict=True)
    ],
    ("quality.gopher.stop_words", "gopher.stop_words", 1, LOW),
    ("quality.score", "score", 0.1, LOW),
]


def test_the_table_names_every_gate_in_order() -> None:
    assert [(gate.code, gate.signal, gate.bound) for gate in GATES] == [row[:3] for row in TABLE]


@pytest.mark.parametrize(("gate", "row"), zip(GATES, TABLE, strict=True), ids=[f"{row[1]}-{row[2]}" for row in TABLE])
def test_below_at_and_above_the_bound(gate: Gate, row: tuple[str, str, float, tuple[bool, bool, bool]]) -> None:
    around = (gate.bound - EPS, gate.bound, gate.bound + EPS)
    assert tuple(gate.rejects({gate.signal: value}, "en") for value in around) == row[3]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.signal)
def test_a_text_without_the_signal_passes(gate: Gate) -> None:
    assert not gate.rejects({}, "en")


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.signal)
def test_every_gate_has_a_known_reason_a_source_and_a_unit(gate: Gate) -> None:
    assert REASONS[gate.code].verdict == "rejected"
    assert gate.source
    assert gate.unit
    assert gate.words


def test_stop_words_count_in_english_only() -> None:
    [gate] = [gate for gate in GATES if gate.languages is not None]
    assert gate.signal == "gopher.stop_words"
    assert gate.rejects({"gopher.stop_words": 0}, "en")
    assert not gate.rejects({"gopher.stop_words": 0}, "de")
    assert not gate.rejects({"gopher.stop_words": 0}, None)


@pytest.mark.parametrize(
    ("signal", "asks"),
    [
        ("length.words", "at least 30"),
        ("symbols.ratio", "at most 0.3"),
        ("fineweb.line_punct", "more than 0.12"),
        ("fineweb.short_lines", "less than 0.9"),
    ],
)
def test_a_gate_says_what_it_asks_for(signal: str, asks: str) -> None:
    gate = next(gate for gate in GATES if gate.signal == signal)
    assert gate.asks() == asks
    assert asks in gate.describe()
    assert gate.words in gate.describe()


def test_every_threshold_has_one_gate_and_every_gate_a_threshold_in_every_profile() -> None:
    assert sorted(gate.setting for gate in GATES) == sorted(PROFILES["office"])
    for thresholds in PROFILES.values():
        assert thresholds.keys() == PROFILES["office"].keys()


def test_off_switches_a_gate_off() -> None:
    assert gates_of(GateSettings(**dict.fromkeys(PROFILES["office"], "off"))) == ()
    assert {gate.setting for gate in GATES} - {
        gate.setting for gate in gates_of(EVERYTHING_ON.model_copy(update={"max_code": "off"}))
    } == {"max_code"}
