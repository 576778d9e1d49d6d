"""Numbers for experiment trackers; the trackers themselves are made up."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

import pytest
from pydantic import ValidationError

from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.trackers import open_trackers

EVENTS: list[dict[str, Any]] = [
    {"event": "plan", "steps": 2},
    {"event": "held_out", "when": "before", "split": "test", "loss": 8.0, "perplexity": 2980.9, "rows": 4},
    {"event": "valid", "step": 1, "valid_loss": 7.9, "seconds": 0.1},
    {"event": "step", "step": 2, "train_loss": 7.5, "learning_rate": 0.1, "tokens_per_second": 9.0, "peak_memory_mib": 5.0},
    {"event": "held_out", "when": "after", "split": "test", "loss": 7.0, "perplexity": 1096.6, "rows": 4},
]
LOGGED = [
    ({"held_out_loss_before": 8.0, "held_out_perplexity_before": 2980.9}, 0),
    ({"valid_loss": 7.9}, 1),
    ({"train_loss": 7.5, "learning_rate": 0.1, "tokens_per_second": 9.0, "peak_memory_mib": 5.0}, 2),
    ({"held_out_loss_after": 7.0, "held_out_perplexity_after": 1096.6}, 2),
]


class _Recorder(ModuleType):
    """A module every function of which notes that it was called."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.__spec__ = SimpleNamespace(name=name)  # type: ignore[assignment]

    def __getattr__(self, function: str) -> Any:
        if function.startswith("__"):
            raise AttributeError(function)
        return lambda *args, **kwargs: self.calls.append((function, args, kwargs))


@pytest.mark.parametrize("name", ["trackio", "wandb", "swanlab", "mlflow"])
def test_every_tracker_gets_the_numbers_in_its_own_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = _Recorder(name)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    monkeypatch.setenv("WANDB_MODE", "offline")
    with open_trackers([name], "papers", "ab12", {"rank": 4}) as trackers:
        for event in EVENTS:
            trackers.tell(event)
    begin = {
        "mlflow": [
            ("set_experiment", ("papers",), {}),
            ("start_run", (), {"run_name": "ab12"}),
            ("log_params", ({"rank": 4},), {}),
        ],
        "swanlab": [("init", (), {"project": "papers", "config": {"rank": 4}, "experiment_name": "ab12"})],
    }.get(name, [("init", (), {"project": "papers", "config": {"rank": 4}, "name": "ab12"})])
    log, end = ("log_metrics", "end_run") if name == "mlflow" else ("log", "finish")
    assert module.calls == [*begin, *[(log, (numbers,), {"step": step}) for numbers, step in LOGGED], (end, (), {})]


def test_a_training_that_fails_closes_its_trackers(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _Recorder("trackio")
    monkeypatch.setitem(sys.modules, "trackio", module)
    with pytest.raises(RuntimeError, match="the reason"), open_trackers(["trackio"], "papers", "ab12", {}):
        raise RuntimeError("the reason")
    assert module.calls[-1][0] == "finish"


def test_a_tracker_that_fails_is_dropped_and_the_training_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("disk full")

    failing, working = _Recorder("wandb"), _Recorder("trackio")
    failing.log = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", failing)
    monkeypatch.setitem(sys.modules, "trackio", working)
    monkeypatch.setenv("WANDB_MODE", "offline")
    with open_trackers(["wandb", "trackio"], "papers", "ab12", {}) as trackers:
        for event in EVENTS:
            trackers.tell(event)
    assert [call[0] for call in working.calls].count("log") == len(LOGGED)
    assert capsys.readouterr().err == "wandb gets no more numbers: OSError: disk full\n"


def test_without_trackers_nothing_is_imported() -> None:
    with open_trackers([], "papers", "ab12", {}) as trackers:
        trackers.tell(EVENTS[2])
    assert not {"trackio", "wandb", "swanlab"} & set(sys.modules)


def test_a_tracker_that_is_not_installed_is_refused_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trackio", _Recorder("trackio"))
    assert FinetuningSettings(report_to=["trackio"]).cache_identity() == FinetuningSettings().cache_identity()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ValidationError, match="trackio is not installed: pip install trackio"):
        FinetuningSettings(report_to=["trackio"])
