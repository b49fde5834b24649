"""What is said of cells that are marked as printed wrong; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, Span, explained


@explained("E0680")
def half_a_mark(span: Span, said: str) -> Diagnostic:
    """A cell of layers or of an argument has the mark `!`, and what is printed or what works is missing.

    `dwconv 3x3, /2 ! /1` says both: the paper prints `/2`, and `/1` works. A figure that is wrong follows from the
    layers; what a layer should be has to be said.
    """
    help = f"write both, `PRINTED ! WORKS`, or take the mark away: `{said}`" if said else "write `PRINTED ! WORKS`"
    return Diagnostic("E0680", "a mark stands between what is printed and what works", span, "half of it", help=help)


@explained("E0681")
def marked_in_block(span: Span) -> Diagnostic:
    """A cell of a block or of a head is marked as printed wrong.

    A mark is a check: with what is printed a figure beside the layers must fail. Blocks and heads have no printed
    figures.
    """
    help = "write what works, and say in a comment what is printed"
    return Diagnostic("E0681", "cells of blocks and heads have no mark", span, "in a block or a head", help=help)


@explained("E0682")
def which_layer_works(span: Span, arg: str, takers: int, bracket: bool) -> Diagnostic:
    """What stands behind the mark of a cell are arguments, and no printed layer takes one of them, or several do.

    An argument goes to the one layer of the cell that takes it; of several, to the one that is given it in print.
    Layers may stand behind the mark as well, and take the place of all that is printed in the cell:
    `conv 3x3, 64; conv 3x3, 64 ! conv 3x3, 64; conv 1x1, 64`.
    """
    several = "more than one layer of the cell takes" if takers else "no layer of the cell takes"
    notes = ("the layers in a bracket are not asked",) if bracket and not takers else ()
    help = "write the layers that work behind the mark"
    return Diagnostic("E0682", f"{several} `{arg}`", span, "of which layer?", notes=notes, help=help)
