"""What a run may ask of a server: how many documents, how many characters, how often. Worker processes share one count."""

import dataclasses
import fcntl
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.annotation.errors import ModelError
from tasks.annotation.model.settings import ModelSettings

MOST_FAILURES = 10  # in a row, further tries included


@dataclass
class Spent:
    """What was asked so far. next: when the next request may go out, seconds since the epoch. failures: requests in a row."""

    documents: int = 0
    characters: int = 0
    requests: int = 0
    failures: int = 0
    next: float = 0.0


class Budget:
    """Spent and still free, for one run; for several threads.

    ledger: a local file in which all processes of a run count together; without one this process counts alone. clock: seconds
    since the epoch. sleep: in seconds; both for tests.
    """

    def __init__(
        self,
        settings: ModelSettings,
        ledger: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._spent = Spent()
        self._document: str | None = None  # that was begun last

    @property
    def spent(self) -> Spent:
        """What was asked so far, a copy."""
        with self._counting() as spent:
            return dataclasses.replace(spent)

    def take_document(self, text: str | None = None) -> str | None:
        """Begin a document: None, or what forbids it. One with the text of the document before is that document still."""
        most = self._settings.max_documents
        with self._counting() as spent:
            if text is None or text != self._document:
                if most is not None and spent.documents >= most:
                    return f"not asked: the cap of {most} documents is reached"
                spent.documents += 1
                self._document = text
            return None

    def take_request(self, characters: int) -> str | None:
        """Begin a request of so many characters: None once it may be sent, after waiting for its turn; or what forbids it."""
        most = self._settings.max_characters_per_run
        with self._counting() as spent:
            if spent.failures >= MOST_FAILURES:
                return f"not asked: {MOST_FAILURES} requests in a row had failed"
            if most is not None and spent.characters + characters > most:
                return f"not asked: the cap of {most} characters is reached"
            spent.characters += characters
            spent.requests += 1
            wait = self._turn(spent)
        if wait > 0:
            self._sleep(wait)
        return None

    def note(self, failed: bool) -> None:
        """Tell how a request ended; a server that is down is not asked about every piece of every document."""
        with self._counting() as spent:
            spent.failures = spent.failures + 1 if failed else 0

    def pause(self, seconds: float) -> None:
        """Wait before a further try."""
        self._sleep(seconds)

    def _turn(self, spent: Spent) -> float:
        """Seconds until the next request may go out."""
        rate = self._settings.requests_per_minute
        if rate is None:
            return 0.0
        now = self._clock()
        turn = max(now, spent.next)
        spent.next = turn + 60.0 / rate
        return turn - now

    @contextmanager
    def _counting(self) -> Iterator[Spent]:
        """The count, for this thread alone; what the block changes in it is kept.

        Raises ModelError for a damaged ledger: to begin at nothing would spend what is not allowed.
        """
        with self._lock:
            if self._ledger is None:
                yield self._spent
                return
            self._ledger.parent.mkdir(parents=True, exist_ok=True)
            with self._ledger.open("a+", encoding="utf-8") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                stream.seek(0)
                spent = _read(stream.read(), self._ledger)
                yield spent
                stream.seek(0)
                stream.truncate()
                stream.write(json.dumps(dataclasses.asdict(spent)))


def _read(content: str, ledger: Path) -> Spent:
    try:
        return Spent(**json.loads(content)) if content else Spent()
    except (ValueError, TypeError) as error:
        raise ModelError(f"{ledger} is no record of what was asked of the server: {error}") from error
