"""What a bracket means: its chain, or by the statement `brackets` a block of residual or dense networks.

Such a block is plain syntax, elaborated like any other. Brackets of one form are one block, whose parameters are the
widths and the stride that are written in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from archspec import ops
from archspec.elaborate import messages as say
from archspec.elaborate.block_messages import (
    dense_without_growth,
    is_plain,
    nothing_grows,
    other_growth,
    setting_hidden,
    unknown_brackets,
)
from archspec.elaborate.bracket_form import Form, args_of, made_by, spelled
from archspec.elaborate.scope import Wrong
from archspec.elaborate.shortcut import SHORTCUT, is_width, option_of
from archspec.elaborate.target import Reader, ruled
from archspec.ir.node import IN
from archspec.language import syntax as s

PLAIN, RESIDUAL, DENSE = "plain", "residual", "dense"
GROWTH, BOTTLENECK = "growth", "bottleneck"
SETTINGS = {PLAIN: (), RESIDUAL: (SHORTCUT,), DENSE: (GROWTH, BOTTLENECK)}
"""The meanings that there are, with their settings."""
WIDER = 4
"""How many times the growth the layers before the last one have, where no `bottleneck` says it."""


def checked(statement: s.Brackets, layers: Reader) -> bool:
    """Whether the statement `brackets` says what there is; what is wrong with it is reported."""
    kind = statement.kind
    known = SETTINGS.get(kind.text, ())
    names = [name.text for name, _ in statement.settings]
    unknown = [name for name, _ in statement.settings if name.text not in known]
    twice = [name for i, (name, _) in enumerate(statement.settings) if name.text in names[:i]]
    if kind.text not in SETTINGS:
        layers.report.add(unknown_brackets(kind.span, kind.text, SETTINGS))
    elif unknown:
        layers.report.add(say.unknown_argument(unknown[0].span, kind.text, unknown[0].text, known))
    elif twice:
        layers.report.add(say.given_twice(twice[0].span, twice[0].text, None))
    elif kind.text == DENSE and GROWTH not in names:
        layers.report.add(dense_without_growth(kind.span))
    else:
        return kind.text != RESIDUAL or option_of(statement, layers) is not None
    return False


def meant(bracket: s.Bracket, layers: Reader) -> s.Layer | s.Bracket:
    """The use of a block that a bracket stands for, or the bracket where it is just its chain.

    A bracket that holds another bracket is plain, and so is one that holds a block, unless that ends a residual one.
    """
    kind = kind_of(layers)
    if kind != PLAIN and not (_is_residual if kind == RESIDUAL else _holds_layers)(bracket, layers):
        _warn_of_plain(bracket, kind, layers)
        return bracket
    if kind == RESIDUAL:
        form = Form(bracket, layers, strided=True)
        return _used(form, (RESIDUAL, *form.signature, option_of(layers.brackets, layers) or ""), _residual, layers)
    if kind == DENSE:
        if _complain_of_hidden(layers):
            return bracket.replaced(chain=())  # what it stands for is not known
        if not any(_width_of(step, layers) for step in bracket.chain):
            layers.report.add(nothing_grows(bracket.span))
            return bracket.replaced(chain=())
        _complain_of_growth(bracket, layers)
        form = Form(bracket, layers, strided=False)
        return _used(form, (DENSE, *form.signature), _dense, layers)
    return bracket


def takes_no_stride(bracket: s.Bracket, layers: Reader) -> bool:
    """Whether a bracket stands for what cannot have a stride: what it gives stands beside what it gets."""
    return kind_of(layers) == DENSE and _holds_layers(bracket, layers)


def kind_of(layers: Reader) -> str:
    """What brackets mean in the file of these layers."""
    return layers.brackets.kind.text if layers.brackets is not None else PLAIN


def _holds_layers(bracket: s.Bracket, layers: Reader) -> bool:
    targets = (layers.target(step.unit) for step in bracket.chain)
    return all(isinstance(target, type) for target in targets)


def _is_residual(bracket: s.Bracket, layers: Reader) -> bool:
    """Whether a bracket has a shortcut: it holds layers, and behind those that make channels perhaps blocks."""
    targets = [layers.target(step.unit) for step in bracket.chain]
    if None in targets or all(isinstance(target, type) for target in targets):
        return None not in targets
    first = next(i for i, target in enumerate(targets) if not isinstance(target, type))
    makes = any(isinstance(target, type) and target.makes for target in targets[:first])
    return makes and not any(isinstance(target, type) for target in targets[first:])


def _warn_of_plain(bracket: s.Bracket, kind: str, layers: Reader) -> None:
    """Say that a bracket of several steps is its chain alone; what one block or one bracket is stands in that."""
    known = (isinstance(step.unit, s.Bracket) or layers.target(step.unit) for step in bracket.chain)
    if len(bracket.chain) < 2 or not all(known):
        return
    chain = "; ".join(map(spelled, bracket.chain))
    if kind == DENSE:
        join, rows = ops.joining_dense(), (ops.passing_on().spelled(), chain)
        blocks = "no block"
    else:
        widths = (made_by(step.unit, layers) for step in reversed(bracket.chain))
        width = next((value.span.text for value in widths if value is not None), IN)
        join, rows = ops.joining_residual(), (chain, f"{SHORTCUT} {width}")
        blocks = "no block before its last layer"
    layers.report.add(is_plain(bracket.span, kind, join.spelled(), rows, chain, blocks))


def _used(form: Form, key: tuple[str, ...], block: Callable[[Form, str, Reader], s.Block], layers: Reader) -> s.Layer:
    """The use of the block of a form, which is made when the form is first met."""
    blocks, key = layers.blocks, (*key, str(id(layers.rules)))  # brackets of another file mean what that says
    if key not in blocks.brackets:
        names = (key[0] if i == 1 else f"{key[0]}{i}" for i in count(1))
        blocks.brackets[key] = name = next(name for name in names if blocks.find(name) is None)
        blocks.add(block(form, name, layers), layers)
    at = form.at
    args = tuple(s.Named(value.span, name, value.span, value) for name, value in form.values.items())
    return s.Layer(at, s.Text(at, blocks.brackets[key]), args)


def _residual(form: Form, name: str, layers: Reader) -> s.Block:
    """``block NAME(c, stride=1) = add of``, the chain beside the shortcut, and the last non-linearity after it."""
    at, i = form.at, form.last
    last = form.chain[i].unit
    assert isinstance(last, s.Layer)
    op = layers.target(last)
    assert isinstance(op, type)
    relus = layers.activations(op)
    said = {arg.name for arg in last.args if isinstance(arg, s.Without)}
    bare = last.replaced(args=(*last.args, *(s.Without(at, name) for name in relus if name not in said)))
    chain = (*form.chain[:i], form.chain[i].replaced(unit=bare), *form.chain[i + 1 :])
    args = (s.Plain(at, form.width or s.Name(IN, span=at)), s.Stride(at, s.Name(form.stride, span=at)))
    shortcut = (s.Step(at, s.Layer(at, s.Text(at, SHORTCUT), args), None),)
    then = tuple(s.Step(at, s.Layer(at, s.Text(at, name), ()), None) for name in relus if name not in said)
    chains = ((RESIDUAL, chain), (SHORTCUT, shortcut))
    return s.Block(at, s.Text(at, name), form.formals, s.Text(at, ops.joining_residual().spelled()), None, then, chains)


def _dense(form: Form, name: str, layers: Reader) -> s.Block:
    """``block NAME = concat of``, what enters beside what the chain makes of it (Huang et al. 2017)."""
    at = form.at
    identity = (s.Step(at, s.Layer(at, s.Text(at, ops.passing_on().spelled()), ()), None),)
    chains = (("all", identity), ("new", tuple(_grown(form.chain, layers))))
    return s.Block(at, s.Text(at, name), form.formals, s.Text(at, ops.joining_dense().spelled()), None, (), chains)


def _grown(chain: s.Chain, layers: Reader) -> Iterator[s.Step]:
    """A chain whose layers have widths: the last one the growth, those before it the bottleneck times the growth."""
    wide = [i for i, step in enumerate(chain) if _width_of(step, layers)]
    growth, bottleneck = _setting(GROWTH, layers), _setting(BOTTLENECK, layers)
    assert growth is not None
    for i, step in enumerate(chain):
        unit = step.unit
        assert isinstance(unit, s.Layer)
        name = _width_of(step, layers)
        if name is None or _given(unit, name, layers):
            yield step
            continue
        factor = bottleneck or s.Number(WIDER, span=growth.span)
        width = growth if i == wide[-1] else s.Binary("*", factor, growth, span=growth.span)
        yield step.replaced(unit=unit.replaced(args=(*unit.args, s.Named(width.span, name, width.span, width))))


def _complain_of_hidden(layers: Reader) -> bool:
    """Whether a parameter of a block has a name of which the statement says another thing, which is reported."""
    settings = layers.brackets.settings if layers.brackets is not None else ()
    hidden = [(value.span, name) for _, value in settings for name in sorted(value.names & layers.scope.formals)]
    for span, name in hidden:
        layers.report.add(setting_hidden(span, name))
    return bool(hidden)


def _complain_of_growth(bracket: s.Bracket, layers: Reader) -> None:
    """Complain of a dense bracket whose last layer is given another width than the growth."""
    wide = [step for step in bracket.chain if _width_of(step, layers)]
    growth = _setting(GROWTH, layers)
    assert growth is not None
    args = (arg for step in wide[-1:] for arg in args_of(step) if isinstance(arg, s.Plain) and is_width(arg))
    for arg in args:
        try:
            own, said = layers.scope.value(arg.value), layers.scope.value(growth)
        except Wrong:
            return  # said where it is read
        layers.scope.record.pinned |= own.names | said.names
        if None not in (own.value, said.value) and own.value != said.value:
            layers.report.add(other_growth(arg.span, own.value, said.value, growth.span))


def _width_of(step: s.Step, layers: Reader) -> str | None:
    """The argument of a layer that is its width: the number that it cannot do without."""
    op = layers.target(step.unit)
    assert isinstance(op, type)
    return op.makes if op.makes is not None and op.arguments[op.makes].required else None


def _given(layer: s.Layer, name: str, layers: Reader) -> bool:
    """Whether a layer has its width, from its cell, in its short form or by its rule."""
    op = layers.target(layer)
    assert isinstance(op, type)
    short = layer.op is not None and ops.find(layer.op.text) is not op
    return short or any(
        (isinstance(arg, s.Plain) and is_width(arg)) or (isinstance(arg, s.Named) and arg.name == name)
        for arg in (*layer.args, *ruled(op, layers))
    )


def _setting(name: str, layers: Reader) -> s.Expr | None:
    settings = layers.brackets.settings if layers.brackets is not None else ()
    return next((value for key, value in settings if key.text == name), None)
