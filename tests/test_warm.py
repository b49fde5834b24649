"""What is remembered changes nothing: whatever was asked before, answers are those of a process that just began."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from networks import SPECS
from random_programs import program, seed_of_the_day, settings

import archspec
from archspec import budget, family, op
from archspec.analysis import applied
from archspec.compiled import Compiled
from archspec.diagnostics import ArchError, Source
from archspec.elaborate import Request, words
from archspec.ir.json import to_json
from archspec.language import parse, tree
from archspec.pipeline import compile_text
from archspec.support import limits
from archspec.support.memo import Memo

pytestmark = pytest.mark.dear

PROGRAMS = int(os.environ.get("ARCHSPEC_WARM_PROGRAMS", "4"))
"""How many random programs are asked."""
Settings = Mapping[str, Any]
QUESTIONS: Mapping[str, Callable[[Compiled], Any]] = {
    "network": lambda net: to_json(net.network),
    "counts": lambda net: net.to_json(),
    "rows": lambda net: [tuple(row) for row in net.rows],
    "heads": lambda net: {name: [tuple(row) for row in rows] for name, rows in net.heads.items()},
    "claims": lambda net: [(check.value, check.verdict, check.counted) for check in net.claims],
    "cells": lambda net: [(check.value, check.verdict) for check in net.cells],
    "said": lambda net: [d.to_dict() for d in net.diagnostics],
    "fvcore": lambda net: tuple(net.under("fvcore").totals),
    "other input": lambda net: tuple(net(input=(16, 16, 3)).totals),
    "blocks": lambda net: [
        (str(key), inside.tally.kept, inside.y.shape) for key, inside in net.inferred.inside.items()
    ],
    "source": lambda net: net.source(),
}
CLAIMS = """
claims
| source | w | counted | params | mult-adds |
|--------|---|---------|--------|-----------|
| one    | 3 |         | 1      | 2         |
| two    | 5 | fvcore  |        | 2         |
| three  | 3 |         | 12     |           |
| four   |   |         | 1      |           |
"""


def forget() -> None:
    """Begin as a process does that has compiled nothing."""
    for memo in (family.FAMILIES, family.MEMBERS, parse.REMEMBERED):
        memo.clear()
    for cached in (tree._tree, applied.applied, op._made, words.find_op):
        cached.cache_clear()


def answer(net: Callable[[], Compiled], question: str) -> Any:
    try:
        return QUESTIONS[question](net())
    except ArchError as error:
        return [d.to_dict() for d in error.diagnostics]


def asked(text: str, given: Settings) -> Compiled:
    return compile_text(Source("warm.arch", text), Request(parameters=given))


def in_any_order(
    pen: random.Random, text: str, members: list[Settings], questions: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Every question about every member, each asked anew or of a network that is there already."""
    there: list[Compiled] = []
    pairs = [(given, question) for given in members for question in questions]
    for given, question in pen.sample(pairs, len(pairs)):

        def net(given: Settings = given) -> Compiled:
            plain = [one for one in there if not one._member.request.parameters]
            found = pen.choice(plain)(**given) if given and plain and pen.random() < 0.7 else asked(text, given)
            there.append(found)
            return found

        yield given, question, answer(net, question)


CASES: Mapping[str, tuple[str, list[Settings]]] = {
    "an input over a parameter that nothing else uses": (
        "network n(r=16, k=3)\ninput r x r x 3\n\n| layer | op |\n|---|---|\n| f | fc k |\n",
        [{}, {"k": 5}, {"r": 8}],
    ),
    "a head that keeps what no row keeps": (
        "network n(classes=10)\ninput 16x16x3\ncounted with heads\n\n"
        "head aux from d, weight=0.3\n| conv 1x1, 4 |\n| fc 10 |\n\n"
        "| c | conv 3x3, 8 |\n| d | dropout 0.1 |\n| u | upsample 2; conv 1x1, 4 |\n| f | fc classes |\n",
        [{}, {"classes": 7}],
    ),
    "whole numbers that are written with a point": (
        "network n(k=5)\ninput 8x8x3\nlet m = (2.0 if k > 5 else 1)\nblock b(c)\n| conv 3x3, c |\n\n"
        "| a | b (16.0 if k > 3 else 8) |\n| d | conv 3x3, 4 x m |\n| f | fc k |\n",
        [{}, {"k": 6}, {"k": 2}],
    ),
    "values that are equal and not the same": (
        "network n(k=3x3, a=0.5)\ninput 8x8x3\n\n| c | conv k, 8 |\n| s | scale a |\n| f | fc 5 |\n",
        [{}, {"k": (3, 3)}, {"k": (3.0, 3.0)}, {"k": (True, 1)}, {"a": 0.0}, {"a": -0.0}, {"a": 1}, {"a": 1.0}],
    ),
    "a parameter called self": (
        "network n(self=3)\ninput 8x8x3\n\n| f | fc self |\n",
        [{}, {"self": 4}],
    ),
    "names that are not known": (
        "network n(k=1)\ninput 8x8x3\n" + "conv1 x\n" * 140 + "\n" + "| conv1x |\n" * 30 + "| fc k |\n",
        [{}, {"k": 5}],
    ),
    "too much work": (
        "network n(k=1)\ninput 8x8x3\n\n| layer | op |\n|---|---|\n"
        + "".join(f"| r{i} | conv 1x1, {i} + k; bn; relu |\n" for i in range(1, 40))
        + "\nclaims\n| source | k | params |\n|---|---|---|\n"
        + "".join(f"| s | {k} | 1 |\n" for k in range(2, 9)),
        [{}, {"k": 2}, {"k": 3}],
    ),
}
"""What once was another answer where something was asked before."""


