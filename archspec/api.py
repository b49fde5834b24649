"""The functions of ``import archspec``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from archspec.diagnostics import Source
from archspec.elaborate import Request
from archspec.files import read
from archspec.ir import Value
from archspec.pipeline import Compiled, compile_text, compile_variants

if TYPE_CHECKING:
    from torch import nn


def load(path: str | os.PathLike[str], variant: str | None = None, **parameters: Value) -> Compiled:
    """Compile a spec file, or one variant of it; ``file.arch:VARIANT`` names it as well.

    Keyword arguments set parameters of the network: ``load("specs/vgg_D.arch", classes=10)``.
    Raises ArchError, which carries the diagnostics. Figures that disagree do not raise; see ``Compiled.holds``.
    """
    name, named = split(os.fspath(path))
    return compile_text(read(name), Request(variant if variant is not None else named, parameters))


def loads(text: str, variant: str | None = None, **parameters: Value) -> Compiled:
    """Compile the text of a spec, as ``load`` does a file."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return compile_text(Source("<text>", plain), Request(variant, parameters))


def build(path: str | os.PathLike[str], variant: str | None = None, **parameters: Value) -> nn.Module:
    """The torch module of a spec: ``load(path, variant, **parameters).build()``. Imports torch."""
    return load(path, variant, **parameters).build()


def split(spec: str) -> tuple[str, str | None]:
    """``file.arch:VARIANT`` as file and variant; a colon in the name of a file that exists is part of the name."""
    head, colon, variant = spec.rpartition(":")
    if not colon or not variant or "/" in variant or "\\" in variant or os.path.exists(spec):
        return spec, None
    return head, variant


def variants(spec: str, parameters: Mapping[str, Value] = {}, input: tuple[int, ...] | None = None) -> list[Compiled]:
    """The network that a spec names, or every variant of the family where it names none.

    Raises ArchError with the diagnostics of all variants together, each once.
    """
    name, variant = split(spec)
    return compile_variants(read(name), Request(variant, parameters, input))
