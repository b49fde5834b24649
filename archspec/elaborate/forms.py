"""Words to parts: which form of which part a clause of a recipe spells, and what fills its holes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from archspec import recipe as known
from archspec.diagnostics import Span
from archspec.elaborate.scope import WORDS, Scope
from archspec.ir.node import Value
from archspec.ir.recipe import Given
from archspec.language import syntax as s
from archspec.naming import closest
from archspec.recipe.part import Hole, Part
from archspec.support.frozen import Frozen


class Said(Frozen):
    """A word with its value: a number, a range, a name."""

    span: Span
    text: str
    value: Given


class Comma(Frozen):
    """What stands between two parts, two arguments or two values."""

    span: Span
    text: str = ","


class Named(Frozen):
    """An argument by its name."""

    span: Span
    text: str
    name: str
    value: Given


Token: TypeAlias = Said | Comma | Named


class Found(Frozen):
    """A part that was understood: its arguments, their places, and how many tokens it took."""

    part: type[Part]
    args: dict[str, Given]
    places: dict[str, Span]
    length: int
    span: Span
    words: str
    """What it is called in a diagnostic: ``divide by``."""
    twice: tuple[tuple[str, Span, Span], ...] = ()
    """Arguments that are given again, with both places."""


class Match(Frozen):
    """A form that fits the first tokens: what fills its holes, and how many of its words were met."""

    args: dict[str, Given]
    places: dict[str, Span]
    length: int
    words: int


def tokens_of(clause: s.Clause, scope: Scope) -> list[Token]:
    """The words, commas and options of a clause with their values; raises Wrong for arithmetic that is wrong."""
    tokens: list[Token] = []
    for said in clause.said:
        if tokens:
            tokens.append(Comma(said.span))
        if isinstance(said, s.Option):
            values = [_value(word, scope) for word in said.values]
            value = values[0] if len(values) == 1 else tuple(_flat(values))
            tokens.append(Named(said.span, said.span.text, said.name.text.lower().replace("-", "_"), value))
        else:
            tokens += [Said(word.span, word.span.text, _value(word, scope)) for word in said.words]
    return tokens


def read_part(setting: str, tokens: Sequence[Token]) -> Found | None:
    """The part that the first tokens spell, with the arguments behind it, or None.

    Of the forms that match with arguments that fit, the first; where none fits, the one that has the most words.
    """
    beginnings = [*_begun(tokens)]
    options = [
        (part, match)
        for part in known.parts_of(setting)
        for pattern in part.patterns()
        for begun in beginnings
        if (match := _match(part, pattern, begun)) is not None
    ]
    if not options:
        return None
    fitting = next((option for option in options if _accepted(option[0], option[1].args)), None)
    part, match = fitting or max(options, key=lambda option: option[1].words)
    if not (fitting or match.words or not isinstance(next(iter(match.args.values()), ""), str)):
        return None  # a word where a number stands, ``cosin``: no form was meant by it
    return _with_arguments(part, match, tokens)


def closest_form(setting: str, tokens: Sequence[Token]) -> tuple[list[str], str | None]:
    """The forms of a setting, those with the same first word if there are any, and a word that was likely meant."""
    forms = [form for part in known.parts_of(setting) for form in part.forms if form]
    first = tokens[0].text.split("=")[0].lower() if not isinstance(tokens[0], Comma) else ""
    alike = [form for form in forms if form.split()[0] == first]
    words = {form.split()[0] for form in forms if form[0] != "{"}
    shown = [
        re.sub(r"{(\w+)(\.\.\.)?}", lambda hole: hole[1].upper() + (", …" if hole[2] else ""), f)
        for f in alike or forms
    ]
    return shown, None if alike else closest(first, words)


def _begun(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens, and where an option stands first, the same as words: ``crops=10`` is ``crops 10``."""
    yield tokens
    first = tokens[0]
    if isinstance(first, Named):
        name, value = Said(first.span, first.name, first.name), Said(first.span, first.text, first.value)
        yield (name, value, *tokens[1:])


