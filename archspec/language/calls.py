"""Layers as programs call them, ``nn.Conv2d(3, 64, kernel_size=3)``, and the cell that means the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec import ops
from archspec.arguments import Misfit, meant
from archspec.op import Op

CALL = re.compile(
    r"(?<![\w.])(?:[^\W\d]\w*\.)*(?P<name>[^\W\d]\w*)\((?P<args>[^()]*(?:\([^()]*\)[^()]*)*)\)(?P<comma>\s*,(?=\s*[^\W\d]))?"
)
ARGUMENT = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)\s*=\s*)?(?P<value>\([^()]*\)|[^\s,()=]+)\s*(?:,|$)")
PASSED_OVER = frozenset(
    {"inchannels", "infeatures", "numfeatures", "numchannels", "inplace", "dim", "trackrunningstats", "device", "dtype"}
)
"""What a call says and a table does not: what enters, and how the program runs. Without case and underscores."""
Given = bool | int | float | str | tuple[int, int]


def as_cell(text: str) -> str | None:
    """A cell whose calls are written as its layers; None where it has none, or one that cannot be taken over whole."""
    said: list[str | None] = []

    def layer(match: re.Match[str]) -> str:
        said.append(_layer(match["name"], match["args"]))
        return (said[-1] or "") + (";" if match["comma"] else "")

    found = CALL.sub(layer, text)
    return found if said and all(said) else None


def _layer(name: str, text: str) -> str | None:
    """One call as a step; its layer itself says whether it takes the arguments."""
    near = ops.meant(name)
    op = ops.find(near.op if near else name)
    order = () if op is None else op.called if op.called is not None else None if op.arguments else ()
    given = None if op is None or order is None or name.endswith("2D") else _given(op, order, text)
    if op is None or given is None:
        return None
    given = {**op.unless_called_with, **given}
    try:
        op(**given)
    except Misfit:
        return None
    parts = [*filter(None, (_said(op, each, given[each]) for each in _ordered(op) if each in given))]
    return f"{op.spelled()} {', '.join(parts)}" if parts else op.spelled()


def _given(op: type[Op], order: tuple[str, ...], text: str) -> dict[str, Given] | None:
    """The arguments of a call by their names here; None where one means nothing here."""
    given: dict[str, Given] = {}
    parts = [*_parts(text)]
    for i, (said, value) in enumerate(parts):
        name = _named(op, said) if said else order[i] if i < len(order) else ""
        if not name:
            plain = said.lower().replace("_", "") in PASSED_OVER if said else i < len(order) or isinstance(value, bool)
            if not plain:
                return None
        elif value is None or name in given:
            return None
        else:
            given[name] = value
    return given


def _named(op: type[Op], said: str) -> str:
    """The argument that a name stands for; empty where it is none of the layer."""
    return said if said in op.arguments else meant(said, op.arguments) or ""


def _parts(text: str) -> Iterator[tuple[str, Given | None]]:
    """Each argument: its name, if it has one, and its value, None where that is no number or word."""
    at = 0
    while text[at:].strip():
        match = ARGUMENT.match(text, at)
        if match is None:
            yield "?", None
            return
        yield match["name"] or "", _value(match["value"])
        at = match.end()


def _value(text: str) -> Given | None:
    if text in ("True", "False"):
        return text == "True"
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if re.fullmatch(r"[0-9]{0,9}\.?[0-9]{1,9}(?:e-?[0-9]{1,2})?", text):
        return float(text)
    if pair := re.fullmatch(r"\(\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*,?\s*\)", text):
        return int(pair[1]), int(pair[2])
    word = re.fullmatch(r"(['\"])(\w+)\1", text)
    return word[2] if word else None


def _ordered(op: type[Op]) -> list[str]:
    """The arguments as a cell has them: the size, what needs no name, the stride, the others."""
    first = [*dict.fromkeys(filter(None, (op.sized, *op.bare, "stride")))]
    return [*first, *(name for name in op.arguments if name not in first)]


def _said(op: type[Op], name: str, value: Given) -> str:
    """An argument in its form; empty where the layer has it by itself."""
    argument = op.arguments[name]
    plain = name == op.sized or argument.required or argument.default is None
    if not plain and argument.accept(value) == argument.default:
        return ""
    if isinstance(value, bool):
        return name if value else f"no {name}"
    size = value if isinstance(value, tuple) else (value, value)
    if name == op.sized:
        return "{}x{}".format(*size)
    text = str(value) if not isinstance(value, tuple) else str(size[0]) if size[0] == size[1] else "{}x{}".format(*size)
    return text if name in op.bare else f"/{text}" if name == "stride" else f"{name}={text}"
