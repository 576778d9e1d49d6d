"""How far a training is, while it works."""

import io
from typing import NoReturn

from flows.live import LiveTraining
from tasks.runtime.progress import Progress


def test_the_artifact_is_renewed_now_and_then_and_says_what_is_left() -> None:
    published: list[dict[str, str]] = []
    now = [0.0]
    screen = io.StringIO()
    progress = Progress(screen, clock=lambda: now[0])
    live = LiveTraining(progress, lambda lines: published.append(dict(lines)), clock=lambda: now[0])
    live.listen({"event": "start"})
    live.listen({"event": "plan", "steps": 100})
    for step in range(10, 101, 10):
        now[0] += 10.0
        live.listen({"event": "valid", "step": step, "valid_loss": 8 - step / 50})
        live.listen(
            {"event": "step", "step": step, "train_loss": 8 - step / 100, "learning_rate": 1e-4}
            | {"tokens_per_second": 1234.0, "peak_memory_mib": 2048.0}
        )
    assert [each["step"] for each in published] == ["30 of 100", "60 of 100", "90 of 100"]
    assert published[1] == {
        "step": "60 of 100",
        "training loss": "7.4000",
        "loss on the valid split": "6.8000",
        "learning rate": "0.0001",
        "tokens per second": "1,234",
        "largest memory": "2,048 MiB",
        "time left, about": "40 s",
    }
    assert "training step 100 of 100, loss 7.000, 1,234 tokens/s, 2,048 MiB" in screen.getvalue()


def test_a_server_that_is_away_does_not_end_the_training() -> None:
    def refuse(_: object) -> NoReturn:
        raise ConnectionError("no server")

    screen = io.StringIO()
    progress = Progress(screen, clock=lambda: 0.0)
    seconds = iter([0.0, 60.0, 120.0])
    live = LiveTraining(progress, refuse, clock=lambda: next(seconds))
    step = {"event": "step", "train_loss": 7.0, "learning_rate": 1e-4, "tokens_per_second": 1.0, "peak_memory_mib": 1.0}
    for at in (1, 2):
        live.listen({**step, "step": at})
    assert screen.getvalue().count("not renewed: ConnectionError: no server") == 2
