"""Images as a short program has them: opened without checks of their files, and tested in the recipe's way alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from archspec.op import Call
from archspec.recipe.facts import Facts
from archspec.recipe.part import Line, Parts
from archspec.targets.torch.layout import lines
from archspec.targets.train.images import TORCHVISION, Images
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
        steps = [*self._steps(), *[Call("v2.ToPureTensor")] * (not self._in_tensors)]
        composed = Line("augment = ", Call("v2.Compose", {"transforms": steps}))
        yield "augment", _at_top(composed if self._with_library else Line("augment = prepare"))
        scales = [_renamed(part) for part in self._scales(self._look) if part not in TORCHVISION]
        yield "scales", "\n".join(map(_at_top, scales or ["scales = [prepare]"]))
        if self._look.crops == 10:
            yield "crops_of", self._crops_of()  # with the function for one of them
        elif self._cuts:
            yield "central", engine_file("views").definition("central", **self._options)
        yield "central_views", self._central_views()
        if self.looks:
            yield "all_views", self._all_views()

    @property
    def _cuts(self) -> bool:
        """Whether the middle is cut out of what ``scales`` give, which may be it already."""
        return self._look.crops == 10 or not (self._looks_with_library or self._size == self._facts.input.extent)

    def _test_steps(self) -> list[Call]:
        height, width = self._size
        size = height if height == width else (height, width)
        return [*[Call("v2.CenterCrop", {"size": size})] * (not self._cuts), *super()._test_steps()]

    def _central_views(self) -> str:
        height, width = self._size
        view = f"central(scale(image), {height}, {width})" if self._cuts else "scale(image)"
        body = f"return torch.stack([{view} for scale in scales])"
        return function(
            VIEWS.format("central_views"), "The middle of a test image at each scale: V x C x H x W.", [body]
        )

    def _all_views(self) -> str:
        summary = "The views of a test image by the recipe: V x C x H x W."
        body = "return torch.cat([crops_of(scale(image)) for scale in scales])"
        if self._look.doubles:
            body = "views = central_views(image)\nreturn torch.cat([views, views.flip(-1)])"
        return function(VIEWS.format("all_views"), summary, [body])


def untyped(text: str) -> str:
    """Source in which sets of images have no type."""
    for typed, free in TYPES.items():
        text = text.replace(typed, free)
    return text


def _renamed(part: Line | str) -> Line | str:
    """A statement of ``test_views`` whose steps are not those of the optimizer."""
    if isinstance(part, str):
        return part.replace("steps", "test_steps")
    return part._replace(before=part.before.replace("steps", "test_steps"))


def _at_top(part: Line | str) -> str:
    """A statement outside of functions."""
    if isinstance(part, str) or part.value is None:
        return part if isinstance(part, str) else f"{part.before}{part.after}"
    return "\n".join(lines(part.before, document(part.value), part.after, 0))
