"""The whole way of a module of torch to a spec: read, written as a table, and held to the module."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Diagnostic, Source
from archspec.elaborate.request import Request
from archspec.importing.check import differences
from archspec.importing.fold import fold
from archspec.importing.fold.file import Unfolded, fold_family
from archspec.importing.fold.normal import normalised
from archspec.importing.graph import Graph, Opaque
from archspec.importing.messages import not_made, not_read, not_verified, opaque_parts, other_parameters
from archspec.importing.plain import plain
from archspec.importing.torch.numbers import Verdict
from archspec.importing.torch.owners import Owners, owners
from archspec.importing.torch.reader import Unread, read
from archspec.importing.torch.skeletons import skeleton
from archspec.importing.torch.verify import verify
from archspec.op import Shape
from archspec.pipeline import compile_text
from archspec.weights.files import needed

if TYPE_CHECKING:
    from torch import nn


class Imported(NamedTuple):
    """A network with the spec that was made of it."""

    graph: Graph
    text: str
    variant: str | None = None
    """Which member of a family it is."""
    checked: Compiled | None = None
    """The spec as it was compiled when it was held to the graph."""
    owners: Owners = Owners([], [])

    @property
    def opaque(self) -> list[Opaque]:
        """The parts that no layer says."""
        return [layer.opaque for layer in self.graph.layers if layer.opaque is not None]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the spec does not say."""
        parts = [(part.path, part.reason) for part in self.opaque]
        found = [opaque_parts(self.graph.title, parts)] if parts else []
        found += [other_parameters(self.graph.title, *self.owners)] if any(self.owners) else []
        return tuple(found)

    def compiled(self) -> Compiled:
        """The spec, compiled."""
        if self.checked is not None:
            return self.checked
        request = Request(self.variant, {}, None)
        return compile_text(Source(f"<{self.graph.title}>", self.text), request)


def import_module(module: nn.Module, input: Shape, name: str, title: str, origin: str = "") -> Imported:
    """The spec of a module; raises ArchError where it cannot be read."""
    graph = graph_of(module, input, name, title, origin)
    text, checked = spec_of(graph)
    return Imported(graph, text, None, checked, owners(module, graph))


def graph_of(module: nn.Module, input: Shape, name: str, title: str, origin: str = "") -> Graph:
    """The layers of a module; raises ArchError where it cannot be read."""
    try:
        return read(module, input, name, title, origin)
    except Unread as error:
        raise ArchError([not_read(title, str(error), error.help)]) from None


def spec_of(graph: Graph) -> tuple[str, Compiled | None]:
    """The spec of a graph: folded where that has its layers, then compiled too; each by itself otherwise."""
    same = normalised(graph)
    try:
        if not same.layers:
            raise Unfolded("no layer does anything")
        text = fold(graph)
        compiled = compile_text(Source(f"<{graph.title}>", text))
        if not differences(same, compiled):
            return text, compiled
    except (Unfolded, ArchError, RecursionError):  # forks in forks are folded by calls in calls
        pass
    return plain(graph), None


def family_of(name: str, graphs: Mapping[str, Graph]) -> tuple[str, dict[str, Compiled]]:
    """The spec whose variants are graphs, and each as it was compiled; raises Unfolded where no table has both."""
    text = fold_family(name, name, graphs)
    found: dict[str, Compiled] = {}
    for variant, graph in graphs.items():
        try:
            found[variant] = compile_text(Source(f"<{name}>", text), Request(variant, {}, None))
        except ArchError as error:
            raise Unfolded(error.diagnostics[0].message) from None
        if differences(normalised(graph), found[variant]):
            raise Unfolded(f"the table has not all layers of `{graph.title}`")
    return text, found


def made(make: Callable[[], nn.Module], title: str, whole: bool) -> Any:
    """The module that a function makes, ``whole`` with its numbers; raises ArchError where that fails."""
    needed("torch", f"importing `{title}`", "torch")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make() if whole else skeleton(make)
    except ArchError:
        raise
    except Exception as error:  # of whoever wrote the module
        raise ArchError([not_made(title, f"{type(error).__name__}: {error}")]) from None


def held(found: Imported, module: nn.Module) -> Verdict:
    """Whether a spec is the module that it comes from, whose weights are numbers and are drawn anew."""
    return verify(module, found.graph, found.compiled())


def with_verdict(text: str, reason: str, opaque: int = 0) -> str:
    """The text of a spec whose first comment says what it was held to, around how many parts that are opaque."""
    first, end, others = text.partition("\n")
    parts = f"{opaque:,} opaque {'part' if opaque == 1 else 'parts'}"
    around = f" around {parts}, computed by the module's own operations" if opaque else ""
    return f"{first.removesuffix('.')}; verified{around}: {reason}.{end}{others}"


def unverified(found: Imported, verdict: Verdict) -> Diagnostic:
    """What is said of a spec that is not the module that it comes from."""
    return not_verified(found.graph.title, verdict.reason)
