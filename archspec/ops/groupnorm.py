"""Group normalisation (Wu & He 2018): ``groupnorm``, ``groupnorm 16``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from archspec.arguments import count, flag, number
from archspec.op import Call, Free, Refused, Requirement, Shape, Tensor
from archspec.ops._sliding import split_evenly


class GroupNorm(Free):
    """Normalises each group of channels over all positions of an image, then scales and shifts each channel."""

    drawn_as: ClassVar[str] = "norm"
    torch_refuses: ClassVar[bool] = True
    normalises: ClassVar[bool] = True
    elsewhere: ClassVar[tuple[str, ...]] = ("gn", "group-normalization", "group-normalisation")
    label: ClassVar[str] = "GN"
    bare: ClassVar[tuple[str, ...]] = ("groups",)
    keeps: ClassVar[frozenset[str]] = frozenset({"input"})

    groups = count(32)
    eps = number(1e-5, least=1e-12)
    affine = flag(True)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield from split_evenly(self.groups, input=x.channels)
        yield Requirement(
            x.size != self.groups,
            lambda: Refused("`groupnorm` needs more than one element in each group", param="groups"),
        )

    def infer(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> dict[str, Tensor]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def torch(self, x: Shape) -> tuple[Call, ...]:
        args = {"num_groups": self.groups, "num_channels": x.channels}
        options, defaults = {"eps": self.eps, "affine": self.affine}, {"eps": 1e-5, "affine": True}
        return (Call("nn.GroupNorm", args, options, defaults, resets=True),)
