"""What `archspec completion` prints: the commands and their options in the languages of three shells.

A shell runs it once and asks archspec nothing while somebody types.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Value(NamedTuple):
    """What an option or an argument takes."""

    said: str
    words: Sequence[str] = ()
    files: bool = False
    specs: bool = False


class Option(NamedTuple):
    """An option with its spellings; ``value`` is None for a switch."""

    flags: tuple[str, ...]
    help: str
    value: Value | None = None


class Command(NamedTuple):
    """A command with its options and what its arguments are, if it takes any."""

    name: str
    help: str
    options: Sequence[Option]
    argument: Value | None


def bash(commands: Sequence[Command]) -> str:
    """For bash, also an old one."""
    return "\n".join(
        [
            "_archspec() {",
            "    local IFS=$'\\n' cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}",
            "    local words= kind=words found= line",
            '    if [ "$COMP_CWORD" -eq 1 ]; then',
            f"        words={_lines([*(each.name for each in commands), '--help', '--version'])}",
            "    else",
            '        case "${COMP_WORDS[1]} $prev" in',
            *(line for each in commands for line in _bash_values(each)),
            '        *) case "${COMP_WORDS[1]} $cur" in',
            *(line for each in commands for line in _bash_rest(each)),
            "            esac ;;",
            "        esac",
            "    fi",
            "    case $kind in",
            '        words) found=$(compgen -W "$words" -- "$cur") ;;',
            '        files) compopt -o filenames 2>/dev/null; found=$(compgen -f -- "$cur") ;;',
            "        specs) compopt -o filenames 2>/dev/null",
            '            found=$(compgen -f -X \'!*.arch\' -- "$cur"; compgen -d -- "$cur") ;;',
            "    esac",
            "    COMPREPLY=()  # line by line, so that a name such as `a*.arch` stays itself",
            '    while read -r line; do [ -z "$line" ] || COMPREPLY+=("$line"); done <<< "$found"',
            "}",
            "complete -F _archspec archspec",
        ]
    )


def _bash_values(command: Command) -> Iterator[str]:
    for option in command.options:
        if option.value is not None:
            for flag in option.flags:
                yield f'            "{command.name} {flag}") {_bash_kind(option.value)} ;;'


def _bash_rest(command: Command) -> Iterator[str]:
    flags = [flag for option in command.options for flag in option.flags]
    yield f'            "{command.name} -"*) words={_lines(flags)} ;;'
    if command.argument is not None:
        yield f'            "{command.name} "*) {_bash_kind(command.argument)} ;;'


def _bash_kind(value: Value) -> str:
    if value.words:
        return f"words={_lines(value.words)}"
    return "kind=" + ("files" if value.files else "specs" if value.specs else "none")


def _lines(words: Sequence[str]) -> str:
    """Words for bash: a line each, of which `compgen -W` expands none."""
    return shlex.quote("\n".join(shlex.quote(word) for word in words))


def zsh(commands: Sequence[Command]) -> str:
    """For zsh: to be evaluated, or as the file `_archspec` in `$fpath`."""
    return "\n".join(
        [
            "#compdef archspec",
            "_archspec() {",
            "    local -a known",
            "    if (( CURRENT == 2 )); then",
            "        known=(",
            *(f"            {shlex.quote(f'{each.name}:{each.help}')}" for each in commands),
            "        )",
            "        _describe command known",
            "        return",
            "    fi",
            "    shift words",
            "    (( CURRENT-- ))",
            "    case $words[1] in",
            *(line for each in commands for line in _zsh_command(each)),
            "    esac",
            "}",
            'if [ "$funcstack[1]" = _archspec ]; then _archspec "$@"; else compdef _archspec archspec; fi',
        ]
    )


def _zsh_command(command: Command) -> Iterator[str]:
    specs = [
        f"*{flag}[{_zsh_text(option.help)}]{_zsh_value(option.value)}"
        for option in command.options
        for flag in option.flags
    ]
    if command.argument is not None:
        specs.append(f"*{_zsh_value(command.argument)}")
    yield f"        {command.name}) _arguments \\"
    yield from (f"            {shlex.quote(spec)} \\" for spec in specs[:-1])
    yield f"            {shlex.quote(specs[-1])} ;;" if specs else "            ;;"


def _zsh_value(value: Value | None) -> str:
    if value is None:
        return ""
    said = _zsh_text(value.said.lower() or "value")
    if value.words:
        return f":{said}:({' '.join(shlex.quote(word) for word in value.words)})"
    return f":{said}:" + ('_files -g "*.arch"' if value.specs else "_files" if value.files else " ")


def _zsh_text(text: str) -> str:
    return "".join(f"\\{c}" if c in "[]:\\" else c for c in text)


def fish(commands: Sequence[Command]) -> str:
    """For fish."""
    lines = ["complete -c archspec -f"]
    for command in commands:
        lines.append(f"complete -c archspec -n __fish_use_subcommand -a {command.name} -d {_fish_text(command.help)}")
        here = f"complete -c archspec -n '__fish_seen_subcommand_from {command.name}'"
        lines += [f"{here} {_fish_option(option)} -d {_fish_text(option.help)}" for option in command.options]
        if command.argument is not None:
            lines.append(f"{here} {_fish_value(command.argument, argument=True)}".rstrip())
    return "\n".join(lines)


def _fish_option(option: Option) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    return " ".join(flags if option.value is None else [*flags, _fish_value(option.value)])


def _fish_value(value: Value, argument: bool = False) -> str:
    if value.files:
        return "-F" if argument else "-r -F"
    before = "" if argument else "-x "
    if value.words:
        return f"{before}-a {_fish_text(' '.join(value.words))}"
    return f"{before}-a '(__fish_complete_suffix .arch)'" if value.specs else before.strip()


def _fish_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
