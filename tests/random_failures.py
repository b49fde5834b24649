"""What is done with a random program that fails: it is made small, and written as a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interpreter import Interpreter
from minimise import fewest, minimised
from random_programs import program, settings
from second_witness import compiled_from, entry_of, examine, made
from witness import shape_of, size

from archspec.targets.torch import function_name


def small(seed: object, index: int, kind: str) -> str:
    """The smallest text that fails as a program does; other values of its parameters stand in a comment above it."""
    text = program(seed, index)
    others = [o for o in settings(seed, index) if _fails(text, o, kind)][:1] if kind.startswith("argument") else []
    return small_text(text, kind, others[0] if others else {})


def small_text(text: str, kind: str, other: Mapping[str, Any] = {}) -> str:
    """The same for any text."""
    text = minimised(text, lambda candidate: _fails(candidate, other, kind))
    if not other:
        return text
    other = fewest(other, lambda fewer: _fails(text, fewer, kind))
    return f"# with {' '.join(f'{name}={value}' for name, value in other.items())}\n{text}"


def _fails(text: str, other: Mapping[str, Any], kind: str) -> bool:
    return any(fault.kind == kind for fault in examine(text, [other] if other else []).faults)


def as_case(kind: str, details: str, text: str) -> str:
    """A case for tests/cases: what went wrong, the spec, and its shapes as the interpreter finds them."""
    head, _, rest = text.partition("\n") if text.startswith("# with ") else ("", "", text)
    info = head.removeprefix("# with ")
    lines = [f"# {kind}", "", f"## {kind}", "", f"{details.rstrip('.')}.", ""]
    lines += [f"```arch {info}".rstrip(), rest.rstrip("\n"), "```", "", "```shapes", *_shapes(rest), "```"]
    return "\n".join(lines) + "\n"


def _shapes(text: str) -> list[str]:
    """A layer and its output a line; nothing where the code cannot even be made."""
    import torch

    try:
        compiled = compiled_from(text)
        module = made(entry_of(compiled.source(), function_name(compiled.network)), {})
        x = torch.randn(size(compiled.network.input_shape, 2), dtype=torch.float64)
        rows = Interpreter(compiled.network, module.state_dict()).run(x).rows
    except Exception:
        return []
    wide = max(len(name) for name, _ in rows)
    return [f"{name:<{wide}}  {shape_of(y)}" for name, y in rows]
