"""``archspec explain CODE``: the long explanation of a diagnostic, from the function that makes it."""

from __future__ import annotations

from importlib import import_module
from inspect import cleandoc

from archspec.diagnostics import EXPLANATIONS, Diagnostic, explained
from archspec.naming import closest

HOMES = (
    "budget",
    "files",
    "parse.messages",
    "elaborate.arithmetic",
    "elaborate.messages",
    "elaborate.block_messages",
    "elaborate.recipe_messages",
    "flows",
    "bulk",
    "check",
    "weight_files",
    "weights",
    "transfer",
    "why",
)
"""The modules that make diagnostics; a test holds that there are no others."""


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
