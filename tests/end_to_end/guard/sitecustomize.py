"""Put on PYTHONPATH by tests: no Python process of a run, worker processes included, may reach out or look up a name."""

import os
import sys

_LOG = os.environ["DOCTUNE_GUARD_LOG"]
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "::")


def _guard(event: str, arguments: tuple) -> None:
    if event == "socket.connect":
        address = arguments[1]
        outside = isinstance(address, tuple) and not str(address[0]).startswith(_HERE)
    elif event == "socket.getaddrinfo":
        address = arguments[0]
        outside = address is not None and not str(address).startswith(_HERE) and str(address) != os.uname().nodename
    else:
        return
    if outside:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {sys.argv[:3]} {event} {address}\n")
        raise PermissionError(f"{event} {address}: this run may not reach outside")


with open(_LOG, "a", encoding="utf-8") as start:
    start.write(f"guarded {os.getpid()}\n")
sys.addaudithook(_guard)
