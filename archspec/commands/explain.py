"""Explain the code of a diagnostic."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from inspect import cleandoc

from archspec.commands import shared
from archspec.diagnostics import EXPLANATIONS, Diagnostic, explained, show
from archspec.naming import closest

EACH_SPEC = False

HOMES = (
    "budget",
    "files",
    "language.messages",
    "counting.messages",
    "ir.messages",
    "elaborate.arithmetic",
    "elaborate.messages",
    "elaborate.block_messages",
    "elaborate.addition_messages",
    "elaborate.printed_messages",
    "elaborate.provenance",
    "elaborate.like_messages",
    "elaborate.recipe_messages",
    "elaborate.misprint_messages",
    "elaborate.stride_messages",
    "elaborate.figure_messages",
    "analysis.messages",
    "analysis.figure_messages",
    "analysis.bulk",
    "analysis.checked",
    "analysis.one_rule",
    "analysis.misprints",
    "weights.files",
    "weights.place",
    "family.given",
    "commands.weights",
    "reports.audit.equations",
    "reports.why",
)
"""The modules that make diagnostics; a test holds that there are no others."""


def arguments(parser: ArgumentParser) -> None:
    """A code."""
    parser.add_argument("code", metavar="CODE", help="the code of a diagnostic, such as E0301")


def run(args: Namespace) -> int:
    """Explain the code of a diagnostic."""
    found = explanation(args.code)
    if isinstance(found, str):
        print(found)
        return shared.HOLDS
    show([found])
    return shared.USAGE


def explanation(code: str) -> str | Diagnostic:
    """The explanation of a code, or the diagnostic that there is no such code."""
    found = explanations().get(code.upper())
    return f"{code.upper()}\n\n{found}" if found is not None else unknown_code(code)


def explanations() -> dict[str, str]:
    """All codes with their explanations, in order."""
    for home in HOMES:
        import_module(f"archspec.{home}")
    return {code: cleandoc(text) for code, text in sorted(EXPLANATIONS.items())}


@explained("E0007")
def unknown_code(code: str) -> Diagnostic:
    """`archspec explain` is asked for a code that no diagnostic has."""
    near = closest(code, EXPLANATIONS)
    help = f"did you mean `{near}`?" if near else f"the codes are {min(EXPLANATIONS)} to {max(EXPLANATIONS)}"
    return Diagnostic("E0007", f"there is no diagnostic `{code}`", help=help)
