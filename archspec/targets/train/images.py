"""Images from their files to the network: ``open_data``, ``training_transform``, ``test_views``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from archspec.op import Call
from archspec.recipe.augmentations import Augmentation
from archspec.recipe.data import Data, data_of
from archspec.recipe.facts import Facts
from archspec.recipe.normalisations import by_position, normalisation
from archspec.recipe.part import Code, Line, Parts, plain
from archspec.recipe.testing import Look, look_of
from archspec.support.sources import filled
from archspec.targets.torch.layout import Bracket, lines
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, constant, function, said

OPENING = "def {}(root: Path) -> tuple[Images, Images]:"
TORCHVISION = (Line("from torchvision.transforms import v2"), Line(""))


class Images:
    """The pieces of a recipe that have to do with images."""

    checks: ClassVar[bool] = True
    """Whether the program itself looks for the files of the data."""
    chooses: ClassVar[bool] = True
    """Whether its tests may take another number of crops than the recipe's."""

    def __init__(self, parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> None:
        data = data_of(parts)
        assert data is not None
        self._data: Data = data
        self._parts, self._facts, self._origins = parts, facts, origins
        self._centred = by_position(parts)
        self._look = look_of(parts.get("test", ()))
        self._augments = [part for part in parts.get("augment", ()) if isinstance(part, Augmentation)]

    def definitions(self) -> Iterator[tuple[str, str]]:
        """The functions and the classes that they need, by their names, in the order in which they stand."""
        if not self._centred:
            yield from self._constants()
        yield "Images", engine_file("images").definition("Images")
        if self._centred:
            yield "Centred", engine_file("images").definition("Centred")
        yield from self._open_data()
        if not (self._with_library and self._looks_with_library):
            yield "prepare", self._prepare()
        for call in self._steps():
            if call.module:
                yield call.target, call.module.strip()
        yield from self._transforms()

    def _transforms(self) -> Iterator[tuple[str, str]]:
        """What training and test make of an image."""
        yield "training_transform", self._training_transform()
        yield "Views", self._views()
        yield "crops_of", self._crops_of()
        yield "test_views", self._test_views()

    @property
    def dense(self) -> bool:
        """Whether test images are looked at whole."""
        return self._look.crops is None

    @property
    def _in_tensors(self) -> bool:
        """Whether what ``open_data`` gives are tensors of numbers, and not pictures."""
        return self._data.in_tensors or self._centred

    @property
    def _with_library(self) -> bool:
        """Whether training images go through torchvision."""
        return not self._in_tensors or bool(self._augments)

    @property
    def _looks_with_library(self) -> bool:
        return not self._in_tensors or bool(self._look.sides)

    @property
    def _size(self) -> tuple[int, int]:
        """Height and width of a test image's crop."""
        size = self._look.size
        return (size, size) if size is not None else self._facts.input.extent

    def _constants(self) -> Iterator[tuple[str, str]]:
        how = normalisation(self._parts)
        yield "MEAN", constant("MEAN", how.mean_of(self._data), "of the channels, from 0 to 1")
        yield "STD", constant("STD", how.std_of(self._data), "what they are divided by")

    def _open_data(self) -> Iterator[tuple[str, str]]:
        body = self._data.opening(self._facts.classes, self.checks)
        summary = f"Training and held-out images: {self._data.title}."
        if self.checks:
            yield from self._data.definitions()
        if self._centred:
            yield "open_sets", function(OPENING.format("open_sets"), summary, [body], self._said("data"))
            yield "values_of", self._values_of()
            body, summary = engine_file("images").statements("open_data"), "Both sets less the mean training image."
        notes = self._said("normalize" if self._centred else "data")
        yield "open_data", function(OPENING.format("open_data"), summary, [body], notes)

    def _values_of(self) -> str:
        how = normalisation(self._parts).range
        summary, kind = f"An image as values from 0 to {plain(how)}.", "Tensor" if self._data.in_tensors else "Any"
        if self._data.in_tensors:
            body = "return image" if how == 1 else f"return {plain(how)} * image"
        else:
            scale = {"picture * (RANGE / 255)": "picture / 255"} if how == 1 else {"RANGE": plain(how)}
            body = filled(engine_file("images").statements("values_of"), scale)
        return function(f"def values_of(image: {kind}) -> Tensor:", summary, [body])

    def _training_transform(self) -> str:
        signature = "def training_transform() -> Callable[[Any], Tensor]:"
        summary = "From an image of the training set to what the network takes."
        notes = self._said("augment", "normalize")
        if not self._with_library:
            return function(signature, summary, ["return prepare"], notes)
        body: list[Line | str] = [
            *TORCHVISION,
            Line("steps = ", [*self._steps(), *[Call("v2.ToPureTensor")] * (not self._in_tensors)]),
            "transform: Callable[[Any], Tensor] = v2.Compose(steps)\nreturn transform",
        ]
        return function(signature, summary, body, notes)

    def _steps(self) -> list[Call]:
        """The transforms of training: pictures, then values from 0 to 1, then normalised ones."""
        if not self._with_library:
            return []
        if not self._augments:
            return [*self._resized(), *self._tensors(), *self._normalised()]
        values = next((i for i, part in enumerate(self._augments) if part.on_values), None)
        normal = next((i for i, part in enumerate(self._augments) if part.on_normalised), len(self._augments))
        values = normal if values is None or self._in_tensors else min(values, normal)
        calls = [part.torch(self._data) for part in self._augments]
        return [*calls[:values], *self._tensors(), *calls[values:normal], *self._normalised(), *calls[normal:]]

    def _resized(self) -> list[Call]:
        """To the network's input, where images may be of another size."""
        size = self._facts.input.extent
        return [Call("v2.Resize", {"size": size})] * (self._data.size is None or self._data.size[:2] != size)

    def _tensors(self) -> list[Call]:
        scaled = Call("v2.ToDtype", {"dtype": Code("torch.float32")}, {"scale": True})
        return [] if self._in_tensors else [Call("v2.ToImage"), scaled]

    def _normalised(self) -> list[Call]:
        return [] if self._centred else [Call("v2.Normalize", {"mean": Code("MEAN"), "std": Code("STD")})]

    def _prepare(self) -> str:
        """Without torchvision, for images that are tensors already."""
        height, width = self._facts.input.extent
        same = self._data.size is not None and self._data.size[:2] == (height, width)
        body: list[Line | str] = []
        if not same:
            size = Call("F.interpolate", {"input": Code("image[None]")}, {"size": (height, width)})
            size = size._replace(options={**size.options, "mode": "bilinear", "antialias": True})
            body.append(Line("image = ", size, "[0]"))
        if self._centred:
            body.append("return image")
        else:
            body.append("mean, std = (torch.tensor(each).view(-1, 1, 1) for each in (MEAN, STD))")
            body.append("return (image - mean) / std")
        words = [*["resized to the network's input"] * (not same), *["normalised"] * (not self._centred)]
        summary = " and ".join(words).capitalize() or "As it is: the mean image is subtracted already"
        return function("def prepare(image: Tensor) -> Tensor:", f"{summary}.", body)

    def _views(self) -> str:
        """The class that looks at an image, its signature laid out for the arguments that it has."""
        whole = self.dense
        text = engine_file("views").definition("Views", **self._options)
        types = ["Sequence[Callable[[Any], Tensor]]", "int | None" if whole else "int", "bool"]
        names = ["scales", "crops", *["mirrored"] * self._look.doubles]
        arguments = ["self", *map(": ".join, zip(names, types, strict=False))]
        before, _, rest = text.partition("    def __init__(")
        signature = lines("def ", Bracket("__init__(", arguments, ")"), " -> None:", 4)
        return before + "\n".join(signature) + rest.partition(" -> None:")[2]

    def _crops_of(self) -> str:
        """The functions that cut an image."""
        height, width = self._size
        cut, central = (engine_file("views").definition(name, **self._options) for name in ("crops_of", "central"))
        words = {"SIZE": f"{height}, {width}"}
        words |= {"the central square": "the whole"} if height != width else {}
        return f"{filled(cut, words)}\n\n\n{central}"

    @property
    def _options(self) -> dict[str, bool]:
        """What views of images depend on."""
        look, (height, width) = self._look, self._size
        looks = self.dense or look.doubles
        return {
            "looks": looks,
            "dense": self.dense,
            "mirrored": look.doubles,
            "square": height == width,
            "chooses": self.chooses,
        }

    def _test_views(self) -> str:
        signature = "def test_views(crops: int | None) -> Callable[[Any], list[Tensor]]:"
        summary = "From a test image to its views; `crops` asks for 1 or 10 instead."
        look = self._look
        own = {None: "crops", 1: "crops or 1", 10: "10 if crops is None else crops"}[look.crops]
        shown = Code(own), *[Code("mirrored=crops is None")] * look.doubles
        body = self._scales(look)
        scales = Code("scales" if body else "[prepare]")
        views = Call("Views", {str(i): argument for i, argument in enumerate((scales, *shown))})
        notes = self._said("test", "normalize")
        return function(signature, summary, [*body, Line("return ", views)], notes)

    def _scales(self, look: Look) -> list[Line | str]:
        """A transform for each scale."""
        if not self._looks_with_library:
            return []
        steps = self._test_steps()
        if len(look.sides) < 2:
            steps = [*(Call("v2.Resize", {"size": side}) for side in look.sides or self._side()), *steps]
            return [*TORCHVISION, Line("steps = ", steps), "scales = [v2.Compose(steps)]"]
        sides = Line("sides = ", [*look.sides])
        if not steps:
            return [*TORCHVISION, sides, "scales = [v2.Resize(side) for side in sides]"]
        scales = "scales = [v2.Compose([v2.Resize(side), *steps]) for side in sides]"
        return [*TORCHVISION, sides, Line("steps = ", steps), scales]

    def _test_steps(self) -> list[Call]:
        """What is done to a test image of the right scale."""
        return [*self._tensors(), *self._normalised()]

    def _side(self) -> Sequence[int | tuple[int, int]]:
        """What a protocol without sizes resizes to: images that are large enough stay as they are."""
        height, width = self._size
        size = self._data.size
        if size is not None and size[0] >= height and size[1] >= width:
            return ()
        return (height,) if height == width else ((height, width),)

    def _said(self, *settings: str) -> list[str]:
        return said(self._origins, *settings)
