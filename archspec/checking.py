"""``archspec check``: many specs, every printed figure, one verdict."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from archspec import table
from archspec.api import variants
from archspec.check import Checked
from archspec.diagnostics import ArchError, Diagnostic, has_error
from archspec.terminal import printable, show, style_for, terminal_width


class Result(NamedTuple):
    """One network of one spec: its printed figures, cells first, and all diagnostics."""

    spec: str
    network: str
    checks: list[Checked]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def holds(self) -> bool:
        return not has_error(self.diagnostics)

    @property
    def summary(self) -> str:
        """``vgg_D: 22 of 22 figures hold, 2 reported``."""
        spec = printable(self.spec)
        if not self.network:
            return f"{spec}: not a valid spec"
        reported = sum(check.verdict == "reported" for check in self.checks)
        judged = [check for check in self.checks if check.verdict != "reported"]
        good = sum(check.holds for check in judged)
        marked = sum(check.holds and check.marked for check in judged)
        more = [f"{marked} of them marked as wrong in print"] * bool(marked) + [f"{reported} reported"] * bool(reported)
        return f"{spec}: {self.network}: " + ", ".join([f"{good} of {len(judged)} figures hold", *more])


def check_specs(specs: Sequence[str], form: str, every: bool = False) -> bool:
    """Print the verdicts of all specs; whether every figure holds."""
    results = [result for spec in specs for result in _results(spec)]
    if form == "json":
        print(_json(results))
    elif form == "csv":
        print(table.checks_csv((result.network, check) for result in results for check in result.checks))
    elif form == "markdown":
        print("\n\n".join(f"{r.summary}\n\n{table.checks_markdown(r.checks)}" for r in results))
    else:
        style, limit = style_for(sys.stdout), terminal_width(sys.stdout)
        for result in results:
            if result.checks:
                print(table.checks_text(result.checks, style, limit))
            print(style(result.summary, "bold", "green" if result.holds else "red") + "\n")
    sys.stdout.flush()
    show(dict.fromkeys(d for result in results for d in result.diagnostics), every)
    return all(result.holds for result in results)


def _results(spec: str) -> list[Result]:
    try:
        found = variants(spec)
    except ArchError as error:
        return [Result(spec, "", [], error.diagnostics)]
    return [Result(spec, c.name, [*c.cells, *c.claims], c.diagnostics) for c in found]


def _json(results: Sequence[Result]) -> str:
    specs = [
        {
            "spec": result.spec,
            "network": result.network,
            "holds": result.holds,
            "checks": [table.check_data(check) for check in result.checks],
            "diagnostics": [diagnostic.to_dict() for diagnostic in result.diagnostics],
        }
        for result in results
    ]
    return table.json_text({"holds": all(result.holds for result in results), "specs": specs})
