"""Under memory pressure a shard waits for another one, never for nothing."""

import logging
import threading

import pytest

from tasks.runtime import admission
from tasks.runtime.admission import admitted, memory_share, shards_in_flight, wait_for_memory


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "POLL_SECONDS", 0.01)


def test_the_share_is_a_share() -> None:
    assert 0 <= memory_share() <= 1


def test_the_first_shard_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "memory_share", lambda: 0.99)
    with admitted():
        assert shards_in_flight() == 1
    assert shards_in_flight() == 0
    assert wait_for_memory()


def test_a_shard_waits_until_another_one_ends(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(admission, "memory_share", lambda: 0.99)
    order: list[str] = []

    def second() -> None:
        with admitted():
            order.append("second begins")

    thread = threading.Thread(target=second)
    with caplog.at_level(logging.WARNING), admitted():
        thread.start()
        while "next shard waits" not in caplog.text:
            thread.join(0.01)
        order.append("first ends")
    thread.join()
    assert order == ["first ends", "second begins"]
    assert shards_in_flight() == 0


def test_a_shard_goes_on_when_memory_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = iter([0.9, 0.9, 0.5, 0.1])
    monkeypatch.setattr(admission, "memory_share", lambda: next(shares))
    with admitted(limit_share=1.0):
        assert wait_for_memory(limit_share=0.75)
    assert next(shares) == 0.1  # it looked until memory was below the limit, and no longer


def test_the_wait_has_an_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(admission, "memory_share", lambda: 0.99)
    with admitted():
        assert not wait_for_memory(timeout_seconds=0.05)
    assert "starts anyway" in caplog.text


def test_a_shard_that_fails_is_no_longer_in_flight() -> None:
    with pytest.raises(ZeroDivisionError), admitted():
        raise ZeroDivisionError
    assert shards_in_flight() == 0
