"""Whether a recipe fits its network: classes, channels, the size of training and test images, rows that it names."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.cost import totals_of
from archspec.analysis.inferred import Inferred
from archspec.analysis.messages import unfit
from archspec.analysis.shapes import infer
from archspec.counting.conventions import Counting
from archspec.diagnostics import Diagnostic, Report, Span
from archspec.ir.network import Network, Recipe
from archspec.naming import suggest
from archspec.recipe.augmentations import size_after
from archspec.recipe.data import Data, data_of
from archspec.recipe.inits import BiasIn
from archspec.recipe.testing import Central, Crops, Sides

TRAINED, TESTED = Counting(("with heads",)), Counting(())
"""A network as it is trained, and as it is tested."""


def misfits(network: Network, inferred: Inferred) -> Iterator[Diagnostic]:
    """What keeps the network from being trained by its recipe."""
    recipe, data = network.recipe, trained_on(network, inferred)
    if recipe is None or data is None or not network.input:  # which was said
        return
    yield from _data(network, inferred, recipe, data)
    if network.input_shape.is_map:
        yield from _training_images(network, inferred, recipe, data)
        yield from _test_images(network, inferred, recipe)
    yield from _rows(network, inferred, recipe)


def trained_on(network: Network, inferred: Inferred) -> Data | None:
    """The data of the recipe, if it has any; or other images in the same layout, which a reader of the paper has.

    Those are meant where the number of classes is not the recipe's: it was set, or the recipe is another network's.
    """
    recipe = network.recipe
    data = data_of({"data": recipe.parts("data")}) if recipe else None
    output = inferred.rows[-1].y if inferred.rows else None
    if recipe is None or data is None or data.classes is None or output is None or output.size == data.classes:
        return data
    return (data.with_classes(output.size) or data) if network.changed or recipe.taken_over else data


def _data(network: Network, inferred: Inferred, recipe: Recipe, data: Data) -> Iterator[Diagnostic]:
    """The network takes the data's images and tells as many classes as it has."""
    place = _place(recipe, "data")
    shape, output = network.input_shape, inferred.rows[-1].y if inferred.rows else None
    if not shape.is_map:
        yield unfit(place, f"the network takes a vector of {shape.channels}, and the recipe images")
    elif shape.channels != data.channels:
        message = f"the network takes {shape.channels} channels, and {data.title} has {data.channels}"
        yield unfit(place, message, help=f"give the network an input of H x W x {data.channels}")
    if output is not None and data.classes is not None and output.size != data.classes:
        message = f"the network tells {output.size:,} classes apart, and {data.title} has {data.classes:,}"
        yield unfit(place, message, why=f"the output is {output}", help=_classes(network, data.classes))


def _classes(network: Network, classes: int) -> str | None:
    return f"set `classes` to {classes}" if "classes" in network.parameters else None


def _training_images(network: Network, inferred: Inferred, recipe: Recipe, data: Data) -> Iterator[Diagnostic]:
    """What comes out of the augmentations is of one size that the network takes; without them, that of its input."""
    parts = recipe.parts("augment")
    height, width = network.input_shape.extent
    place, size = _place(recipe, "augment"), size_after(parts, data)
    if size is None and parts:
        message = "the recipe's images are not all of the network's size"
        yield unfit(place, message, why=f"the network takes {network.input_shape}", help=f"end with `crop {height}`")
    elif parts and size is not None and size != (height, width) and not _takes(network, inferred, size, TRAINED):
        message = f"the recipe trains on images of {size[0]}x{size[1]}, and the network takes {height}x{width}"
        why = f"with the same weights it takes no images of {size[0]}x{size[1]}"
        yield unfit(place, message, why=why, help=f"crop to {height}" if height == width else None)


def _test_images(network: Network, inferred: Inferred, recipe: Recipe) -> Iterator[Diagnostic]:
    """The network takes test images of another size than its input's, with the same weights."""
    parts = recipe.parts("test")
    central = next((part for part in parts if isinstance(part, Central)), None)
    shape, place = network.input_shape, _place(recipe, "test")
    crop = (central.size, central.size) if central is not None else shape.extent
    if central is not None and crop != shape.extent and not _takes(network, inferred, crop, TESTED):
        of = f"{shape.extent[0]}x{shape.extent[1]}"
        message = f"the recipe tests on crops of {central.size}, and the weights are for images of {of}"
        yield unfit(place, message, help="test with `dense`, or crop to the network's input")
    for sides in (part.sides for part in parts if isinstance(part, Sides)):
        if central is None and min(sides) < max(shape.extent):
            message = f"the network's input does not fit into an image whose side is {min(sides)}"
            yield unfit(place, message, why=f"the input is {shape}")
    if any(isinstance(part, Crops) for part in parts) and shape.extent[0] != shape.extent[1]:
        yield unfit(place, "ten crops are squares, and the network's input is none")


def _takes(network: Network, inferred: Inferred, size: tuple[int, int], counting: Counting) -> bool:
    """Whether the network has the same weights for images of another H x W; what it consists of, ``counting`` says."""
    report = Report()
    other = network.replaced(input=(*size, network.input_shape.channels))
    found = infer(other, report)
    if report.failed:
        return False
    return totals_of(other, found, counting).params == totals_of(network, inferred, counting).params


def _rows(network: Network, inferred: Inferred, recipe: Recipe) -> Iterator[Diagnostic]:
    """The rows that an init names are rows of the table, with layers that have a bias."""
    rows = {row.layer for row in network.rows}
    biased = inferred.biased if inferred.whole else rows
    uses = recipe.settings["init"].uses if "init" in recipe.settings else ()
    for use, part in zip(uses, recipe.parts("init"), strict=True):
        for name in part.rows if isinstance(part, BiasIn) else ():
            if name not in rows:
                yield unfit(use.place, f"there is no row `{name}`", help=suggest(name, rows))
            elif name not in biased:
                yield unfit(use.place, f"row `{name}` has no layer with a bias")


def _place(recipe: Recipe, setting: str) -> Span | None:
    found = recipe.settings.get(setting)
    return found.place if found else None
