"""Signals: the first ends a run after a step, and one who insists need not wait."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from archspec.targets.train.engine.data import kill_workers

# Signals.

GRACE = 3  # seconds that a step still has after a second Ctrl-C


@contextmanager
def insistence() -> Iterator[None]:
    """Ends the program a few seconds after a second SIGINT, whatever hangs.

    Python's own handlers wait until a call into a library returns. But the number of a
    signal is written to a socket at once, and a thread reads it there.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    over = threading.Event()
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=end_at_second, args=(ours, over), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        over.set()
        with theirs:
            theirs.send(b"\0")  # the thread looks, and ends


def end_at_second(numbers: socket.socket, over: threading.Event) -> None:
    """Reads the numbers of signals, and ends the program by the second SIGINT."""
    interrupts = 0
    with numbers:
        while interrupts < 2 and not over.is_set():
            interrupts += numbers.recv(1)[0] == signal.SIGINT
    if not over.wait(GRACE):
        print("ended in the middle of a step: the last checkpoint holds", flush=True)
        kill_workers()
        os._exit(128 + signal.SIGINT)
