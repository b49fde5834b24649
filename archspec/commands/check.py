"""Check every printed cell and claim of specs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archspec.analysis.checked import Checked
from archspec.analysis.misprints import Misprinted
from archspec.api import variants
from archspec.commands import shared
from archspec.counting.printed import LOOSE
from archspec.diagnostics import ArchError, Diagnostic, has_error, show
from archspec.ir.network import UNEXPLAINED, WRONG, Mark
from archspec.render import checks, diagnosed, formats
from archspec.support.terminal import Style, printable
from archspec.support.words import number_of

EACH_SPEC = True
MARKED: Mapping[Mark, tuple[str, str]] = {
    WRONG: ("is wrong in print", "are wrong in print"),
    UNEXPLAINED: ("has no rule found", "have no rule found"),
}
"""What is said of figures that are marked: of one, and of several."""


def arguments(parser: ArgumentParser) -> None:
    """Specs, and how the verdicts are printed."""
    parser.add_argument("specs", metavar="SPEC", nargs="+", help="file.arch or file.arch:VARIANT")
    shared.takes_format(parser, *shared.TABLES, *diagnosed.formats())
    shared.takes_width(parser)
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Check every printed cell and claim of the specs; exit code 1 where one disagrees."""
    results = [result for spec in args.specs for result in _results(spec)]
    shared.printed(
        args.format,
        text=lambda: _text(results, *shared.stdout(args)),
        json=lambda: _json(results),
        csv=lambda: checks.checks_csv((result.network, check) for result in results for check in result.checks),
        markdown=lambda: "\n\n".join(map(_markdown, results)),
        **dict.fromkeys(diagnosed.formats(), lambda: _diagnosed(results, args.format)),
    )
    show(dict.fromkeys(d for result in results for d in result.diagnostics), args.all)
    return shared.HOLDS if all(result.holds for result in results) else shared.WRONG


class Result(NamedTuple):
    """One network of one spec: its printed figures, cells first, and all diagnostics."""

    spec: str
    network: str
    checks: list[Checked]
    diagnostics: tuple[Diagnostic, ...]
    misprints: Sequence[Misprinted] = ()

    @property
    def holds(self) -> bool:
        return not has_error(self.diagnostics)

    @property
    def summary(self) -> str:
        """``vgg_D: 22 figures: 21 agree, 1 is wrong in print, as marked, 2 reported``."""
        spec = printable(self.spec)
        if not self.network:
            return f"{spec}: not a valid spec"
        judged = [check for check in self.checks if check.verdict != "reported"]
        reported = len(self.checks) - len(judged)
        said = [f"{reported} reported"] * bool(reported)
        cells = sum(each.holds for each in self.misprints)
        verb = "is" if cells == 1 else "are"
        said += [f"{number_of(cells, 'cell')} of layers {verb} wrong in print, as marked"] * bool(cells)
        judged_as = f"{number_of(len(judged), 'figure')}: {', '.join(_standings(judged))}"
        return f"{spec}: {self.network}: " + ", ".join([judged_as if judged else "no figures to check", *said])


def _standings(judged: Sequence[Checked]) -> Iterator[str]:
    """How many figures agree, which are as they are marked, and which do not hold."""
    hidden = sum(check.unchecked for check in judged)
    good = [check for check in judged if check.holds and not check.unchecked]
    agree = [check for check in good if not check.marked]
    loose = sum(check.verdict in LOOSE for check in agree)
    yield f"{len(agree)} agree{'s' * (len(agree) == 1)}"
    yield from [f"{loose} of them cut or coarse"] * bool(loose)
    for mark, said in MARKED.items():
        marked = sum(check.mark == mark for check in good)
        yield from [f"{marked} {said[marked > 1]}, as marked"] * bool(marked)
    yield from [f"{hidden} {'is' if hidden == 1 else 'are'} not checked, as layers are not known"] * bool(hidden)
    wrong = sum(not check.holds for check in judged)
    yield from [f"{wrong} {'does' if wrong == 1 else 'do'} not hold"] * bool(wrong)


def _text(results: Sequence[Result], style: Style, limit: int | None) -> str:
    lines = []
    for result in results:
        lines += [checks.checks_text(result.checks, style, limit)] * bool(result.checks)
        lines += [checks.misprints_text(result.misprints)] * bool(result.misprints)
        lines.append(style(result.summary, "bold", "green" if result.holds else "red") + "\n")
    return "\n".join(lines)


def _markdown(result: Result) -> str:
    lines = [f"- {formats.escaped(line)}" for line in checks.misprints_text(result.misprints).split("\n") if line]
    return "\n\n".join([result.summary, checks.checks_markdown(result.checks), *["\n".join(lines)] * bool(lines)])


def _results(spec: str) -> list[Result]:
    try:
        found = variants(spec)
    except ArchError as error:
        return [Result(spec, "", [], error.diagnostics)]
    return [Result(spec, c.name, [*c.cells, *c.claims], c.diagnostics, c.misprints) for c in found]


def _diagnosed(results: Sequence[Result], form: str) -> str:
    return shared.diagnosed_text(form, ((result.spec, result.diagnostics) for result in results))


def _json(results: Sequence[Result]) -> str:
    specs = [
        {
            "spec": result.spec,
            "network": result.network,
            "holds": result.holds,
            "checks": [checks.check_data(check) for check in result.checks],
            "misprints": [checks.misprint_data(each) for each in result.misprints],
            "diagnostics": [diagnostic.to_dict() for diagnostic in result.diagnostics],
        }
        for result in results
    ]
    return formats.json_text({"holds": all(result.holds for result in results), "specs": specs})
