"""Every decision about a training program: its constants, its docstring, and which pieces of the engine it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred
from archspec.analysis.recipe_fit import trained_on
from archspec.ir.network import Network, Recipe
from archspec.ir.recipe import Setting
from archspec.recipe import SETTINGS
from archspec.recipe.data import Data, data_of
from archspec.recipe.facts import Facts
from archspec.recipe.lengths import Batch, Epochs, Iterations, LabelSmoothing, PaperError, images_of
from archspec.recipe.part import Parts, plain
from archspec.recipe.schedules import rate_of
from archspec.targets.torch.facts import facts_of
from archspec.targets.torch.layout import WIDTH, Bracket, lines
from archspec.targets.torch.names import doc, string
from archspec.targets.torch.parameters import function_name, module_name
from archspec.targets.torch.view import View as Module
from archspec.targets.torch.view import view_of as module_of
from archspec.targets.train.figures import Reported, top1_errors
from archspec.targets.train.pieces import pieces_of
from archspec.targets.train.program import Options, engine
from archspec.targets.train.text import Origin

MODULE = "architecture"
"""What the program calls the emitted module."""
SYNTHETIC = 12_800
"""Images of an epoch where nothing says how many the data has: a hundred batches of 128, the most common batch."""


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    usage: list[str]
    recipe: list[str]
    model: str
    """The import of the emitted module, whose names may be those of the program otherwise."""
    constants: list[str]
    pieces: str
    loss: str
    engine: str
    libraries: Mapping[str, Sequence[str]] = {}
    """What is imported beside the standard library and torch: names by their modules."""


class Subject(NamedTuple):
    """What is trained, and on what."""

    recipe: Recipe
    module: Module
    parts: Parts
    data: Data
    facts: Facts


def subject_of(network: Network, inferred: Inferred, totals: Totals) -> Subject:
    """The subject of a training program of a network that has a recipe, which fits it."""
    assert network.recipe is not None
    module, data = module_of(network, inferred, totals), trained_on(network, inferred)
    assert data is not None
    recipe = network.recipe if _is_own(network.recipe, data) else _on_other_images(network.recipe, data)
    parts = {name: recipe.parts(name) for name in recipe.settings} | {"data": (data,)}
    facts = facts_of(network, inferred, module.network, module.residuals)
    return Subject(recipe, module, parts, data, _qualified(facts))


def _is_own(recipe: Recipe, data: Data) -> bool:
    """Whether data is what the recipe names, and not other images in its place."""
    own = data_of({"data": recipe.parts("data")})
    return own is not None and own.classes == data.classes


def _on_other_images(recipe: Recipe, data: Data) -> Recipe:
    """The recipe, which says that it is followed on other images than its own."""
    own, none = recipe.settings["data"], Setting(text="none: the paper has other images")
    text = f"images of {data.classes:,} classes in folders, in the place of {own.text}"
    return recipe.replaced(settings=recipe.settings | {"data": own.replaced(text=text), "paper error": none})


def view_of(network: Network, inferred: Inferred, totals: Totals) -> View:
    """The view of the training program of a network that has a recipe, which fits it."""
    recipe, module, parts, data, facts = subject_of(network, inferred, totals)
    pieces = pieces_of(parts, facts, origins_of(recipe))
    paper = reported(network, parts, data)
    return View(
        heading=doc(f"Trains {network.display_name} on {data.title} by the recipe of its {origin(network)}."),
        usage=_usage(function_name(network), recipe is network.recipe),
        recipe=list(spoken(recipe)),
        model=f"import {module_name(network)} as {MODULE}  # isort: skip",
        constants=[
            *_constants(network, inferred, totals, data, parts),
            *(_paper(paper.percent, paper.source) if paper else ()),
        ],
        pieces=pieces.source.strip("\n"),
        loss="\n".join(loss(network, module, parts)),
        engine=engine(
            f"{MODULE}.{module.network.function}",
            Options(
                files=data.size is None,
                bytes=pieces.in_bytes,
                draws="augment" in parts and bool(parts["augment"]),
                epochs="epochs" in parts,
                initialises="initialise" in pieces.definitions,
                plateau="Plateau" in pieces.definitions,
                dense="dense" in pieces.definitions,
                clips="CLIP_NORM" in pieces.definitions,
                averages="EMA_DECAY" in pieces.definitions,
                init_from="INIT_FROM" in pieces.definitions,
                paper=paper is not None,
                sized=data.size is not None,
                tensors=data.in_tensors,
                centred="Centred" in pieces.definitions,
            ),
        ),
    )


def reported(network: Network, parts: Parts, data: Data) -> Reported | None:
    """The error that the recipe itself names, or else the first that the spec claims; none on other images."""
    assert network.recipe is not None
    if not _is_own(network.recipe, data):
        return None
    found = next((part for part in parts.get("paper error", ()) if isinstance(part, PaperError)), None)
    if found is None:
        return next(top1_errors(network, data), None)
    return Reported(found.percent, network.recipe.settings["paper error"].source)


def _qualified(facts: Facts) -> Facts:
    """The facts with the names of the module's classes as the program has them."""

    def qualified(name: str) -> str:
        return name if "." in name else f"{MODULE}.{name}"

    def each(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(qualified, names))

    return facts._replace(
        norms=each(facts.norms),
        scaled=each(facts.scaled),
        unscaled=each(facts.unscaled),
        branches=tuple(b._replace(block=qualified(b.block), passed=each(b.passed)) for b in facts.branches),
        drawn={qualified(name): fans for name, fans in facts.drawn.items()},
    )


def origin(network: Network) -> str:
    """Whose recipe it is."""
    return "paper" if network.own_papers else "spec"


