"""Whatever a program gives, a public function answers, or raises ArchError, or TypeError with a sentence of its own."""

from __future__ import annotations

import decimal
import enum
import fractions
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from commands import RECIPE
from hypothesis import HealthCheck
from hypothesis import strategies as st
from random_examples import drawn
from torch import nn

import archspec
from archspec import ArchError, Compiled
from archspec.family.sweeps.sweep import Sweep
from archspec.ir.json import from_json, to_json

pytestmark = pytest.mark.torch

TABLE = """network tiny(classes=10, kernel=3x3, biased=yes)
input 8x8x1
variants A, B
| layer | A                           | B       |
|-------|-----------------------------|---------|
| a     | conv kernel, 4, bias=biased | conv3-8 |
| b     | fc classes                            |
"""
SPEC = TABLE + RECIPE
Act = Callable[[Any], object]


class Odd:
    """A type that no function takes."""


class Three(enum.IntEnum):
    """A whole number that Python prints as `<Three.OF: 3>`."""

    OF = 3


class Letter(enum.StrEnum):
    """A text that Python prints as `<Letter.A: 'A'>`."""

    A = "A"


class Half(float):
    """A number that is printed as anything."""

    def __repr__(self) -> str:
        return "half"


class Unprinted(str):
    """A text of which nothing can be printed."""

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


class Unseen:
    """An object of which nothing can be seen."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError


def nested(times: int) -> Any:
    """Lists in lists, which Python prints no deeper than its stack."""
    found: list[Any] = []
    for _ in range(times):
        found = [found]
    return found


def of_itself() -> Any:
    """A list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


NESTED: Any = torch.nested
ODD: list[Any] = [
    *(None, True, 0, 5, -1, 2.5, float("nan"), float("inf"), 10**400, -(10**5000), 1j),
    *(decimal.Decimal("1.5"), decimal.Decimal("sNaN"), fractions.Fraction(1, 3)),
    *("", " ", "\0", "\ud800", "x" * 5000, "é☃", "1.0", "{", "-", "s.arch", "s.arch:A", "s.arch:C", "s.arch(", "nowhere.svg"),
    *(b"bytes", b"\xff\xfe", bytearray(b"x"), memoryview(b"x")),
    *([], [1], ["a"], [None], [[]], (), (1, 2), (8, 8, 4), (0, 0, 0), ("a",), range(3), iter([1, 2])),
    *({}, {"a": 1}, {1: 2}, {"a": None}, set(), {1}, frozenset("a")),
    *(object(), Odd, Odd(), ..., len, sys, NotImplemented, Exception("x")),
    *(Path("nowhere"), Path(), Path("\0")),
    *(Three.OF, Letter.A, Half(0.5), Unprinted("A"), Unseen(), nested(100_000), of_itself(), 1e308, range(10**12)),
    *(torch.zeros(3), torch.tensor(5), torch.zeros(3, device="meta"), torch.zeros((), device="meta"),
     NESTED.nested_tensor([torch.ones(2)], layout=torch.jagged), nn.Linear(3, 4), nn.Identity),
]  # fmt: skip
WEIGHTS = {"a.weight": torch.zeros(4, 1, 3, 3), "a.bias": torch.zeros(4)}


@cache
def net() -> Compiled:
    return archspec.loads(SPEC, "A")


@cache
def swept() -> Sweep:
    return archspec.sweep("s.arch:A", classes=[1, 2])


