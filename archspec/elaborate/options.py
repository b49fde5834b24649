"""What a command gives as text and a call as values: parameters, the size of an input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from numbers import Real
from typing import Any, TypeAlias

from archspec.diagnostics import ArchError, Diagnostic, Report, text_span
from archspec.elaborate.elaboration import CHW, ORDERS, channels_first, input_size
from archspec.elaborate.messages import no_variant_name, on_one_line, seems_chw, wrong_input
from archspec.elaborate.scope import Scope, Wrong
from archspec.ir.network import Value
from archspec.language import syntax as s
from archspec.language.parse import parse_cell
from archspec.support.limits import LARGEST

LONGEST_WHOLE = 1_000
"""Bits of a whole number of a program: a larger one is larger than any float, and too large for anything."""
Input: TypeAlias = int | Sequence[int] | str
"""An input as a caller gives it: ``(224, 224, 3)``, ``784`` or ``"224x224x3"``."""


def setting(text: str, origin: str = "-p") -> tuple[str, Value]:
    """A parameter as a command gives it, ``name=value``; raises ArchError where it is none."""
    report = Report()
    at = text_span(origin, text)
    name, _, value = text.partition("=")
    cell = s.Cell(at.within(len(name) + 1, len(text)), value)
    parsed = parse_cell(cell, "value", report)
    found: Any = None
    try:
        found = Scope().value(parsed).value if parsed is not None else None
    except Wrong as wrong:
        report.add(wrong.diagnostic)
    report.raise_if_failed()
    return name, found


def size(text: str) -> tuple[int, ...]:
    """An input of the command line, ``299x299x3`` or ``3x299x299, chw``; raises ArchError where it is none."""
    report = Report()
    at = text_span("--input", text)
    sides, comma, order = text.rpartition(",") if text.rpartition(",")[2].strip() in ORDERS else (text, "", "")
    parsed = parse_cell(s.Cell(at.within(0, len(sides)), sides), "size", report)
    said = s.Text(at, order.strip()) if comma else None
    found = input_size(parsed, Scope(), report, said) if parsed is not None else None
    report.raise_if_failed()
    assert found is not None
    return found


def dims_of(input: Input | None) -> tuple[int, ...] | None:
    """The dimensions that a caller gives as the input; raises ArchError where they are none."""
    if input is None:
        return None
    sides, _, order = input.partition(",") if isinstance(input, str) else ("", "", "")
    dims = _numbers(sides) if isinstance(input, str) else _whole(input)
    order = order.strip()
    if len(dims) in (1, 3) and all(1 <= n <= LARGEST for n in dims) and order in ("", *ORDERS):
        if not order and channels_first(dims):
            raise ArchError([_channels_first(dims, input)])
        return (dims[1], dims[2], dims[0]) if len(dims) == 3 and order == CHW else dims
    shown = " ".join((input if isinstance(input, str) else on_one_line(input)).split())
    wrong = wrong_input(text_span("input", shown), shown)
    raise ArchError([replace(wrong, help='write `input=(224, 224, 3)` or `input="224x224x3"`')])


def _channels_first(dims: tuple[int, ...], input: Any) -> Diagnostic:
    said = seems_chw(text_span("input", repr(input)), dims)
    first, *rest = dims
    text = "x".join(map(str, dims))
    return replace(said, help=f'write `input={(*rest, first)}`, or `input="{text}, hwc"` if it is {first} high')


def plain(value: Any) -> Any:
    """A value as Python's own types say it: numpy's numbers, which sweeps give, fractions, members of an enumeration.

    A size is a tuple of such values; what a list holds in lists is no value, and stays as it is.
    """
    return tuple(map(_plain, value)) if isinstance(value, tuple | list) else _plain(value)


def _plain(value: Any) -> Any:
    value = _item(value)
    match value:
        case bool():
            return value
        case int():
            whole = int.__int__(value)  # what is printed of a class of its own may be anything
            return whole if whole.bit_length() <= LONGEST_WHOLE else inf if whole > 0 else -inf
        case str():
            return str.__str__(value)
        case Real():
            return _real(value)
    return value


def _item(value: Any) -> Any:
    """The number of an array without dimensions; numpy's float64 is one, and a float too."""
    try:
        return value.item() if value.shape == () else value
    except Exception:  # no array, or one that holds no number: torch has some without sizes, or on no device
        return value


def _real(value: Any) -> float:
    try:
        return float.__float__(value) if isinstance(value, float) else float(value)
    except OverflowError:
        return inf


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of parameters that a caller gives, each as Python's own; raises TypeError for names that are none."""
    if wrong := [name for name in values if not isinstance(name, str)]:
        raise TypeError(f"the name of a parameter is a str, not an object of the type `{type(wrong[0]).__name__}`")
    return {name: plain(value) for name, value in values.items()}


def variant_name(variant: Any) -> str | None:
    """The variant that a caller asks for; raises ArchError for what is not a text."""
    if variant is None:
        return None
    if isinstance(variant, str):
        return str.__str__(variant)
    shown = on_one_line(variant)
    raise ArchError([no_variant_name(text_span("variant", shown), shown)])


def _whole(input: Any) -> tuple[int, ...]:
    """The numbers of an input that is given as such, or none at all."""
    sides = plain(input)
    sides = sides if isinstance(sides, tuple) else (sides,)
    return sides if all(type(side) is int for side in sides) else ()


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of ``299x299x3``, or none at all."""
    parts = re.split("[xX×]", text.strip())
    return tuple(map(int, parts)) if all(re.fullmatch(r"\d{1,13}", part) for part in parts) else ()
