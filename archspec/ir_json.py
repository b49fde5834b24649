"""The IR as JSON: out as it is, in through Pydantic and with every promise of a network checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from archspec import ops
from archspec.arguments import Misfit
from archspec.conventions import is_rule
from archspec.expressions import TOKEN, names_in, tree_of
from archspec.ir import Apply, Arg, Group, Network, Repeat, Step


def to_json(network: Network) -> str:
    """The network as JSON, without the places in its file."""
    import json

    return json.dumps(_plain(network), indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Network:
    """A network from its JSON; raises ValueError for what is none, of which pydantic's ValidationError is one."""
    from pydantic import TypeAdapter

    network = TypeAdapter(Network).validate_json(text, strict=True)
    mistake = next(_mistakes(network), None)
    if mistake is not None:
        raise ValueError(mistake)
    return network


def _mistakes(network: Network) -> Iterator[str]:
    """What is wrong with a network whose parts have the right types."""
    if len(network.input) not in (1, 3) or min(network.input) < 1:
        yield f"the input is {list(network.input)}, and must be 1 or 3 whole numbers of at least 1"
    for row in network.rows:
        for step in _every(row.steps or ()):
            yield from _wrong_step(step, frozenset(network.parameters))
    for cell in network.cells:
        if not 0 <= cell.row < len(network.rows):
            yield f"a cell is printed in row {cell.row}, and the rows are 0 to {len(network.rows) - 1}"
    for rule in (*network.counted, *(rule for claim in network.claims for rule in claim.counted)):
        if not is_rule(rule):
            yield f"there is no counting rule `{rule}`"


def _every(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Repeat):
            yield from _every((*(step.first or ()), *step.steps))
        elif isinstance(step, Group):
            yield from _every(step.steps)


def _wrong_step(step: Step, parameters: frozenset[str]) -> Iterator[str]:
    if isinstance(step, Apply):
        yield from _wrong_layer(step)
        for arg in step.args.values():
            yield from _wrong_text(arg, parameters)
        return
    if not step.steps or (isinstance(step, Repeat) and step.first == ()):
        yield f"a {step.kind} has no steps"
    if isinstance(step, Repeat):
        times = step.times.value
        if type(times) is not int or times < 1:
            yield f"a repeat has {times!r} times, which must be a whole number of at least 1"
        yield from _wrong_text(step.times, parameters)


def _wrong_layer(apply: Apply) -> Iterator[str]:
    found = ops.find(apply.op)
    if found is None or found.spelled() != apply.op:
        yield f"there is no layer `{apply.op}`"
        return
    unknown = sorted(apply.args.keys() - found.arguments.keys())
    if unknown:
        yield f"`{apply.op}` has no argument `{unknown[0]}`"
        return
    try:
        apply.layer()
    except Misfit as misfit:
        yield f"`{apply.op}` cannot take its arguments: {misfit}"


def _wrong_text(arg: Arg, parameters: frozenset[str]) -> Iterator[str]:
    """What is wrong with the text of an argument; a size has one for each part, ``width x 3``."""
    if arg.text is None:
        return
    sides = len(arg.value) if isinstance(arg.value, tuple) else 1
    parts = arg.text.split(" x ") if isinstance(arg.value, tuple) else [arg.text]
    if len(parts) != sides or not all(_is_arithmetic(part) for part in parts):
        yield f"`{arg.text}` is no arithmetic of numbers and parameters"
    for name in sorted(frozenset().union(*map(names_in, parts)) - parameters):
        yield f"`{arg.text}` names `{name}`, which is no parameter of the network"


def _is_arithmetic(text: str) -> bool:
    """Whether a text is a plain expression, of no more than emitted code may hold."""
    import ast

    if not re.fullmatch(r"[\w .()+*/-]+", text):
        return False
    apart = TOKEN.sub(r" \g<0> ", text).strip()  # so that `2width` is not taken for one number or name
    try:
        nodes = [*ast.walk(tree_of(apart))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    allowed = (ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.Name, ast.Load)
    return all(
        isinstance(node, allowed) or (isinstance(node, ast.Constant) and type(node.value) in (int, float))
        for node in nodes
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value) if item.name != "span"}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
