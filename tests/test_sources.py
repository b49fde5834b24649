"""Python that is copied into emitted code: cut marks, definitions, and what the engine is with any options."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path

import pytest

from archspec.support.sources import InvalidMark, Source, beside, filled, trimmed
from archspec.targets.train import short
from archspec.targets.train.program import COPIED, FOLDER, NETWORK, Options

MARKED = """def measure(images):
    # if dense
    def inner(self, whole=False):
        # else
        # def inner(self):
        #     return 1
        # end
        # a comment that is none
        return 2

    # if files
    # if dense
    both()
    # end
    read()
    # end
    return 3"""


def test_what_an_option_is_for_goes_with_its_marks() -> None:
    said = "        # a comment that is none\n        return 2\n\n"
    with_all = "    def inner(self, whole=False):\n" + said + "    both()\n    read()\n"
    without = "    def inner(self):\n        return 1\n" + said
    head, end = "def measure(images):\n", "    return 3"
    assert trimmed(MARKED, {"dense": True, "files": True}) == head + with_all + end
    assert trimmed(MARKED, {"dense": False, "files": False}) == head + without + end
    assert trimmed(MARKED, {"dense": False, "files": True}) == head + without + "    read()\n" + end


def test_what_stands_under_else_may_be_a_statement_that_begins_as_a_mark_does() -> None:
    text = "# if a\nx = 1\n# else\n# if y:\n#     x = 2\n# else:\n#     x = 3\n# end"
    assert trimmed(text, {"a": False}) == "if y:\n    x = 2\nelse:\n    x = 3"


@pytest.mark.parametrize(
    "text",
    [
        "# if danse\n# end",  # an option that nobody has
        "# if dense",
        "# if dense:\n# end",
        "# end",
        "# else\n# end",
        "# if dense\n# else\n# else\n# end",
        "# if dense\n# endif\n# end",
        "# if dense\n# elif dense\n# end",
        "# if dense\n# else dense\n# end",
        "# if dense\n# end dense",
        "# if dense\n# else\n# if dense\n# end\n# end",
        "# if dense\n# else\nx = 1\n# end",  # it would be there with both
    ],
)
@pytest.mark.parametrize("dense", [True, False])
def test_other_marks_are_refused(text: str, dense: bool) -> None:
    with pytest.raises(InvalidMark):
        trimmed(text, {"dense": dense})


def test_words_are_replaced_at_once_and_each_stands_there() -> None:
    assert filled("a + b[a]", {"a": "b", "b[": "c("}) == "b + c(b]"
    with pytest.raises(AssertionError):
        filled("a", {"b": "c"})


def test_parts_of_a_file_are_what_they_are_in_it() -> None:
    source = beside("archspec.ops.drop_path")
    assert source.classes() == {"DropPath"}
    assert source.statements("closing").startswith("paths = [")
    assert source.definition("DropPath.forward").startswith("    def forward(")
    assert source.definition("DropPath") in source.text()
    measured = Source(FOLDER / "evaluation.py").definition("measure", dense=True)
    assert measured.startswith("@torch.no_grad()\ndef measure(")


def test_there_is_no_file_where_nothing_is_copied() -> None:
    assert beside("archspec.ops.conv").classes() == frozenset()


def marks(path: Path) -> set[str]:
    return set(re.findall(r"^ *# if (\w+)$", path.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", [*COPIED, "views", "short"])
def test_a_file_of_the_engine_is_python_with_any_options(name: str) -> None:
    source = Source(FOLDER / f"{name}.py")
    options = sorted(marks(source.path))
    for chosen in product([True, False], repeat=len(options)):
        text = source.text(**dict(zip(options, chosen, strict=True)))
        ast.parse(text)
        assert not re.search(r"^ *# (if|else|end)\b", text, re.MULTILINE)


def test_a_short_program_has_the_options_that_a_recipe_chooses() -> None:
    assert marks(FOLDER / "short.py") == set(short.Options._fields)


def test_the_engine_has_the_options_that_a_recipe_chooses() -> None:
    options = set[str]().union(*(marks(FOLDER / f"{name}.py") for name in COPIED))
    assert options == set(Options._fields)
    assert sum(NETWORK in (FOLDER / f"{name}.py").read_text("utf-8") for name in COPIED) == 2
