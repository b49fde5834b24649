"""Text to syntax, line by line, so that a bad line never hides the next. The only file that imports lark."""

from __future__ import annotations

import pickle
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import lark

from archspec import syntax as s
from archspec.diagnostics import Diagnostic, Report, Source, Span, closest, explained

STATEMENTS = {
    name: {"counted": "counted_by"}.get(name, name)
    for name in ("network", "title", "paper", "input", "every", "let", "variants", "counted", "claims")
}
STARTS = [*STATEMENTS.values(), "chain", "counted", "value", "expr", "size"]
LONGEST_LINE = 20_000
LONGEST_NUMBER = 400
DEEPEST = 40
SEPARATOR = re.compile(r"[\s|:=+]*-[\s|:=+-]*")
COMMENT = re.compile(r'"[^"]*"|(?:^|(?<=\s))#.*')


def parse(source: Source, report: Report) -> list[s.Statement]:
    """The statements of a file, in order; a line that cannot be read is reported and left out."""
    statements: list[s.Statement] = []
    table: list[Span] = []
    for number, text in enumerate(source.lines, 1):
        if len(text) > LONGEST_LINE:
            report.add(line_too_long(Span(source, number, 0, 0), len(text)))
            continue
        code = COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else "", text).rstrip()
        start = len(code) - len(code.lstrip())
        line = Span(source, number, start, len(code))
        if code[start:].startswith("|"):
            table.append(line)
            continue
        if table and not (not code and text.strip()):  # a comment alone does not end a table
            _close(table, statements, report)
        if code:
            statements.append(_statement(line, report))
    _close(table, statements, report)
    return statements


def parse_cell(cell: s.Cell, start: str, report: Report) -> Any:
    """One cell, or one option of the command line, by the rule that its kind asks for; None if it cannot be read."""
    return _parse(cell.span, start, report)


def number_of(text: str) -> int | float:
    """The number that digits stand for; infinite where they are more than any number of a table has."""
    return int(text) if text.isdecimal() and len(text) < LONGEST_NUMBER else float(text)


def text_of(span: Span) -> str:
    """The characters that a span covers."""
    return span.source.lines[span.line - 1][span.start : span.end]


def _close(lines: list[Span], statements: list[s.Statement], report: Report) -> None:
    if not lines:
        return
    table = _table(lines, report)
    lines.clear()
    last = statements[-1] if statements else None
    if isinstance(last, s.Claims | s.Variants) and last.table is None and not getattr(last, "names", ()):
        statements[-1] = last._replace(table=table)
    elif not (isinstance(last, s.Broken) and last.keyword in ("claims", "variants")):  # those take their table along
        statements.append(table)


def _table(lines: list[Span], report: Report) -> s.Table:
    ruled = len(lines) > 1 and SEPARATOR.fullmatch(text_of(lines[1])) is not None
    body = [line for line in lines if not SEPARATOR.fullmatch(text_of(line))]
    rows = [_cells(line, report) for line in body]
    header = rows.pop(0) if ruled and rows else None
    return s.Table(lines[0], header, tuple(rows))


def _cells(line: Span, report: Report) -> tuple[s.Cell, ...]:
    text = text_of(line)
    bars = [m.start() for m in re.finditer(r'"[^"]*"|\|', text) if m[0] == "|"]
    if bars[-1] != len(text) - 1 or len(bars) == 1:
        report.add(open_row(line.within(len(text) - 1, len(text))))
        bars.append(len(text))
    cells = []
    for left, right in pairwise(bars):
        inner = text[left + 1 : right]
        start = left + 1 + len(inner) - len(inner.lstrip())
        stripped = inner.strip()
        # An empty cell is pointed at in its middle.
        place = line.within(start, start + len(stripped)) if stripped else line.within(left + 1, max(right, left + 2))
        cells.append(s.Cell(place, stripped))
    return tuple(cells)


def _statement(line: Span, report: Report) -> s.Statement:
    word = re.match(r"[^\s(:\"]*", text_of(line))
    keyword = word[0] if word else ""
    name = re.match(r"\S+\s+([\w-]*)", text_of(line))
    if keyword not in STATEMENTS:
        wrong = unknown_statement(line.within(0, max(len(keyword), 1)), keyword)
        report.add(wrong)
        return s.Broken(line, closest(keyword, STATEMENTS) or "", name[1] if name else "", wrong)
    inside = Report()
    statement: s.Statement | None = _parse(line, STATEMENTS[keyword], inside)
    for wrong in inside:
        report.add(wrong)
    if statement is not None:
        return statement
    return s.Broken(line, keyword, name[1] if name else "", next(iter(inside)))