def _match(part: type[Part], pattern: Sequence[str | Hole], tokens: Sequence[Token]) -> Match | None:
    """What fills the holes of a form, if the first tokens have its words and a comma or nothing follows."""
    if pattern and isinstance(pattern[0], str) and tokens[0].text.lower() != pattern[0]:
        return None  # which most forms do at once
    args: dict[str, Given] = {}
    places: dict[str, Span] = {}
    at = words = 0
    split = len(tokens) > 1 and isinstance(tokens[0], Said) and tokens[0].span == tokens[1].span
    for item in pattern:
        token = tokens[at] if at < len(tokens) else None
        if not isinstance(token, Said):
            return None
        if isinstance(item, str):
            if token.text.lower() != item:
                return None
            words, at = words + 1, at + 1
        elif item.many:
            length = _many(part, item, tokens[at:])
            taken = [token for token in tokens[at : at + length] if isinstance(token, Said)]
            if not taken:
                return None
            args[item.argument] = tuple(_flat([token.value for token in taken]))
            places[item.argument] = taken[0].span.to(taken[-1].span)
            at += length
        else:
            args[item.argument], places[item.argument] = token.value, token.span
            at += 1
    following = tokens[at] if at < len(tokens) else None
    ended = following is None or isinstance(following, Comma) or (not pattern and isinstance(following, Named))
    return Match(args, places, at - split, words) if ended else None


def _many(part: type[Part], hole: Hole, tokens: Sequence[Token]) -> int:
    """How many tokens are values of a hole for several: as long as each fits, commas between them."""
    accepts = part.arguments[hole.argument].read
    length = 0
    for place, token in enumerate(tokens):
        if isinstance(token, Said) and accepts((token.value,)) is not None:
            length = place + 1
        elif not isinstance(token, Comma):
            break
    return length


def _with_arguments(part: type[Part], match: Match, tokens: Sequence[Token]) -> Found:
    """A part with the arguments behind commas: ``name=value``, or a flag by its name."""
    args, places, at = dict(match.args), dict(match.places), match.length
    twice: list[tuple[str, Span, Span]] = []
    start = at
    while at < len(tokens):
        step = 1 if isinstance(tokens[at], Comma) else 0
        if not step and at > 0:
            break
        token = tokens[at + step] if at + step < len(tokens) else None
        if isinstance(token, Named):
            if token.name in args:
                twice.append((token.name, token.span, places[token.name]))
            args[token.name], places[token.name] = token.value, token.span
            at += step + 1
            continue
        flag = _flag(part, tokens[at + step :])
        if flag is None:
            break
        args[flag.text], places[flag.text] = True, flag.span
        at += step + len(flag.text.split("_"))
    last = tokens[max(at - 1, 0)]
    words = " ".join(token.text for token in tokens[: max(start, 1)]) if match.words else ""
    return Found(part, args, places, at, tokens[0].span.to(last.span), words, tuple(twice))


def _flag(part: type[Part], tokens: Sequence[Token]) -> s.Text | None:
    """A yes-or-no argument that the tokens up to the next comma name: ``no bias decay``."""
    phrase: list[Said] = []
    for token in tokens:
        if not isinstance(token, Said):
            break
        phrase.append(token)
    name = "_".join(token.text.lower() for token in phrase)
    if name in part.arguments and part.arguments[name].is_switch:
        return s.Text(phrase[0].span.to(phrase[-1].span), name)
    return None


def _accepted(part: type[Part], args: dict[str, Given]) -> bool:
    return all(part.arguments[name].read(value) is not None for name, value in args.items())


def _value(word: s.Word, scope: Scope) -> Given:
    if isinstance(word, s.Range):
        low, high = (scope.expression(end).value for end in (word.low, word.high))
        return (_end(low), _end(high))
    if isinstance(word, s.Text):
        name = s.Name(word.text, span=word.span)
        if not scope.knows(name):
            return WORDS.get(word.text, word.text)
        return _known(scope.lookup(name).value)
    return _known(scope.value(word).value)


def _end(value: Value | None) -> int | float:
    assert isinstance(value, int | float)
    return value


def _known(value: Value | None) -> Given:
    assert value is not None  # a recipe stands outside blocks, where all names have values
    return value


def _flat(values: Sequence[Given]) -> Iterator[int | float | str]:
    """Values one after the other; a range or a size among several is not a number, and left to be refused as a text."""
    for value in values:
        yield str(value) if isinstance(value, tuple | bool) else value
