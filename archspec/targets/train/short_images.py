"""Images as a short program has them: opened without checks of their files, and tested in the recipe's way alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from archspec.op import Call
from archspec.recipe.augmentations import Augmentation
from archspec.recipe.facts import Facts
from archspec.recipe.part import Line, Parts
from archspec.targets.torch.layout import lines
from archspec.targets.train.images import BYTES, TORCHVISION, Images, spelled
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, document, function

TYPES = {": Images": ": Any", "[Images, Images]": "[Any, Any]"}
VIEWS = "def {}(image: Any) -> Tensor:"


class ShortImages(Images):
    """The pieces of a recipe that have to do with images: ``open_data``, ``augment``, and views for tests.

    ``central_views`` are looked at after each epoch, and ``all_views`` in the end, where the recipe has more.
    """

    checks: ClassVar[bool] = False
    chooses: ClassVar[bool] = False

    def __init__(self, parts: Parts, facts: Facts, origins: Mapping[str, Origin] = {}) -> None:
        super().__init__(parts, facts, origins)
        self.whole = self._look.crops is None
        """Whether the recipe looks at test images whole, where the program takes the middle of them."""
        self._look = self._look.replaced(crops=self._look.crops or 1)

    def definitions(self) -> Iterator[tuple[str, str]]:
        for name, text in super().definitions():
            if name != "Images":
                yield name, untyped(text)

    @property
    def looks(self) -> bool:
        """Whether the recipe's test looks at more than the middle of an image."""
        return self._look.crops == 10 or self._look.doubles

    def _transforms(self) -> Iterator[tuple[str, str]]:
        composed = Line("augment = ", Call("v2.Compose", {"transforms": [*map(spelled, self._steps())]}))
        yield "augment", _at_top(composed if self._with_library else Line(f"augment = {self._unscaled}"))
        scales = [part for part in self._scales() if part not in TORCHVISION]
        yield "scales", "\n".join(map(_at_top, scales or [f"scales = [{self._unscaled}]"]))
        if self._in_tensors and self._look.crops == 10:
            yield "crops_of", self._crops_of()  # with the function for one of them
        elif self._cuts:
            yield "central", engine_file("views").definition("central", **self._options)
        yield "central_views", self._central_views()
        if self.looks:
            yield "all_views", self._all_views()

    def _apart(self, part: Augmentation) -> Call | None:
        return part.apart_in_short(self._data)

    @property
    def _prepares(self) -> bool:
        return not self._same

    @property
    def _unscaled(self) -> str:
        """What takes an image that is a tensor already."""
        return "prepare" if self._prepares else "torch.clone"

    def _of_pictures(self, parts: Sequence[Augmentation]) -> list[Call]:
        return [part.torch(self._data) for part in parts] if self._augments else self._resized()

    def _resized(self) -> list[Call]:
        return [Call("v2.Resize", {"size": call.args["size"]}) for call in super()._resized()]

    def _scales(self) -> list[Line | str]:
        """What is done to test images at each scale; pictures are cut by torchvision, for ten crops to a square."""
        if self._in_tensors:
            return super()._scales()
        height, width = self._size
        sides = self._sides
        if self._look.crops == 1:
            size = [height if height == width else (height, width)] if sides or self._data.size else []
        else:
            size = [*sides[:1]] if height == width and len(sides) == 1 else []
        if self._data.size and not sides and self._data.size[:2] == self._size:
            size = []
        scaled = [Call("v2.Resize", {"size": side}) for side in sides] or self._resized() * (not self._large)
        steps = [*(Call("v2.CenterCrop", {"size": each}) for each in size), Call(BYTES)]
        if len(scaled) < 2:
            return [Line("scales = ", [Call("v2.Compose", {"steps": [*map(spelled, [*scaled, *steps])]})])]
        return [
            Line("sides = ", [*sides]),
            Line("test_steps = ", [*map(spelled, steps)]),
            "scales = [v2.Compose([v2.Resize(side), *test_steps]) for side in sides]",
        ]

    @property
    def _cuts(self) -> bool:
        """Whether the middle is cut out of what ``scales`` give of tensors, which may be it already."""
        same = self._size == self._facts.input.extent and not self._looks_with_library
        return self._in_tensors and (self._look.crops == 10 or not same)

    def _central_views(self) -> str:
        height, width = self._size
        view = f"central(scale(image), {height}, {width})" if self._cuts else "scale(image)"
        body = f"return torch.stack([{view} for scale in scales])"
        if self._look.crops == 10 and not self._in_tensors:
            body = (
                f"middle = v2.CenterCrop(({height}, {width}))\n"
                "return torch.stack([middle(scale(image)) for scale in scales])"
            )
        return function(
            VIEWS.format("central_views"), "The middle of a test image at each scale: V x C x H x W.", [body]
        )

    def _all_views(self) -> str:
        summary = "The views of a test image by the recipe: V x C x H x W."
        height, width = self._size
        body = "return torch.cat([crops_of(scale(image)) for scale in scales])"
        if self._look.crops == 10 and not self._in_tensors:
            summary = "Corners, centre and their mirror images at each scale: V x C x H x W."
            body = (
                f"size = [{height}, {width}]\n"
                "fives = [v2.functional.five_crop(scale(image), size) for scale in scales]\n"
                "views = torch.stack([crop for five in fives for crop in five])\n"
                "return torch.cat([views, views.flip(-1)])"
            )
        if self._look.doubles:
            body = "views = central_views(image)\nreturn torch.cat([views, views.flip(-1)])"
        return function(VIEWS.format("all_views"), summary, [body])

    @property
    def _crops(self) -> str:
        return str(self._look.crops)


def untyped(text: str) -> str:
    """Source in which sets of images have no type."""
    for typed, free in TYPES.items():
        text = text.replace(typed, free)
    return text


def _at_top(part: Line | str) -> str:
    """A statement outside of functions."""
    if isinstance(part, str) or part.value is None:
        return part if isinstance(part, str) else f"{part.before}{part.after}"
    return "\n".join(lines(part.before, document(part.value), part.after, 0))
