"""What the reader of text says: one function a mistake; its docstring is what `archspec explain` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import closest
from archspec.support.limits import LONGEST_LINE

BEFORE = re.compile(r"\s*(?P<times>\d+)\s*[x×]\s*(?P<layers>[^\W\d].*|\[.*)")
"""A repetition that stands before its layers."""


def mend(text: str, at: int, below: str = "") -> str | None:
    """The likely mend of a text that could not be read on from a place: the slips that everybody makes.

    ``below`` is the cell below it.
    """
    rest, before = text[at:], text[:at].rstrip()
    named = re.match(r"(block|network|head)\b", text)
    slips = (
        (re.match(r"stride\s+[^=]", text), "write `stride 2 at ROW, ROW`"),
        (re.match(r"strides\s", text), "write `strides from COLUMN`"),
        (
            re.search(r"\w\s+\d+\s+[x×]\s+\d+$", before) and before.split()[0] != "input",
            "a size has no blanks in it: `3x3`",
        ),
        (not before and BEFORE.fullmatch(text), _behind(text, below)),
        (not before and re.match(r"\d+\s*@\s*\d", text), _at_sign(text)),
        (re.match(r"[x×]\d", rest), "the `x` of a repetition stands between blanks: `x 2`"),
        (
            re.match(r"%", rest) or (before.endswith("%") and re.match(r"[-+*/]", rest)),
            "write a share in an expression as a fraction: `0.5*c`",
        ),
        (re.fullmatch(r"[x×]\s*", rest) and before, "say how often behind the `x`: `x 2`"),
        (re.match(r"\*", rest), "a repetition is written `x 2`"),
        (re.match(r"=[^=]", rest) and re.search(r"\sif\s", before), "a condition compares by `==`"),
        (re.match(r"else\b", rest), "a choice stands in parentheses: `(16 if big else 8)`"),
        (re.match(r"[+]", rest), "separate the steps of a row by `;`"),
        (
            re.fullmatch(r"\d+\s*[x×]\s*\d+\s*,?\s*/\s*\w+", text),
            "a stride has a column of its own, or the column of sizes is called `size/stride`",
        ),
        (re.match(r"/", rest) and before, f"separate the arguments by commas: `, /{rest.lstrip('/ ')[:1]}`"),
        (re.match(r"-\w", rest) and named, "a name is letters, digits and `_`"),
        (
            re.match(r"(?:no|with)\b", rest) and re.search(r"\w$", before),
            f"write a `,` before `{rest.partition(' ')[0]}`",
        ),
        (
            re.match(r"\w|[.]\s", rest) and re.search(r"[\w)]$", before) and not named,
            "separate arguments by `,` and steps by `;`",
        ),
    )
    return next((help for found, help in slips if found), None)


def _at_sign(text: str) -> str:
    """What is said of ``64@5x5``, which is filters or maps."""
    number, _, size = (part.strip() for part in text.partition("@"))
    found = re.match(r"\d+(?:\s*[x×]\s*\d+)?", size)
    sides = re.sub(r"\s*[x×]\s*", "x", found[0]) if found else size
    sides = sides if "x" in sides else f"{sides}x{sides}"
    return f"for filters write `{sides}, {number}`; the size of maps, `{sides}x{number}`, stands in a column `output`"


def _behind(text: str, below: str) -> str:
    """What is said of a repetition before its layers, which may be a brace over several rows."""
    match = BEFORE.fullmatch(text)
    if match is None:
        return ""
    layers, times = match["layers"].strip(), match["times"]
    alone = f"`{layers} x {times}`"
    if layers.startswith("[") or not below:
        return f"write a repetition behind its layers: {alone}"
    return f"if a brace joins it with the row below, write one row `[{layers}; {below}] x {times}`; if not, {alone}"


@explained("E0101")
def unreadable(span: Span, found: str, expected: list[str], help: str | None = None) -> Diagnostic:
    """A statement or a cell breaks the grammar.

    The caret stands where the reader stopped. A cell of layers is a chain, `conv 3x3, 64; relu`: steps are
    separated by `;`, the arguments of a step by `,`, and a repetition's `x` stands between blanks: `conv3-64 x 2`.
    """
    if found == '"':
        return Diagnostic("E0101", "this text does not end", span, "opened here", help='close it with `"` on this line')
    what = f"`{found}` is not expected here" if found.strip() else "something is missing here"
    between = "; or " if any(", " in each for each in expected) else " or "
    notes = (f"expected {between.join(expected)}",) if expected else ()
    return Diagnostic("E0101", what, span, "here", notes=notes, help=help)


@explained("E0102")
def unknown_statement(span: Span, word: str, statements: Iterable[str]) -> Diagnostic:
    """A line starts with a word that is not a statement.

    A line is a statement, a table row (which starts with `|`) or a comment (which starts with `#`).
    """
    known = ", ".join(f"`{name}`" for name in sorted(statements))
    near = closest(word, statements)
    row = f"a layer stands in a row of the table: `| {word} ... |`" if re.fullmatch(r"[a-z][\w-]*", word) else None
    return Diagnostic(
        "E0102",
        f"`{word}` is not a statement" if word else "a line starts with a word, `|` or `#`",
        span,
        "unknown",
        notes=() if near else (f"the statements are {known}",),
        help=f"did you mean `{near}`?" if near else row,
    )


@explained("E0013")
def not_a_spec(span: Span, strange: int, lines: int) -> Diagnostic:
    """The file holds something else: most of its lines start with a word that is not a statement of the language.

    Of a spec, each line that cannot be read is a mistake of its own (E0102).
    """
    return Diagnostic(
        "E0013",
        f"`{span.source.name}` is not a spec",
        span,
        "no statement, row or comment",
        notes=(f"{strange:,} of its {lines:,} lines start with a word that is not a statement",),
        help="give a file that has a line `network NAME` and a table; `archspec new NAME` writes one",
    )


@explained("E0103")
def open_row(span: Span) -> Diagnostic:
    """A table row starts with `|` and must end with one, so that a lost cell can be told from an empty one."""
    return Diagnostic(
        "E0103", "this row does not end with `|`", span, "the last cell is open", help="close the row with `|`"
    )


def bare_rows(first: Span, count: int) -> Diagnostic:
    """E0103 for rows that have bars between their cells alone."""
    cells = first.text.strip().removesuffix("|").strip()
    what = "this row does not start with `|`" if count == 1 else f"{count:,} lines of this table do not start with `|`"
    help = f"write `| {cells} |`" + (", and so the others" if count > 1 else "")
    return Diagnostic("E0103", what, first, "the first", help=help)


@explained("E0104")
def too_deep(span: Span | None, help: str = "name its parts with `let`") -> Diagnostic:
    """An expression, a bracket or a block is nested deeper than any table's: more than 40 levels.

    Each operation of an expression is a level above its left side, so that a sum of 41 numbers has 40.
    """
    return Diagnostic("E0104", "this is nested too deeply", span, help=help)


FEWER = "use fewer blocks and brackets in one another"
"""What helps where steps are nested too deeply."""


@explained("E0105")
def line_too_long(span: Span, length: int) -> Diagnostic:
    """A line is longer than 20,000 characters. No table's is; the file is likely not a spec."""
    return Diagnostic(
        "E0105",
        f"a line of {length:,} characters is too long",
        span,
        notes=(f"at most {LONGEST_LINE:,} characters are read",),
    )


