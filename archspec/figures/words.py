"""What the texts of a figure say: layers as papers print them, sizes with a cross, counts in their units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from archspec.expressions import Choice, Expression, Name, Number, Unfit, constant, evaluate, rebuilt
from archspec.ir.network import Apply, Arg, Block, Instance, Network
from archspec.op import Op, Shape
from archspec.render.cells import multiplied
from archspec.render.units import in_units
from archspec.support.bound import is_known
from archspec.support.terminal import printable

STRIDE = "stride"
CROSS = "×"
REPETITION = re.compile(r"(?:(?<=\])|\s)\s*(?:x\s+|×\s*)(?P<times>\w+|\([^()]*\))\Z")
"""What ends a cell of layers that are repeated: ``x 3``, ``x n``."""
LONGEST_TEXT = 300
"""Characters of a text in a figure, three lines of the widest box: what is measured again for each width is short."""
LONGEST_COUNT = 6
"""Characters of a count with its unit, ``4,096G``."""
Known = Mapping[str, Any]
"""The values of names that are the same wherever a block is used: the parameters of the network."""


def shape_text(shape: Shape) -> str:
    """``28×28×256``: H x W x C."""
    return str(shape).replace("x", CROSS)


def count_text(number: int) -> str:
    """``25.6M``; a power of ten where no unit fits, and ``≥ 25.6M`` where more is not known."""
    if not is_known(number):
        return f"≥ {count_text(int(number))}"
    said = in_units(number)
    return said if len(said) <= LONGEST_COUNT else f"{number:.1e}"


def title_text(network: Network) -> str:
    """``ResNet-50``: the title with the variant."""
    return short(network.display_name)


def cell_text(cell: str) -> str:
    """A cell in the words of the spec, on one line, with the cross of print: ``conv 3×3, 64``."""
    return short(multiplied(" ".join(cell.split()), CROSS))


def once_text(cell: str, times: object) -> str:
    """A cell that is repeated so often without its repetition, as papers print it on a plate that says how often."""
    cell = cell.strip()
    found = REPETITION.search(cell)
    ours = found and (found["times"] == str(times) or not found["times"].isdigit())
    return cell_text(cell[: found.start()] if found and ours else cell)


def short(text: str) -> str:
    """A text of a spec without control characters, and no longer than what a box may hold of it."""
    text = printable(text[: LONGEST_TEXT + 1])
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def layer_text(step: Apply, known: Known) -> str:
    """``3×3 conv, 64, /2``: its size, its name, what it makes and what else decides its output; no switches."""
    kind = step.kind_of_layer
    given = {name: arg for name, arg in step.args.items() if not isinstance(arg.value, bool)}
    size = given.pop(kind.sized, None) if kind.sized else None
    stride = given.pop(STRIDE, None)
    said = [value_text(given.pop(name), known) for name in kind.bare if name in given]
    if stride is not None and (shown := value_text(stride, known)) != "1":
        said.append(f"/{shown}")
    if kind.drawn_as not in ("norm", "activation"):
        said += [f"{name}={value_text(arg, known)}" for name, arg in given.items() if not _usual(kind, name, arg)]
    if size is None:
        return short(f"{step.op} {', '.join(said)}".strip())
    return short(", ".join([f"{_squared(value_text(size, known))} {step.op}", *said]))


def use_text(step: Instance, blocks: Mapping[str, Block], known: Known) -> str:
    """``bottleneck 64, /2``: a block with what it is given."""
    block = blocks[step.block]
    said = [
        f"/{shown}" if name == STRIDE else shown
        for name, arg in step.args.items()
        if (shown := value_text(arg, known)) != "1" or name != STRIDE
    ]
    return short(" ".join(filter(None, (block_name(block), ", ".join(said)))))


def block_name(block: Block) -> str:
    """``se``, with what decides its layers where the network has it in several forms."""
    return printable(block.name)


def block_text(blocks: Sequence[Block], known: Known) -> str:
    """``(c, stride=1)``: the parameters of a block with their defaults, and what is fixed in all its forms alike."""
    own = {name: value for name, value in known.items() if name not in blocks[0].parameters}
    said = [name if arg is None else f"{name}={value_text(arg, own)}" for name, arg in blocks[0].parameters.items()]
    for name in blocks[0].fixed:
        values = dict.fromkeys(_shown(block.fixed.get(name)) for block in blocks)
        said.append(f"{name}={' or '.join(values)}")
    return short(f"({', '.join(said)})") if said else ""


def value_text(arg: Arg, known: Known) -> str:
    """The value of an argument, or its expression with what is known in it: ``4·c``."""
    if arg.value is not None or arg.expression is None:
        return _shown(arg.value)
    return expression_text(arg.expression, known)


def expression_text(expression: Expression, known: Known) -> str:
    """An expression as a figure has it, ``4·c``, without what does not depend on where it stands."""
    text = str(settled(expression, known))
    return short(text.replace(" * ", "·").replace(" / ", "/"))


def settled(expression: Expression, known: Known) -> Expression:
    """The expression with the values of what is known, and without choices that are made."""
    if isinstance(expression, Name):
        value = known.get(expression.id)
        return constant(value) if isinstance(value, bool | int | float | str) else expression
    found = rebuilt(expression, lambda part: settled(part, known))
    if isinstance(found, Choice) and not found.condition.names:
        return found.yes if evaluate(found.condition, {}) else found.no
    if not found.names and found.parts and not isinstance(found, Number):
        try:
            return constant(evaluate(found, {}))
        except (Unfit, TypeError, AttributeError):
            return found
    return found


def _usual(kind: type[Op], name: str, arg: Arg) -> bool:
    """Whether an argument is what the layer has by itself."""
    argument = kind.arguments[name]
    if arg.value is None or argument.default in (None, ...):
        return False
    return bool(argument.accept(arg.value) == argument.accept(argument.default))


def _squared(text: str) -> str:
    return f"{text}×{text}" if text.isdigit() else text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "×".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)
