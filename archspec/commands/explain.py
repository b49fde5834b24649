"""Explain a layer, a statement of the language, or the code of a diagnostic."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from importlib import import_module
from inspect import cleandoc

from archspec import commands
from archspec.commands import shared
from archspec.diagnostics import EXPLANATIONS, Diagnostic, explained, show
from archspec.naming import closest
from archspec.reports import reference

EACH_SPEC = False
CODE = re.compile(r"[Ee]\d+")

HOMES = (
    "budget",
    "files",
    "language.messages",
    "counting.messages",
    "ir.messages",
    "printing.messages",
    "elaborate.arithmetic",
    "elaborate.choices",
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
    "analysis.given",
    "analysis.checked",
    "analysis.one_rule",
    "analysis.misprints",
    "figures.messages",
    "family.formulas.messages",
    "family.sweeps.messages",
    "weights.files",
    "weights.place",
    "family.given",
    "render.messages",
    "commands.weights",
    "importing.messages",
    "reports.audit.equations",
    "reports.plots._messages",
    "reports.why",
)
"""The modules that make diagnostics; a test holds that there are no others."""


def arguments(parser: ArgumentParser) -> None:
    """A code or a word."""
    parser.add_argument(
        "topic", metavar="WORD", help="a layer, conv; a statement, every; a mark, !; or a diagnostic, E0301"
    )


def run(args: Namespace) -> int:
    """Explain a layer with its arguments and examples, a statement or a mark of the language, or a diagnostic's code.

    The titles of docs/language.md are words too, such as 'counting rules'.
    """
    found = explanation(args.topic)
    if isinstance(found, str):
        print(found)
        return shared.HOLDS
    show([found])
    return shared.USAGE


def explanation(topic: str) -> str | Diagnostic:
    """The explanation of a code or a word, or the diagnostic that there is none."""
    found = explanations().get(topic.upper())
    if found is not None:
        return f"{topic.upper()}\n\n{found}"
    return reference.about(topic) or (unknown_code(topic) if CODE.fullmatch(topic) else unknown_topic(topic))


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


@explained("E0012")
def unknown_topic(word: str) -> Diagnostic:
    """`archspec explain` is asked for a word that is not a layer, a statement, a mark or a title of the reference.

    `archspec layers` lists the layers.
    """
    if word in commands.names():
        help = f"it is a command: `archspec help {word}` says what it takes"
        return Diagnostic("E0012", f"there is no layer or statement `{word}`", help=help)
    near = closest(word, reference.topics())
    help = f"did you mean `{near}`?" if near else "`archspec layers` lists the layers"
    return Diagnostic("E0012", f"there is no layer or statement `{word}`", help=help)
