"""The page that holds libraries to the tables of papers: it leaves nothing out, and says what `diff` says."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from networks import Corpus
from torchvision_shim import torchvision

ROOT = Path(__file__).parent.parent
TOOL = runpy.run_path(str(ROOT / "tools" / "versus.py"))
NAMES: dict[str, Any] = tomllib.loads((ROOT / "tools" / "libraries.toml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "library_vs_paper.md").read_text("utf-8")


def base(spec: str) -> str:
    """A network without what is set of it: ``wrn_imagenet.arch:50`` of ``wrn_imagenet.arch:50(k=2)``."""
    return spec.partition("(")[0]


def is_in(spec: str, names: Iterable[str]) -> bool:
    """Whether names have a network, or all of its file."""
    return not {spec, spec.partition(":")[0]}.isdisjoint(names)


def test_every_network_is_in_a_library_or_in_neither() -> None:
    listed = {base(spec) for spec in NAMES["names"]}
    for spec in Corpus():
        assert is_in(spec, listed) != is_in(spec, NAMES["neither"]), spec
    files = {spec.partition(":")[0] for spec in Corpus()}
    assert listed | {*NAMES["neither"]} <= {*Corpus(), *files}


def test_the_page_has_every_network_that_a_library_has() -> None:
    rows = [row.split(" | ") for row in PAGE.splitlines() if row.startswith("| ")][2:]
    found = {(spec.strip("| "), name) for spec, names, *_ in rows for name in names.strip().split(", ")}
    assert found == {(spec, name) for spec, names in NAMES["names"].items() for name in names}


@pytest.mark.witnesses
def test_no_library_has_what_neither_is_said_to_have() -> None:
    torchvision()
    timm = pytest.importorskip("timm")
    from torchvision import models

    have = {plain(name) for name in [*models.list_models(), *timm.list_models()]}
    for spec in Corpus():
        if is_in(spec, NAMES["neither"]):
            file, _, variant = spec.partition(":")
            stem = file.removesuffix(".arch")
            assert not {plain(stem), plain(stem + variant), plain(variant)} & (have - {""}), spec


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@pytest.mark.witnesses
@pytest.mark.parametrize("spec", ["squeezenet.arch", "vgg_bn.arch:A", "resnet.arch:50"])
def test_the_page_says_what_is_found(spec: str) -> None:
    check(spec)


@pytest.mark.slow
@pytest.mark.witnesses
@pytest.mark.parametrize("spec", NAMES["names"])
def test_the_whole_page_says_what_is_found(spec: str) -> None:
    check(spec)


def check(spec: str) -> None:
    torchvision()
    pytest.importorskip("timm")
    with chdir(ROOT):
        every = TOOL["of_network"](spec, NAMES["names"][spec])
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.splitlines() if row.startswith("|")]
    for found in every:
        assert [*TOOL["line"](found)] in rows
        assert not found.differences or TOOL["details"](found) in PAGE
