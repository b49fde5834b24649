"""Every decision about a short training program: what a reader needs of the recipe, on one device, in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from archspec.analysis.cost import Totals
from archspec.analysis.inferred import Inferred
from archspec.ir.network import Network, Recipe
from archspec.op import Call
from archspec.recipe import SETTINGS
from archspec.recipe.data import Data
from archspec.recipe.facts import Facts
from archspec.recipe.lengths import Models
from archspec.recipe.part import Code, Parts, plain
from archspec.support.sources import filled
from archspec.targets.torch.layout import WIDTH, lines
from archspec.targets.torch.names import doc
from archspec.targets.torch.parameters import function_name, module_name
from archspec.targets.torch.statements import document
from archspec.targets.train.pieces import Pieces, gathered
from archspec.targets.train.program import NETWORK, engine_file
from archspec.targets.train.short_images import ShortImages
from archspec.targets.train.steps import (
    initialise,
    learning_rate,
    library_schedule,
    make_optimizer,
    rate_at_once,
    weight_values,
)
from archspec.targets.train.text import closed_up
from archspec.targets.train.view import MODULE, batch_of, length, loss, origin, reported, spoken, subject_of

FOLLOWS = "follows this recipe, its sources in brackets:"
FULL = (
    "The full program, `archspec compile --train`, adds several processes, micro-batches, precisions, checkpoints and "
    "--resume, logs, checks, other tests and ensembles."
)
SILENT = ("init", "label smoothing", "clip", "average", "augment", "normalize", "test")
"""The settings of which the program says what holds where the recipe is silent."""
RATE = "learning_rate(step, per_epoch, steps)"
SET = 16 * " " + 'group["lr"] = '
"""What stands before the rate in the loop."""
OUT = '    flag("--out", type=Path, default="runs/network", help="folder of weights.pt")'
SCHEDULE = "    schedule = make_schedule(optimizer)"


class Options(NamedTuple):
    """What a recipe asks of the loop; its cut marks have these names."""

    epochs: bool
    """The recipe is as long as its epochs say, and not its iterations."""
    initialises: bool
    sets: bool
    """The learning rate is set at each step."""
    scales: bool
    """The rate of some parameters is a multiple of that of the others."""
    plateau: bool
    follows: bool
    """A schedule of torch's own follows the held-out error."""
    sums: bool
    """The loss is more than the mean cross-entropy."""
    clips: bool
    """Long gradients are scaled down."""
    averages: bool
    """A running mean of the weights is tested in their place."""
    looks: bool
    """The last test looks at more than the middle of an image."""


class View(NamedTuple):
    """What the template places; every text is Python already."""

    heading: str
    usage: str
    recipe: Sequence[str]
    remarks: Sequence[str]
    model: str
    constants: Sequence[str]
    gap: bool
    """Whether the pieces start with a definition, and not with further constants."""
    pieces: str
    loss: str
    engine: str
    libraries: Mapping[str, Sequence[str]]
    """What is imported beside the standard library and torch: names by their modules."""


def view_of(network: Network, inferred: Inferred, totals: Totals) -> View:
    """The view of the short program of a network that has a recipe, which fits it."""
    recipe, module, parts, data, facts = subject_of(network, inferred, totals)
    images, name = ShortImages(parts, facts), function_name(network)
    schedule = library_schedule(parts)
    rate = "" if schedule else _rate(parts)
    pieces = gathered(_definitions(parts, facts, images, rate), facts)
    options = _options(parts, pieces, images)._replace(sums=bool(network.heads or parts.get("label smoothing")))
    words = {NETWORK: f"{MODULE}.{module.network.function}()", OUT: _out(name)}
    words |= {RATE: rate} if rate else {SCHEDULE: schedule}
    words |= {constant: plain(value) for constant, value in weight_values(parts).items()}
    what = f"{network.display_name} on {data.title} by the recipe of its {origin(network)}"
    return View(
        heading=doc(f"Trains {what}, in short."),
        usage="\n".join(wrap(f"`python train_{name}.py --data PATH` {FOLLOWS}", WIDTH)),
        recipe=[*spoken(recipe, silent=False)],
        remarks=[*_remarks(network, parts, data, images)],
        model=f"import {module_name(network)} as {MODULE}  # isort: skip",
        constants=[*_constants(parts, data)],
        gap=not next(iter(pieces.definitions)).isupper(),
        pieces=closed_up(pieces.source.strip("\n")),
        loss="\n".join(loss(network, module, parts)) if options.sums else "",
        engine=closed_up(engine(words, options)),
        libraries=images.libraries,
    )


