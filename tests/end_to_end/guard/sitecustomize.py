"""Put on PYTHONPATH by tests: no Python process of a run, worker processes included, may reach out or look up a name."""

import os
import sys

_LOG = os.environ["DOCTUNE_GUARD_LOG"]
_HERE = ("localhost", "0.0.0.0", "::", "::1", os.uname().nodename)


def _is_outside(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    return bool(text) and text not in _HERE and not text.startswith(("127.", "::ffff:127."))


def _guard(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        outside = isinstance(address, tuple) and _is_outside(address[0])
    elif event == "socket.getaddrinfo":
        address = arguments[0]
        outside = address is not None and _is_outside(address)
    else:
        return
    if outside:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {sys.argv[:3]} {event} {address}\n")
        raise PermissionError(f"{event} {address}: this run may not reach outside")


with open(_LOG, "a", encoding="utf-8") as start:
    start.write(f"guarded {os.getpid()}\n")
sys.addaudithook(_guard)
