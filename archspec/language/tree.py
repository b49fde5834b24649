"""One statement or one cell to syntax, by the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from archspec.budget import spend
from archspec.diagnostics import Report, Span
from archspec.expressions import Expression
from archspec.language import syntax as s
from archspec.language.automaton import Token, Tree, Unexpected
from archspec.language.grammar import parser
from archspec.language.messages import too_deep
from archspec.language.unexpected import unexpected
from archspec.naming import with_x
from archspec.support.limits import DEEPEST_SYNTAX, LONGEST_NUMBER, MISTAKE, MOST_WORDS_KNOWN, READ, SHORT_CELL, WORD

SIGNS = re.compile(r'"[^"]*"|\w+|[^\w\s]')
"""Texts, words and signs, of which each takes the reader about as long."""
MARKS = {"✓": "yes", "✔": "yes", "√": "yes", "✗": "no", "✘": "no"}
"""What papers print in columns of yes and no."""
ENDS: dict[type, str] = {s.Plain: "value", s.Named: "value", s.Between: "last"}
"""Where an argument holds the expression that it ends in."""
LARGEST_POWER = 9
"""Of a figure, ``C^2``: what tables print are squares and cubes."""
E = TypeVar("E", bound=Expression)


def read(span: Span, start: str, report: Report) -> Any:
    """The syntax of a place by one rule of the grammar; None if it cannot be read, which is reported."""
    text = span.text
    spend(READ + WORD * sum(1 for _ in SIGNS.finditer(text)), span)
    if start in ("expr", "value") and text.isdecimal() and text.isascii() and len(text) < LONGEST_NUMBER:
        return s.Number(int(text), span=span)  # what most cells of argument columns hold
    if start == "value" and text in MARKS:
        return s.Name(MARKS[text], span=span)
    try:
        return _Builder(span).syntax(
            _tree(text, start) if len(text) <= SHORT_CELL else parser().parse(text, start=start)
        )
    except Unexpected as error:
        spend(3 * MISTAKE, span)
        report.add(unexpected(span, error))
    except (_TooDeep, RecursionError):
        report.add(too_deep(span))
    return None


@lru_cache(MOST_WORDS_KNOWN)
def _tree(text: str, start: str) -> Any:
    """The parse tree of a text, whose places count from its start: the cells of tables repeat each other."""
    return parser().parse(text, start=start)


def number_of(text: str) -> int | float:
    """The number of digits, 0.4 of ``40%``; infinite where they are more than any number of a table has."""
    if text.endswith("%"):
        return number_of(text[:-1].rstrip()) / 100
    return int(text) if text.isdecimal() and len(text) < LONGEST_NUMBER else float(text)


class _TooDeep(Exception):
    pass


def _shallow(expression: E) -> E:
    """The expression, unless its parts stand too deep in one another."""
    if expression.depth > DEEPEST_SYNTAX:
        raise _TooDeep
    return expression


class _Builder:
    """A parse tree to syntax, bottom up; offsets in the cell become places in the file.

    Every rule of the grammar has a method of its name, which gets what its children became. lark's own Transformer
    does the same at three times the cost.
    """

    def __init__(self, base: Span) -> None:
        self.base = base
        self._spaced: list[s.Binary] = []
        """Divisions whose slash has a blank before it and none behind: strides where arguments stand."""

    def syntax(self, tree: Any) -> Any:
        """What a tree stands for; a token stays as it is."""
        children = [self.syntax(child) if isinstance(child, Tree) else child for child in tree.children]
        return getattr(self, tree.data)(children)

    def _at(self, token: Any) -> Span:
        return self.base.within(token.start_pos, token.end_pos)

    def _text(self, token: Any) -> s.Text:
        return s.Text(self._at(token), str(token))

    def _over(self, nodes: list[Any]) -> Span:
        spans = [n.span if hasattr(n, "span") else self._at(n) for n in nodes if n is not None]
        return spans[0].to(spans[-1])

    def number(self, c: list[Any]) -> s.Number:
        return s.Number(number_of(c[0]), span=self._at(c[0]))

    def name(self, c: list[Any]) -> s.Name:
        return s.Name(str(c[0]), span=self._at(c[0]))

    def group(self, c: list[Any]) -> s.Expr:
        inner: s.Expr = c[1].placed(self._over(c))
        return inner

    def expr(self, c: list[Any]) -> s.Expr:
        inner: s.Expr = c[0]
        return inner

    def binary(self, c: list[Any]) -> s.Binary:
        found = _shallow(s.Binary(str(c[1]), c[0], c[2], span=self._over(c)))
        if c[1] == "/" and re.match(r"\s/\S", self.base.text[c[1].start_pos - 1 : c[1].end_pos + 1]):
            self._spaced.append(found)
        return found

    product = binary

    def function(self, c: list[Any]) -> s.Function:
        return _shallow(s.Function(str(c[0]), tuple(c[2:-1:2]), span=self._over(c)))

    def choice(self, c: list[Any]) -> s.Choice:
        return _shallow(s.Choice(c[1], c[3], c[5], span=self._over(c)))

    def comparison(self, c: list[Any]) -> s.Comparison:
        return _shallow(s.Comparison(str(c[1]), c[0], c[2], span=self._over(c)))

    def either(self, c: list[Any]) -> s.Logic:
        return _shallow(s.Logic(str(c[1]), c[0], c[2], span=self._over(c)))

    both = either

    def negation(self, c: list[Any]) -> s.Negation:
        return _shallow(s.Negation(c[1], span=self._over(c)))

    def negative(self, c: list[Any]) -> s.Negative:
        return _shallow(s.Negative(c[1], span=self._over(c)))

    def sized(self, c: list[Any]) -> s.Plain:
        at = self._at(c[0])
        return s.Plain(at, self._size(c[0]))

    def _size(self, token: Any) -> s.Size:
        at = self._at(token)
        numbers = (s.Number(number_of(part.strip()), span=at) for part in re.split("[x×]", token))
        return s.Size(tuple(numbers), span=at)

    def plain(self, c: list[Any]) -> s.Plain:
        return s.Plain(c[0].span, c[0])

    def percent(self, c: list[Any]) -> s.Plain:
        return s.Plain(self._at(c[0]), s.Number(number_of(c[0]), span=self._at(c[0])))

    def string(self, c: list[Any]) -> s.Plain:
        return s.Plain(self._at(c[0]), s.Text(self._at(c[0]), c[0][1:-1]))

    def between(self, c: list[Any]) -> s.Between:
        return s.Between(self._over(c), c[0], c[2])

    def value(self, c: list[Any]) -> s.Value:
        inner: s.Value = c[0].value
        return inner

    def stride(self, c: list[Any]) -> s.Stride:
        value = c[1].value if isinstance(c[1], s.Plain) else c[1]
        return s.Stride(self._over(c), value)

    def strided(self, c: list[Any]) -> tuple[s.Arg, ...]:
        return self.sized(c[:1]), self.stride(c[1:])

    def _parted(self, args: list[Any]) -> Iterator[s.Arg]:
        """Arguments, with the strides that stand behind some of them without a comma: ``64 /2``."""
        for arg in args:
            parts = arg if isinstance(arg, tuple) else (arg,)
            *before, last = parts
            yield from before
            end = ENDS.get(type(last))
            found = self._stride_behind(getattr(last, end)) if end else None
            if end is None or found is None:
                yield last
            else:
                value, stride = found
                yield last.replaced(**{end: value}, span=last.span.to(value.span, shorter=True))
                yield s.Stride(stride.span.within(-1, len(stride.span.text)), stride)

    def _stride_behind(self, value: Any) -> tuple[s.Expr, s.Expr] | None:
        """What stands before a stride, and the stride, where an expression ends in one."""
        if not isinstance(value, s.Binary):
            return None
        if any(value is spaced for spaced in self._spaced):
            return value.left, value.right
        inner = self._stride_behind(value.right)
        if inner is None:
            return None
        before = s.Binary(value.operator, value.left, inner[0], span=value.left.span.to(inner[0].span))
        return before, inner[1]

    def spaced(self, c: list[Any]) -> s.Plain:
        return s.Plain(self._at(c[0]), self._size(c[0]))

    def outputs(self, c: list[Any]) -> s.Plain:
        return s.Plain(self._at(c[0]), self._number_in(c[0]))

    filters = outputs

    def many(self, c: list[Any]) -> s.Many | s.Stride:
        number = self._number_in(c[0])
        return s.Stride(number.span, number) if c[0].type == "STRIDED" else s.Many(number.span, number)

    def _number_in(self, token: Any) -> s.Number:
        """The one number of a token."""
        return s.Number(number_of(re.sub(r"\D", "", token)), span=self._at(token))

    def words(self, c: list[Any]) -> s.Words:
        words = tuple(self._text(part) for part in c if isinstance(part, Token))
        args = tuple(self._parted([self._argument(x) for x in c[len(words) :]]))
        return s.Words(self._over([*words, *args]), words, args)

    def _argument(self, found: Any) -> Any:
        """A number behind words, as the argument that it is."""
        return s.Plain(found.span, found) if isinstance(found, s.Number) else found

    def inner(self, c: list[Any]) -> s.Layer:
        first, op, *more = c
        words = [s.Words(self._over(more), tuple(self._text(word) for word in more))] if more else []
        return s.Layer(self._over(c), self._text(op), (first, *words))

    def printed(self, c: list[Any]) -> s.Layer:
        *before, layer = c
        args = (*self._parted(before), *layer.args)
        return s.Layer(self._over([*args[:1], layer]), layer.op, args)

    wide = strided

    def without(self, c: list[Any]) -> s.Without:
        return s.Without(self._over(c), str(c[1]))

    def named(self, c: list[Any]) -> s.Named:
        return s.Named(self._over(c), str(c[0]), self._at(c[0]), c[1].value)

    def arguments(self, c: list[Any]) -> tuple[s.Arg, ...]:
        return tuple(self._parted(c))

    def layer(self, c: list[Any]) -> s.Layer:
        args = tuple(self._parted([a for a in c[1:] if a is not None]))
        return s.Layer(self._over([c[0], *args]), self._text(c[0]), args)

    def nameless(self, c: list[Any]) -> s.Layer:
        args = tuple(self._parted([a for a in c if a is not None]))
        return s.Layer(self._over([*args]), None, args)

    def bracket(self, c: list[Any]) -> s.Bracket:
        return s.Bracket(c[0][0].span.to(c[0][-1].span), c[0])

    def step(self, c: list[Any]) -> s.Step:
        said = {part.type: value for part, value in pairwise(c) if isinstance(part, Token)}
        return s.Step(self._over(c), c[0], said.get("REPEAT"), said.get("IF"))

    def chain(self, c: list[Any]) -> s.Chain:
        return tuple(c)

    def size(self, c: list[Any]) -> s.Size:
        if len(c) == 1 and isinstance(c[0], Token):
            return self._size(c[0])
        return s.Size(tuple(part for part in c if not isinstance(part, Token)), span=self._over(c))

    def rule(self, c: list[Any]) -> s.Rule:
        words = [str(token) for token in c if token is not None]
        at = self._over(c)
        if len(words) == 1:  # a convention's name; `no` alone is none, which is said of it as of any other word
            return s.Rule(at, "as", words[0])
        return s.Rule(at, words[0], words[1], words[2] if len(words) > 2 else None)

    def counted(self, c: list[Any]) -> tuple[s.Rule, ...]:
        return tuple(c)

    def share(self, c: list[Any]) -> s.Share:
        layer = next((part for part in c if isinstance(part, s.Layer)), None)
        rows = () if layer else tuple(map(self._said, c[2:]))
        return s.Share(self.base, layer, rows)

    def each(self, c: list[Any]) -> s.Each:
        return s.Each(self.base, self.number(c[:1]))

    def beside(self, c: list[Any]) -> s.Beside:
        relation, other = c[0].split()[0], c[1]
        settings = tuple(part for part in c[2:] if isinstance(part, s.Parameter))
        if other.type == "STRING":
            return s.Beside(self.base, relation, *self._of_file(self._quoted(other)), settings)
        _, colon, name = other.partition(":")
        at = self._at(other).within(len(other) - len(name), len(other))
        return s.Beside(self.base, relation, None, s.Text(at, name) if colon else None, settings)

    def _of_file(self, name: s.Text) -> tuple[s.Text, s.Text | None]:
        """A file and its variant: ``resnet.arch:50``."""
        match = re.fullmatch(r"(?P<file>.*\.arch):(?P<variant>[^:/]+)", name.text)
        if match is None:
            return name, None
        inside = name.span.within(1, len(name.span.text) - 1)
        file, variant = (s.Text(inside.within(*match.span(part)), match[part]) for part in ("file", "variant"))
        return file, variant

    def formula(self, c: list[Any]) -> s.Formula:
        return s.Formula(self.base, c[0])

    sum = times = binary
    opposite = negative
    enclosed = group

    def power(self, c: list[Any]) -> s.Expr:
        """A small whole power, as the product that it is."""
        times = number_of(c[2])
        if not (isinstance(times, int) and 1 <= times <= LARGEST_POWER):
            raise Unexpected(c[2].start_pos, str(c[2]), ())
        at = self._over([c[0], c[2]])
        found: s.Expr = c[0]
        for _ in range(times - 1):
            found = s.Binary("*", found, c[0], span=at)
        return _shallow(found)

    def printed_number(self, c: list[Any]) -> s.Number:
        return s.Number(number_of(c[0].replace(",", "")), span=self._at(c[0]))

    def figure(self, c: list[Any]) -> s.Figure:
        found: s.Figure = c[0]
        return found

    def word(self, c: list[Any]) -> s.Text:
        return self._text(c[0])

    def amount(self, c: list[Any]) -> s.Number:
        digits, scale = (c[0][:-1], SCALES[c[0][-1]]) if c[0][-1] in SCALES else (c[0], 1)
        number = number_of(digits)
        number = float("inf") if number > 10**300 else number  # which is refused where it is read
        return s.Number(number / 100 if scale is None else number * scale, span=self._at(c[0]))

    def range(self, c: list[Any]) -> s.Range:
        at = self._at(c[0])
        low, high = (s.Number(number_of(end), span=at) for end in c[0].split(".."))
        return s.Range(at, low, high)

    def phrase(self, c: list[Any]) -> s.Phrase:
        return s.Phrase(self._over(c), tuple(_word(each) for each in c))

    def option(self, c: list[Any]) -> s.Option:
        return s.Option(self._over(c), self._text(c[0]), tuple(_word(each) for each in c[1:]))

    def clause(self, c: list[Any]) -> s.Clause:
        said = tuple(part for part in c if isinstance(part, s.Phrase | s.Option))
        condition = next((value for token, value in pairwise(c) if isinstance(token, Token)), None)
        return s.Clause(self._over([said[0], said[-1]]), said, condition)

    def recipe(self, c: list[Any]) -> tuple[s.Clause, ...]:
        return tuple(c)

    def parameter(self, c: list[Any]) -> s.Parameter:
        return s.Parameter(self._at(c[0]), str(c[0]), c[1])

    def network(self, c: list[Any]) -> s.Network:
        like = self._quoted(c[-1]) if c[-1] is not None else None
        parameters = tuple(p for p in c[1:] if isinstance(p, s.Parameter))
        return s.Network(self.base, self._text(c[0]), parameters, like)

    def _quoted(self, token: Any) -> s.Text:
        return s.Text(self._at(token), token[1:-1])

    def formal(self, c: list[Any]) -> s.Formal:
        return s.Formal(self._at(c[0]), str(c[0]), c[1])

    def block(self, c: list[Any]) -> s.Block:
        join = self._text(c[-1]) if c[-1] is not None else None
        return s.Block(self.base, self._text(c[0]), tuple(f for f in c[1:] if isinstance(f, s.Formal)), join)

    def then(self, c: list[Any]) -> s.Then:
        return s.Then(self.base, c[0])

    def head(self, c: list[Any]) -> s.Head:
        source = self._text(c[1])
        pairs = zip(c[2::2], c[3::2], strict=True)
        settings = tuple(s.Named(self._over([n, v]), str(n), self._at(n), v) for n, v in pairs)
        return s.Head(self.base, self._text(c[0]), source.replaced(text=source.text.rstrip()), settings)

    def setting(self, c: list[Any]) -> tuple[s.Text, s.Expr]:
        return self._text(c[0]), c[1]

    def brackets(self, c: list[Any]) -> s.Brackets:
        return s.Brackets(self.base, self._text(c[0]), tuple(x for x in c[1:] if x is not None))

    def ignore(self, c: list[Any]) -> s.Ignore:
        return s.Ignore(self.base, tuple(map(self._said, c)))

    def taken_from(self, c: list[Any]) -> s.TakenFrom:
        kind = tuple(self._text(token) for token in c if token is not None and token.type == "OP")
        names = tuple(self._said(token) for token in c if token is not None and token.type != "OP")
        return s.TakenFrom(self.base, kind, names)

    def stride_at(self, c: list[Any]) -> s.StrideAt:
        value = c[0].value if isinstance(c[0], s.Plain) else c[0]
        return s.StrideAt(self.base, value, tuple(map(self._said, c[2:])))

    def at(self, c: list[Any]) -> s.At:
        rows = tuple(self._said(token) for token in c[1:] if isinstance(token, Token))
        args = [arg for arg in c[1:] if arg is not None and not isinstance(arg, Token)]
        return s.At(self.base, rows, tuple(self._parted(args)))

    def strides_from(self, c: list[Any]) -> s.StridesFrom:
        return s.StridesFrom(self.base, self._said(c[0]))

    def _said(self, token: Any) -> s.Text:
        """The name of a column or a row, which stands in quotes where it holds a comma or a bar."""
        return self._quoted(token) if token[0] == '"' else self._stripped(token)

    def taken_out(self, c: list[Any]) -> s.TakenOut:
        return s.TakenOut(self.base, tuple(map(self._said, c)))

    def _stripped(self, token: Any) -> s.Text:
        blanks = len(token) - len(token.lstrip())
        text = str(token).strip()
        return s.Text(self._at(token).within(blanks, blanks + len(text)), text)

    def units(self, c: list[Any]) -> s.Units:
        return s.Units(self.base, self._text(c[0]), s.Number(number_of(c[1]), span=self._at(c[1])))

    def use(self, c: list[Any]) -> s.Use:
        return s.Use(self.base, self._quoted(c[0]))

    def title(self, c: list[Any]) -> s.Title:
        return s.Title(self.base, c[0][1:-1])

    def paper(self, c: list[Any]) -> s.Paper:
        return s.Paper(self.base, c[0][1:-1], tuple(t.strip() for t in c[1:]))

    def input(self, c: list[Any]) -> s.Input:
        return s.Input(self.base, c[0], self._text(c[1]) if c[1] is not None else None)

    def every(self, c: list[Any]) -> s.Every:
        return s.Every(self.base, self._text(c[0]), c[1])

    def let(self, c: list[Any]) -> s.Let:
        return s.Let(self.base, self._text(c[0]), c[1])

    def choose(self, c: list[Any]) -> s.Choose:
        return s.Choose(self.base, self._text(c[0]), c[1] is not None, tuple(c[3:]))

    def variants(self, c: list[Any]) -> s.Variants:
        names = (self._text(t) for t in c if t is not None)
        return s.Variants(self.base, tuple(name.replaced(text=with_x(name.text)) for name in names))

    def counted_by(self, c: list[Any]) -> s.Counted:
        return s.Counted(self.base, c[0])

    def claims(self, c: list[Any]) -> s.Claims:
        return s.Claims(self.base)

    def train(self, c: list[Any]) -> s.Train:
        return s.Train(self.base)


def _word(found: Any) -> s.Word:
    """A word of a recipe, without the wrapping that an argument of a layer has."""
    word: s.Word = found.value if isinstance(found, s.Plain) else found
    return word


SCALES = {"k": 1_000, "K": 1_000, "M": 1_000_000, "%": None}
"""What stands behind a number of a recipe; a percentage is divided by a hundred, so that 4% is 0.04 exactly."""
