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
    """Print the PyTorch code of a spec, or its training program."""
    short = args.train == "short"
    return shared.print_of(args, lambda found: found.training(short=short) if args.train else found.source())
