"""The memory plan: as much at once as fits, and why."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.finetuning.batches import round_up
from tasks.finetuning.memory import MARGIN, ModelShape, Work, estimate_peak, memory_budget
from tasks.finetuning.plan import SURELY_ENOUGH, DoesNotFit, Planner, Size, next_attempt
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Attempt, Probe
from tasks.finetuning.starter import StarterShape

GIB = 2**30
# The sizes of a well-known model of 8 billion weights in half precision.
LARGE = ModelShape(
    hidden=4096, layers=36, mlp=12288, heads=32, kv_width=1024, vocabulary=151936, weight_bytes=16 * GIB, value_bytes=2
)
SETTINGS = FinetuningSettings(rank=64, batch_size=32)


def planner(
    budget: float, settings: FinetuningSettings = SETTINGS, packed: bool = False, attempt: Attempt | None = None
) -> Planner:
    return Planner(
        shape=LARGE,
        settings=settings,
        budget_bytes=int(budget * GIB),
        longest=513,
        tokens=1_000_000,
        packed=packed,
        chunked=True,
        accelerated=True,
        attempt=attempt or Attempt(),
    )


def unmeasured(width: int, checkpointing: bool) -> Probe:
    raise AssertionError("nothing is to be measured here")


def test_a_large_machine_computes_as_much_as_gains_speed_and_measures_nothing() -> None:
    plan = planner(1000).plan(unmeasured)
    assert (plan.micro_tokens, plan.checkpointing, plan.measured, plan.cut_to) == (4096, False, False, None)
    assert "32 examples" in plan.why[0]
    assert "4,096 tokens at once (more at once costs memory" in plan.why[0]


def test_less_memory_means_less_at_once_then_checkpointing() -> None:
    settings = SETTINGS.model_copy(update={"memory_plan": "estimated"})
    plans = [planner(budget, settings).plan(None) for budget in (200, 100, 60, 40, 30)]
    assert [plan.checkpointing for plan in plans] == sorted(plan.checkpointing for plan in plans)
    assert plans[0].micro_tokens > plans[2].micro_tokens
    assert plans[-1].checkpointing
    assert all((plan.peak_bytes or 0) <= plan.budget_bytes for plan in plans)


@pytest.mark.parametrize("packed", [False, True])
def test_the_measured_plan_follows_the_line_through_two_steps(packed: bool) -> None:
    asked: list[tuple[int, bool]] = []

    def measure(width: int, checkpointing: bool) -> Probe:
        asked.append((width, checkpointing))
        return Probe(fixed=18 * GIB, per_row=(1 if checkpointing else 10) * GIB * width / 512, seconds=2.0)

    plan = planner(50, packed=packed).plan(measure)
    assert plan.measured
    assert plan.eta_seconds is not None
    if packed:
        assert asked == [(2048, False), (1024, False)]
        assert (plan.micro_tokens, plan.peak_bytes) == (1024, 38 * GIB)
    else:
        assert asked == [(512, False)]
        assert (plan.micro_tokens, plan.peak_bytes) == (2 * 512, 38 * GIB)
        assert plan.eta_seconds == pytest.approx(2.0 / 512 * 1_000_000)
    assert planner(30, packed=packed).plan(measure).checkpointing


def test_examples_are_cut_only_where_no_whole_one_fits() -> None:
    asked: list[tuple[int, bool]] = []

    def measure(width: int, checkpointing: bool) -> Probe:
        asked.append((width, checkpointing))
        return Probe(fixed=16 * GIB, per_row=width * GIB / (32 if checkpointing else 8), seconds=1.0)

    plan = planner(24).plan(measure)
    assert (plan.cut_to, plan.checkpointing, plan.micro_tokens) == (128, True, 128)
    assert asked[-3:] == [(512, True), (256, True), (128, True)]


def test_what_does_not_fit_at_all_is_said() -> None:
    with pytest.raises(DoesNotFit, match=r"not even one example of 64 tokens fits into 20\.0 GiB"):
        planner(20).plan(lambda width, checkpointing: Probe(fixed=25 * GIB, per_row=GIB, seconds=1.0))


def test_the_ladder_goes_down_to_the_shortest_and_ends() -> None:
    """Half the micro-batch until one example is left, then checkpointing, then shorter pieces; never the same twice."""
    steps = []
    attempt: Attempt | None = Attempt()
    while attempt is not None and len(steps) < 20:
        plan = planner(1000, attempt=attempt).plan(None)
        longest = plan.cut_to or 513
        size = Size(micro_tokens=plan.micro_tokens, row=round_up(longest - 1), longest=longest, checkpointing=plan.checkpointing)
        steps.append((size.micro_tokens, size.longest, size.checkpointing))
        attempt = next_attempt(size, attempt)
    assert steps == [
        (4096, 513, False),
        (2048, 513, False),
        (1024, 513, False),
        (512, 513, False),
        (512, 513, True),
        (256, 256, True),
        (128, 128, True),
        (64, 64, True),
    ]


def test_an_attempt_is_kept_to_without_measuring() -> None:
    plan = planner(1000, attempt=Attempt(micro_tokens=256, longest=256, checkpointing=True)).plan(unmeasured)
    assert (plan.micro_tokens, plan.checkpointing, plan.cut_to) == (256, True, 256)
    assert any("cut in pieces" in why for why in plan.why)


@given(st.floats(1, 2000), st.integers(65, 100_000), st.booleans(), st.booleans())
def test_any_plan_holds_an_example(budget: float, longest: int, packed: bool, measured: bool) -> None:
    made = Planner(LARGE, SETTINGS, int(budget * GIB), longest, 10, packed, chunked=True, accelerated=True)
    try:
        plan = made.plan((lambda width, _: Probe(fixed=GIB, per_row=width * 1e5, seconds=1.0)) if measured else None)
    except DoesNotFit:
        return
    assert plan.micro_tokens >= (plan.cut_to or longest) - 1
    assert not plan.measured or (plan.peak_bytes or 0) <= plan.budget_bytes


def test_the_formula_grows_with_all_that_costs() -> None:
    def peak(rows: int = 2, width: int = 512, checkpointing: bool = False, chunked: bool = False, **changes: object) -> int:
        return estimate_peak(LARGE, SETTINGS.model_copy(update=changes), Work(rows, width, checkpointing, chunked))

    assert peak(rows=4) > peak() > peak(rows=1)
    assert peak(width=1024) > 1.9 * (peak() - LARGE.weight_bytes)
    assert peak(checkpointing=True) < peak()
    assert peak(rows=8, chunked=True) < peak(rows=8)
    assert peak(rank=8) < peak(adapter_precision="bfloat16") < peak()
    assert peak(quantize=4) < peak() - 11 * GIB
    assert peak(method="full") > peak() + 40 * GIB


def test_a_shape_is_what_the_configuration_states(tmp_path: Path) -> None:
    shape = StarterShape()
    found = ModelShape.of(tmp_path, shape.config)
    assert found is not None
    assert found.trainable(FinetuningSettings().for_model(shape.hidden, True)) == 38912
    assert ModelShape.of(tmp_path, {"hidden_size": 64}) is None


def test_a_model_of_unknown_shape_has_no_foreseen_peak() -> None:
    plan = dataclasses.replace(planner(8), shape=None).plan(None)
    assert plan.peak_bytes is None
    assert any("not foreseen" in why for why in plan.why)


def test_the_budget_is_four_fifths_of_what_there_is() -> None:
    assert memory_budget(1000, None) == 800
    assert memory_budget(1000, 500) == 450
    assert MARGIN > 1 > SURELY_ENOUGH


def test_a_process_with_half_of_the_layers_keeps_half_of_the_weights_and_more_micro_batches() -> None:
    half = LARGE.part(0.5, 0.5)
    assert (half.layers, half.weight_bytes, half.vocabulary) == (18, 8 * GIB, LARGE.vocabulary)
    work = Work(4, 512, chunked_loss=True)
    whole, kept_once, kept_twice = (
        estimate_peak(shape, SETTINGS, dataclasses.replace(work, in_flight=in_flight))
        for shape, in_flight in ((LARGE, 1), (half, 1), (half, 2))
    )
    assert kept_once < 0.55 * whole
    assert kept_once < kept_twice < whole
    limited = dataclasses.replace(planner(1000), most_tokens=1000, in_flight=2).plan(None)
    assert limited.micro_tokens == 1000
    assert "so that each process has some to compute" in limited.why[0]
