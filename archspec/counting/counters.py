"""What popular counters count, each itemised, so that a figure of theirs is reproduced to the last digit.

Every table was read from the counter's source at the version that it names, and is held to what the counter prints.
They count the network in evaluation mode, as it is emitted: without a soft-max that belongs to the loss. No counter
that runs the emitted code sees joins, which are Python's own operators.
"""

from __future__ import annotations

from collections.abc import Mapping

from archspec.counting.formulas import (
    Formula,
    across_maps,
    added,
    at_outputs,
    bias,
    derived_too,
    grouped_twice,
    halved_padding,
    inputs,
    macs,
    means,
    norms,
    numeric_padding,
    parameters,
    powers,
    sizes_of_windows,
    softmax,
    torchs_own,
    twice,
    upsampled,
    within,
)
from archspec.support.frozen import Frozen


class Item(Frozen):
    """One kind of work that a convention counts, with the reason in a sentence that follows a counter's name."""

    name: str
    why: str
    formula: Formula


class Counter(Frozen):
    """What a counter prints, item by item; ``factor`` is 2 where it counts a multiplication and an addition apart."""

    says: str
    items: tuple[Item, ...]
    factor: int = 1


MACS = Item("multiply-accumulates", "counts those of convolutions and fully connected layers", macs)
BIAS = Item("bias", "counts one more for each output of a layer that has a bias", bias)
UNKNOWN = "layers not known"
"""What counts the work of layers of which archspec knows none, so that every total is a lower bound."""
JOINS = "joins"
"""What counts the elements that are joined, as the rules ``with add`` and ``with multiply`` do."""

FVCORE = (
    MACS.replaced(
        why="counts those of linear layers, and of convolutions unless padded by the word `same`",
        formula=numeric_padding(macs),
    ),
    Item(
        "batch normalisation",
        "counts 2 for each element, 1 without scale and shift",
        norms({"nn.BatchNorm1d": (2, 1), "nn.BatchNorm2d": (2, 1)}),
    ),
    Item(
        "layer, group and instance normalisation",
        "estimates 5 for each element, 4 without scale",
        norms({"nn.LayerNorm": (5, 4), "nn.GroupNorm": (5, 4), "nn.InstanceNorm2d": (5, 4)}),
    ),
    Item(
        "pooling",
        "counts 1 for each input of an adaptive average pool, and no other pool",
        inputs({"nn.AdaptiveAvgPool2d": 1}),
    ),
    Item(
        "upsampling",
        "counts 1 for each output, 4 if bilinear",
        upsampled({"nearest": 1, "bilinear": 4}),
    ),
)

PTFLOPS = (
    MACS.replaced(
        why="counts those of torch's own modules, and of no class derived from them", formula=torchs_own(macs)
    ),
    BIAS.replaced(formula=torchs_own(bias)),
    Item(
        "batch normalisation",
        "counts 2 for each element, 1 without scale and shift",
        torchs_own(norms({"nn.BatchNorm1d": (2, 1), "nn.BatchNorm2d": (2, 1)})),
    ),
    Item(
        "layer, group and instance normalisation",
        "counts 1 for each element, and 2 for group and instance normalisation with a scale",
        torchs_own(norms({"nn.LayerNorm": (1, 1), "nn.GroupNorm": (2, 1), "nn.InstanceNorm2d": (2, 1)})),
    ),
    Item(
        "local response normalisation",
        "counts the functions within: two products, an addition, and an average pool over maps",
        across_maps,
    ),
    Item(
        "activations",
        "counts each element twice, as a module and as the function that it calls, or once where it knows but one",
        inputs(
            {"nn.ReLU": 2, "nn.PReLU": 2, "nn.ELU": 2, "nn.GELU": 2}
            | {"nn.ReLU6": 1, "nn.LeakyReLU": 1, "nn.SiLU": 1, "nn.Softmax": 1}
        ),
    ),
    Item(
        "pooling",
        "counts each input of a pool twice, as a module and as the function that it calls",
        inputs({f"nn.{adaptive}{kind}Pool2d": 2 for adaptive in ("", "Adaptive") for kind in ("Max", "Avg")}),
    ),
    Item(
        "pooling by a norm",
        "counts the functions within: an average pool, and a rectifier of its means twice",
        powers,
    ),
    Item(
        "upsampling",
        "counts each output twice, as a module and as the function that it calls",
        upsampled({"nearest": 2, "bilinear": 2}),
    ),
)

