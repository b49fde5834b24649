"""Pages of specs for a browser."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from archspec.page.network import page_of
from fuzz.choices import Choices
from fuzz.judge import demand, demand_no_evil
from fuzz.texts import spec

NEEDS: tuple[str, ...] = ()


def given(pen: Choices) -> str:
    """A spec."""
    return spec(pen)


def ask(given: str) -> None:
    """Write its page, in which nothing of the spec is more than text."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.arch")
        path.write_bytes(given.encode("utf-8", "surrogatepass"))
        text = page_of(str(path)).text
    demand("Content-Security-Policy" in text, "a page without a policy")
    demand_no_evil(text, "a page")
