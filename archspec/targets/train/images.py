"""Images from their files to the network: ``open_data``, ``training_transform``, ``test_views``, ``normalise``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from archspec.op import Call
from archspec.recipe.augmentations import SOURCE, Augmentation
from archspec.recipe.data import Data, data_of
from archspec.recipe.facts import Facts
from archspec.recipe.normalisations import by_position, normalisation
from archspec.recipe.part import Code, Line, Parts, plain
from archspec.recipe.testing import look_of
from archspec.support.sources import filled
from archspec.targets.torch.layout import Bracket, lines
from archspec.targets.train.program import engine_file
from archspec.targets.train.text import Origin, constant, function, said

OPENING = "def {}(root: Path) -> tuple[Images, Images]:"
TORCHVISION = (Line("from torchvision.transforms import v2"), Line(""))
BYTES = "v2.functional.pil_to_tensor"
OWN = frozenset(("as_levels", "with_mask"))
"""Transforms that are functions of our own."""
NUMBERS = (Call("v2.ToImage"), Call("v2.ToDtype", {"dtype": Code("torch.float32")}, {"scale": True}))
"""From a picture to values from 0 to 1."""
PLAIN = (BYTES, *OWN)
"""Transforms that are functions, which are named and not called."""
HELPERS = {"part_of": r"\bpart_of\(", "window": r"\bwindow\(", "anywhere": r"\banywhere\b"}
"""Functions that transforms use, and by what that is seen."""


class Images:
    """The pieces of a recipe that have to do with images."""

    checks: ClassVar[bool] = True
    """Whether the program itself looks for the files of the data."""

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
        looks = [*self._looks()]
        yield from _helpers("\n".join(text for _, text in looks), "RGB" if self._data.channels == 3 else "L")
        yield from looks

    def _looks(self) -> Iterator[tuple[str, str]]:
        """What is made of an image before it is on the device, and there."""
        if self._prepares and not (self._with_library and self._looks_with_library):
            yield "prepare", self._prepare()
        yield from definitions(self._steps())
        yield from self._transforms()
        yield from self._normalise()

    def _transforms(self) -> Iterator[tuple[str, str]]:
        """What training and test make of an image."""
        yield "training_transform", self._training_transform()
        if self._scaled:
            yield "Scaled", self._scaled_views()
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
            body = self._of_picture(how)
        return function(f"def values_of(image: {kind}) -> Tensor:", summary, [body])

    def _of_picture(self, range: float) -> str:
        """The statements that give the values of a picture up to a range."""
        scale = {"picture * (RANGE / 255)": "picture / 255"} if range == 1 else {"RANGE": plain(range)}
        return filled(engine_file("images").statements("values_of"), scale)

    def _training_transform(self) -> str:
        signature = f"def training_transform() -> Callable[[Any], {'Any' if self.shifts else 'Tensor'}]:"
        summary = "From an image of the training set to what goes to the device."
        if self.shifts:
            summary = "From an image of the training set to its bytes, and to what is added to them."
        notes = self._said("augment")
        if not self._with_library:
            return function(signature, summary, ["return prepare"], notes)
        body: list[Line | str] = [
            *TORCHVISION,
            Line("steps = ", [*map(spelled, self._steps())]),
            f"{signature.partition(' -> ')[2].rstrip(':').join(['transform: ', ' = '])}v2.Compose(steps)\n"
            "return transform",
        ]
        return function(signature, summary, body, notes)

    def _steps(self) -> list[Call]:
        """The transforms of training: of pictures, then of bytes, or of numbers where bytes would be rounded."""
        if not self._with_library:
            return []
        parts = self._augments
        first = next((i for i, part in enumerate(parts) if part.on_normalised), len(parts))
        mask = [Call("with_mask")] * self._masks
        if self._in_tensors:
            calls = [part.torch(self._data) for part in parts]
            return [*calls[:first], *mask, *calls[first:]]
        if self._in_numbers:
            values = min(first, next((i for i, part in enumerate(parts) if part.on_values), first))
            calls = [part.torch(self._data) for part in parts]
            numbers = [*NUMBERS, *calls[values:first], Call("as_levels"), *mask, *calls[first:]]
            return [*self._of_pictures(parts[:values]), *numbers, Call("v2.ToPureTensor")]
        added = [call for call in map(self._apart, parts) if call]
        zeros = [part.torch(self._data) for part in parts[first:]]
        pictures = [part for part in parts[:first] if not part.on_values]
        return [*self._of_pictures(pictures), Call(BYTES), *mask, *zeros, *added]

    def _apart(self, part: Augmentation) -> Call | None:
        """What a part adds to the channels, beside the bytes."""
        return part.apart(self._data)

    def _of_pictures(self, parts: Sequence[Augmentation]) -> list[Call]:
        """The transforms of pictures, of which two that stand together may be one."""
        calls: list[Call] = []
        place = 0
        while place < len(parts):
            both = parts[place].with_next(parts[place + 1]) if place + 1 < len(parts) else None
            calls.append(both or parts[place].of_pictures(self._data))
            place += 2 if both else 1
        if not self._augments:
            calls = self._resized()
        lazy = self._data.size is None and not (calls and _opens(calls[0]))
        return [*[Call("v2.RGB")] * lazy, *calls]

    @property
    def _in_numbers(self) -> bool:
        """Whether augmentation computes with what it added or with zeros, for which bytes are too coarse."""
        late = [part.on_values or part.on_normalised for part in self._augments]
        added = sum(part.on_values for part in self._augments)
        zeros = any(part.on_normalised for part in self._augments)
        return (added + zeros > 1 and added > 0) or any(
            part.mixes and any(late[:i]) for i, part in enumerate(self._augments)
        )

    @property
    def _masks(self) -> bool:
        """Whether augmentation brings zeros, which a channel of its own marks until the device normalises."""
        return not self._centred and any(part.on_normalised for part in self._augments)

    @property
    def shifts(self) -> bool:
        """Whether what is added to the channels goes to the device beside the bytes."""
        return not (self._in_tensors or self._in_numbers) and any(part.on_values for part in self._augments)

    @property
    def in_bytes(self) -> bool:
        """Whether images go to the device as bytes."""
        return not self._in_tensors

    def _resized(self) -> list[Call]:
        """To the network's input, where images may be of another size."""
        if self._same:
            return []
        return [Call("Whole", {"size": self._facts.input.extent}, module=SOURCE.definition("Whole", apart=True))]

    @property
    def _same(self) -> bool:
        """Whether images are as large as the network's input."""
        return self._data.size is not None and self._data.size[:2] == self._facts.input.extent

    @property
    def _prepares(self) -> bool:
        """Whether there is a function for images that are tensors already."""
        return True

    def _prepare(self) -> str:
        """Without torchvision, for images that are tensors already."""
        (height, width), same = self._facts.input.extent, self._same
        body: list[Line | str] = []
        if not same:
            size = Call("F.interpolate", {"input": Code("image[None]")}, {"size": (height, width)})
            size = size._replace(options={**size.options, "mode": "bilinear", "antialias": True})
            body.append(Line("image = ", size, "[0]"))
        body.append("return image")
        summary = "As it is, and normalised on the device." if same else "Resized to the network's input."
        if same and self._centred:
            summary = "As it is: the mean image is subtracted already."
        return function("def prepare(image: Tensor) -> Tensor:", summary, body)

    def _normalise(self) -> Iterator[tuple[str, str]]:
        """What the device does to a batch before the network."""
        shifted = ", shifts: Tensor | None = None" * self.shifts
        if self._centred:
            summary = "Images as they are: the mean image is subtracted already."
            yield "normalise", function("def normalise(images: Tensor) -> Tensor:", summary, ["return images"])
            return
        options = {"shifts": self.shifts, "masks": self._masks, "square": True}
        body = engine_file("pictures").statements("normalise", **options)
        body = filled(body, {"CHANNELS": str(self._data.channels)}) if self._masks else body
        levels = engine_file("pictures").definition("levels", **options)
        if self._data.in_tensors:
            body = body.replace("255 * ", "")
            levels = filled(levels, {"255 * mean, 1 / (255 * std)": "mean, 1 / std", "bytes": "values"})
        signature = f"def normalise(images: Tensor{shifted}) -> Tensor:"
        summary = "Images on the device, N x C x H x W, as what the network takes."
        yield "normalise", function(signature, summary, [body], self._said("normalize"))
        yield "levels", levels

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
        }

    def _test_views(self) -> str:
        signature = "def test_views(crops: int | None) -> Callable[[Any], list[Tensor]]:"
        summary = "From a test image to its views; `crops` asks for 1 or 10 instead."
        shown = Code(self._crops), *[Code("mirrored=crops is None")] * self._look.doubles
        body = self._scales()
        scales = Code("scales" if body else "[prepare]")
        views = Call("Views", {str(i): argument for i, argument in enumerate((scales, *shown))})
        return function(signature, summary, [*body, Line("return ", views)], self._said("test"))

    @property
    def _crops(self) -> str:
        """How many crops are looked at, in the words of the program."""
        return {None: "crops", 1: "crops or 1", 10: "crops or 10"}[self._look.crops]

    @property
    def _sides(self) -> tuple[int, ...]:
        """What the shorter side of a picture is scaled to, one after the other."""
        height, width = self._size
        return self._look.sides or ((height,) if height == width and not self._large else ())

    @property
    def _large(self) -> bool:
        """Whether images are as large as the crops of them."""
        size, (height, width) = self._data.size, self._size
        return size is not None and size[0] >= height and size[1] >= width

    @property
    def _scaled(self) -> bool:
        """Whether test images are pictures that are scaled."""
        return not self._in_tensors and bool(self._sides)

    def _scaled_views(self) -> str:
        """The class that scales a test image."""
        height, width = self._size
        text = engine_file("pictures").definition("Scaled", square=height == width, shifts=False, masks=False)
        return filled(text, {"SIZE": f"({height}, {width})"})

    def _scales(self) -> list[Line | str]:
        """A transform for each scale."""
        if not self._looks_with_library:
            return []
        sides = self._sides
        if self._scaled:
            if len(sides) == 1:
                return [f"scales = [Scaled({sides[0]}, {self._crops})]"]
            return [Line("sides = ", [*sides]), f"scales = [Scaled(side, {self._crops}) for side in sides]"]
        if self._in_tensors:
            return [*TORCHVISION, Line("sides = ", [*sides]), "scales = [v2.Resize(side) for side in sides]"]
        steps = [*([] if self._large else self._resized()), Call(BYTES)]
        lazy = self._data.size is None and len(steps) == 1
        steps = [*[Call("v2.RGB")] * lazy, *steps]
        return [*TORCHVISION, Line("scales = ", [Call("v2.Compose", {"transforms": [*map(spelled, steps)]})])]

    def _said(self, *settings: str) -> list[str]:
        return said(self._origins, *settings)


def spelled(call: Call) -> Call | Code:
    """A transform as it stands in a list: a function by its name."""
    is_function = call.target in PLAIN or f"def {call.target}(" in (call.module or "")
    return Code(call.target) if is_function else call


def _opens(call: Call) -> bool:
    """Whether a transform decodes a picture that is no more than opened."""
    return any(f"{name}(" in (call.module or "") for name in HELPERS)


def definitions(steps: Iterable[Call]) -> Iterator[tuple[str, str]]:
    """What the steps of a transform call that no library has, by its names."""
    for call in steps:
        if call.module:
            yield call.target, call.module.strip()
        elif call.target in OWN:
            yield call.target, SOURCE.definition(call.target, apart=True)


def _helpers(text: str, mode: str) -> Iterator[tuple[str, str]]:
    """The functions that a text uses and that use one another, for pictures of Pillow's mode."""
    own = {name: SOURCE.definition(name, apart=True) for name in HELPERS}
    used = {name for name, sign in HELPERS.items() if re.search(sign, text)}
    used |= {"part_of"} if "window" in used else set()
    yield from ((name, own[name].replace('"RGB"', f'"{mode}"')) for name in HELPERS if name in used)