def _parse(span: Span, start: str, report: Report) -> Any:
    try:
        tree = _parser().parse(text_of(span), start=start)
        return _Builder(span).transform(tree)
    except lark.UnexpectedInput as error:
        report.add(_unexpected(span, error))
    except RecursionError:
        report.add(too_deep(span))
    except lark.exceptions.VisitError as error:
        if not isinstance(error.orig_exc, _TooDeep | RecursionError):
            raise
        report.add(too_deep(span))
    return None


@cache
def _parser() -> lark.Lark:
    """The parser, from the tables beside the grammar if this release of lark wrote them, else from the grammar."""
    folder = Path(__file__).parent
    with open(folder / "grammar.tables", "rb") as tables:
        version, _digest = pickle.load(tables), pickle.load(tables)
        if version == lark.__version__:
            return lark.Lark.load(tables)
    return build_parser((folder / "grammar.lark").read_text("utf-8"))


def build_parser(grammar: str) -> lark.Lark:
    """The parser from the text of the grammar; ``tools/regen.py`` writes its tables."""
    return lark.Lark(grammar, parser="lalr", lexer="contextual", start=STARTS, maybe_placeholders=True)


class _TooDeep(Exception):
    pass


class _Builder(lark.Transformer[Any, Any]):
    """A parse tree to syntax; offsets in the cell become places in the file."""

    def __init__(self, base: Span) -> None:
        super().__init__()
        self.base = base

    def _at(self, token: Any) -> Span:
        return self.base.within(token.start_pos, token.end_pos)

    def _text(self, token: Any) -> s.Text:
        return s.Text(self._at(token), str(token))

    def _over(self, nodes: list[Any]) -> Span:
        spans = [n.span if hasattr(n, "span") else self._at(n) for n in nodes if n is not None]
        return spans[0].to(spans[-1])

    def number(self, c: list[Any]) -> s.Number:
        return s.Number(self._at(c[0]), number_of(c[0]))

    def name(self, c: list[Any]) -> s.Name:
        return s.Name(self._at(c[0]), str(c[0]))

    def group(self, c: list[Any]) -> s.Expr:
        inner: s.Expr = c[1]._replace(span=self._over(c))
        return inner

    def expr(self, c: list[Any]) -> s.Expr:
        inner: s.Expr = c[0]
        return inner

    def binary(self, c: list[Any]) -> s.Binary:
        depth = 1 + max(c[0].depth, c[2].depth)
        if depth > DEEPEST:
            raise _TooDeep
        return s.Binary(self._over(c), str(c[1]), c[0], c[2], depth)

    product = binary

    def negative(self, c: list[Any]) -> s.Negative:
        if c[1].depth >= DEEPEST:
            raise _TooDeep
        return s.Negative(self._over(c), c[1], c[1].depth + 1)

    def sized(self, c: list[Any]) -> s.Plain:
        at = self._at(c[0])
        return s.Plain(at, self._size(c[0]))

    def _size(self, token: Any) -> s.Size:
        at = self._at(token)
        numbers = (s.Number(at, number_of(part)) for part in re.split("[x×]", token))
        return s.Size(at, tuple(numbers))

    def plain(self, c: list[Any]) -> s.Plain:
        return s.Plain(c[0].span, c[0])

    def string(self, c: list[Any]) -> s.Plain:
        return s.Plain(self._at(c[0]), s.Text(self._at(c[0]), c[0][1:-1]))

    def value(self, c: list[Any]) -> s.Value:
        inner: s.Value = c[0].value
        return inner

    def stride(self, c: list[Any]) -> s.Stride:
        value = c[1].value if isinstance(c[1], s.Plain) else c[1]
        return s.Stride(self._over(c), value)

    def without(self, c: list[Any]) -> s.Without:
        return s.Without(self._over(c), str(c[1]))

    def named(self, c: list[Any]) -> s.Named:
        return s.Named(self._over(c), str(c[0]), self._at(c[0]), c[1].value)

    def layer(self, c: list[Any]) -> s.Layer:
        args = tuple(a for a in c[1:] if a is not None)
        return s.Layer(self._over(c), self._text(c[0]), args)

    def nameless(self, c: list[Any]) -> s.Layer:
        return s.Layer(self._over(c), None, tuple(c))

    def bracket(self, c: list[Any]) -> s.Bracket:
        return s.Bracket(c[0][0].span.to(c[0][-1].span), c[0])

    def step(self, c: list[Any]) -> s.Step:
        return s.Step(self._over(c), c[0], c[2] if len(c) > 2 else None)

    def chain(self, c: list[Any]) -> s.Chain:
        return tuple(c)

    def size(self, c: list[Any]) -> s.Size:
        if len(c) == 1 and isinstance(c[0], lark.Token):
            return self._size(c[0])
        return s.Size(self._over(c), tuple(part for part in c if not isinstance(part, lark.Token)))

    def rule(self, c: list[Any]) -> s.Rule:
        words = [str(token) for token in c if token is not None]
        at = self._over(c)
        if words[0] not in ("no", "with"):
            return s.Rule(at, "as", words[0])
        return s.Rule(at, words[0], words[1], words[2] if len(words) > 2 else None)

    def counted(self, c: list[Any]) -> tuple[s.Rule, ...]:
        return tuple(c)

    def parameter(self, c: list[Any]) -> s.Parameter:
        return s.Parameter(self._at(c[0]), str(c[0]), c[1])

    def network(self, c: list[Any]) -> s.Network:
        return s.Network(self.base, self._text(c[0]), tuple(p for p in c[1:] if p is not None))

    def title(self, c: list[Any]) -> s.Title:
        return s.Title(self.base, c[0][1:-1])

    def paper(self, c: list[Any]) -> s.Paper:
        return s.Paper(self.base, c[0][1:-1], tuple(t.strip() for t in c[1:]))

    def input(self, c: list[Any]) -> s.Input:
        return s.Input(self.base, c[0])

    def every(self, c: list[Any]) -> s.Every:
        return s.Every(self.base, self._text(c[0]), c[1])

    def let(self, c: list[Any]) -> s.Let:
        return s.Let(self.base, self._text(c[0]), c[1])

    def variants(self, c: list[Any]) -> s.Variants:
        return s.Variants(self.base, tuple(self._text(t) for t in c if t is not None))

    def counted_by(self, c: list[Any]) -> s.Counted:
        return s.Counted(self.base, c[0])

    def claims(self, c: list[Any]) -> s.Claims:
        return s.Claims(self.base)


