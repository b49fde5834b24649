"""What an outcome must be: diagnostics or a result, within bounds of time and memory. Anything else is a finding."""

from __future__ import annotations

import json
import re
import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from archspec import ArchError
from archspec.commands.explain import explanations

SECONDS = 5.0
"""Of processor time for one case: what the limits of work promise for any input."""
BYTES = 2**30
"""Of memory that a case may take beside what the process has."""
PACKAGE = str(Path(__file__).parents[2] / "archspec")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What moves a terminal's cursor, or turns the direction of its text."""


class Finding(NamedTuple):
    """A way in which a case ended that is wrong: of what kind, by which findings are told apart, and the details."""

    kind: str
    details: str


class Wrong(Exception):
    """A result that is none: a target raises it with what was expected."""


class Overdue(BaseException):
    """The time of a case is over; no `except Exception` holds it."""


def judged(ask: Callable[[], object], seconds: float = SECONDS) -> Finding | None:
    """How asking ends, where that is wrong."""
    try:
        with bounded(seconds):
            ask()
    except ArchError as error:
        return _of_diagnostics(error)
    except Wrong as wrong:
        return Finding(f"wrong: {re.sub(r'[0-9]+', '_', str(wrong).split(':')[0])}", str(wrong))
    except (Exception, Overdue, SystemExit) as error:
        return Finding(f"{type(error).__name__} in {_place(error)}", "".join(traceback.format_exception(error)))
    return None


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Ends what takes more processor time by Overdue."""

    def over(number: int, frame: FrameType | None) -> None:
        raise Overdue(f"more than {seconds:g} seconds")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> None:
    """Let this process take so much more than it has now; what takes more is a MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES, resource.RLIM_INFINITY))


def _place(error: BaseException) -> str:
    """The innermost function of the compiler that an exception passed."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(PACKAGE)]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.name}"


def _of_diagnostics(error: ArchError) -> Finding | None:
    """What is wrong with the diagnostics that something ends with."""
    unknown = {d.code for d in error.diagnostics} - explanations().keys()
    if unknown or not error.diagnostics:
        return Finding("diagnostics without a code that is explained", f"{unknown}: {error}")
    json.dumps([d.to_dict() for d in error.diagnostics])
    try:
        demand_plain(str(error), "diagnostics")
    except Wrong as wrong:
        return Finding(f"wrong: {str(wrong).split(':')[0]}", str(wrong))
    return None


def demand(holds: object, said: str) -> None:
    """Raises Wrong unless something holds; what stands before a colon is its kind."""
    if not holds:
        raise Wrong(said)


def demand_plain(text: str, what: str) -> None:
    """Text that a terminal may show: it moves no cursor, and it can be written."""
    found = CONTROL.search(text)
    demand(
        not found,
        f"control characters in {what}: {text[max(0, found.start() - 40) : found.end() + 40]!r}" if found else "",
    )
    text.encode("utf-8")


class _Tags(HTMLParser):
    """What of a page is no text: the names of its tags and of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


def demand_no_evil(text: str, what: str) -> None:
    """Markup in which no word of a spec has become a tag or an attribute."""
    tags = _Tags()
    tags.feed(text)
    demand(not {"evil", "onload"} & tags.found, f"a tag of the spec's in {what}: {text[:200]}")
