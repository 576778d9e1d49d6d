"""Every gate below, at and above its bound."""

import pytest
from pydantic import ValidationError

from tasks.quality.gates import Gate, basic_gates, deep_gates, score_gate
from tasks.quality.settings import BasicGateSettings, GateSettings
from tasks.storage.reasons import REASONS

EPS = 1e-6
EVERYTHING_ON = GateSettings(
    basic=BasicGateSettings(max_words=100_000), min_line_punct=0.12, max_fineweb_dup_line_chars=0.1, max_newlines_per_word=0.3
)
GATES = basic_gates(EVERYTHING_ON.basic) + deep_gates(EVERYTHING_ON) + score_gate(EVERYTHING_ON)

# code -> signal -> (bound, rejected just below, rejected at the bound, rejected just above)
LOW, HIGH = (True, False, False), (False, False, True)
AT_MOST, AT_LEAST = (True, True, False), (False, True, True)
TABLE = [
    ("quality.length.min_words", "length.words", 30, LOW),
    ("quality.length.max_words", "length.words", 100_000, HIGH),
    ("quality.c4.lorem", "c4.lorem", 0.3, HIGH),
    ("quality.c4.policy", "c4.policy", 0.5, HIGH),
    ("quality.symbols.ratio", "symbols.ratio", 0.3, HIGH),
    ("quality.gopher.alpha_words", "gopher.alpha_words", 0.3, LOW),
    ("quality.gopher.mean_word_length", "gopher.mean_word_length", 2.5, LOW),
    ("quality.gopher.mean_word_length", "gopher.mean_word_length", 15, HIGH),
    ("quality.gopher.symbol_word", "gopher.hash_word", 0.1, HIGH),
    ("quality.gopher.symbol_word", "gopher.ellipsis_word", 0.1, HIGH),
    ("quality.gopher.ellipsis_lines", "gopher.ellipsis_lines", 0.3, HIGH),
    ("quality.gopher.bullets", "gopher.bullets", 0.97, HIGH),
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
    ("quality.score", "score", 0.4, LOW),
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
    assert gate.tier == ("basic" if gate in basic_gates(EVERYTHING_ON.basic) else "deep")


def test_stop_words_count_in_english_only() -> None:
    [gate] = [gate for gate in GATES if gate.english_only]
    assert gate.signal == "gopher.stop_words"
    assert gate.rejects({"gopher.stop_words": 0}, "en")
    assert not gate.rejects({"gopher.stop_words": 0}, "de")
    assert not gate.rejects({"gopher.stop_words": 0}, None)


def test_an_empty_setting_switches_its_gate_off() -> None:
    basic = dict.fromkeys(BasicGateSettings.model_fields)
    assert basic_gates(BasicGateSettings(**basic)) == ()
    deep = GateSettings(**dict.fromkeys(set(GateSettings.model_fields) - {"basic", "languages"}))
    assert deep_gates(deep) == score_gate(deep) == ()


@pytest.mark.parametrize(
    "settings",
    [{"min_words": -1}, {"max_symbols": 1.1}, {"min_words": 10, "max_words": 5}, {"min_mean_word_length": 20.0}, {"no_such": 1}],
)
def test_senseless_cheap_settings_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        BasicGateSettings(**settings)


def test_senseless_shares_are_refused() -> None:
    with pytest.raises(ValidationError, match="max_top_ngrams"):
        GateSettings(max_top_ngrams=(0.2, 1.8, 0.1))
