"""Layers as papers print them, to the forms of the language: ``3x3 max pool, stride 2``, ``average pool, 1000-d fc``.

What comes out is plain syntax, with places in what the author wrote. A name of the author's own, a parameter or a
block, means that before any printed word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import takewhile

from archspec import ops
from archspec.arguments import KERNEL, STRIDES, kin_of
from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.elaborate import printed_messages as say
from archspec.elaborate.scope import Wrong
from archspec.elaborate.shortcut import SHORTCUT
from archspec.elaborate.target import (
    Reader,
    Target,
    name_of,
    parameters_of,
    ruled,
    stride_of,
    switch,
    takes_size,
)
from archspec.ir.node import IN
from archspec.language import syntax as s
from archspec.language.parse import number_of
from archspec.naming import with_x
from archspec.op import Op
from archspec.support.limits import NAME, STEP

SIZED_NAME = r"(?P<name>[^\W\d]+)(?P<size>\d+[x×]\d+)"
"""``Conv3x3``."""
MOST_WORDS = 4
"""How many words may name a layer together: nobody prints longer names."""
WITH, NO = "with", "no"
"""Words before an argument: ``conv with stride 2``, and ``no bias`` of a layer behind a comma."""
ONE_STEP = "s1"
LETTERED = r"(?P<letter>[ks])(?P<value>\d+(?:x\d+)?)"
"""``k3x3``, ``s2``."""


def plainly(
    chain: s.Chain, reader: Reader, columns: Set[str] = frozenset(), report: Report | None = None
) -> s.Chain | None:
    """A chain in the forms of the language; None where what is printed means nothing or two things, which is reported.

    ``columns`` are the arguments that other cells of the row give.
    """
    said = reader.report if report is None else report
    found = [_steps(step, reader, columns, said) for step in chain]
    if None in found:
        return None
    if all(steps is None or steps[0] is step for steps, step in zip(found, chain, strict=True)):
        return chain
    return tuple(step for steps in found for step in steps or ())


def size_of_map(chain: s.Chain, reader: Reader) -> tuple[s.Chain, Span | None]:
    """A chain without the size that stands before its first layer, where that pools over the whole map, and its place.

    Such a size says how large the map is: ``7x7 global average pool``.
    """
    first = chain[0].unit if chain else None
    target = reader.target(first)
    if not isinstance(first, s.Layer) or not isinstance(target, type) or not target.pools_all:
        return chain, None
    sizes = [arg for arg in first.args if isinstance(arg, s.Plain) and isinstance(arg.value, s.Size)]
    if len(sizes) != 1 or first.op is None or sizes[0].span.start > first.op.span.start:
        return chain, None
    rest = first.replaced(args=tuple(arg for arg in first.args if arg is not sizes[0]))
    return (chain[0].replaced(unit=rest), *chain[1:]), sizes[0].span


def _steps(step: s.Step, reader: Reader, columns: Set[str], report: Report) -> s.Chain | None:
    whole = step
    step = _with_size(step, reader)
    unit = step.unit
    if isinstance(unit, s.Bracket):
        inner = plainly(unit.chain, reader, report=report)
        if inner is None or inner is unit.chain:
            return None if inner is None else (step,)
        return (step.replaced(unit=unit.replaced(chain=inner)),)
    try:
        layers = _layers(unit, reader, columns)
        _demand_no_blanks(step, layers, reader)
        if len(layers) > 1 and (step.times is not None or step.condition is not None):
            texts = [layer.span.text for layer in layers]
            kind = reader.brackets.kind.text if reader.brackets is not None else ""
            raise Wrong(say.what_is_repeated(step, texts, kind, _written_to_repeat(step, layers[-1], reader)))
    except Wrong as wrong:
        report.add(wrong.diagnostic)
        return None
    if layers[0] is unit and step is whole:
        return (step,)
    return tuple(step.replaced(unit=layer) for layer in layers)


def _with_size(step: s.Step, reader: Reader) -> s.Step:
    """``Conv3×3``, which reads as a repetition of what is not a layer, with its size in the name."""
    unit, times = step.unit, step.times
    if not isinstance(unit, s.Layer) or unit.op is None or unit.args or not isinstance(times, s.Number):
        return step
    at = unit.op.span.to(times.span)
    if re.fullmatch(SIZED_NAME, at.text) is None or reader.target(unit) is not None:
        return step
    return step.replaced(unit=unit.replaced(op=s.Text(at, at.text), span=at), times=None)


def _layers(layer: s.Layer, reader: Reader, columns: Set[str]) -> Sequence[s.Layer]:
    """A layer, and those that stand behind commas among its arguments."""
    found: list[s.Layer] = []
    above: list[Target] = []
    rest: s.Layer | None = _spread(layer, reader)
    while rest is not None:
        spend(STEP + NAME * len(rest.args), rest.span)
        first, rest = _parted(rest, above, reader, columns)
        found.append(first)
    return found


def _parted(layer: s.Layer, above: list[Target], reader: Reader, columns: Set[str]) -> tuple[s.Layer, s.Layer | None]:
    """A layer in the forms of the language, and the layer behind a comma; ``above`` are those before it."""
    called = _called(layer, reader)
    target = reader.target(called)
    if target is None:
        return called, None
    args: list[s.Arg] = []
    behind: s.Layer | None = None
    for i, arg in enumerate(called.args):
        behind = _following(arg, args, target, reader)
        if behind is not None:
            if isinstance(arg, s.Words):
                _demand_one_reading(arg, above)
            op = called.op.span if called.op else args[0].span if args else called.span
            end = args[-1].span if args and args[-1].span.end > op.end else op  # a size may stand before it
            behind = behind.replaced(args=(*behind.args, *called.args[i + 1 :]), span=behind.span.to(called.span))
            called = called.replaced(span=called.span.to(end, shorter=True))
            break
        if not _steps_by_one(arg, target, reader):
            args.append(_argument(arg, args, target, reader))
    if called.op is not None and layer.op is not None and _in_print(called.op, layer.op, above, reader):
        named = not above and layer.op.text != layer.op.span.text
        _demand_size(called.op, target, args, reader, columns, named)
        args += _stride_by_kernel(called.op, target, args, reader, columns)
    if target not in above:
        above.append(target)
    return _with_arguments(called, args), behind


def _in_print(called: s.Text, op: s.Text, above: Sequence[Target], reader: Reader) -> bool:
    """Whether a layer has a printed name, ``average pool``; one behind a comma has its own name already."""
    if not above:
        return called.text != op.text
    text = called.span.text
    return text != called.text and (
        " " in text or reader.target(s.Layer(called.span, s.Text(called.span, text), ())) is None
    )


def _steps_by_one(arg: s.Arg, target: Target, reader: Reader) -> bool:
    """Whether an argument is the stride 1 that papers print behind layers that have none: ``FC / s1``."""
    if not isinstance(arg, s.Stride) or not isinstance(arg.value, s.Name) or reader.scope.knows(arg.value):
        return False
    return arg.value.id == ONE_STEP and isinstance(target, type) and stride_of(parameters_of(target)) is None


def _demand_one_reading(words: s.Words, above: Sequence[Target]) -> None:
    """Refuse words behind a comma that are a layer, and an argument of one before it: ``conv 3x3, 8, relu, pad 0``."""
    of = next((target for target in above if _argument_of(words, target) is not None), None)
    if of is not None:
        raise Wrong(say.argument_or_layer(words.span, name_of(of)))


def _demand_no_blanks(step: s.Step, layers: Sequence[s.Layer], reader: Reader) -> None:
    """Refuse what may be a size with blanks in it, behind an argument in words or a bare one: ``pad 3 x 3``."""
    last = layers[-1]
    arg = last.args[-1] if last.args else None
    if not isinstance(step.times, s.Number) or not isinstance(arg, s.Plain | s.Named | s.Stride):
        return
    value, target = arg.value, reader.target(last)
    name = _name_of_argument(arg, last, target)
    if target is None or name is None or not isinstance(value, s.Number) or not takes_size(target, name):
        return
    if value.span.end == last.span.end:
        once = value.span.text if isinstance(target, type) or name in STRIDES else f"{value}x{value}"
        texts = [layer.span.text for layer in layers]
        raise Wrong(say.size_or_repetition(step, texts, arg.span, f"{name}={once}", value.span))


def _written_to_repeat(step: s.Step, layer: s.Layer, reader: Reader) -> list[str]:
    """What the last of several layers may say where `x N` behind it may be its factor: ``upsample 2``, or repeated."""
    target = reader.target(layer)
    name = target.written_to_repeat if isinstance(target, type) else None
    given = any(isinstance(arg, s.Plain) or (isinstance(arg, s.Named) and arg.name == name) for arg in layer.args)
    if name is None or given or step.times is None or not isinstance(target, type):
        return []
    default, more = target.arguments[name].default, [arg.span.text for arg in layer.args]
    times = step.times.span.text
    once, each = (", ".join([f"{target.spelled()} {value}", *more]) for value in (times, default))
    behind = step.span.text[step.times.span.end - step.span.start :]
    return [f"{once}{behind}", f"{each} x {times}{behind}"]


def _name_of_argument(arg: s.Plain | s.Named | s.Stride, layer: s.Layer, target: Target | None) -> str | None:
    """The name of an argument that was given in words, ``stride 2``, or by its place; None of any other form."""
    if isinstance(arg, s.Stride):
        return stride_of(parameters_of(target)) if arg.span.text[0].isalpha() and " " in arg.span.text else None
    if isinstance(arg, s.Named):
        return None if "=" in arg.span.text or " " not in arg.span.text else arg.name
    bare = [x for x in layer.args if isinstance(x, s.Plain) and isinstance(x.value, s.Number)]
    names = target.bare if isinstance(target, type) else parameters_of(target)
    name = next((name for x, name in zip(bare, names, strict=False) if x is arg), None)
    if name is None or target is None or isinstance(target, type):
        return name
    return name if isinstance(target.default(name), s.Size) else None  # `given 64, 2 x 3`


def _with_arguments(called: s.Layer, args: Sequence[s.Arg]) -> s.Layer:
    if len(args) == len(called.args) and all(a is b for a, b in zip(args, called.args, strict=True)):
        return called
    return called.replaced(args=tuple(args))


def _called(layer: s.Layer, reader: Reader) -> s.Layer:
    """The layer by the name that the language has for it: ``max pool`` is ``maxpool``, ``Conv3x3`` ``conv 3x3``."""
    op = layer.op
    if op is None:
        return layer
    target = reader.target(layer)
    first = next((arg for arg in layer.args if arg.span.start >= op.span.end), None)
    words = _words_of(first, target, reader)
    if words is not None and first is not None:
        block = target is not None and not isinstance(target, type)  # a word may be an argument of it
        for length in range(min(len(words.words), MOST_WORDS), 0, -1):
            taken = words.words[:length]
            name = _name_of((op, *taken), reader, block)
            if name is not None:
                rest = words.words[length:]
                behind = (s.Words(rest[0].span.to(first.span), rest, words.args),) if rest else words.args
                return _with(layer, s.Text(op.span.to(taken[-1].span), name), first, behind)
    if target is not None or op.text == SHORTCUT or op.text in reader.scope.args:
        return layer
    name = _name_of((op,), reader)
    if name is not None:
        return layer.replaced(op=s.Text(op.span, name))
    if words is not None and first is not None:
        said = (op, *takewhile(_is_named, words.words[:MOST_WORDS]))  # no layer, which is said
        whole = s.Text(op.span.to(said[-1].span), " ".join(word.text for word in said))
        rest = words.words[len(said) - 1 :]
        behind = (s.Words(rest[0].span.to(first.span), rest, words.args),) if rest else words.args
        return _with(layer, whole, first, behind)
    match = re.fullmatch(SIZED_NAME, op.text)
    if match is not None and (name := _name_of((s.Text(op.span, match["name"]),), reader)) is not None:
        at = op.span.within(*match.span("size"))
        size = s.Size(tuple(s.Number(number_of(n), span=at) for n in with_x(match["size"]).split("x")), span=at)
        return layer.replaced(op=s.Text(op.span, name), args=(s.Plain(at, size), *layer.args))
    return layer


def _is_named(word: s.Text) -> bool:
    """Whether a word may be part of a name, and is not an argument such as ``k3x3``."""
    return re.fullmatch(LETTERED, with_x(word.text)) is None


def _with(layer: s.Layer, op: s.Text, first: s.Arg, behind: tuple[s.Arg, ...]) -> s.Layer:
    """The layer under another name, with other arguments in the place of the one that held words of the name."""
    args = tuple(part for arg in layer.args for part in (behind if arg is first else (arg,)))
    return layer.replaced(op=op, args=args)


def _words_of(arg: s.Arg | None, target: Target | None, reader: Reader) -> s.Words | None:
    """The words that stand right behind the name of a layer, and are neither a value nor an argument of it."""
    if arg is None or _comma_before(arg):
        return None
    value = arg.value if isinstance(arg, s.Plain) else None
    if isinstance(value, s.Name) and not reader.scope.knows(value) and value.id != IN:
        arg = s.Words(arg.span, (s.Text(arg.span, value.id),))
    words = arg if isinstance(arg, s.Words) else None
    return None if words is None or words.words[0].text in parameters_of(target) else words  # `conv bias`


def _spread(layer: s.Layer, reader: Reader) -> s.Layer:
    """The layer with the strides of ``dw / s2`` and ``64 / s2`` as arguments of their own, and with names as values."""
    args: list[s.Arg] = []
    for given in layer.args:
        arg = _without_with(given, reader)
        if isinstance(arg, s.Words) and not arg.args and arg.words[-1].text in reader.scope.args:
            args.append(_with_value(arg))  # `connected classes`
            continue
        value = arg.value if isinstance(arg, s.Plain) else None
        stride = _lettered_stride(value, reader) if isinstance(value, s.Binary) else None
        if stride is None or not isinstance(value, s.Binary):
            args.append(arg)
        else:
            args += [s.Plain(value.left.span, value.left), stride]
    same = len(args) == len(layer.args) and all(a is b for a, b in zip(args, layer.args, strict=True))
    return layer if same else layer.replaced(args=tuple(args))


def _without_with(arg: s.Arg, reader: Reader) -> s.Arg:
    """What stands behind ``with``: ``with stride 2`` is ``stride 2``, and ``with bias`` is ``bias``."""
    if not isinstance(arg, s.Words) or arg.words[0].text != WITH or len(arg.words) == 1 or WITH in reader.scope.args:
        return arg
    rest = arg.words[1:]
    at = rest[0].span.to(arg.span)
    if len(rest) == 1 and not arg.args:
        return s.Plain(at, s.Name(rest[0].text, span=at))
    return s.Words(at, rest, arg.args)


def _with_value(words: s.Words) -> s.Words:
    """Words of which the last is the name of a number."""
    *said, name = words.words
    return words.replaced(words=tuple(said), args=(s.Plain(name.span, s.Name(name.text, span=name.span)),))


def _lettered_stride(value: s.Binary, reader: Reader) -> s.Stride | None:
    """The stride of ``dw / s2``."""
    right = value.right
    if value.operator != "/" or not isinstance(right, s.Name) or reader.scope.knows(right):
        return None
    match = re.fullmatch(LETTERED, right.id)
    if match is None or match["letter"] != "s" or "x" in match["value"]:
        return None
    return s.Stride(right.span, s.Number(number_of(match["value"]), span=right.span))


def _name_of(words: Sequence[s.Text], reader: Reader, block_alone: bool = False) -> str | None:
    """The block or the layer that some words name together, or the block alone."""
    whole = "".join(word.text for word in words)
    block = reader.blocks.like(whole)
    if block is not None or block_alone:
        return block
    op = ops.find(whole) or ops.printed(whole)
    return op.spelled() if op is not None else None


def _following(arg: s.Arg, before: Sequence[s.Arg], target: Target, reader: Reader) -> s.Layer | None:
    """The layer that an argument is, behind a comma: ``average pool, 1000-d fc, softmax``."""
    if isinstance(arg, s.Layer):
        if not _comma_before(arg):
            raise Wrong(say.no_separator(arg.span))
        return arg
    if isinstance(arg, s.Words):
        found = None if _argument_of(arg, target) else _layer_of(arg.span, arg.words, arg.args, reader)
        if found is not None and not _comma_before(arg):
            raise Wrong(say.no_separator(arg.span))
        return found
    filled = isinstance(target, type) or len(before) >= len(target.formals)  # a block's parameter may be a layer
    if not filled or not _comma_before(arg):
        return None
    value = arg.value if isinstance(arg, s.Plain) else None
    named = isinstance(value, s.Name) and value.id != IN and not reader.scope.knows(value)
    if isinstance(value, s.Name) and named and value.id not in parameters_of(target):
        return _layer_of(arg.span, (s.Text(arg.span, arg.span.text),), (), reader)
    if isinstance(value, s.Binary) and value.operator == "-" and re.fullmatch(r"[^\W\d]\w*(-\w+)+", arg.span.text):
        names = [part for part in re.findall(r"\w+", arg.span.text) if reader.scope.knows(s.Name(part))]
        return None if names else _layer_of(arg.span, (s.Text(arg.span, arg.span.text),), (), reader)
    return None


def _layer_of(span: Span, words: Sequence[s.Text], args: tuple[s.Arg, ...], reader: Reader) -> s.Layer | None:
    """The layer or the block that words name, with their last as arguments if need be; None where they name none."""
    for length in range(min(len(words), MOST_WORDS), 0, -1):
        name = _name_of(words[:length], reader)
        if name is None:
            only = s.Layer(span, words[0], ())
            name = words[0].text if length == 1 and reader.target(only) is not None else None
        if name is not None:
            at = words[0].span.to(words[length - 1].span)
            rest = words[length:]
            more = (s.Words(rest[0].span.to(span), tuple(rest), args),) if rest else args
            return s.Layer(span, s.Text(at, name), more)
    return None


def argument(arg: s.Arg, layer: s.Layer, reader: Reader) -> s.Arg:
    """An argument that stands elsewhere than behind its layer, in the forms of the language; raises Wrong."""
    target = reader.target(layer)
    assert target is not None
    if isinstance(arg, s.Layer):
        raise Wrong(say.unknown_words(arg.span, name_of(target), parameters_of(target)))
    return _argument(arg, layer.args, target, reader)


def _argument(arg: s.Arg, before: Sequence[s.Arg], target: Target, reader: Reader) -> s.Arg:
    """An argument in the forms of the language."""
    if isinstance(arg, s.Words):
        found = _argument_of(arg, target) or _left_out(arg)
        if found is None:
            raise Wrong(say.unknown_words(arg.span, name_of(target), parameters_of(target)))
        return found
    if isinstance(arg, s.Many):
        own = s.Name(f"x{arg.value.value}", span=arg.span.within(1, len(arg.span.text) - 1))
        return s.Plain(own.span, own) if reader.scope.knows(own) else _many(arg, before, target)
    if isinstance(arg, s.Stride) and isinstance(arg.value, s.Name) and not reader.scope.knows(arg.value):
        return _lettered(arg, arg.value, target) or arg
    if isinstance(arg, s.Plain) and isinstance(arg.value, s.Name) and not reader.scope.knows(arg.value):
        return arg if switch(target, arg.value.id) else _lettered(arg, arg.value, target) or arg
    return arg


def _argument_of(arg: s.Words, target: Target) -> s.Arg | None:
    """``stride 2`` as the argument that it is; None where the words do not name an argument, or have no value."""
    names = {name.replace("_", "").lower(): name for name in parameters_of(target)}
    name = names.get("".join(word.text for word in arg.words).replace("_", "").lower())
    if name is None or len(arg.args) != 1 or not isinstance(arg.args[0], s.Plain):
        return None
    value = arg.args[0].value
    if name == stride_of([name]) and not isinstance(value, s.Text):
        return s.Stride(arg.span, value)
    if isinstance(target, type) and name in target.bare[:1] and not isinstance(value, s.Size | s.Text):
        return s.Plain(value.span, value)
    return s.Named(arg.span, name, arg.words[0].span.to(arg.words[-1].span), value)


def _left_out(arg: s.Words) -> s.Without | None:
    """``no bias`` of a layer behind a comma: ``relu, conv no bias``."""
    if arg.args or len(arg.words) != 2 or arg.words[0].text != NO:
        return None
    return s.Without(arg.span, arg.words[1].text)


def _lettered(arg: s.Arg, value: s.Name, target: Target) -> s.Arg | None:
    """``k3x3`` as the kernel and ``s2`` as the stride, where the layer has one."""
    match = re.fullmatch(LETTERED, with_x(value.id))
    if match is None:
        return None
    parts = tuple(s.Number(number_of(n), span=arg.span) for n in match["value"].split("x"))
    number = parts[0] if len(parts) == 1 else s.Size(parts, span=arg.span)
    if match["letter"] == "s":
        return s.Stride(arg.span, number) if stride_of(parameters_of(target)) else None
    if isinstance(target, type):
        kernel = target.sized
    else:
        kernel = next((name for name in kin_of(KERNEL) if name in parameters_of(target)), None)
    return s.Named(arg.span, kernel, arg.span, number) if kernel is not None else None


def _many(arg: s.Many, before: Sequence[s.Arg], target: Target) -> s.Arg:
    """``(x96)`` as the number of filters; where that is given already, it may be a repetition as well."""
    name = target.bare[0] if isinstance(target, type) and target.bare else None
    given = [x for x in before if isinstance(x, s.Plain) and not isinstance(x.value, s.Size)]
    named = [x for x in before if isinstance(x, s.Named) and x.name == name]
    if name is None or given or named:
        raise Wrong(say.many_of_what(arg.span, arg.value.value))
    return s.Plain(arg.span, arg.value)


def _demand_size(
    op: s.Text, target: Target, args: Sequence[s.Arg], reader: Reader, columns: Set[str], named: bool
) -> None:
    """What papers print without a size may be the layer's default, or the whole map: ``average pool``.

    ``named`` says that it is the name of a row, behind which nothing can be written.
    """
    if not isinstance(target, type) or not target.without_size or target.sized in columns:
        return
    if _sized(target, [*args, *ruled(target, reader)]) is None:
        default = target.arguments[target.sized].default if target.sized else None
        raise Wrong(say.size_of_what(op.span, target.spelled(), target.without_size, default, named))


def _sized(op: type[Op], args: Sequence[s.Arg]) -> s.Value | None:
    """The size that arguments give, by its form or its name."""
    for arg in args:
        if isinstance(arg, s.Plain) and isinstance(arg.value, s.Size):
            return arg.value
        if isinstance(arg, s.Named) and arg.name == op.sized:
            return arg.value
    return None


def _stride_by_kernel(
    op: s.Text, target: Target, args: Sequence[s.Arg], reader: Reader, columns: Set[str]
) -> list[s.Arg]:
    """The stride of ``up-conv 2x2``, which nobody prints; raises Wrong where its kernel stands elsewhere."""
    if not isinstance(target, type) or not ops.steps_by_kernel(op.span.text) or columns & {*STRIDES}:
        return []
    every = [*args, *ruled(target, reader)]
    if any(isinstance(arg, s.Stride) or (isinstance(arg, s.Named) and arg.name in STRIDES) for arg in every):
        return []
    size = _sized(target, every)
    if size is None:
        raise Wrong(say.stride_of_what(op.span, target.spelled()))
    square = isinstance(size, s.Size) and len({*size.parts}) == 1
    return [s.Stride(op.span, size.parts[0] if square and isinstance(size, s.Size) else size)]


def _comma_before(arg: s.Arg) -> bool:
    """Whether a comma stands before an argument in what the author wrote."""
    line = arg.span.source.lines[arg.span.line - 1]
    return line[: arg.span.start].rstrip().endswith(",")
