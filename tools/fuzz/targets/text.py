"""The text of a spec as any bytes are, and all that can be asked of its network."""

from __future__ import annotations

from archspec import Compiled, files
from archspec.diagnostics import ArchError
from archspec.ir.json import from_json, to_json
from archspec.pipeline import compile_text
from fuzz.choices import Choices
from fuzz.judge import demand, demand_plain

NEEDS: tuple[str, ...] = ()


def given(pen: Choices) -> bytes:
    """All bytes, as a file has them."""
    return pen.rest()


def ask(given: bytes) -> None:
    """Compile them."""
    ask_all(compile_text(files.decode("fuzz.arch", given)))


def ask_all(compiled: Compiled) -> None:
    """Check, count, write and emit a network, whose JSON is the same network."""
    compiled.checked()
    for diagnostic in compiled.diagnostics:
        demand_plain(str(diagnostic), "a diagnostic")
    demand(from_json(to_json(compiled.network)) == compiled.network, "JSON is another network")
    demand_plain(repr(compiled), "a table")
    compile(compiled.source(), "<emitted>", "exec", dont_inherit=True)
    for short in (False, True) if compiled.network.recipe else ():
        try:
            compile(compiled.training(short=short), "<emitted>", "exec", dont_inherit=True)
        except ArchError as error:
            demand(str(error), "a refusal without a word")