WORDS = {
    "NAME": "a name",
    "OP": "a layer such as `conv`",
    "NUMBER": "a number",
    "SIZE": "a size such as 3x3",
    "STRING": 'a text in "quotes"',
    "REPEAT": "` x `",
    "VARIANT": "a variant's name",
    "REFERENCE": "a reference",
    "COMMA": "`,`",
    "SEMICOLON": "`;`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "$END": "the end",
}


def _unexpected(span: Span, error: lark.UnexpectedInput) -> Diagnostic:
    text = text_of(span)
    ended = isinstance(error, lark.UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END"
    at = len(text) if ended else min(getattr(error, "pos_in_stream", 0) or 0, len(text))
    token = getattr(error, "token", None)
    length = max(len(token), 1) if token is not None and not ended else 1
    allowed: Any = getattr(error, "allowed", None) or getattr(error, "accepts", None) or getattr(error, "expected", ())
    expected = sorted(WORDS[name] for name in allowed if name in WORDS)
    return unreadable(span.within(at, at + length), text[at : at + length], expected)


@explained("E0101")
def unreadable(span: Span, found: str, expected: list[str]) -> Diagnostic:
    """A statement or a cell breaks the grammar.

    The caret stands where the reader stopped. A cell of layers is a chain, `conv 3x3, 64; relu`: steps are
    separated by `;`, the arguments of a step by `,`, and a repetition's `x` stands between blanks: `conv3-64 x 2`.
    """
    if found == '"':
        return Diagnostic("E0101", "this text does not end", span, "opened here", help='close it with `"` on this line')
    what = f"`{found}` is not expected here" if found.strip() else "something is missing here"
    return Diagnostic("E0101", what, span, "here", notes=("expected " + ", ".join(expected),) if expected else ())


@explained("E0102")
def unknown_statement(span: Span, word: str) -> Diagnostic:
    """A line starts with a word that is no statement.

    A line is a statement, a table row (which starts with `|`) or a comment (which starts with `#`).
    """
    known = ", ".join(f"`{name}`" for name in sorted(STATEMENTS))
    near = closest(word, STATEMENTS)
    return Diagnostic(
        "E0102",
        f"`{word}` is no statement" if word else "a line starts with a word, `|` or `#`",
        span,
        "unknown",
        notes=() if near else (f"the statements are {known}",),
        help=f"did you mean `{near}`?" if near else None,
    )


@explained("E0103")
def open_row(span: Span) -> Diagnostic:
    """A table row starts with `|` and must end with one, so that a lost cell can be told from an empty one."""
    return Diagnostic(
        "E0103", "this row does not end with `|`", span, "the last cell is open", help="close the row with `|`"
    )


@explained("E0104")
def too_deep(span: Span) -> Diagnostic:
    """An expression or a bracket is nested deeper than any table's: more than 40 levels."""
    return Diagnostic("E0104", "this is nested too deeply", span, help="name its parts with `let`")


@explained("E0105")
def line_too_long(span: Span, length: int) -> Diagnostic:
    """A line is longer than 20,000 characters. No table's is; the file is likely not a spec."""
    return Diagnostic(
        "E0105",
        f"a line of {length:,} characters is too long",
        span,
        notes=(f"at most {LONGEST_LINE:,} characters are read",),
    )
