"""Padding as a layer of its own: ``pad 1``, ``pad 0, after=1``, ``pad 3, mode=reflect``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from archspec.arguments import extent, optional, word
from archspec.op import Call, Free, Requirement, Shape, Window, needs_map
from archspec.ops._sliding import Sides, around, even, mirrors

MODULES = {"zero": "nn.ZeroPad2d", "reflect": "nn.ReflectionPad2d", "replicate": "nn.ReplicationPad2d"}


class Pad(Free):
    """``by`` rows and columns on each side, those after it ``after`` if given: zeros, or what is near."""

    elsewhere: ClassVar[tuple[str, ...]] = ("padding", "zero-pad", "zero-padding")
    phrased: ClassVar[Mapping[str, str]] = {
        "reflection-pad": "mode=reflect",
        "reflection-padding": "mode=reflect",
        "reflect-pad": "mode=reflect",
        "mirror-pad": "mode=reflect",
        "replication-pad": "mode=replicate",
        "replication-padding": "mode=replicate",
        "replicate-pad": "mode=replicate",
        "edge-pad": "mode=replicate",
    }
    label: ClassVar[str] = "Pad"
    bare: ClassVar[tuple[str, ...]] = ("by",)
    sized: ClassVar[str | None] = "by"
    fixed: ClassVar[frozenset[str]] = frozenset({"by", "after"})

    by = extent(least=0)
    after = optional(extent(least=0))
    mode = word(*MODULES)

    def requires(self, x: Shape) -> Iterator[Requirement]:
        yield needs_map(self, x)
        if self.mode == "reflect":
            for n, sides in zip(x.extent, self._sides, strict=True):
                for pad in sides:
                    yield mirrors(n, pad, "by", f"pad by {n - 1} at most, or with `mode=replicate`")

    def infer(self, x: Shape) -> Shape:
        height, width = (before + n + after for n, (before, after) in zip(x.extent, self._sides, strict=True))
        return Shape(x.channels, height, width)

    def keeping(self, x: Shape) -> frozenset[str]:
        return self.keeps if self.mode == "zero" else frozenset({"input"})

    def window(self, x: Shape) -> Window:
        return Window(before=self.by)

    def torch(self, x: Shape) -> tuple[Call, ...]:
        left, right, top, bottom = around(self._sides)
        alike = even(self._sides) and left == top
        return (Call(MODULES[self.mode], {"padding": left if alike else (left, right, top, bottom)}),)

    @property
    def _sides(self) -> Sides:
        rows, columns = zip(self.by, self.after or self.by, strict=True)
        return rows, columns
