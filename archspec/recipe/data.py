"""Data sets: what they hold, as the recipe's ``data`` names them, and how they are opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from archspec.arguments import count, optional
from archspec.recipe.part import Part, Parts
from archspec.support.sources import Source, beside, filled

SOURCE = beside(__name__)
FILES = Source(SOURCE.path.with_name("image_files.py"))


class Data(Part, ABC):
    """A set of images in training and held-out parts. Facts that a check or a dry run needs are attributes.

    ``size`` is H x W x C of one image, None where images differ; ``images`` counts the training and held-out ones;
    ``mean`` and ``std`` are those of the training images' channels, from 0 to 1.
    """

    setting: ClassVar[str] = "data"
    title: ClassVar[str] = ""
    classes: ClassVar[int | None] = None
    images: ClassVar[tuple[int, int] | None] = None
    size: ClassVar[tuple[int, int, int] | None] = None
    channels: ClassVar[int] = 3
    mean: ClassVar[tuple[float, ...]] = ()
    std: ClassVar[tuple[float, ...]] = ()
    components: ClassVar[tuple[tuple[float, ...], tuple[list[float], ...]] | None] = None
    """The principal components of RGB values from 0 to 1: their deviations, and the vectors as columns."""
    in_tensors: ClassVar[bool] = False
    """Whether an image is a tensor of values from 0 to 1 already, and not a picture."""

    @abstractmethod
    def opening(self, classes: int, checks: bool = True) -> str:
        """The statements of ``open_data(root)``, which gives the training and the held-out images.

        Without ``checks`` torchvision alone says which files are missing, and takes no others than the published ones.
        """

    def definitions(self) -> Iterator[tuple[str, str]]:
        """The classes that the statements need, checks included, by their names."""
        return iter(())

    def with_classes(self, classes: int) -> Data | None:
        """Other images in the same layout, of so many classes; None where the files can be no others."""
        return None


def data_of(parts: Parts) -> Data | None:
    """The data set of a recipe, where it has one."""
    return next((part for part in parts.get("data", ()) if isinstance(part, Data)), None)


class InFolders(Data):
    """Images in folders by class, ``train/dog/*.jpg`` and ``val/``."""

    mean: ClassVar[tuple[float, ...]] = (0.485, 0.456, 0.406)
    std: ClassVar[tuple[float, ...]] = (0.229, 0.224, 0.225)

    def opening(self, classes: int, checks: bool = True) -> str:
        return filled(SOURCE.statements("imagenet", checks=checks), {"1000": str(classes)})

    def definitions(self) -> Iterator[tuple[str, str]]:
        for name in ("ImageFiles", "index_of", "mapped", "is_current", "head_of", "looked_through", "keep_index"):
            yield name, FILES.definition(name)


class Imagenet(InFolders):
    """ILSVRC 2012 in folders by class: ``train/n01440764/*.JPEG`` and ``val/``.

    The components are those that implementations of Krizhevsky et al. 2012 share.
    """

    forms: ClassVar[tuple[str, ...]] = ("imagenet",)
    title: ClassVar[str] = "ImageNet (ILSVRC 2012)"
    classes: ClassVar[int | None] = 1000
    images: ClassVar[tuple[int, int] | None] = (1_281_167, 50_000)
    components: ClassVar[tuple[tuple[float, ...], tuple[list[float], ...]] | None] = (
        (0.2175, 0.0188, 0.0045),
        ([-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]),
    )

    def with_classes(self, classes: int) -> Data:
        found = type(self)()
        found.__dict__.update(title="an image folder", classes=classes, images=None)
        return found


class Folder(InFolders):
    """Any images in folders by class, in ImageNet's layout; mean and std are taken to be ImageNet's."""

    forms: ClassVar[tuple[str, ...]] = ("folder",)
    title: ClassVar[str] = "image folder"

    train_images = optional(count())
    test_images = optional(count())

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.train_images is not None:
            self.__dict__["images"] = (self.train_images, self.test_images or 0)


class Packed(Data):
    """A set whose files torchvision reads: its class there, the arguments for its parts, and what has to lie where."""

    reader: ClassVar[str] = ""
    halves: ClassVar[tuple[str, str]] = ("train=True", "train=False")
    files: ClassVar[str] = ""

    def opening(self, classes: int, checks: bool = True) -> str:
        training, held_out = self.halves
        words = {"SVHN": self.reader, 'split="train"': training, 'split="test"': held_out}
        said = {"THE SET": self.title, "THE FILES": self.files} if checks else {}
        return filled(SOURCE.statements("svhn", checks=checks), words | said)


class OfCifar(Packed):
    """Files of CIFAR's format, with the names of those to train on and of those that are held out."""

    names: ClassVar[tuple[str, str]]

    def opening(self, classes: int, checks: bool = True) -> str:
        said = {"CIFAR-10": self.title, "cifar-10-batches-py": self.files}
        said |= dict(zip(("data_batch_*", "test_batch"), self.names, strict=True))
        return filled(SOURCE.statements("cifar10", checks=checks), {"CIFAR10": self.reader} | (said if checks else {}))

    def definitions(self) -> Iterator[tuple[str, str]]:
        yield "Arrays", SOURCE.definition("Arrays", checks=True)
        yield "CifarFiles", filled(SOURCE.definition("CifarFiles", checks=True), {"CLASSES": str(self.classes)})


class Cifar10(OfCifar):
    """Krizhevsky 2009: the python version's own files, or other images in their format."""

    forms: ClassVar[tuple[str, ...]] = ("cifar10",)
    title: ClassVar[str] = "CIFAR-10"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (50_000, 10_000)
    size: ClassVar[tuple[int, int, int] | None] = (32, 32, 3)
    mean: ClassVar[tuple[float, ...]] = (0.4914, 0.4822, 0.4465)
    std: ClassVar[tuple[float, ...]] = (0.2470, 0.2435, 0.2616)
    reader: ClassVar[str] = "CIFAR10"
    names: ClassVar[tuple[str, str]] = ("data_batch_*", "test_batch")
    files: ClassVar[str] = "cifar-10-batches-py"


class Cifar100(OfCifar):
    """Krizhevsky 2009, by its 100 fine labels; or other images in the format of its files."""

    forms: ClassVar[tuple[str, ...]] = ("cifar100",)
    title: ClassVar[str] = "CIFAR-100"
    classes: ClassVar[int | None] = 100
    images: ClassVar[tuple[int, int] | None] = (50_000, 10_000)
    size: ClassVar[tuple[int, int, int] | None] = (32, 32, 3)
    mean: ClassVar[tuple[float, ...]] = (0.5071, 0.4865, 0.4409)
    std: ClassVar[tuple[float, ...]] = (0.2673, 0.2564, 0.2762)
    reader: ClassVar[str] = "CIFAR100"
    names: ClassVar[tuple[str, str]] = ("train", "test")
    files: ClassVar[str] = "cifar-100-python"


class Mnist(Packed):
    """LeCun et al. 1998: the four idx files, unpacked."""

    forms: ClassVar[tuple[str, ...]] = ("mnist",)
    title: ClassVar[str] = "MNIST"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (60_000, 10_000)
    size: ClassVar[tuple[int, int, int] | None] = (28, 28, 1)
    channels: ClassVar[int] = 1
    mean: ClassVar[tuple[float, ...]] = (0.1307,)
    std: ClassVar[tuple[float, ...]] = (0.3081,)
    reader: ClassVar[str] = "MNIST"
    files: ClassVar[str] = "MNIST/raw/*-ubyte"


class Svhn(Packed):
    """Netzer et al. 2011: the cropped digits, ``train_32x32.mat`` and ``test_32x32.mat``."""

    forms: ClassVar[tuple[str, ...]] = ("svhn",)
    title: ClassVar[str] = "SVHN"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (73_257, 26_032)
    size: ClassVar[tuple[int, int, int] | None] = (32, 32, 3)
    mean: ClassVar[tuple[float, ...]] = (0.4377, 0.4438, 0.4728)
    std: ClassVar[tuple[float, ...]] = (0.1980, 0.2010, 0.1970)
    reader: ClassVar[str] = "SVHN"
    halves: ClassVar[tuple[str, str]] = ('split="train"', 'split="test"')
    files: ClassVar[str] = "train_32x32.mat and test_32x32.mat"


class Digits(Data):
    """scikit-learn's handwritten digits, 1,797 images of 8x8; every third is held out."""

    forms: ClassVar[tuple[str, ...]] = ("digits",)
    title: ClassVar[str] = "scikit-learn's digits"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (1_198, 599)
    size: ClassVar[tuple[int, int, int] | None] = (8, 8, 1)
    channels: ClassVar[int] = 1
    mean: ClassVar[tuple[float, ...]] = (0.3052,)
    std: ClassVar[tuple[float, ...]] = (0.3762,)
    in_tensors: ClassVar[bool] = True

    def opening(self, classes: int, checks: bool = True) -> str:
        return SOURCE.statements("digits", checks=checks)
