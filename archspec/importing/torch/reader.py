"""The reader: a module of torch as a graph of layers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from archspec.diagnostics import ArchError
from archspec.importing.graph import Graph, Output
from archspec.importing.messages import too_many
from archspec.importing.plain import head_entries
from archspec.importing.torch.building import Building
from archspec.importing.torch.merging import merged
from archspec.importing.torch.program import Program, program, scopes, unshaped
from archspec.importing.torch.regions import Parts, Region, names_in
from archspec.importing.torch.values import Overwritten
from archspec.importing.torch.walking import Mistaken, Stuck, Walk
from archspec.importing.torch.wholes import WHOLES
from archspec.op import Shape
from archspec.support.limits import MOST_OPERATIONS, MOST_WALKED

if TYPE_CHECKING:
    from torch import nn


class Unread(Exception):
    """A module that could not be read, with the reason, and what helps where that is known."""

    def __init__(self, reason: str, help: str | None = None) -> None:
        super().__init__(reason)
        self.help = help


def read(module: nn.Module, input: Shape, name: str, title: str, origin: str = "") -> Graph:
    """The layers of a module as it runs on one input, H x W x C or a vector.

    What no layer says is a layer ``opaque``. Where parameters are left over, the module is read once more as in
    training, for the heads that train with it. Raises Unread where it cannot be exported, or not even its parts are
    layers; ArchError where it is too large.
    """
    found = exported(module, input)
    if left_over(found):
        with suppress(Exception):  # what torch.export raises is of many kinds; then it has no heads that can be read
            trained = program(module, input, heads=True)
            if len(trained.outputs) > len(found.outputs):
                return graph(trained, module, input, name, title, origin)
    return graph(found, module, input, name, title, origin)


def exported(module: nn.Module, input: Shape) -> Program:
    """The operations of a module; raises Unread where torch.export cannot follow it.

    Nothing else is tried then: ``torch.fx.symbolic_trace`` stops wherever export does, at numbers that decide, and
    besides at the shapes that most networks ask for.
    """
    if (lazy := unshaped(module)) is not None:
        raise Unread(f"the shape of `{lazy}` is not known yet: run the module on one image first")
    try:
        return program(module, input)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # of torch.export, and of the module itself, an exit among them
        raise Unread(_stopped(module, error), _image_instead(module, input)) from error


def _stopped(module: nn.Module, error: BaseException) -> str:
    """Why torch.export stopped, and where."""
    where, what = _within(module, error), type(error).__name__
    if "DataDependent" in what:
        whose = f"`{where}`" if where else "the top module"
        return f"`forward` of {whose} branches on a value that is computed from the image, or takes one for a size"
    first = (str(error).strip().splitlines() or [""])[0]
    place = f" in `{where}`" if where else ""
    return f"torch.export could not follow it{place}: {': '.join(filter(None, [what, first]))}"


def _image_instead(module: nn.Module, input: Shape) -> str | None:
    """What helps where a vector enters a module that has kernels, which need a map."""
    if input.is_map or all(weight.dim() != 4 for weight in module.parameters()):
        return None
    return "an image is H x W x C, such as 224x224x3"


def _within(module: nn.Module, error: BaseException) -> str:
    """The innermost module that ran when an error was raised; empty for the network itself."""
    paths = {id(each): path for path, each in module.named_modules()}
    found = ""
    place = error.__traceback__
    while place is not None:
        found = paths.get(id(place.tb_frame.f_locals.get("self")), found)
        place = place.tb_next
    return found


def left_over(found: Program) -> list[str]:
    """The parameters that no operation takes."""
    taken = {name for step in found.steps for name in names_in(step.arguments.values())}
    return [weight.name for name, weight in found.weights.items() if weight.trained and name not in taken]


def graph(found: Program, module: nn.Module, input: Shape, name: str, title: str, origin: str) -> Graph:
    """The layers of a program; raises Unread where outputs are no heads, ArchError where it is too large."""
    if len(found.steps) > MOST_OPERATIONS:
        raise ArchError([too_many(title, len(found.steps), MOST_OPERATIONS)])
    if not found.outputs:
        raise Unread("it gives nothing")
    at, outputs = layers(found, module, input)
    made = Graph(name, title, input, *merged(at, outputs), origin)
    first, *heads = made.outputs
    starts = dict(zip(heads, head_entries(made), strict=True))
    for output, entries in starts.items():
        if len(entries) != 1:
            raise Unread(f"its output `{output.head}` is not a head that takes what one layer gives")
    return made._replace(outputs=(first, *sorted(heads, key=lambda output: min(starts[output]))))


def _with(regions: Mapping[int, Region], larger: Region) -> dict[int, Region]:
    """The parts with one more, in the place of those that it holds wholly or in pieces."""
    kept = {place: region for place, region in regions.items() if larger.members.isdisjoint(region.members)}
    return kept | dict.fromkeys(larger.members, larger)


def layers(found: Program, module: nn.Module, input: Shape) -> tuple[Building, tuple[Output, ...]]:
    """All layers of a program, with the parts that no layer says as small as they can be."""
    parts = Parts(found)
    regions = {place: region for region in parts.known(WHOLES) for place in region.members}
    for _ in range(MOST_WALKED // max(len(found.steps), 1)):
        try:
            at, outputs = Walk(parts, regions, module, input).run()
            larger = parts.together(regions)
        except Overwritten as reason:
            raise Unread(str(reason)) from None
        except Mistaken as mistaken:
            regions = {place: region for place, region in regions.items() if region != mistaken.region}
            continue
        except Stuck as stuck:
            larger = _around(parts, stuck)
        if larger is None:
            return at, outputs
        regions = _with(regions, larger)
    raise Unread("it has too many parts that no layer says")


def _around(parts: Parts, stuck: Stuck) -> Region:
    """The part that is left open, as no layer says it; raises Unread where there is none."""
    if stuck.place == len(parts.steps):
        raise Unread(stuck.reason) from None
    if stuck.views is not None:
        return stuck.views
    larger = parts.around(stuck.place, stuck.reason, stuck.region)
    if larger is None:
        around = scopes(parts.steps[stuck.place])
        place = f" in `{around[-1].path}`" if around else ""
        raise Unread(f"no part{place} that has one input and one output can be opaque: {stuck.reason}") from None
    return larger
