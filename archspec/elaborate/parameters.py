"""The parameters of a network: their defaults, and what a variant or the caller sets them to."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.diagnostics import Report, Span, text_span
from archspec.elaborate import messages as say
from archspec.elaborate.arithmetic import default_depends
from archspec.elaborate.choices import not_chosen_from, values_of
from archspec.elaborate.scope import Scope, Wrong, within_bounds
from archspec.expressions import Name
from archspec.ir.messages import too_large
from archspec.ir.network import Arg, Value
from archspec.language import syntax as s


def parameters_of(
    header: s.Network, settings: Mapping[str, Value], asked: Mapping[str, Value], scope: Scope, report: Report
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The network's parameters, and the names of those that are not the file's.

    What the caller asks for overrules the variant, which overrules the defaults.
    """
    given = {**settings, **asked}  # what a table sets to a wrong value was reported there
    home: dict[str, Value] = {}
    for parameter in header.parameters:
        try:
            default = _default(parameter, scope)
            value = _given(parameter.name, default, given, asked, scope, report)
            if parameter.one_of and value not in (known := values_of(parameter.one_of)):
                report.add(not_chosen_from(parameter.name, value, known))
                value = default
            home[parameter.name] = settings.get(parameter.name, default)
            arg = Arg(value=value, expression=Name(parameter.name), span=parameter.span)
            scope.define(s.Text(parameter.span, parameter.name), arg)
        except Wrong as wrong:
            report.add(wrong.diagnostic)
            scope.spoil(parameter.name, wrong.diagnostic)
    for name, value in asked.items():
        at = _asked(name, asked)
        if name not in scope.args:
            report.add(say.unknown_parameter(at, name, scope.args))
        elif not within_bounds(value):
            report.add(too_large(at))
    found = {name: arg.known for name, arg in scope.args.items()}
    return found, tuple(sorted(name for name in asked.keys() & home.keys() if found[name] != home[name]))


def _given(
    name: str,
    default: Value,
    given: Mapping[str, Value],
    asked: Mapping[str, Value],
    scope: Scope,
    report: Report,
) -> Value:
    """The value of a parameter: what is given, but for what it cannot be by its default, which is reported."""
    value, at = given.get(name, default), _asked(name, asked)
    wrong = say.wrong_kind(at, name, value, default)
    if wrong is not None:
        report.add(wrong)
        return default
    if name in asked and isinstance(value, str | tuple) and not isinstance(default, str | tuple):
        scope.unlike[name] = report.blamed[name] = say.no_number(at, name, value, default)
    return float(value) if isinstance(default, float) and type(value) is int else value


def _asked(name: str, asked: Mapping[str, Value]) -> Span:
    """Where the caller sets a parameter."""
    value = asked.get(name)
    text = f"{name}={say.as_written(value)}"
    return text_span("parameter", text)


def _default(parameter: s.Parameter, scope: Scope) -> Value:
    """The default of a parameter; one that is written with a point, ``alpha=1.0``, may be set to a fraction."""
    if isinstance(parameter.value, s.Number) and isinstance(parameter.value.value, float):
        scope.value(parameter.value)  # which checks its size
        return parameter.value.value
    try:
        return Scope().value(parameter.value).known
    except Wrong:
        value = scope.value(parameter.value)
        raise Wrong(default_depends(parameter.span, parameter.name, sorted(value.names))) from None
