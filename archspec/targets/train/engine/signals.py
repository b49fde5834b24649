"""Signals: the first ends a run after a step, and one who insists need not wait."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch

from archspec.targets.train.engine.data import kill_workers
from archspec.targets.train.engine.processes import Process

# Signals.

GRACE = 3  # seconds that a step still has after a second Ctrl-C


class Summons:
    """Signals to end: any process may receive one, and all stop together."""

    def __init__(self, process: Process) -> None:
        self.process, self.signal = process, 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.receive)
        self.start(0)

    def start(self, step: int) -> None:
        """Begins to count steps."""
        self.asked = self.ask = step
        self.asked_at = time.perf_counter()

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Remembers a signal until the step is done, when all processes stop."""
        self.signal = number

    def received(self, step: int, end: int) -> int:
        """The signal that any process has, for which they ask once in a second.

        A step between two questions has no more to wait for than its gradients.
        """
        now = time.perf_counter()
        if self.process.world == 1:
            return self.signal
        if step < min(self.ask, end):
            return 0
        taken = max(1, step - self.asked)
        numbers = [self.signal, (now - self.asked_at) / taken]
        answers = torch.tensor(numbers, dtype=torch.float64)
        number, seconds = self.process.highest(answers).tolist()
        self.asked, self.asked_at = step, now
        # No more than twice as many: the first steps may only be queued on a device.
        self.ask = step + max(1, min(2 * taken, int(1 / max(seconds, 1e-3))))
        return int(number)


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
