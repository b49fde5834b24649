"""Recipes: what a spec says is what the IR holds, whatever it says; JSON that is not a recipe is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example
from hypothesis import strategies as st
from random_examples import drawn

from archspec import ArchError, loads
from archspec.ir.json import from_json, to_json
from archspec.ir.network import Recipe
from archspec.recipe import LENGTHS, SETTINGS, parts_of
from archspec.recipe.part import Hole, Part

LEAST = {"data": "digits", "optimizer": "sgd", "lr": "0.1", "batch": "8", "epochs": "200"}
NETWORK = "network n(wide=3)\ninput 8x8x1\n| fc (7 + wide) |\n\ntrain\n| setting | value |\n|---|---|\n"


def spec(**rows: str) -> str:
    """A small network with the least recipe and these rows, whose underscores are blanks."""
    said = LEAST | {name.replace("_", " "): value for name, value in rows.items()}
    return NETWORK + "".join(f"| {name} | {value} |\n" for name, value in said.items())


def recipe(**rows: str) -> Recipe:
    found = loads(spec(**rows)).network.recipe
    assert found is not None
    return found


def recipe_or_codes(text: str) -> Recipe | set[str] | None:
    """The recipe of a spec, or the codes of what is wrong with it; any other exception fails the test."""
    try:
        return loads(text).network.recipe
    except ArchError as error:
        return {d.code for d in error.diagnostics if str(d)}


NUMBERS: list[Any] = [1, 2, 3, 10, 0.5, 0.25, 1e-4, 8]
CANDIDATES: list[Any] = [*NUMBERS, True, (1, 8), (0.5, 0.75), (2, 3, 5), "fc1", "A", "epochs", "iterations", *NUMBERS]


def values(part: type[Part], name: str) -> st.SearchStrategy[Any]:
    """Values that an argument takes, of which the first words are its own."""
    argument = part.arguments[name]
    fitting = [word for word in (*argument.words, *CANDIDATES) if argument.read(word) is not None]
    return st.sampled_from(fitting)


def written(value: Any, argument: Any) -> str:
    """A value as a spec writes it: a range, or several values behind one another."""
    if not isinstance(value, tuple):
        return str(value)
    return f"{value[0]}..{value[1]}" if ".." in argument.expects else " ".join(map(str, value))


@st.composite
def uses(draw: st.DrawFn) -> tuple[str, type[Part], str, dict[str, Any]]:
    """A part of any setting in one of its forms with some of its arguments, as a text and as values."""
    setting = draw(st.sampled_from([name for name in SETTINGS if name not in LENGTHS]))
    part = draw(st.sampled_from(parts_of(setting)))
    pattern = draw(st.sampled_from([p for p in part.patterns() if p]))
    inside = [item.argument for item in pattern if isinstance(item, Hole)]
    further = draw(st.lists(st.sampled_from([n for n in part.arguments if n not in inside] or [""]), unique=True))
    args = {name: draw(values(part, name)) for name in (*inside, *further) if name}
    words = [
        item if isinstance(item, str) else written(args[item.argument], part.arguments[item.argument])
        for item in pattern
    ]
    for name in further:
        if name and part.arguments[name].is_switch:
            args[name] = True
            words[-1] += f", {name.replace('_', ' ')}"
        elif name:
            words[-1] += f", {name}={written(args[name], part.arguments[name])}"
    return setting, part, " ".join(words), args


@drawn(uses(), few=80, many=300)
def test_a_part_is_read_as_it_is_written(use: tuple[str, type[Part], str, dict[str, Any]]) -> None:
    setting, part, text, args = use
    cell = f"0.1; {text}" if setting == "lr" and not text[0].isdigit() else text
    wanted = part(**args)
    found = recipe_or_codes(spec(**{setting.replace(" ", "_"): cell}))
    assert found is not None
    if isinstance(found, Recipe):
        assert wanted in found.parts(setting), f"{setting}: {cell}"
    else:  # it was understood, and contradicts the rest, or does not fit the network
        assert found <= {"E1006", "E1007", "E1009"}, f"{setting}: {cell}"


WORDS = [w for part in (p for name in SETTINGS for p in parts_of(name)) for form in part.forms for w in form.split()]


@drawn(
    st.sampled_from(list(SETTINGS)),
    st.lists(
        st.sampled_from(
            [
                *(w for w in WORDS if w[0] != "{"),
                *[
                    "0",
                    "1",
                    "-1",
                    "10",
                    "2.5",
                    "32k",
                    "4%",
                    "1e400",
                    "3x3",
                    "1..2",
                    "=",
                    ",",
                    ";",
                    "(",
                    ")",
                    "if",
                    "wide",
                ],
            ]
        )
        | st.text(st.characters(blacklist_characters="|\n\r"), max_size=6),
        max_size=12,
    ),
    few=80,
    many=300,
)
@example("lr", ["0.1", ",", "divide", "by", "10", "at", ",", ","])
@example("test", ["crops", "=", "10", ",", "=", "3"])
@example("augment", ["resize", "9" * 500 + ".." + "9" * 600])
def test_any_words_in_a_setting_are_read_or_refused(setting: str, words: list[str]) -> None:
    found = recipe_or_codes(spec(**{setting.replace(" ", "_"): " ".join(words)}))
    assert found is not None


def test_a_recipe_comes_back_from_json() -> None:
    network = loads(
        spec(
            lr="0.1, divide by 10 at 20, 30 epochs; warm-up 2 epochs at 0.01",
            init="he; bias 1 in fc1",
            augment="resize 9..12; crop 8",
            normalize="mean=0.5",
            label_smoothing="10%",
        )
    ).network
    assert network.recipe is not None
    text = to_json(network)
    assert from_json(text) == network
    assert from_json(text).recipe == network.recipe


def put(*path: Any) -> Callable[[Any], None]:
    *way, last, value = path

    def change(data: Any) -> None:
        for key in way:
            data = data[key]
        data[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("optimizer", "uses", 0, "part", "sgb"), "has no part `sgb`"),
        (put("optimizer", "uses", 0, "args", {"momentum": 2}), "at most 1"),
        (put("optimizer", "uses", 0, "args", {"__class__": 2}), "__class__"),
        (put("dropout", {"text": "", "source": "", "uses": []}), "no setting `dropout`"),
        (put("batch", "uses", [{"part": "batch", "args": {"images": 2000}}]), "more than the data has"),
        (put("batch", "uses", 2 * [{"part": "batch", "args": {"images": 2}}]), "is one thing"),
        (put("lr", "uses", 0, "args", {"rate": "0.1"}), "a number above 0"),
        (put("lr", "uses", 0, "args", {"rate": float("inf")}), "finite"),
    ],
)
def test_what_is_no_recipe_is_refused(change: Callable[[Any], None], words: str) -> None:
    data = json.loads(to_json(loads(spec()).network))
    change(data["recipe"]["settings"])
    with pytest.raises(ArchError, match=words):
        from_json(json.dumps(data))
