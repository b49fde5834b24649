"""Print the PyTorch code of a spec."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec.commands import shared

EACH_SPEC = False


def arguments(parser: ArgumentParser) -> None:
    """A spec and its settings."""
    shared.takes_spec(parser)
    shared.takes_settings(parser)
    shared.takes_train(parser, "print the training program of the spec's recipe")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Print the PyTorch code of a spec, of a family all variants in one file; or the training program of a network."""
    if args.train:
        return shared.print_of(args, lambda found: found.training(short=args.train == "short"))
    return shared.print_all(args, lambda found: found[0].source(together=len(found) > 1))