def _options(parts: Parts, pieces: Pieces, images: ShortImages) -> Options:
    made, schedule = pieces.definitions, library_schedule(parts)
    values = weight_values(parts)
    return Options(
        epochs="epochs" in parts,
        initialises="initialise" in made,
        sets=not schedule,
        scales="lr_scale" in made["make_optimizer"],
        plateau="Plateau" in made,
        follows=bool(schedule),
        sums=False,
        clips="CLIP_NORM" in values,
        averages="EMA_DECAY" in values,
        looks=images.looks,
    )


def _definitions(parts: Parts, facts: Facts, images: ShortImages, rate: str) -> Iterator[tuple[str, str]]:
    """The pieces of a recipe, which the docstring of the program has said already."""
    yield from images.definitions()
    yield from ((name, text) for name, text in initialise(parts, facts, {}) if name == "initialise")
    yield from make_optimizer(parts, facts, {}, fuses=False, follows=bool(rate))
    if rate == RATE:
        yield from learning_rate(parts, {}, resumes=False)


def engine(words: Mapping[str, str], options: Options) -> str:
    """The loop, and what it shares with the full program, with words of it replaced."""
    data, loop = engine_file("data"), engine_file("short").text(**options._asdict())
    shared = data.definition("seed_of", files=False, bytes=False, draws=True)
    return filled(f"{shared}\n\n\n{loop}", words)


def _out(name: str) -> str:
    """The argument that says where the weights end."""
    given = {"type": Code("Path"), "default": f"runs/{name}", "help": "folder of weights.pt"}
    return "\n".join(lines("", document(Call("flag", {"name": "--out"}, given)), "", 4))


def _rate(parts: Parts) -> str:
    """The learning rate of a step, in the loop: an expression that fits into its line, or a function's."""
    expression = rate_at_once(parts)
    return expression if 0 < len(expression) <= WIDTH - len(SET) else RATE


def _constants(parts: Parts, data: Data) -> Iterator[str]:
    yield f"BATCH = {batch_of(parts):_}  # images of an optimizer step"
    yield from length(parts)
    yield (
        "WORKERS = 0  # the images lie in memory"
        if data.in_tensors
        else ("WORKERS = os.cpu_count() or 1  # processes that load images")
    )


def _remarks(network: Network, parts: Parts, data: Data, images: ShortImages) -> Iterator[str]:
    """What the recipe leaves open, what the paper reports, and what the program has not, as lines."""
    assert network.recipe is not None
    simplified = [*_simplified(network.recipe, parts, images)]
    paper = reported(network, parts, data)
    texts = (
        _silence(network.recipe),
        f"The paper reports an error of {paper.percent} % ({doc(paper.source)})." if paper else "",
        f"Simplified: {'; '.join(simplified)}." if simplified else "",
        FULL,
    )
    yield from wrap(" ".join(filter(None, texts)), WIDTH, break_on_hyphens=False, break_long_words=False)


def _silence(recipe: Recipe) -> str:
    said = [f"{name} ({SETTINGS[name].silent.partition(':')[0]})" for name in SILENT if name not in recipe.settings]
    return f"The recipe is silent about {', '.join(said)}." if said else ""


def _simplified(recipe: Recipe, parts: Parts, images: ShortImages) -> Iterator[str]:
    """What the full program does of the recipe and this one does not."""
    given = [name for part in parts.get("init", ()) for name in getattr(part, "constants", dict)()]
    if given:
        yield "no layers are taken from another network, and all are drawn"
    if images.whole:
        yield "test images are seen by their middle alone, and not whole (dense)"
    if any(isinstance(part, Models) for part in parts.get("ensemble", ())):
        yield "one model is trained and tested, and no ensemble"
