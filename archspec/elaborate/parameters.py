"""The parameters of a network: their defaults, and what a variant or the caller sets them to."""

from __future__ import annotations

from collections.abc import Mapping

from archspec import syntax as s
from archspec.diagnostics import Report, Source, Span
from archspec.elaborate import messages as say
from archspec.elaborate.scope import Scope, Wrong, default_depends, too_large, within_bounds
from archspec.ir import Arg, Value


def parameters_of(
    header: s.Network, settings: Mapping[str, Value], asked: Mapping[str, Value], scope: Scope, report: Report
) -> dict[str, Value]:
    """The network's parameters: what the caller asks for overrules the variant, which overrules the defaults."""
    given = {**settings, **asked}
    for parameter in header.parameters:
        try:
            value = _default(parameter, scope)
            if parameter.name in given:
                fraction = isinstance(value, float) and type(given[parameter.name]) is int
                value = float(given[parameter.name]) if fraction else given[parameter.name]  # type: ignore[arg-type]
            arg = Arg(value=value, text=parameter.name, span=parameter.span)
            scope.define(s.Text(parameter.span, parameter.name), arg)
        except Wrong as wrong:
            report.add(wrong.diagnostic)
            scope.spoil(parameter.name, wrong.diagnostic)
    for name, value in asked.items():
        text = f"{name}={value}"
        at = Span(Source("parameter", text), 1, 0, len(text))
        if name not in scope.args:
            report.add(say.unknown_parameter(at, name, scope.args))
        elif not within_bounds(value):
            report.add(too_large(at))
    return {name: arg.value for name, arg in scope.args.items() if arg.value is not None}


def _default(parameter: s.Parameter, scope: Scope) -> Value:
    """The default of a parameter; one that is written with a point, ``alpha=1.0``, may be set to a fraction."""
    if isinstance(parameter.value, s.Number) and isinstance(parameter.value.value, float):
        scope.value(parameter.value)  # which checks its size
        return parameter.value.value
    try:
        found = Scope().value(parameter.value).value
    except Wrong:
        value = scope.value(parameter.value)
        raise Wrong(default_depends(parameter.span, parameter.name, sorted(value.names))) from None
    assert found is not None  # outside of rows everything is known
    return found
