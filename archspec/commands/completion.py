"""Print what makes a shell complete commands, options, specs and the words of `explain`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archspec import commands
from archspec.commands import _shells, explain, shared
from archspec.counting.conventions import CONVENTIONS
from archspec.reports import reference

EACH_SPEC = False
WRITES = {"bash": _shells.bash, "zsh": _shells.zsh, "fish": _shells.fish}
FILES = frozenset({"FILE", "FILE|DIR", "FILE|DIR|-"})
"""What a shell completes by any file."""
SPECS = frozenset({"SPEC", "A", "B"})
"""What it completes by the name of a spec."""


def arguments(parser: ArgumentParser) -> None:
    """A shell."""
    parser.add_argument("shell", metavar="SHELL", choices=sorted(WRITES), help="bash, zsh or fish")


def run(args: Namespace) -> int:
    """Print what makes a shell complete commands, options, specs and words: `eval "$(archspec completion bash)"`.

    For fish it is `archspec completion fish | source`. In a shell's start file either holds for every shell.
    """
    print(WRITES[args.shell]([_command(name) for name in ("help", *commands.names())]))
    return shared.HOLDS


def _command(name: str) -> _shells.Command:
    if name == "help":
        return _shells.Command(name, "show what a command takes", (), _shells.Value("COMMAND", commands.names()))
    parser = ArgumentParser(prog=name)
    commands.command(name).arguments(parser)
    actions = parser._actions
    options = [
        _shells.Option(tuple(x.option_strings), x.help or "", _value(x.metavar, x.choices) if x.nargs is None else None)
        for x in actions
        if x.option_strings
    ]
    arguments = (_value(x.metavar, x.choices) for x in actions if not x.option_strings)
    return _shells.Command(name, commands.help_of(name), options, next(arguments, None))


def _value(metavar: object, choices: object) -> _shells.Value:
    """What may stand there: words, specs, files, or what no shell knows."""
    said = str(metavar or "")
    if isinstance(choices, tuple | list):
        return _shells.Value(said, tuple(choices))
    words = _words() if said == "WORD" else tuple(CONVENTIONS) if said == "RULES" else ()
    return _shells.Value(said, words, files=said in FILES, specs=said in SPECS or said == "A B")


def _words() -> tuple[str, ...]:
    """What `explain` explains, as far as it is one word."""
    return tuple(word for word in (*reference.topics(), *explain.explanations()) if " " not in word)
