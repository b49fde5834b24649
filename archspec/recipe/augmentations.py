"""Training images: ``resize 256..512; crop 224; flip; pca 0.1``, in order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from archspec.arguments import count, flag
from archspec.op import Call
from archspec.recipe.data import Data, data_of
from archspec.recipe.normalisations import by_position
from archspec.recipe.part import Code, Contradiction, Part, Parts, lengths, positive, reach
from archspec.support.sources import beside, filled

SOURCE = beside(__name__)


class Augmentation(Part, ABC):
    """What is done to a training image, H x W x C."""

    setting: ClassVar[str] = "augment"
    on_values: ClassVar[bool] = False
    """Whether it takes tensors of values from 0 to 1, so that it stands before normalisation."""
    on_normalised: ClassVar[bool] = False
    """Whether it brings zeros, which are those of normalised images, so that it stands behind normalisation."""
    mixes: ClassVar[bool] = False
    """Whether it computes new values from several of the image, as scaling does, so that bytes would be rounded."""

    @abstractmethod
    def torch(self, data: Data) -> Call:
        """The transform, of ``torchvision.transforms.v2`` or with its own source."""

    def of_pictures(self, data: Data) -> Call:
        """The same of pictures, which may be no more than opened if it begins with ``part_of`` or ``window``."""
        return self.torch(data)

    def apart(self, data: Data) -> Call | None:
        """The transform that gives what it adds to each channel apart from the image, to be added to 255 times it."""
        return None

    def apart_in_short(self, data: Data) -> Call | None:
        """The transform of pictures in a short program that adds it and normalises them."""
        return None

    def with_next(self, behind: Augmentation) -> Call | None:
        """The transform of pictures that does what this part and the one behind it say, where there is one."""
        return None

    def side_after(self, side: float | None) -> float | None:
        """The shorter side in pixels behind it, at the least, where that is known."""
        return side

    def size_after(self, size: tuple[int, int] | None) -> tuple[int, int] | None:
        """Height and width behind it, where they are known."""
        return size


def side_after(parts: Sequence[Part], data: Data | None) -> float | None:
    """The shorter side of a training image in pixels behind some augmentations, at the least, where that is known."""
    side: float | None = min(data.size[:2]) if data and data.size else None
    for part in parts:
        side = part.side_after(side) if isinstance(part, Augmentation) else side
    return side


def size_after(parts: Sequence[Part], data: Data | None) -> tuple[int, int] | None:
    """Height and width of all training images behind some augmentations, where they are the same."""
    size = data.size[:2] if data and data.size else None
    for part in parts:
        size = part.size_after(size) if isinstance(part, Augmentation) else size
    return size


class Resize(Augmentation):
    """The shorter side to a length in pixels, or to one drawn evenly from a range (scale jittering)."""

    forms: ClassVar[tuple[str, ...]] = ("resize {side}",)

    mixes: ClassVar[bool] = True

    side = lengths()

    def with_next(self, behind: Augmentation) -> Call | None:
        if not isinstance(behind, Crop):
            return None
        least, most = self.side
        return Call("ScaledCrop", {"least": least, "most": most, "size": behind.size}, module=_own("ScaledCrop"))

    def torch(self, data: Data) -> Call:
        low, high = self.side
        if low == high:
            return Call("v2.Resize", {"size": low})
        return Call("v2.RandomChoice", {"transforms": Code(f"[v2.Resize(n) for n in range({low}, {high + 1})]")})

    def side_after(self, side: float | None) -> float | None:
        return self.side[0]

    def size_after(self, size: tuple[int, int] | None) -> tuple[int, int] | None:
        exact = size is not None and size[0] == size[1] and self.side[0] == self.side[1]
        return self.side if exact else None


class Crop(Augmentation):
    """A square at a random place."""

    forms: ClassVar[tuple[str, ...]] = ("crop {size}",)

    size = count()

    def torch(self, data: Data) -> Call:
        return Call("v2.RandomCrop", {"size": self.size})

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _too_large("a crop", self.size, parts, place)

    def side_after(self, side: float | None) -> float | None:
        return self.size

    def size_after(self, size: tuple[int, int] | None) -> tuple[int, int] | None:
        return self.size, self.size


class RandomResizedCrop(Augmentation):
    """A random part of the image by area and aspect ratio, scaled to a square: Szegedy et al. 2015, section 6."""

    forms: ClassVar[tuple[str, ...]] = ("random-resized-crop {size}",)

    mixes: ClassVar[bool] = True

    size = count()
    area = reach((0.08, 1.0), least=0.0, most=1.0)
    ratio = reach((0.75, 4 / 3), least=0.01)

    def of_pictures(self, data: Data) -> Call:
        given = {"size": self.size, "area": self.area, "ratio": self.ratio}
        return Call("ScaledPart", given, module=_own("ScaledPart"))

    def torch(self, data: Data) -> Call:
        options = {"scale": self.area, "ratio": self.ratio}
        return Call("v2.RandomResizedCrop", {"size": self.size}, options, {"scale": (0.08, 1), "ratio": (0.75, 4 / 3)})

    def side_after(self, side: float | None) -> float | None:
        return self.size

    def size_after(self, size: tuple[int, int] | None) -> tuple[int, int] | None:
        return self.size, self.size


class Flip(Augmentation):
    """Mirrored left to right, every other time."""

    forms: ClassVar[tuple[str, ...]] = ("flip",)

    def torch(self, data: Data) -> Call:
        return Call("v2.RandomHorizontalFlip")


class Pca(Augmentation):
    """Multiples of the principal components of RGB values are added: Krizhevsky et al. 2012, section 4.1."""

    forms: ClassVar[tuple[str, ...]] = ("pca {deviation}",)
    on_values: ClassVar[bool] = True

    deviation = positive()

    def torch(self, data: Data) -> Call:
        return self._jitter(data, apart=False)

    def apart(self, data: Data) -> Call:
        return self._jitter(data, apart=True)

    def apart_in_short(self, data: Data) -> Call:
        assert data.components is not None
        deviations, vectors = data.components
        rows = ", ".join(map(repr, vectors))
        components = f"COMPONENTS = torch.tensor({[*deviations]!r}) * torch.tensor(\n    [{rows}]\n)"
        drawn = filled(SOURCE.definition("with_colours", apart=True), {"DEVIATION": repr(self.deviation)})
        return Call("with_colours", module=f"{components}\n\n\n{drawn}")

    def _jitter(self, data: Data, apart: bool) -> Call:
        assert data.components is not None
        deviations, vectors = data.components
        columns = f",\n{' ' * 16}".join(repr(row) for row in vectors)
        words = {"VALUES": repr([*deviations]), "*VECTORS": columns}
        source = filled(SOURCE.definition("PCAJitter", apart=apart), words)
        return Call("PCAJitter", {"deviation": self.deviation}, module=source)

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _late(parts, place)
        data = data_of(parts)
        if data is not None and not data.components:
            yield Contradiction(f"the principal components of {data.title} are not known", "ImageNet's are")


class ColorJitter(Augmentation):
    """Brightness, contrast and saturation by factors of up to 1 ± strength, in random order."""

    forms: ClassVar[tuple[str, ...]] = ("color-jitter {strength}",)

    mixes: ClassVar[bool] = True

    strength = positive()

    def torch(self, data: Data) -> Call:
        return Call("v2.ColorJitter", options=dict.fromkeys(("brightness", "contrast", "saturation"), self.strength))

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _late(parts, place)


class Pad(Augmentation):
    """Pixels on each side, for a crop to follow: zeros around the normalised image, or its own border mirrored."""

    forms: ClassVar[tuple[str, ...]] = ("pad {pixels}",)
    on_normalised: ClassVar[bool] = True

    pixels = count()
    reflect = flag(False)

    def torch(self, data: Data) -> Call:
        mode = "reflect" if self.reflect else "constant"
        return Call("v2.Pad", {"padding": self.pixels}, {"padding_mode": mode}, {"padding_mode": "constant"})

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        side = side_after(parts["augment"][:place], data_of(parts))
        if self.reflect and side is not None and self.pixels >= side:
            yield Contradiction(f"{self.pixels} pixels cannot be mirrored of an image whose side is {side:g}")

    def side_after(self, side: float | None) -> float | None:
        return None if side is None else side + 2 * self.pixels

    def size_after(self, size: tuple[int, int] | None) -> tuple[int, int] | None:
        return None if size is None else (size[0] + 2 * self.pixels, size[1] + 2 * self.pixels)


class Cutout(Augmentation):
    """A square of zeros at a random place of the normalised image: DeVries and Taylor 2017, arXiv:1708.04552."""

    forms: ClassVar[tuple[str, ...]] = ("cutout {size}",)
    on_normalised: ClassVar[bool] = True

    size = count()

    def torch(self, data: Data) -> Call:
        return Call("Cutout", {"size": self.size}, module=_own("Cutout"))

    def wrong(self, parts: Parts, place: int) -> Iterator[Contradiction]:
        yield from _too_large("a hole", self.size, parts, place)


def _own(name: str) -> str:
    """The source of a transform of our own."""
    return SOURCE.definition(name, apart=True)


def _too_large(what: str, size: int, parts: Parts, place: int) -> Iterator[Contradiction]:
    side = side_after(parts["augment"][:place], data_of(parts))
    if side is not None and size > side:
        yield Contradiction(
            f"{what} of {size} pixels is larger than the image", f"its shorter side may be {side:g} pixels"
        )


def _late(parts: Parts, place: int) -> Iterator[Contradiction]:
    """The complaint about a change of colours where they are no longer from 0 to 1."""
    before = [part for part in parts["augment"][:place] if isinstance(part, Augmentation)]
    if by_position(parts):
        yield Contradiction("colours cannot be changed where the mean image was subtracted")
    elif any(part.on_normalised for part in before):
        yield Contradiction("colours are changed before zeros are added", help="write it further to the front")
