"""Steps as a spec writes them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archspec import ops
from archspec.arguments import CHANNELS, KERNEL, STRIDES
from archspec.importing.fold.tokens import Quoted, Written
from archspec.importing.graph import MOST_PARTS, rounded


def said(value: object) -> str:
    """A value as a spec writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Quoted):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else _ratio(value) or repr(value)
    return str(value)


def _ratio(value: float) -> str | None:
    """``22/115``, for a number that has more digits than a program gives."""
    near = Fraction(value).limit_denominator(MOST_PARTS)
    return str(near) if value != rounded(value) and float(near) == value else None


def step(written: Written, parameters: Mapping[str, object] = {}) -> str:
    """A step with its arguments and its condition: ``conv 3x3, 64, /2, no bias if wide``."""
    given = ", ".join(block_arguments(written, parameters) if written.of_block else layer_arguments(written))
    text = f"{written.name} {given}" if given else written.name
    return f"{text} if {written.condition}" if written.condition else text


def layer_arguments(written: Written) -> list[str]:
    """The arguments of a layer by their forms: its size, what is bare, its stride, switches, then by name."""
    kind = ops.find(written.name)
    args = dict(written.args)
    if kind is None:
        return [f"{name}={text}" for name, text in args.items()]
    found = []
    if kind.texted in args:
        found.append(args.pop(kind.texted))
    if kind.sized in args:
        found.append(args.pop(kind.sized))
    for name in kind.bare:
        if name not in args:
            break
        found.append(args.pop(name))
    found += [stride(args.pop(name)) for name in STRIDES if name in args]
    for name, text in args.items():
        argument = kind.arguments[name]
        if argument.is_switch and text in ("yes", "no"):
            found.append(name if text == "yes" else f"no {name}")
        else:
            found.append(f"{name}={text}")
    return found


def block_arguments(written: Written, parameters: Mapping[str, object]) -> list[str]:
    """The arguments of a use of a block: those that it must have in their order, the stride, and others by name."""
    found = []
    for name, text in written.args.items():
        if name in STRIDES:
            found.append(stride(text))
        elif parameters.get(name) is None:
            found.append(text)
        elif text in ("yes", "no"):
            found.append(name if text == "yes" else f"no {name}")
        else:
            found.append(f"{name}={text}")
    return found


def shortcut(args: Mapping[str, str]) -> str:
    """The branch beside a residual: ``shortcut 4*c, /s``."""
    given = [args[CHANNELS], *(stride(args[name]) for name in STRIDES if name in args)]
    return "shortcut " + ", ".join([*given, *([f"{KERNEL}={args[KERNEL]}"] if KERNEL in args else [])])


def stride(text: str) -> str:
    """``/2``, ``/s``; a size by name."""
    return f"/{text}" if text.replace("_", "").isalnum() and not _is_size(text) else f"{STRIDES[0]}={text}"


def _is_size(text: str) -> bool:
    return "x" in text and text.replace("x", "").isdigit()