THOP = (
    MACS.replaced(
        why="counts those of torch's own modules and of classes derived from them", formula=derived_too(macs)
    ),
    Item(
        "batch normalisation",
        "counts 4 for each element, 2 without scale and shift",
        norms({"nn.BatchNorm1d": (4, 2), "nn.BatchNorm2d": (4, 2)}),
    ),
    Item(
        "layer, group and instance normalisation",
        "counts 4 for each element, 2 without scale and shift",
        norms({"nn.LayerNorm": (4, 2), "nn.GroupNorm": (4, 2), "nn.InstanceNorm2d": (4, 2)}),
    ),
    Item("activations", "counts 1 for each element of a PReLU, and no other activation", inputs({"nn.PReLU": 1})),
    Item("soft-max", "counts an exponential and a division for each element, and the additions between", softmax),
    Item("pooling", "counts an addition for each input of an average and a division for each output", means),
    Item("upsampling", "counts 11 for each output if bilinear, nothing if nearest", upsampled({"bilinear": 11})),
)

ATEN_BIAS = BIAS.replaced(formula=derived_too(bias))
CALFLOPS = MACS.replaced(
    why="counts those of convolutions and fully connected layers, less the odd ones of the padding `same` and, in a"
    " transposed convolution, divided by its groups twice",
    formula=halved_padding(grouped_twice),
)
TORCHINFO = (
    MACS.replaced(
        why="counts those of fully connected layers, and each weight of a convolution at each position of its output,"
        " also of a transposed one",
        formula=at_outputs,
    ),
    BIAS,
    Item("parameters", "takes each other parameter for one mult-add, however large the map", parameters),
)

DARKNET = MACS.replaced(
    why="counts those of convolutions and fully connected layers, and not of transposed convolutions",
    formula=within(macs, "nn.Conv2d", "nn.Linear"),
)
ALEXEYAB = (
    MACS.replaced(
        why="counts those of convolutions alone, a multiplication and an addition apart",
        formula=twice(within(macs, "nn.Conv2d")),
    ),
    Item(
        "pooling",
        "counts each position of each window, unless the window is the whole map",
        within(sizes_of_windows, "nn.MaxPool2d", "nn.AvgPool2d"),
    ),
    Item(JOINS, "counts one for each element that is added to the first input", added),
)

COUNTERS: Mapping[str, Counter] = {
    "torch": Counter("FLOPs as torch.utils.flop_counter of torch 2.13, two for each multiply-accumulate", (MACS,), 2),
    "fvcore": Counter("as fvcore 0.1.5, which prints a multiply-accumulate as one FLOP", FVCORE),
    "timm": Counter("as the GMACs that timm 1.0 publishes, which are fvcore's", FVCORE),
    "ptflops": Counter("as the pytorch backend of ptflops 0.7.5, in MACs", PTFLOPS),
    "ptflops-aten": Counter("as the aten backend of ptflops 0.7.5, in MACs", (MACS, ATEN_BIAS)),
    "thop": Counter("as ultralytics-thop 2.2, in MACs", THOP),
    "torchinfo": Counter("as torchinfo 1.8, in mult-adds", TORCHINFO),
    "calflops": Counter("as the MACs, not the FLOPs, of calflops 0.3.2", (CALFLOPS,)),
    "torchvision": Counter("as torchvision 0.28 publishes, a multiply-accumulate as one FLOP", (MACS,)),
    "darknet": Counter("operations as darknet, whose log prints them in billions as BFLOPs", (DARKNET,), 2),
    "darknet-alexeyab": Counter("operations as the fork of darknet by AlexeyAB, whose log says BF", ALEXEYAB),
}
