"""Standard streams of a process whose readers may stop and whose disk may be full."""

from __future__ import annotations

import io
import os
from typing import Any, TextIO


class Lasting(io.FileIO):
    """A stream that fails once and takes everything after that, so that the command does its work all the same."""

    failure: OSError | None = None
    """Why it was cut short."""

    def write(self, data: Any, /) -> int:
        """Write what the system takes; nothing once that has failed."""
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def lasting(stream: TextIO) -> TextIO:
    """The same stream, whose failure is known at the end; what is not a stream of the system stays as it is."""
    if os.name != "posix" or not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = Lasting(stream.fileno(), "w", closefd=False)
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, stream.encoding, stream.errors, None, stream.line_buffering, stream.write_through)


def cut_short(stream: TextIO) -> OSError | None:
    """Why a stream was cut short, unless its reader had seen enough."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, Lasting) else None
    return None if isinstance(failure, BrokenPipeError) else failure
