"""What a run may ask of a server: how many documents, how many characters, how often."""

import threading
import time
from collections.abc import Callable

from tasks.annotation.model.settings import ModelSettings

MOST_FAILURES = 10  # in a row, further tries included


class Budget:
    """Spent and still free, for one run in one process; for several threads.

    clock, sleep: in seconds; for tests.
    """

    def __init__(
        self,
        settings: ModelSettings,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._failures_in_a_row = 0
        self.documents = 0
        self.characters = 0
        self.requests = 0

    def take_document(self) -> str | None:
        """Begin a document: None, or what forbids it."""
        with self._lock:
            most = self._settings.max_documents
            if most is not None and self.documents >= most:
                return f"not asked: the cap of {most} documents is reached"
            self.documents += 1
            return None

    def take_request(self, characters: int) -> str | None:
        """Begin a request of so many characters: None once it may be sent, after waiting for its turn; or what forbids it."""
        with self._lock:
            if self._failures_in_a_row >= MOST_FAILURES:
                return f"not asked: {MOST_FAILURES} requests in a row had failed"
            most = self._settings.max_characters_per_run
            if most is not None and self.characters + characters > most:
                return f"not asked: the cap of {most} characters is reached"
            self.characters += characters
            self.requests += 1
            wait = self._turn()
        if wait > 0:
            self._sleep(wait)
        return None

    def note(self, failed: bool) -> None:
        """Tell how a request ended; a server that is down is not asked about every piece of every document."""
        with self._lock:
            self._failures_in_a_row = self._failures_in_a_row + 1 if failed else 0

    def pause(self, seconds: float) -> None:
        """Wait before a further try."""
        self._sleep(seconds)

    def _turn(self) -> float:
        """Seconds until the next request may go out."""
        rate = self._settings.requests_per_minute
        if rate is None:
            return 0.0
        now = self._clock()
        turn = max(now, self._next)
        self._next = turn + 60.0 / rate
        return turn - now
