"""Arguments by their form: of a layer to the fields of its op, of a block to its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeGuard

from archspec import ops
from archspec.budget import spend
from archspec.diagnostics import Diagnostic, Span
from archspec.elaborate import messages as say
from archspec.elaborate.mending import mended
from archspec.elaborate.printed_messages import many_of_what, unknown_words
from archspec.elaborate.scope import WORDS, Wrong
from archspec.elaborate.target import Reader, Target, name_of, parameters_of, stride_of, switch
from archspec.ir.messages import without_value, wrong_argument
from archspec.ir.network import Arg
from archspec.ir.node import IN
from archspec.language import syntax as s
from archspec.op import Op
from archspec.support.limits import MISTAKE, NAME

FILTERS = r"\(\s*[x×]\s*([0-9]{1,9})\s*\)"
"""A number of filters, or of repetitions: ``(x2)``."""
OUTPUTS = r"(?:[dD]|way)$"
"""What ends a number of outputs, ``1000-d``."""


def read_arguments(target: Target, args: list[s.Arg], use: Span, layers: Reader) -> dict[str, Arg] | None:
    """Arguments of a use by name; None where one is wrong, which is reported."""
    found: dict[str, Arg] = {}
    said: list[Diagnostic] = []
    for arg in args:
        try:
            for part in _parts(target, arg):
                name, value = _argument(target, part, found, layers)
                if name in found:
                    raise Wrong(say.given_twice(arg.span, name, found[name].place))
                found[name] = value
        except Wrong as wrong:
            spend(MISTAKE, arg.span)
            said.append(wrong.diagnostic)
    if not said:
        return found
    for diagnostic in mended(said, use, target, args, layers):
        layers.report.add(diagnostic)
    return None


def _parts(target: Target, arg: s.Arg) -> tuple[s.One, ...]:
    """An argument, or the two of a range: ``1..c`` is the first and the last of what the layer takes."""
    if isinstance(arg, s.Words | s.Many | s.Layer):  # nothing tells what they are
        raise Wrong(unknown_words(arg.span, name_of(target), parameters_of(target)))
    if not isinstance(arg, s.Between):
        return (arg,)
    names = target.ranged if isinstance(target, type) else None
    if names is None:
        raise Wrong(say.no_such_form(arg.span, name_of(target), "range", parameters_of(target)))
    ends = zip(names, (arg.first, arg.last), strict=True)
    return tuple(s.Named(arg.span, name, value.span, value) for name, value in ends)


def number_for_size(op: type[Op], args: list[s.Arg], layers: Reader) -> Diagnostic | None:
    """What is said of numbers where a layer needs a size and gets none: each may stand for it, and none does."""
    name = op.sized
    if name is None or name in op.bare or not op.arguments[name].required:
        return None
    given = {arg.name for arg in args if isinstance(arg, s.Named)}
    plain = [arg for arg in args if isinstance(arg, s.Plain)]
    bare = [each for each in op.bare if each not in given]
    if given - op.arguments.keys():
        return None  # one of these may be the size, under another name
    if name in given or not 0 < len(plain) <= len(bare) + 1 or not all(_number(arg, layers) for arg in plain):
        return None
    required = bool(bare) and op.arguments[bare[0]].required
    texts = [arg.span.text for arg in plain]
    return say.number_for_size(plain[0].span.to(plain[-1].span), op.spelled(), name, texts, bare[:1], required)


def _number(arg: s.Plain, layers: Reader) -> bool:
    """Whether an argument is a number, which may be known only where a block is used."""
    value = arg.value
    if isinstance(value, s.Name):
        known = layers.scope.args.get(value.id)
        return value.id == IN or (known is not None and not isinstance(known.value, tuple | str | bool))
    if _is_share(value):
        return False
    return not isinstance(value, s.Size | s.Text) and not two_numbers(value) and not ops.find(arg.span.text)


def _argument(target: Target, arg: s.One, found: Mapping[str, Arg], layers: Reader) -> tuple[str, Arg]:
    fields, spelled = parameters_of(target), name_of(target)
    spend(NAME * len(fields), arg.span)
    if isinstance(arg, s.Without):
        if not switch(target, arg.name):
            raise Wrong(say.nothing_to_leave_out(arg.span, arg.name, fields))
        return arg.name, Arg(value=False, span=arg.span)
    if isinstance(arg, s.Named):
        if arg.name not in fields:
            raise Wrong(say.unknown_argument(arg.name_span, spelled, arg.name, fields))
        return arg.name, _typed(target, arg.name, arg.value, layers)
    if isinstance(arg, s.Stride):
        name = stride_of(fields)
        if name is None:
            raise Wrong(say.no_such_form(arg.span, spelled, "stride", fields))
        return name, _typed(target, name, arg.value, layers)
    return _plain(target, arg, found, layers)


def _plain(target: Target, arg: s.Plain, found: Mapping[str, Arg], layers: Reader) -> tuple[str, Arg]:
    """An argument that says what it is by its form."""
    scope, value = layers.scope, arg.value
    if isinstance(value, s.Text):
        return _text(target, arg, scope.value(value), found)
    if two_numbers(value) and stride_of(parameters_of(target)):
        raise Wrong(say.two_numbers(arg.span, arg.span.text, str(value.left), str(value.right), scope.value(value)))
    if isinstance(value, s.Name) and not scope.knows(value) and switch(target, value.id):
        return value.id, Arg(value=True, span=arg.span)
    if not isinstance(target, type):
        free = [formal.name for formal in target.formals if formal.name not in found]
        if not free:
            raise Wrong(say.no_such_form(arg.span, target.name, "number", parameters_of(target), further=True))
        return free[0], _typed(target, free[0], value, layers)
    word = arg.span.text
    if isinstance(value, s.Name) and not scope.knows(value) and word in target.arguments:
        raise Wrong(without_value(arg.span, target.spelled(), word, target.arguments[word].expects))
    if isinstance(value, s.Name | s.Binary) and not scope.knows(value) and (ops.find(word) or layers.blocks.find(word)):
        raise Wrong(say.layer_as_argument(arg.span, target.spelled(), word))
    if isinstance(value, s.Name):
        scope.lookup(value)
    name, known = _by_form(target, arg, scope.value(value), found)
    _demand_fraction(target, name, value)
    return name, known


def _text(target: Target, arg: s.Plain, value: Arg, found: Mapping[str, Arg]) -> tuple[str, Arg]:
    """A text in quotes, which the one argument of a layer takes that is a text."""
    name = target.texted if isinstance(target, type) else None
    if name is None:
        raise Wrong(say.no_such_form(arg.span, name_of(target), "text", parameters_of(target)))
    if name in found:
        raise Wrong(say.given_twice(arg.span, name, found[name].place))
    return name, value


def _demand_fraction(target: Target, name: str, value: s.Value) -> None:
    """Raise Wrong for a share, ``40%``, where an argument of a layer is not a fraction; blocks hand it on to layers."""
    if isinstance(target, type) and _is_share(value):
        argument = target.arguments.get(name)
        if argument is None or argument.numeric is not float:
            raise Wrong(say.share_of_what(value.span, target.spelled(), name, argument.expects if argument else None))


def _is_share(value: s.Value) -> bool:
    """Whether a number is a share, ``40%``."""
    return isinstance(value, s.Number) and value.span.text.endswith("%")


def two_numbers(value: s.Value) -> TypeGuard[s.Binary]:
    """Whether two plain numbers have a slash between them, which may be meant as a stride."""
    if not isinstance(value, s.Binary) or value.operator != "/":
        return False
    return all(isinstance(part, s.Number) for part in value.parts)


def _by_form(op: type[Op], arg: s.Plain, value: Arg, found: Mapping[str, Arg]) -> tuple[str, Arg]:
    """A size is the kernel, a number the first of the bare arguments that is free."""
    is_size = isinstance(value.value, tuple)
    free = [op.sized] if is_size else [name for name in op.bare if name not in found]
    if not free or free[0] is None:
        if many := re.fullmatch(FILTERS, arg.span.text):
            raise Wrong(many_of_what(arg.span, int(many[1])))
        form, any_ = ("size", op.sized) if is_size else ("number", op.bare)
        sized = None if is_size or op.bare else _meant(op, arg, found)
        raise Wrong(
            say.no_such_form(
                arg.span, op.spelled(), form, op.arguments, bool(any_), sized, whole=is_size and op.pools_all
            )
        )
    return free[0], value


def _meant(op: type[Op], arg: s.Plain, found: Mapping[str, Arg]) -> str | None:
    """How to write what a number most likely says of a layer that takes none: its size, or behind that its stride."""
    text, stride = arg.span.text, stride_of(op.arguments)
    if op.sized is None or re.search(OUTPUTS, text):
        return None
    if op.sized not in found:
        return f"write `{op.spelled()} {say.as_size(op.sized, text)}`"
    plain = text.isdecimal() and stride is not None and stride not in found
    return f"write `/{text}` in the place of `{text}` if it is the stride" if plain else None


def _typed(target: Target, name: str, value: s.Value, layers: Reader) -> Arg:
    scope = layers.scope
    if isinstance(value, s.Name) and not scope.knows(value) and not _words(target, name, value, layers):
        scope.lookup(value)
    found = _canonical(value, scope.value(value), target, layers)
    _demand_fraction(target, name, value)
    known = found.value is not None and not isinstance(found.value, bool)
    if known and not isinstance(target, type) and switch(target, name):
        raise Wrong(wrong_argument(value.span, target.name, name, found, "yes or no"))
    return found


def _canonical(value: s.Value, found: Arg, target: Target, layers: Reader) -> Arg:
    """A layer that is given to a block, by the name that the language has for it: ``nl=HS`` is ``nl=hard-swish``."""
    if isinstance(target, type) or not isinstance(value, s.Name) or found.value != value.id:
        return found
    if layers.blocks.find(value.id) or ops.find(value.id):
        return found
    op = ops.printed(value.id)
    return found.replaced(value=op.spelled()) if op is not None else found


def _words(target: Target, name: str, value: s.Name, layers: Reader) -> bool:
    """Whether an argument takes words at all, such as `pad=same`, or truth values; a block's may be any layer."""
    if isinstance(target, type):
        return bool(target.arguments[name].words) or target.arguments[name].is_switch
    word = isinstance(target.default(name), s.Name)
    if word or value.id in WORDS or layers.blocks.find(value.id):
        return True
    return (ops.find(value.id) or ops.printed(value.id)) is not None