@pytest.mark.parametrize("name", CASES)
def test_what_was_another_answer_once_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "too much work":  # a network loads, and all its claims together are too much
        monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (70_000,))
    text, members = CASES[name]
    questions = [q for q in QUESTIONS if q != "fvcore"]
    for seed in range(1 if name == "too much work" else 3):
        forget()
        for given, question, found in [*in_any_order(random.Random(seed), text, members, questions)]:
            forget()
            assert found == answer(partial(asked, text, given), question), (given, question)


def test_threads_spend_as_much_as_one_alone() -> None:
    text = "network n(k=1)\ninput 8x8x3\n" + "".join(f"\n| conv 1x1, {i} + k; relu |" for i in range(1, 80)) + "\n"

    def spent(k: int) -> float:
        with budget.request() as one:
            for _ in range(50):
                _ = (asked(text, {}).totals, asked(text, {"k": k}).totals)
            return one.spent

    forget()
    alone = spent(5)
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(spent, [5] * 8)] == [alone] * 8


def test_what_is_remembered_weighs_with_its_text() -> None:
    forget()
    most = limits.MOST_MEMBERS // 800_000
    for i in range(most + 4):
        asked(f"# {'x' * 99}\n" * 8_000 + f"network n\ninput {i + 1}\n| fc 5 |\n", {})
    assert len(family.MEMBERS) <= most
    assert len(parse.REMEMBERED) <= limits.MOST_READ // 800_000


def test_a_network_can_be_pickled_and_lists_are_the_callers() -> None:
    net = asked("network n(k=1)\ninput 8x8x3\n| fc k |\n", {"k": 3}).under("fvcore")
    again = pickle.loads(pickle.dumps(net))
    assert (again.name, again.totals, again.convention) == (net.name, net.totals, "fvcore")
    net(k=3).rows.clear()
    assert net(k=3).rows


@pytest.mark.parametrize("share", range(4))
def test_random_programs_are_the_same_in_any_order(share: int) -> None:
    seed = os.environ.get("ARCHSPEC_SEED") or seed_of_the_day()
    print("seed", seed)
    for index in range(share, PROGRAMS, 4):
        pen = random.Random(f"{seed} {index}")
        text = program(seed, index) + CLAIMS
        members: list[Settings] = [{}, *settings(seed, index), {"w": 1}, {"w": 7, "classes": 3}, {"alpha": 0.7}]
        questions = [q for q in QUESTIONS if q != "source" or index % 8 == 0]
        forget()
        warm = [*in_any_order(pen, text, members, questions)]
        for given, question, found in warm:
            forget()
            assert found == answer(partial(asked, text, given), question), (index, given, question)


CORPUS = """
import json, sys
import archspec
for spec in sys.argv[1:]:
    family, variant = spec.split(":")
    print(json.dumps([archspec.load(family, variant or None, **{setting}).to_json() for setting in ({}, {"classes": 7})]))
""".replace("{setting}", "setting")


def test_the_corpus_is_that_of_a_new_process() -> None:
    names = [f"{path}:{variant or ''}" for path in SPECS[::3] for variant in variants_of(path)[-1:]]
    names = [name for name in names if "classes" in archspec.load(name.rstrip(":")).network.parameters]
    found = subprocess.run([sys.executable, "-c", CORPUS, *names], check=True, capture_output=True, text=True)
    cold = dict(zip(names, map(json.loads, found.stdout.splitlines()), strict=True))
    for name in random.Random(1).sample(names, len(names)):
        path, _, variant = name.rpartition(":")
        other = archspec.load(path, variant or None)(classes=7)
        assert [archspec.load(path, variant or None).to_json(), other.to_json()] == cold[name], name


def variants_of(path: Any) -> list[str | None]:
    return [net.network.variant for net in archspec.api.variants(str(path))]


def kept(memo: Memo[str], keys: str) -> str:
    """The keys for which a memo computes a result, of so many that are asked in turn; a capital weighs 11."""
    made: list[str] = []

    def compute(key: str) -> str:
        made.append(key)
        return key

    for key in keys:
        assert memo.get(key, partial(compute, key), lambda result: 11 if result.isupper() else 1) == key
    return "".join(made)


def test_the_least_recently_used_goes_first() -> None:
    assert kept(Memo(3), "abacdab") == "abcdb"


def test_what_weighs_more_than_all_may_is_not_kept() -> None:
    assert kept(Memo(10), "aAAa") == "aAA"
    assert kept(Memo(11), "aAAa") == "aAa"
