"""A child process that ends when its parent does, however that ended."""

import os
import threading

EXIT_ORPHANED = 3


def end_with_parent() -> None:
    """End this process when standard input ends: the parent holds the other end of the pipe and never writes to it."""
    threading.Thread(target=_wait_for_the_end, name="parent-watch", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 1):
        pass
    os._exit(EXIT_ORPHANED)
