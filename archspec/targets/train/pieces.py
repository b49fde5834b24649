"""The pieces of a recipe: the functions of the training program in which its parts are torch.

What uses them stands in the rest of the program, which is the same for all recipes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from archspec.recipe.facts import Facts
from archspec.recipe.part import Line, Parts
from archspec.targets.train.images import Images
from archspec.targets.train.program import engine_file
from archspec.targets.train.steps import initialise, learning_rate, make_optimizer, weights
from archspec.targets.train.text import Origin, function

UNTYPED = re.compile(r" *from ((?:sklearn|torchvision)\S*) ")


class Pieces(NamedTuple):
    """Constants, classes and functions by their names, in the order in which they stand in the program.

    Every recipe has ``open_data``, ``training_transform``, ``test_views``, ``normalise``, ``make_optimizer`` and
    ``learning_rate``;
    ``initialise``, ``dense``, ``Plateau``, ``INIT_FROM``, ``CLIP_NORM`` and ``EMA_DECAY`` are there where it needs
    them.
    """

    definitions: Mapping[str, str]
    from_model: tuple[str, ...] = ()
    """The classes that they take from the emitted module."""
    in_bytes: bool = False
    """Whether images go to the device as bytes."""

    @property
    def source(self) -> str:
        """All of them, as a formatter spaces them."""
        texts = [*self.definitions.values()]
        gaps = ["\n" if _ends_plain(a) and _is_plain(b) else "\n\n\n" for a, b in pairwise(texts)]
        return "".join(map("".join, zip(texts, [*gaps, "\n"], strict=True)))


def _is_plain(text: str) -> bool:
    """Whether a text begins with a statement, and not with a function or a class."""
    return not text.startswith(("def ", "class ", "@"))


def _ends_plain(text: str) -> bool:
    """Whether its last statement is none of these either."""
    return not re.search(r"^(def|class) ", text, re.MULTILINE)


def pieces_of(parts: Parts, facts: Facts, origins: Mapping[str, Origin] = {}) -> Pieces:
    """The pieces of a recipe that neither contradicts itself nor misfits its network."""
    return gathered(_definitions(parts, facts, origins), facts)._replace(in_bytes=Images(parts, facts, {}).in_bytes)


def gathered(definitions: Iterable[tuple[str, str]], facts: Facts) -> Pieces:
    """Pieces by their names and texts, with what they take from the emitted module."""
    texts = dict(_ignoring_once({name: text.strip("\n") for name, text in definitions}))
    used = {word for text in texts.values() for word in re.findall(r"\w+", text)}
    classes = [name for branch in facts.branches for name in (branch.block, *branch.passed)]
    own = {name for name in (*facts.norms, *classes) if "." not in name}
    return Pieces(texts, tuple(sorted(own & used)))


def _ignoring_once(definitions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The definitions, whose first imports of a module without types say so: mypy complains about one alone."""
    seen: set[str] = set()
    for name, text in definitions.items():
        lines = text.split("\n")
        for place, line in enumerate(lines):
            found = UNTYPED.match(line)
            if found and found[1] not in seen:
                lines[place] += "  # type: ignore[import-untyped]"
                seen.add(found[1])
        yield name, "\n".join(lines)


def _definitions(parts: Parts, facts: Facts, origins: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    images = Images(parts, facts, origins)
    yield from images.definitions()
    if images.dense:
        yield from _dense(facts)
    yield from initialise(parts, facts, origins)
    yield from make_optimizer(parts, facts, origins)
    yield from learning_rate(parts, origins)
    yield from weights(parts)


def _dense(facts: Facts) -> Iterator[tuple[str, str]]:
    summary = "The network on images of any size, for evaluation; it shares the model's weights."
    notes = [
        "Fully connected layers are convolutions, and the mean is taken over positions:",
        "Simonyan and Zisserman 2015, section 3.2.",
    ]
    maps = Line("maps = ", dict(facts.dense))
    body = engine_file("modules").statements("dense")
    yield "dense", function("def dense(model: nn.Module) -> nn.Module:", summary, [maps, body], notes)
    yield "as_convolution", engine_file("modules").definition("as_convolution")
