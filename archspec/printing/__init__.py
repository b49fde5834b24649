"""A network as the text of a spec: what the text says is the same network again."""

from __future__ import annotations

from archspec.diagnostics import ArchError, Diagnostic, Source
from archspec.elaborate.request import Request
from archspec.family import family_of
from archspec.ir.network import Network
from archspec.printing.alone import alone, left_out
from archspec.printing.definitions import Definitions
from archspec.printing.messages import no_text, not_all
from archspec.printing.rules import Rules
from archspec.printing.same import difference, plain
from archspec.printing.splicing import Splicing
from archspec.printing.statements import text_of
from archspec.printing.steps import Writer
from archspec.printing.texts import Unwritable

__all__ = ["same", "to_arch", "unsaid"]


def to_arch(network: Network) -> str:
    """The text of a spec that says the same network; raises ArchError where no text does.

    It is read again: no text is given that says something else.
    """
    network = _ready(network)
    wrong: Unwritable | None = None
    for together in (True, False):
        try:
            text = text_of(network, Definitions(network, together))
            _demand_same(network, text)
            return text
        except Unwritable as found:
            wrong = found
    assert wrong is not None
    raise ArchError([no_text(network.label, wrong.what, wrong.why)])


def unsaid(network: Network) -> list[Diagnostic]:
    """A warning where the text of a network does not hold all of it."""
    parts = left_out(network)
    return [not_all(network.label, parts)] if parts else []


def same(one: Network, other: Network) -> bool:
    """Whether two networks are one for the texts that hold them; ``archspec.printing.same`` says what counts."""
    return plain(_ready(one)) == plain(_ready(other))


def _ready(network: Network) -> Network:
    """A network that stands alone, whose groups are those that its rules give."""
    network = alone(network)
    return Splicing(Rules(network, Writer(Definitions(network, together=False)))).whole(network)


def _demand_same(network: Network, text: str) -> None:
    """Raises Unwritable where a text says another network than that which it was made of, or none."""
    member = family_of(Source("<text>", text), Request()).member(Request())
    try:
        member.raise_if_failed()
        found = difference(plain(network), plain(_ready(member.network)))
    except ArchError as error:
        said = error.diagnostics[0]
        place = f"`{said.span.text}`" if said.span is not None else "a part of it"
        raise Unwritable(place, said.message) from None
    if found is not None:
        raise Unwritable(found, "what a text says there is not the same")