FUNCTIONS: dict[str, Act] = {
    "load, path": lambda odd: archspec.load(odd),
    "load, variant": lambda odd: archspec.load("s.arch", odd),
    "load, input": lambda odd: archspec.load("s.arch", "A", input=odd),
    "load, a number": lambda odd: archspec.load("s.arch", "A", classes=odd),
    "load, a size": lambda odd: archspec.load("s.arch", "A", kernel=odd),
    "load, a truth value": lambda odd: archspec.load("s.arch", "A", biased=odd),
    "loads, text": lambda odd: archspec.loads(odd),
    "build, path": lambda odd: archspec.build(odd),
    "build, variant": lambda odd: archspec.build("s.arch", odd),
    "build, input": lambda odd: archspec.build("s.arch", "A", input=odd),
    "from_torch, model": lambda odd: archspec.from_torch(odd, (3,)),
    "from_torch, input": lambda odd: archspec.from_torch(nn.Linear(3, 4), odd),
    "from_torch, name": lambda odd: archspec.from_torch(nn.Linear(3, 4), (3,), name=odd),
    "audit": lambda odd: archspec.audit(odd),
    "diff, a": lambda odd: archspec.diff(odd, "s.arch:A"),
    "diff, b": lambda odd: archspec.diff(net(), odd),
    "plot": lambda odd: archspec.plot(odd),
    "plot, kind": lambda odd: archspec.plot(net(), kind=odd),
    "plot, width": lambda odd: archspec.plot(net(), width=odd),
    "plot, quantity": lambda odd: archspec.plot(net(), kind="accuracy", quantity=odd),
    "plot, source": lambda odd: archspec.plot(net(), kind="accuracy", source=odd),
    "plot, against": lambda odd: archspec.plot(net(), kind="accuracy", against=odd),
    "call, variant": lambda odd: net()(variant=odd),
    "call, input": lambda odd: net()(input=odd),
    "call, a number": lambda odd: net()(classes=odd),
    "setting, parameters": lambda odd: net().setting(odd),
    "setting, alone": lambda odd: net().setting({}, odd),
    "totals_by": lambda odd: net().totals_by(odd),
    "alternatives": lambda odd: net().alternatives(odd),
    "under": lambda odd: net().under(odd),
    "draw, style": lambda odd: net().draw(odd),
    "draw, width": lambda odd: net().draw(width=odd),
    "figure, path": lambda odd: net().draw().save(odd),
    "figure, ending": lambda odd: net().draw().save("f.svg", odd),
    "figure, dpi": lambda odd: net().draw().save("f.png", "png", odd),
    "figure, written": lambda odd: net().draw().written(odd),
    "to_latex, columns": lambda odd: net().to_latex(odd),
    "to_latex, units": lambda odd: net().to_latex(units=odd),
    "to_latex, side_by_side": lambda odd: net().to_latex(side_by_side=odd),
    "to_latex, cite": lambda odd: net().to_latex(cite=odd),
    "to_typst, cite": lambda odd: net().to_typst(cite=odd),
    "to_html, columns": lambda odd: net().to_html(odd),
    "source, together": lambda odd: net().source(together=odd),
    "training, short": lambda odd: net().training(short=odd),
    "build, opaque": lambda odd: net().build(opaque=odd),
    "weights_from, source": lambda odd: net().weights_from(odd),
    "weights_from, a tensor": lambda odd: net().weights_from(WEIGHTS | {"b.weight": odd}, partial=True),
    "weights_from, partial": lambda odd: net().weights_from(WEIGHTS, partial=odd),
    "weights_from, opaque": lambda odd: net().weights_from(WEIGHTS, opaque=odd),
    "formula, a quantity": lambda odd: str(net().formula(odd)),
    "formula, over": lambda odd: str(net().formula(over=odd)),
    "formula, form": lambda odd: net().formula().text(odd),
    "formula, rows": lambda odd: net().formula("params").text(rows=odd),
    "formula, growth": lambda odd: net().formula("params").text(growth=odd),
    "formula, a side": lambda odd: net().formula("params", over=["classes", "resolution"])(resolution=odd),
    "formula, a name": lambda odd: net().formula("params")(**{type(odd).__name__: 3}),
    "formula, a number": lambda odd: net().formula("params")(classes=odd),
    "sweep, path": lambda odd: archspec.sweep(odd, classes=[1]),
    "sweep, an axis": lambda odd: archspec.sweep("s.arch:A", classes=odd),
    "sweep, a value": lambda odd: archspec.sweep("s.arch:A", classes=[3, odd]),
    "sweep, sizes": lambda odd: archspec.sweep("s.arch:A", kernel=[odd], classes=[1, 2]),
    "sweep, of": lambda odd: archspec.sweep("s.arch:A", classes=[1], of=odd),
    "sweep, where": lambda odd: archspec.sweep("s.arch:A", classes=[1], where=odd),
    "sweep, pareto": lambda odd: archspec.sweep("s.arch:A", classes=[1], pareto=odd),
    "sweep, sort": lambda odd: archspec.sweep("s.arch:A", classes=[1], sort=odd),
    "sweep, top": lambda odd: archspec.sweep("s.arch:A", classes=[1], top=odd),
    "sweep, convention": lambda odd: archspec.sweep("s.arch:A", classes=[1], convention=odd),
    "sweep, jobs": lambda odd: archspec.sweep("s.arch:A", classes=[1, 2], jobs=odd),
    "sweep, a side": lambda odd: archspec.sweep("s.arch:A", resolution=odd, classes=[1]),
    "sweep, a name": lambda odd: archspec.sweep("s.arch:A", **cast("Any", {type(odd).__name__: [1]})),
    "sweep, save": lambda odd: swept().save(odd),
    "from_json": lambda odd: from_json(odd),
    "to_json": lambda odd: to_json(odd),
}


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.arch").write_text(SPEC)


def answers(act: Act, odd: Any) -> None:
    """Nothing else is raised, and what is raised can be read."""
    said = ""
    try:
        act(odd)
    except ArchError as error:
        said = str(error) or "nothing"
    except TypeError as error:
        said = str(error)
    assert not said or said.startswith("error[E") or ", not an object of the type `" in said, said


def test_a_value_is_what_it_holds_and_not_what_it_prints() -> None:
    compiled = archspec.load("s.arch", Letter.A, classes=Three.OF, kernel=(Three.OF, Three.OF))
    assert (compiled.name, compiled.source()) == ("tiny_A", archspec.load("s.arch", "A", classes=3).source())
    assert compiled.draw(Unprinted("blocks")).svg == compiled.draw().svg
    rate = archspec.loads("network n(p=0.1)\ninput 4\n| dropout p; fc 2 |\n", p=Half(0.5))
    assert "p: float = 0.5" in rate.source()


DEAR = {name for name in FUNCTIONS if name.startswith("from_torch")}
"""Each of whose calls runs torch.export; one run tries a few values."""


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in DEAR else ()) for n in FUNCTIONS])
def test_a_public_function_answers_any_argument(name: str) -> None:
    for odd in ODD:
        answers(FUNCTIONS[name], odd)


@pytest.mark.parametrize("odd", [None, -1, (0, 0, 0), torch.zeros(3)], ids=str)
@pytest.mark.parametrize("name", sorted(DEAR))
def test_what_runs_torch_answers_a_few_arguments(name: str, odd: Any) -> None:
    answers(FUNCTIONS[name], odd)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@drawn(
    st.sampled_from(sorted({*FUNCTIONS} - DEAR)),
    JSON,
    few=60,
    many=3_000,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
def test_a_public_function_answers_any_plain_value(name: str, value: Any) -> None:
    answers(FUNCTIONS[name], value)


def test_every_public_function_is_tried() -> None:
    tried = {name.partition(",")[0] for name in FUNCTIONS}
    functions = {name for name in archspec.__all__ if inspect.isfunction(getattr(archspec, name))}
    methods = {
        name
        for name, method in inspect.getmembers(Compiled, inspect.isfunction)
        if not name.startswith("_") and len(inspect.signature(method).parameters) > 1
    }
    assert functions | methods <= tried