def origins_of(recipe: Recipe) -> dict[str, Origin]:
    """What the recipe says of each setting, and where the paper does."""
    return {name: Origin(setting.text, setting.source) for name, setting in recipe.settings.items()}


def _usage(name: str, own: bool) -> list[str]:
    """Commands that run the program; on other images than its recipe's ``own`` it may start with trained weights."""
    program = f"train_{name}.py"
    return [
        f"    python {program} --dry-run",
        f"    python {program} --data PATH",
        *[f"    python {program} --data PATH --init-from WEIGHTS --lr RATE"] * (not own),
        f"    torchrun --nproc-per-node 8 {program} --data PATH --precision bf16",
    ]


def spoken(recipe: Recipe, silent: bool = True) -> Iterator[str]:
    """A line or more for each setting; where the recipe is ``silent``, what holds then."""
    wide = max(len(name) for name in SETTINGS if silent or name in recipe.settings)
    for name, setting in SETTINGS.items():
        said = recipe.settings.get(name)
        if said is None and not (silent and setting.silent):
            continue
        text = setting.silent if said is None else said.text
        source = "the recipe is silent" if said is None else said.source
        whole = doc(text) + (f" ({doc(source)})" if source else "")
        yield from wrap(
            whole,
            WIDTH,
            initial_indent=f"    {name:<{wide}}  ",
            subsequent_indent=" " * (wide + 6),
            break_on_hyphens=False,
            break_long_words=False,  # an escape must stay whole
        )


def _constants(network: Network, inferred: Inferred, totals: Totals, data: Data, parts: Parts) -> Iterator[str]:
    """What the engine has to know of the network, its data and its batch."""
    heads = [item for rows in inferred.heads.values() for item in rows]
    shape, last = network.input_shape, inferred.rows[-1].y
    assert last is not None
    images = images_of(parts)
    yield f'NAME = "{function_name(network)}"'
    yield f"INPUT = ({shape.channels}, {shape.height}, {shape.width})  # channels, height, width"
    yield f"CLASSES = {last.size}"
    yield f"PARAMETERS = {totals.params:_}"
    yield f"MULT_ADDS = {totals.mult_adds:_}  # of one image"
    kept = totals.kept + sum(item.kept for item in heads)
    yield f"ACTIVATIONS = {kept:_}  # numbers that one image leaves for the backward pass"
    yield f"TRAINING_IMAGES = {images or SYNTHETIC:_}" + ("" if images else "  # synthetic ones, in an epoch")
    yield f"BATCH = {batch_of(parts):_}  # images of one optimizer step, over all processes"
    yield f"RATE = {plain(rate_of(parts))}  # the learning rate to which its schedule is applied"
    if data.size is not None:
        yield f"IMAGE_SIZE = ({data.size[0]}, {data.size[1]})  # height and width of the data's images"
    yield from length(parts)
    if data.in_tensors:
        yield "WORKERS = 0  # the images lie in memory"
    else:
        yield 'PROCESSES = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))  # of this host'
        yield "CORES = ("
        yield "    len(os.sched_getaffinity(0))"
        yield '    if hasattr(os, "sched_getaffinity")'
        yield "    else os.cpu_count() or 1"
        yield ")  # that are this process's"
        yield "WORKERS = CORES // PROCESSES  # that load images, each"


def batch_of(parts: Parts) -> int:
    """The images of an optimizer step."""
    return next(part.images for part in parts["batch"] if isinstance(part, Batch))


def length(parts: Parts) -> Iterator[str]:
    """How long is trained, as a constant."""
    for part in (*parts.get("epochs", ()), *parts.get("iterations", ())):
        if isinstance(part, Epochs):
            yield f"EPOCHS = {plain(part.number)}"
        elif isinstance(part, Iterations):
            yield f"ITERATIONS = {part.number:_}  # optimizer steps"


def _paper(percent: float, source: str) -> Iterator[str]:
    yield f"PAPER_ERROR = {percent}  # of held-out images, top-1, in percent"
    yield from lines("PAPER_SOURCE = ", string(doc(source)), "", 0)


def loss(network: Network, module: Module, parts: Parts) -> Iterator[str]:
    """The loss of a batch, summed over its images: of the network, and of its heads by their weights."""
    smoothing = next((p.amount for p in parts.get("label smoothing", ()) if isinstance(p, LabelSmoothing)), 0.0)
    smoothed = f", label_smoothing={plain(smoothing)}" if smoothing else ""
    call = f'F.cross_entropy(LOGITS, labels, reduction="sum"{smoothed})'
    summary = "Cross-entropy, summed over the images"
    if not network.heads:
        smoothing_said = f"; labels smoothed by {plain(smoothing)}" if smoothing else ""
        yield "def summed_loss(output: Tensor, labels: Tensor) -> Tensor:"
        yield f'    """{summary}{smoothing_said}."""'
        yield from lines("return ", _called(call.replace("LOGITS", "output")), "", 4)
        return
    yield "def summed_loss(output: Sequence[Tensor], labels: Tensor) -> Tensor:"
    yield f'    """{summary} and, by their weights, over the heads."""'
    yield f"    weights = (1.0, *{MODULE}.{module.network.class_name}.head_weights)"
    yield "    total = torch.zeros((), device=labels.device)"
    yield "    for weight, logits in zip(weights, output, strict=True):"
    yield from lines("loss = ", _called(call.replace("LOGITS", "logits")), "", 8)
    yield "        total = total + weight * loss"
    yield "    return total"


def _called(call: str) -> Bracket:
    target, _, inner = call.partition("(")
    return Bracket(f"{target}(", inner.removesuffix(")").split(", "), ")")
