"""A network as the text of a spec: what the text says is the same network again."""

from __future__ import annotations

from typing import NamedTuple

from archspec.ir.network import Network
from archspec.printing.alone import alone, left_out
from archspec.printing.blocks import Separate
from archspec.printing.rules import Rules, Splicing
from archspec.printing.same import plain
from archspec.printing.statements import text_of
from archspec.printing.steps import Writer
from archspec.printing.texts import Unwritable

__all__ = ["Unwritable", "left_out", "same", "to_text"]


class _Ready(NamedTuple):
    network: Network
    uses: Separate
    rules: Rules


def to_text(network: Network) -> str:
    """The text of a spec; raises Unwritable where a part of the network has no words in the language."""
    return text_of(*_ready(network))


def same(one: Network, other: Network) -> bool:
    """Whether two networks are one for the texts that hold them; ``archspec.printing.same`` says what counts."""
    return plain(_ready(one).network) == plain(_ready(other).network)


def _ready(network: Network) -> _Ready:
    """A network that stands alone, whose groups are those that its rules give."""
    network = alone(network)
    uses = Separate(network)
    rules = Rules(network, Writer(uses))
    return _Ready(Splicing(rules).network(network), uses, rules)
