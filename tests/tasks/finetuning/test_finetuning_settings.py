"""Settings of fine-tuning that cannot work together are refused before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from tasks.finetuning.settings import FinetuningSettings


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parallel": "data", "processes": 1}, "processes: parallel data needs two at least"),
        ({"parallel": "staged", "hosts": ["192.0.2.1"]}, "processes: parallel staged needs two at least"),
        ({"hosts": ["192.0.2.1", "192.0.2.2"]}, "hosts: they are used with parallel data or staged only"),
        ({"parallel": "data", "hosts": ["192.0.2.1", "mac.local"]}, "'mac.local' is not an IPv4 address"),
        ({"parallel": "data", "hosts": ["192.0.2.1", "::1"]}, "'::1' is not an IPv4 address"),
        ({"parallel": "data", "hosts": ["192.0.2.1", "192.0.2.1"]}, "a host is named twice"),
        ({"parallel": "staged", "memory_plan": "measured"}, "memory_plan: a staged training is foreseen by the formula only"),
        ({"method": "full", "quantize": 4}, "quantize: the weights of a quantized model cannot be trained"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        FinetuningSettings(**changes)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "processes", "each"),
    [
        ({}, 1, 1),
        ({"processes": 4}, 1, 1),
        ({"parallel": "data"}, 2, 2),
        ({"parallel": "staged", "processes": 3}, 3, 3),
        ({"parallel": "staged", "hosts": ["192.0.2.1", "192.0.2.2"]}, 2, 1),
        ({"parallel": "data", "hosts": ["192.0.2.1", "192.0.2.2"], "processes": 2}, 4, 2),
    ],
)
def test_how_many_processes_train(changes: dict[str, Any], processes: int, each: int) -> None:
    settings = FinetuningSettings(**changes)
    assert (settings.team_size, settings.processes_per_host) == (processes, each)


def test_the_number_of_processes_makes_no_other_adapter() -> None:
    several = FinetuningSettings(parallel="data", hosts=["192.0.2.1", "192.0.2.2"], processes=2)
    assert several.cache_identity() == FinetuningSettings().cache_identity()
