"""List the layers of the language."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared
from archspec.reports import reference

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """Nothing."""


def run(args: Namespace) -> int:
    """List the layers of the language, each with how it is written; `archspec explain LAYER` says more of one."""
    found = list(reference.layers())
    width = max(len(name) for name, _ in found)
    print("\n".join(f"{name:<{width}}  {said}" for name, said in found))
    return shared.HOLDS
