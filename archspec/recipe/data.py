"""Data sets: what they hold, as the recipe's ``data`` names them."""

from __future__ import annotations

from typing import ClassVar

from archspec.arguments import count, optional
from archspec.recipe.part import Part, Parts


class Data(Part):
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


def data_of(parts: Parts) -> Data | None:
    """The data set of a recipe, where it has one."""
    return next((part for part in parts.get("data", ()) if isinstance(part, Data)), None)


class Imagenet(Data):
    """ILSVRC 2012 in folders by class: ``train/n01440764/*.JPEG`` and ``val/``."""

    forms: ClassVar[tuple[str, ...]] = ("imagenet",)
    title: ClassVar[str] = "ImageNet (ILSVRC 2012)"
    classes: ClassVar[int | None] = 1000
    images: ClassVar[tuple[int, int] | None] = (1_281_167, 50_000)
    mean: ClassVar[tuple[float, ...]] = (0.485, 0.456, 0.406)
    std: ClassVar[tuple[float, ...]] = (0.229, 0.224, 0.225)


class Folder(Data):
    """Any images in folders by class, in ImageNet's layout."""

    forms: ClassVar[tuple[str, ...]] = ("folder",)
    title: ClassVar[str] = "image folder"
    mean: ClassVar[tuple[float, ...]] = (0.485, 0.456, 0.406)
    std: ClassVar[tuple[float, ...]] = (0.229, 0.224, 0.225)

    train_images = optional(count())
    test_images = optional(count())


class Cifar10(Data):
    """Krizhevsky 2009: the python version's own files."""

    forms: ClassVar[tuple[str, ...]] = ("cifar10",)
    title: ClassVar[str] = "CIFAR-10"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (50_000, 10_000)
    size: ClassVar[tuple[int, int, int] | None] = (32, 32, 3)
    mean: ClassVar[tuple[float, ...]] = (0.4914, 0.4822, 0.4465)
    std: ClassVar[tuple[float, ...]] = (0.2470, 0.2435, 0.2616)


class Cifar100(Cifar10):
    """Krizhevsky 2009, by its 100 fine labels."""

    forms: ClassVar[tuple[str, ...]] = ("cifar100",)
    title: ClassVar[str] = "CIFAR-100"
    classes: ClassVar[int | None] = 100
    mean: ClassVar[tuple[float, ...]] = (0.5071, 0.4865, 0.4409)
    std: ClassVar[tuple[float, ...]] = (0.2673, 0.2564, 0.2762)


class Mnist(Data):
    """LeCun et al. 1998: the four idx files."""

    forms: ClassVar[tuple[str, ...]] = ("mnist",)
    title: ClassVar[str] = "MNIST"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (60_000, 10_000)
    size: ClassVar[tuple[int, int, int] | None] = (28, 28, 1)
    channels: ClassVar[int] = 1
    mean: ClassVar[tuple[float, ...]] = (0.1307,)
    std: ClassVar[tuple[float, ...]] = (0.3081,)


class Svhn(Data):
    """Netzer et al. 2011: the cropped digits, ``train_32x32.mat`` and ``test_32x32.mat``."""

    forms: ClassVar[tuple[str, ...]] = ("svhn",)
    title: ClassVar[str] = "SVHN"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (73_257, 26_032)
    size: ClassVar[tuple[int, int, int] | None] = (32, 32, 3)
    mean: ClassVar[tuple[float, ...]] = (0.4377, 0.4438, 0.4728)
    std: ClassVar[tuple[float, ...]] = (0.1980, 0.2010, 0.1970)


class Digits(Data):
    """scikit-learn's handwritten digits, 1,797 images of 8x8; every third is held out."""

    forms: ClassVar[tuple[str, ...]] = ("digits",)
    title: ClassVar[str] = "scikit-learn's digits"
    classes: ClassVar[int | None] = 10
    images: ClassVar[tuple[int, int] | None] = (1_198, 599)
    size: ClassVar[tuple[int, int, int] | None] = (8, 8, 1)
    channels: ClassVar[int] = 1
    mean: ClassVar[tuple[float, ...]] = (0.3053,)
    std: ClassVar[tuple[float, ...]] = (0.3760,)
