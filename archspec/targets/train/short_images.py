"""Images as a short program has them: opened without checks of their files, and normalised one by one on the host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from archspec.op import Call
from archspec.recipe.facts import Facts
from archspec.recipe.part import Code, Line, Parts, plain
from archspec.support.sources import beside, filled
from archspec.targets.torch.layout import lines
from archspec.targets.torch.statements import document
from archspec.targets.train.images import NUMBERS, OWN, Images, definitions, spelled
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, function

NORMALISATIONS = beside("archspec.recipe.normalisations")
IMPORT = re.compile(r"^ *from (sklearn\S*|torchvision\S*) import (\w+)\n\n?", re.MULTILINE)
"""An import inside a function, which a short program has at its top."""
BYTES = "v2.functional.pil_to_tensor(picture)"
NORMALISE = Call("normalise")
FUNCTIONS = ("normalise", "prepare", "torch.stack", *OWN)
VIEWS = "def {}(image: Any) -> Tensor:"


class ShortImages(Images):
    """The pieces of a recipe that have to do with images: ``open_data``, ``augment``, ``central`` and ``views``.

    ``central`` is tested on after each epoch, and ``views`` in the end, where the recipe has more.
    """

    checks: ClassVar[bool] = False

    def __init__(self, parts: Parts, facts: Facts, origins: Mapping[str, Origin] = {}) -> None:
        super().__init__(parts, facts, origins)
        self.whole = self._look.crops is None
        """Whether the recipe looks at test images whole, where the program takes the middle of them."""
        self._look = self._look.replaced(crops=self._look.crops or 1)
        self.libraries: dict[str, list[str]] = {}
        """What the pieces take of libraries, once they are made: names by their modules."""

    def definitions(self) -> Iterator[tuple[str, str]]:
        for name, text in self._pieces():
            for module, taken in IMPORT.findall(text):
                self.libraries[module] = [taken]
            if "v2." in text:
                self.libraries["torchvision.transforms"] = ["v2"]
            yield name, IMPORT.sub("", text)

    def _pieces(self) -> Iterator[tuple[str, str]]:
        """The pieces as they import by themselves what they need."""
        if not self._centred:
            yield from self._constants()
        yield from self._open_data()
        if not self._centred:
            yield "normalise", self._normalised()
        if self._in_tensors and not self._same:
            yield "prepare", self._prepare()
        yield from definitions(self._steps())
        yield "augment", _transform("augment", self._steps())
        yield from self._tests()

    @property
    def looks(self) -> bool:
        """Whether the recipe's test looks at more than the middle of an image."""
        return self._look.crops == 10 or self._look.doubles

    def _open_data(self) -> Iterator[tuple[str, str]]:
        body = self._data.opening(self._facts.classes, checks=False)
        summary = f"{self._data.title}, to train on and held out"
        if self._centred:
            file = engine_file("images")
            yield "Centred", file.definition("Centred").replace(": Images", ": Any")
            yield "values_of", self._values_of()
            body = re.sub("^return ", "training, held_out = ", body, flags=re.MULTILINE)
            body += "\n" + file.statements("open_data").partition("\n")[2]
            summary += ", less the mean training image"
        signature = "def open_data(root: Path) -> tuple[Any, Any]:"
        yield "open_data", function(signature, f"{summary}.", [body])

    def _of_picture(self, range: float) -> str:
        scale = "torch.div({}, 255)" if range == 1 else f"torch.mul({{}}, {plain(range)} / 255)"
        return f"return {scale.format('v2.functional.pil_to_tensor(image)')}"

    def _normalised(self) -> str:
        text = NORMALISATIONS.definition("normalise", shifts=self.shifts)
        if not (self._in_tensors or self._in_numbers):
            return text
        words = {
            "picture: Any": "image: Tensor",
            "A picture": "An image",
            f"torch.sub({BYTES}, mean)": "image.sub(mean)",
        }
        return filled(IMPORT.sub("", text), words | ({"255 * ": ""} if self._in_tensors else {}))

    def _prepare(self) -> str:
        """Without torchvision, for images that are tensors already."""
        size = Call("F.interpolate", {"input": Code("image[None]")}, {"size": self._facts.input.extent})
        size = size._replace(options={**size.options, "mode": "bilinear", "antialias": True})
        if self._centred:
            body = [Line("return ", size, "[0]")]
        else:
            body = [Line("image = ", size, "[0]"), Line("return normalise(image)")]
        return function("def prepare(image: Tensor) -> Tensor:", "Resized to the network's input.", body)

    @property
    def _normalises(self) -> list[Call]:
        """What is done to an image behind its pictures, or before its zeros."""
        return [] if self._centred else [NORMALISE]

    def _steps(self) -> list[Call]:
        """The transforms of training: of pictures or of values, then the normalisation, then zeros."""
        parts = self._augments
        calls = [part.torch(self._data) for part in parts]
        first = next((i for i, part in enumerate(parts) if part.on_normalised), len(parts))
        if not parts:
            return self._scaled_to(None) if self._in_tensors else [*self._resized(), NORMALISE]
        if self._in_tensors:
            return [*calls[:first], *self._normalises, *calls[first:]]
        if self._in_numbers:
            values = min(first, next((i for i, part in enumerate(parts) if part.on_values), first))
            numbers = [*NUMBERS, *calls[values:first], Call("as_levels")]
            return [*calls[:values], *numbers, NORMALISE, *calls[first:]]
        pictures = [call for call, part in zip(calls[:first], parts, strict=False) if not part.on_values]
        added = [call for call in (part.apart_in_short(self._data) for part in parts) if call]
        return [*pictures, *(added or [NORMALISE]), *calls[first:]]

    def _scaled_to(self, side: int | None, *then: Call) -> list[Call]:
        """An image whose shorter side, or which, is scaled, what follows, and that as what the network takes."""
        if side:
            scaled = [Call("v2.Resize", {"size": side})]
        elif self._in_tensors and not self._same:
            return [Call("prepare"), *then]
        else:
            scaled = [] if self._large else self._resized()
        levels = [Call("v2.PILToTensor")] * (self._in_numbers and not self._in_tensors)
        return [*scaled, *then, *levels, *self._normalises]

    def _resized(self) -> list[Call]:
        return [] if self._same else [Call("v2.Resize", {"size": self._facts.input.extent})]

    def _tests(self) -> Iterator[tuple[str, str]]:
        """What tests make of an image: ``central``, and ``views`` where the recipe looks at more."""
        sides = self._look.sides if self._in_tensors else self._sides
        if len(sides) > 1:
            yield from self._of_scales(sides)
            return
        side = sides[0] if sides else None
        middle = [self._cut("v2.CenterCrop")] * (self._look.crops == 10 or self._cuts(side))
        yield "central", _transform("central", self._scaled_to(side, *middle))
        if self._look.crops == 10:
            square = self._scaled_to(side, *self._square(side))
            yield "views", _transform("views", [*square, self._cut("v2.TenCrop"), Call("torch.stack")])
        elif self._look.doubles:
            yield "views", self._mirrored("stack")

    def _of_scales(self, sides: Sequence[int]) -> Iterator[tuple[str, str]]:
        """The same at several scales."""
        _, *steps = self._scaled_to(sides[0], self._cut("v2.CenterCrop"))
        yield "sides", "\n".join(lines("sides = ", document([*sides]), "", 0))
        yield "steps", "\n".join(lines("test_steps = ", document([*map(_spelled, steps)]), "", 0))
        yield "scales", "scales = [v2.Compose([v2.Resize(side), *test_steps]) for side in sides]"
        body: list[Line | str] = ["return torch.stack([scale(image) for scale in scales])"]
        summary = "The middle of an image at each scale: V x C x H x W."
        yield "central", function(VIEWS.format("central"), summary, body)
        if self._look.crops == 10:
            square = "v2.CenterCrop(n), " * bool(self._square(sides[0]))
            yield "squares", f"squares = [v2.Compose([v2.Resize(n), {square}*test_steps[1:]]) for n in sides]"
            body = [Line("ten = ", self._cut("v2.TenCrop"))]
            body.append("return torch.stack([crop for square in squares for crop in ten(square(image))])")
            yield "views", function(VIEWS.format("views"), "Ten crops at each scale: V x C x H x W.", body)
        elif self._look.doubles:
            yield "views", self._mirrored("cat")

    def _mirrored(self, join: str) -> str:
        body = f"middle: Tensor = central(image)\nreturn torch.{join}([middle, middle.flip(-1)])"
        return function(VIEWS.format("views"), "The middle of an image, and mirrored: V x C x H x W.", [body])

    def _cut(self, how: str) -> Call:
        """A crop of the size of a view."""
        height, width = self._size
        return Call(how, {"size": height if height == width else (height, width)})

    def _cuts(self, side: int | None) -> bool:
        """Whether the middle of an image is another part of it than all."""
        given = self._facts.input.extent if self._in_tensors or self._data.size is None else self._data.size[:2]
        return bool(side) or given != self._size

    def _square(self, side: int | None) -> list[Call]:
        """The central square of a picture, of which ten crops are taken, where they are squares."""
        height, width = self._size
        return [Call("v2.CenterCrop", {"size": side})] * (side is not None and height == width and not self._in_tensors)


def _transform(name: str, steps: Sequence[Call]) -> str:
    """Transforms one after the other, as a statement outside of functions."""
    spelled_out = [*map(_spelled, steps)] or [Call("nn.Identity")]
    value = Call("v2.Compose", {"transforms": spelled_out}) if len(steps) > 1 else spelled_out[0]
    return "\n".join(lines(f"{name} = ", document(value), "", 0))


def _spelled(call: Call) -> Call | Code:
    return Code(call.target) if call.target in FUNCTIONS else spelled(call)
