"""Networks by name: ``torchvision:resnet50``, ``timm:resnet50``, and a function of a file that may be run."""

from __future__ import annotations

import importlib
import re
import runpy
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.diagnostics import ArchError
from archspec.importing.messages import no_library, no_such_network, not_made, would_run
from archspec.naming import closest
from archspec.op import Shape

if TYPE_CHECKING:
    from torch import nn

USUAL = Shape(3, 224, 224)
"""The input of a network that names none."""


class Named(NamedTuple):
    """A network that a name stands for."""

    make: Callable[[], nn.Module]
    """Makes it, with weights drawn at random; nothing is downloaded."""
    input: Shape
    name: str
    """What the spec calls it."""
    title: str
    origin: str


def named(name: str, run: bool = False) -> Named:
    """The network of a name; raises ArchError where there is none, or where its library is missing."""
    source, colon, model = name.partition(":")
    if colon and source in LIBRARIES:
        return LIBRARIES[source](model)
    file, colon, function = name.rpartition(":")
    if colon and file.endswith(".py"):
        if not run:
            raise ArchError([would_run(name)])
        return Named(lambda: _run(name, file, function), USUAL, identifier(function), function, name)
    meant = closest(source, LIBRARIES) if colon else None
    raise ArchError([no_such_network(name, meant and f"{meant}:{model}", "")])


def identifier(name: str) -> str:
    """The name of a network for that of a model: ``resnet50_a1_in1k``."""
    text = re.sub(r"\W+", "_", name).strip("_") or "network"
    return f"net_{text}" if text[0].isdigit() else text


def _timm(model: str) -> Named:
    timm = library("timm")
    kind = model.partition(".")[0]
    _demand(f"timm:{model}", kind, timm.list_models(), "timm")
    try:
        entry = timm.get_pretrained_cfg(model, allow_unregistered=True)
    except RuntimeError:  # a tag of weights that timm does not have
        raise _unknown(f"timm:{model}", model, timm.list_pretrained(f"{kind}.*"), "timm") from None
    channels, height, width = getattr(entry, "input_size", None) or (USUAL.channels, *USUAL.extent)

    def make() -> Any:
        return timm.create_model(model, pretrained=False)

    return Named(make, Shape(channels, height, width), identifier(model), model, f"timm {version('timm')}, {model}")


def _torchvision(model: str) -> Named:
    models = library("torchvision.models")
    kinds = (models, models.segmentation)
    known = [each for module in kinds for each in models.list_models(module=module)]
    _demand(f"torchvision:{model}", model, known, "torchvision")
    bare = {"weights": None} | ({"weights_backbone": None} if model in models.list_models(models.segmentation) else {})

    def make() -> Any:
        return models.get_model(model, **bare)

    side = _side(models, model)
    return Named(make, Shape(3, side, side), identifier(model), model, f"torchvision {version('torchvision')}, {model}")


LIBRARIES: Mapping[str, Callable[[str], Named]] = {"timm": _timm, "torchvision": _torchvision}


def _side(models: Any, model: str) -> int:
    """The least side of the images that weights of a network were trained on: without weights, it is made for that."""
    trained_on = (weights.transforms.keywords for weights in models.get_model_weights(model))
    sides = (each.get("crop_size") or each.get("resize_size") for each in trained_on)
    return min(side if isinstance(side, int) else side[0] for side in sides)


def _demand(name: str, model: str, known: list[str], library: str) -> None:
    if model not in known:
        raise _unknown(name, model, known, library)


def _unknown(name: str, model: str, known: list[str], library: str) -> ArchError:
    near = closest(model, known)
    return ArchError([no_such_network(name, near and f"{library}:{near}", f" in {library} {version(library)}")])


def library(name: str) -> Any:
    """A library; raises ArchError where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _loaded(name)
    except ModuleNotFoundError as error:
        missing = (error.name or name).partition(".")[0]
        raise ArchError([no_library(missing)]) from None


def _loaded(name: str) -> Any:
    """A library, also where torchvision comes without its compiled operators: no network here needs them to be made."""
    try:
        return importlib.import_module(name)
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for module in [each for each in sys.modules if each.partition(".")[0] in ("torchvision", "timm")]:
        del sys.modules[module]
    _define_operators()
    return importlib.import_module(name)


KEPT: list[Any] = []
"""What is defined lasts as long as the library that defined it."""


def _define_operators() -> None:
    import torch

    fragment = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        fragment.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    KEPT.append(fragment)


def is_module(value: object) -> bool:
    """Whether an object is a module of torch."""
    from torch import nn

    return isinstance(value, nn.Module)


def _run(name: str, file: str, function: str) -> Any:
    """What a function of a file returns."""
    if Path(file).exists() and not Path(file).is_file():
        raise ArchError([not_made(name, "it is not a file")])
    try:
        defined = runpy.run_path(file)
        made = defined[function]() if function in defined else None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # of whoever wrote the file, an exit among them
        raise ArchError([not_made(name, f"{type(error).__name__}: {error}")]) from None
    if function not in defined:
        raise ArchError([not_made(name, f"the file has no `{function}`")])
    if not is_module(made):
        raise ArchError([not_made(name, f"it is of the type {type(made).__name__}")])
    return made