@explained("E0106")
def then_without_block(span: Span) -> Diagnostic:
    """`then` says what follows the join of a block, and stands below the block's table, once."""
    return Diagnostic("E0106", "`then` stands below the table of a block, once", span, "no table of a block above")


def then_above(span: Span) -> Diagnostic:
    """E0106 for a `then` between a block and its table."""
    message = "`then` stands below the table of a block"
    return Diagnostic("E0106", message, span, "above it", help="move it below the last row of the block")


@explained("E0107")
def table_apart(span: Span, name: str) -> Diagnostic:
    """A blank line stands between a `block` or `head` line and its table, which stands right below it.

    So a table that is forgotten is missed, and does not take the table of layers that comes next.
    """
    message = f"a blank line parts `{name}` from its table"
    return Diagnostic("E0107", message, span, "this table", help="take the blank line away")


@explained("E0108")
def second_line(span: Span) -> Diagnostic:
    """Only a table of layers may have a header of two lines, the second of which names variants."""
    message = "only a table of layers has a second line of headers"
    return Diagnostic("E0108", message, span, "second line", help="write one line of headers above the rule")


@explained("E0109")
def tables_touch(span: Span) -> Diagnostic:
    """A second table starts right below the rows of the first: a blank line ends a table."""
    message = "a second table starts inside this one"
    return Diagnostic("E0109", message, span, "its header", help="leave a blank line above it")


@explained("E0628")
def cannot_include(span: Span, path: str, why: str, help: str | None = None) -> Diagnostic:
    """A file named by `use` or `like` cannot be read, or leads out of the folder of the spec, or back to itself."""
    return Diagnostic("E0628", f"`{path}` cannot be used: {why}", span, "named here", help=help)
