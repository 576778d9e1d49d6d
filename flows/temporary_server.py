"""A Prefect server for the length of one command, where no other is configured.

Prefect can start one by itself. It is not used because it outlives a killed run, and because it shows its log in the terminal;
this one watches the pipe to its parent and ends with it, however that ends.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tasks.runtime.limits import TEMPORARY

START_SECONDS = 120.0
STOP_SECONDS = 5.0


class ServerNotStarted(RuntimeError):
    """The temporary server ended or did not answer in time; the message holds the end of what it printed."""


@contextmanager
def prefect_server() -> Iterator[None]:
    """A server for the block: the configured one, or a temporary one. Raises ServerNotStarted."""
    from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

    if get_current_settings().api.url:
        yield
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = get_current_settings().home
    url = f"http://127.0.0.1:{port}/api"
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    server_settings = {
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
        # A database of its own: a real server that starts meanwhile must not share one SQLite file with it.
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/doctune-temporary.db",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.temporary_server", str(port)],
        env={**os.environ, **settings, **server_settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C in the terminal is for the run, which then ends its server
    )
    said = _Tail(process)
    os.environ[TEMPORARY] = str(process.pid)
    try:
        _wait_until_healthy(process, url, said)
        with temporary_settings({PREFECT_API_URL: url}):
            yield
    finally:
        del os.environ[TEMPORARY]
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Tail:
    """Reads what a process prints, so that it never blocks, and keeps the end of it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.text = ""
        self._stream = process.stdout
        threading.Thread(target=self._read, name="server-output", daemon=True).start()

    def _read(self) -> None:
        for line in self._stream or ():
            self.text = (self.text + line.decode(errors="replace"))[-2000:]


def _wait_until_healthy(process: "subprocess.Popen[bytes]", url: str, said: _Tail) -> None:
    direct = build_opener(ProxyHandler({}))  # a proxy of the environment must not come between
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with direct.open(f"{url}/health", timeout=5):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
    raise ServerNotStarted(f"the temporary Prefect server did not start: {said.text.strip()[-500:] or 'no answer in time'}")


def _end_with_parent() -> None:
    while os.read(0, 1):  # the parent never writes; its end closes the pipe
        pass
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn

    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
