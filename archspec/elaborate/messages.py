"""What elaboration says: one function a mistake; its docstring is what `archspec explain` prints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from archspec import ops
from archspec.arguments import meant
from archspec.counting.printed import is_reported
from archspec.counting.quantities import SYNONYMS, find
from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.network import UNEXPLAINED, Arg, Value
from archspec.ir.node import IN
from archspec.naming import Names, closest, listed, suggest
from archspec.support.limits import MOST_COMPARED, MOST_LISTED
from archspec.support.words import spelled

COLUMNS = "a column is `layer`, `op`, `repeat`, a check, a variant, or an argument of a layer of the table"
FIXED_CLASSES = (
    "where a number of the table is that of the classes, write `network NAME(classes=10) like FILE` and the row of "
    "that number anew, with `fc classes`"
)
"""What to do where the classes are no parameter."""
LONGEST_SAID = 60
"""Characters of a value of a program that are shown where it is wrong."""
CLAIMS = "a column of claims is `source`, `counted`, a quantity, a parameter or a variant"


def _quoted(name: str) -> str:
    """The name of a column as a statement writes it: in quotes where it holds more than words."""
    return name if re.fullmatch(r"[\w ]+", name) else f'"{name}"'


INSIDE = ("residual", "shortcut")
"""What brackets and shortcuts are made into, which is not listed."""


@explained("E0601")
def unknown_op(span: Span, word: str, blocks: Names, mend: str | None) -> Diagnostic:
    """A cell names a layer that does not exist.

    Layers are found without regard to case and hyphens (`soft-max`, `SoftMax`), and by the papers' short forms
    (`conv3-64`, `FC-4096`). Each layer is one file in `archspec/ops/`. Where it has another name elsewhere, that is
    suggested, with what else the use says in the words of another library: `Conv2d 64, kernel_size=3, padding=1`.
    """
    names = blocks.ordered() if len(blocks) <= MOST_COMPARED else blocks
    own = list(islice((name for name in names if name not in INSIDE), MOST_LISTED + 1))
    number = len(blocks) - sum(name in blocks for name in INSIDE)
    there = "`archspec layers` lists the layers" + (f"; the blocks here are {listed(own, number)}" if own else "")
    lacking = ops.foreign(word)
    notes = (f"`{word}` {lacking}",) if lacking else ()
    if lacking is not None and "`" not in lacking:  # else that says how it is written
        there = f'`{ops.standing_in().spelled()} "{word}"` stands for a layer that is not known; {there}'
    return Diagnostic("E0601", f"there is no layer `{word}`", span, "unknown layer", notes=notes, help=mend or there)


@explained("E0602")
def unknown_argument(span: Span, op: str, name: str, known: Iterable[str]) -> Diagnostic:
    """A layer is given an argument that it does not have, `conv 3x3, 64, strides=2`."""
    elsewhere = meant(name, names := [*known])
    help = f"did you mean `{elsewhere}`?" if elsewhere else suggest(name, names)
    return Diagnostic("E0602", f"`{op}` has no argument `{name}`", span, "unknown argument", help=help)


@explained("E0603")
def no_such_form(
    span: Span,
    op: str,
    form: str,
    known: Iterable[str],
    further: bool = False,
    meant: str | None = None,
    whole: bool = False,
) -> Diagnostic:
    """An argument's form says what it is: `3x3` a size, `/2` a stride, `1..c` a range, a bare number the channels.

    This layer has no argument of that form, or it was given already. `name=value` gives any argument by its name.
    """
    takes = listed([*known]) or "no arguments"
    message = f"`{op}` takes no {'further ' if further else ''}{form}"
    help = f"write `{op}` alone: its size is a check where it begins a row of the network" if whole else meant
    return Diagnostic("E0603", message, span, f"a {form}", notes=(f"`{op}` takes {takes}",), help=help)


def as_size(name: str, text: str) -> str:
    """A number as an argument that is a size: ``3x3`` for 3, ``kernel=k`` for what is not a figure."""
    return f"{text}x{text}" if text.isdecimal() else f"{name}={text}"


def number_for_size(
    span: Span, op: str, name: str, texts: Sequence[str], bare: Sequence[str], required: bool
) -> Diagnostic:
    """E0605 for a layer whose size may be meant by a number, and so may what a number stands for: `conv 3, 64`."""
    first, *more = texts
    if more:
        pairs = ((first, more[0]), (more[0], first))
        readings = [f"`{op} {as_size(name, size)}, {rest}`" for size, rest in pairs if size != IN]
        help = f"write {', or '.join(dict.fromkeys(readings))}" if readings else None
    elif not bare:
        help = f"write `{as_size(name, first)}` in the place of `{first}`"
    elif first == IN:  # the channels that enter are nobody's kernel
        help = f"write `{op} 3x3, {first}`"
    else:
        size = f"{op} {as_size(name, first)}{', 64' if required else ''}"
        help = f"write `{size}` if `{first}` is the {name}, or `{op} 3x3, {first}` if it is the {bare[0]}"
    label = "numbers, not a size" if more else "a number, not a size"
    return Diagnostic("E0605", f"`{op}` needs `{name}`", span, label, help=help)


def share_of_what(span: Span, op: str, name: str, expects: str | None) -> Diagnostic:
    """E0606 for a share, `40%`, where an argument is not a fraction."""
    notes = (f"`{name}` is {expects}",) if expects else ()
    message = f"`{op}` cannot take `{name}` = {span.text}, which is a share"
    return Diagnostic("E0606", message, span, "a share", notes=notes)


@explained("E0604")
def given_twice(span: Span, name: str, first: Span | None) -> Diagnostic:
    """A layer is given the same argument twice, perhaps once by its form and once by its name."""
    second = (first, "first time") if first else None
    message = f"`{name}` is given twice"
    return Diagnostic("E0604", message, span, "second time", help="leave one of them out", second=second)


@explained("E0607")
def nothing_to_leave_out(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """`no relu` leaves out a step of the layer's `every` rule, `no bias` switches off a property; here is neither."""
    layer, names = ops.meant(name), [*known]
    near = layer.op if layer else meant(name, names)
    help = f"did you mean `{near}`?" if near in names else suggest(name, names)
    return Diagnostic("E0607", f"there is no `{name}` to leave out here", span, "nothing to leave out", help=help)


@explained("E0612")
def layer_as_argument(span: Span, op: str, name: str) -> Diagnostic:
    """A layer stands among the arguments of another, `fc 100, relu`. Arguments are separated by `,`, steps by `;`."""
    message = f"`{name}` is a layer, and stands among the arguments of `{op}`"
    return Diagnostic("E0612", message, span, "a layer", help=f"separate steps by `;`: `; {name}`")


@explained("E0608")
def second_rule(span: Span, name: str, first: Span) -> Diagnostic:
    """Two `every` rules are for the same layer."""
    message = f"`every {name}` is said twice"
    return Diagnostic("E0608", message, span, "second rule", help="keep one of them", second=(first, "first rule"))


@explained("E0609")
def rule_without_op(span: Span, name: str, others: Sequence[str] = ()) -> Diagnostic:
    """The right side of `every conv: ...` is a chain of layers in which `conv` itself stands, once.

    A rule adds to its layer and does not replace it.
    """
    message = f"`every {name}` must be a plain chain that holds `{name}` once"
    help = f"write `every {name}: {'; '.join([name, *(others or ['relu'])])}`"
    if len(others) == 1 and "," not in others[0]:  # in `bn, relu` are two
        help = f"to replace `{name}`, write `{others[0]}` in the cells; to add it, `every {name}: {name}; {others[0]}`"
    return Diagnostic("E0609", message, span, help=help)


@explained("E0610")
def column_without_taker(span: Span, name: str, takers: int) -> Diagnostic:
    """A column named after an argument passes its cells to the one step of the row that has such an argument."""
    what = "no step of this row takes" if takers == 0 else f"{takers} steps of this row take"
    return Diagnostic(
        "E0610", f"{what} `{name}`", span, f"for `{name}`", help="leave the cell empty and write it in the step"
    )


@explained("E0401")
def no_network(span: Span | None) -> Diagnostic:
    """A spec starts with its name and parameters: `network vgg_D(classes=1000)`. This one has no such line."""
    return Diagnostic("E0401", "there is no `network` line", span, help="start with `network NAME(classes=1000)`")


@explained("E0402")
def no_input(span: Span | None) -> Diagnostic:
    """A spec says what goes in, H x W x C or a number of features: `input 224x224x3`. This one does not."""
    return Diagnostic("E0402", "there is no `input` line", span, help="add `input 224x224x3`")


@explained("E0403")
def no_table(span: Span | None, taken: tuple[Span, str] | None = None) -> Diagnostic:
    """A spec has a table of layers, and this one has none, or one without a row for this variant.

    A table right below a `block` or a `head` is that of the block or the head, down to the next blank line.
    """
    message, help = "there is no table of layers", "add a table: `| layer | op | output |`"
    if taken is None:
        return Diagnostic("E0403", message, span, help=help)
    at, owner = taken
    second = (at, f"this table is that of `{owner}`")
    help = "set the table of layers off by a blank line"
    return Diagnostic("E0403", message, span, help=help, second=second)


def no_rows(span: Span, variant: str | None) -> Diagnostic:
    """E0403 for a table that is there and empty."""
    whose = f" for `{variant}`" if variant else ""
    return Diagnostic("E0403", f"the table of layers has no row{whose}", span, help="add a row: `| conv1 | conv3-64 |`")


@explained("E0404")
def said_twice(span: Span, what: str, first: Span) -> Diagnostic:
    """A statement that may stand once stands twice, or gives one source two origins."""
    message = f"`{what}` is said twice"
    return Diagnostic("E0404", message, span, "second time", help="keep one of them", second=(first, "first time"))


@explained("E0405")
def wrong_input(span: Span, dims: str) -> Diagnostic:
    """The input is three whole numbers, H x W x C, or one number of features, each at least 1."""
    return Diagnostic(
        "E0405", f"`{dims}` is not an input", span, "H x W x C, or one number", help="write `input 224x224x3`"
    )


@explained("E0413")
def seems_chw(span: Span, dims: Sequence[int]) -> Diagnostic:
    """An input begins with 1 or 3 and goes on with two larger sides that are equal, as torch prints its tensors.

    An input is height x width x channels. `input 3x224x224, chw` says that the channels stand first, and
    `input 3x224x224, hwc` that it is 3 high indeed.
    """
    text, first = "x".join(map(str, dims)), dims[0]
    last = "x".join(map(str, (*dims[1:], first)))
    message = f"`{text}` seems to have its channels first, and an input is height x width x channels"
    help = f"write `input {last}`, or `input {text}, hwc` if it is {first} high"
    return Diagnostic("E0413", message, span, "H x W x C", help=help)


@explained("E0414")
def unknown_order(span: Span, word: str, orders: Iterable[str]) -> Diagnostic:
    """The order of an input is `hwc`, height x width x channels, or `chw`, channels first."""
    message = f"an input is in the order `hwc` or `chw`, not `{word}`"
    return Diagnostic("E0414", message, span, "unknown order", help=suggest(word, orders))


@explained("E0406")
def unknown_parameter(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """A parameter is set, on the command line or in a claim, that the network does not have."""
    help = suggest(name, known)
    if name == "classes" and not (help or "").startswith("did you mean"):
        help = "; ".join([*filter(None, [help]), FIXED_CLASSES])
    return Diagnostic("E0406", f"the network has no parameter `{name}`", span, "unknown parameter", help=help)


def undeclared_column(span: Span, name: str, known: Iterable[str], value: str | None) -> Diagnostic:
    """E0406 for a column of the table of variants."""
    wrong = unknown_parameter(span, name, known)
    if value is None or not name.isidentifier() or (wrong.help or "").startswith("did you mean"):
        return wrong
    declared = f"declare it after the name of the network, with its default: `{name}={value}`"
    return replace(wrong, help="; ".join([declared, *filter(None, [wrong.help])]))


@explained("E0407")
def unknown_variant(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """A variant is asked for, or stands in the second line of a header, that the `variants` line does not name."""
    names = tuple(known)
    if not names:
        message = f"there is no variant `{name}`: this is one network, not a family"
        return Diagnostic("E0407", message, span, "unknown variant", help="ask for it without a variant")
    return Diagnostic("E0407", f"there is no variant `{name}`", span, "unknown variant", help=suggest(name, names))


def no_variant_name(span: Span, shown: str) -> Diagnostic:
    """E0407 for what a program gives that is not a name."""
    message = f"`{shown}` does not name a variant: a name is a text"
    return Diagnostic("E0407", message, span, "not a text", help='give the name as a text, as in `variant="A"`')


@explained("E0408")
def pick_a_variant(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """The spec is a family whose variants are columns, and one of them is needed here."""
    names = list(known)
    listed = ", ".join(f"`{variant}`" for variant in names)
    return Diagnostic(
        "E0408",
        f"`{name}` is a family: pick a variant",
        span,
        notes=(f"there is {listed}",),
        help=f"write `{span.source.name}:{names[0]}`",
    )


@explained("E0409")
def unused_parameter(span: Span, name: str, block: str | None = None) -> Diagnostic:
    """A parameter is declared and nothing in the network or the block depends on it: setting it has no effect."""
    message = f"nothing uses the parameter `{name}`" + (f" of `{block}`" if block else "")
    return Diagnostic(
        "E0409",
        message,
        span,
        "unused",
        help="use it in a row of the block, or leave it out"
        if block
        else "use it in a cell, as in `fc classes`, or leave it out",
        severity="warning",
    )


@explained("E0410")
def unused_rule(span: Span, name: str) -> Diagnostic:
    """An `every` rule is for a layer that no row uses; most likely its name is another one."""
    return Diagnostic(
        "E0410", f"no row uses `{name}`, so this rule does nothing", span, "unused rule", severity="warning"
    )


@explained("E0411")
def no_truth(span: Span, name: str, value: object) -> Diagnostic:
    """A parameter is set to what it cannot be: on the command line, by a caller, in the table of variants, in a claim.

    One whose default is yes or no, `network n(bias=yes)`, takes these alone: any word would be yes. One whose default
    is a number cannot be yes or no, with which nothing is computed. A caller gives numbers,
    texts, truth values, and sizes as lists or tuples of whole numbers; no other Python object is a value.
    """
    message = f"`{name}` is yes or no, and cannot be `{value}`"
    return Diagnostic("E0411", message, span, "yes or no", help=f"write `{name}=yes` or `{name}=no`")


def no_number(span: Span, name: str, value: Value, default: Value) -> Diagnostic:
    """E0411 for a number that is set to something else: to yes or no, or, where it is computed with, to a word."""
    message = f"`{name}` is a number, and cannot be `{spelled(value)}`"
    return Diagnostic("E0411", message, span, "a number", help=f"write a number, as in `{name}={default}`")


def wrong_kind(span: Span, name: str, value: object, default: Value) -> Diagnostic | None:
    """What is said of a value that a parameter with this default cannot have."""
    if not _is_value(value):
        return no_value(span, name, value)
    if isinstance(value, bool) and type(default) in (int, float):
        return no_number(span, name, value, default)
    if isinstance(default, bool) and not isinstance(value, bool):
        return no_truth(span, name, value)
    return None


def no_value(span: Span, name: str, value: object) -> Diagnostic:
    """E0411 for what a program gives that is not a value of the language."""
    message = f"the parameter `{name}` cannot be `{on_one_line(value)}`"
    help = "give a number, a text, `True` or `False`, or a tuple of whole numbers for a size"
    return Diagnostic("E0411", message, span, "not a value", help=help)


def as_written(value: object) -> str:
    """A value as a spec writes it; what is none, as a program does."""
    if isinstance(value, tuple) and _is_value(value):
        return spelled(value[:LONGEST_SAID])
    return spelled(value) if isinstance(value, bool | str) else on_one_line(value)


def on_one_line(value: object) -> str:
    """What a program gives, short enough to be said."""
    text = " ".join(repr_of(value).split())
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}..."


def repr_of(value: object) -> str:
    """What Python prints of an object, or its type where that raises: of lists that are too deep, among others."""
    try:
        return repr(value)
    except Exception:
        return type(value).__name__


def _is_value(value: object) -> bool:
    """Whether something is a number, a truth value, a word, or a size."""
    sides = value if isinstance(value, tuple) else ()
    return isinstance(value, bool | int | float | str) or (bool(sides) and all(type(side) is int for side in sides))


@explained("E0501")
def unknown_column(
    span: Span, name: str, known: Iterable[str], kinds: str = COLUMNS, first: str = "", strides: bool = False
) -> Diagnostic:
    """A table has a column that is neither a known check, nor a variant, nor an argument of a layer in it.

    The columns of claims are `source`, `counted`, quantities such as `params` or `top-1 error`, parameters, variants.
    """
    near = column_meant(name, [*known], strides)
    help = f"did you mean {near}?" if near else None
    if not name:
        help = f"write `{first}` in it" if first else "write in it what its cells are: a column or a variant"
    elif not near and kinds == COLUMNS:
        help = f"where nothing is to check it, write `ignore {_quoted(name)}` above the table"
    elif not near and re.fullmatch(r"top.?\d+", name, re.IGNORECASE):
        help = f"write `{name} error` or `{name} accuracy`"
    message = f"there is no column `{name}`" if name else "this column has no name"
    return Diagnostic("E0501", message, span, "unknown column", notes=() if near else (kinds,), help=help)


def column_meant(name: str, names: Sequence[str], strides: bool = False) -> str:
    """The columns that an unknown header may mean, in quotes; ``strides`` says that its cells hold strides as well."""
    if strides:
        return f"`{name}/stride`"
    synonyms = [column for column, words in SYNONYMS.items() if name.lower() in words and column in names]
    readings = dict.fromkeys(filter(None, (*synonyms, meant(name, names))))
    return " or ".join(f"`{each}`" for each in readings) or (f"`{slip}`" if (slip := closest(name, names)) else "")


def unknown_quantity(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """E0501 for a cell of the column `quantity`."""
    return Diagnostic("E0501", f"there is no quantity `{name}`", span, "unknown quantity", help=suggest(name, known))


def no_header(span: Span, columns: str) -> Diagnostic:
    """E0501 for a table whose columns have no names."""
    help = f"write `{columns}` and a rule `|---|---|` above its rows"
    return Diagnostic("E0501", "this table has no header", span, help=help)


@explained("E0502")
def second_column(span: Span, name: str, said: Sequence[str] = ()) -> Diagnostic:
    """Two columns of a table have the same name, or are read as the same: `Type` as `op`."""
    others = [word for word in dict.fromkeys(said) if word.lower() != name]
    notes = tuple(f"`{word}` is read as `{name}`" for word in others)
    help = "leave one of them out"
    if others:
        help += f", or write `ignore {_quoted(others[-1])}` above the table"
    return Diagnostic("E0502", f"there are two columns `{name}`", span, "second column", notes=notes, help=help)


@explained("E0503")
def wrong_cells(span: Span, found: int, expected: int, help: str | None = None) -> Diagnostic:
    """A row has another number of cells than the header. One cell may span all variants, as in print.

    A table without a header has the columns `layer` and `op`, or `op` alone.
    """
    cells = "1 cell" if found == 1 else f"{found} cells"
    help = help or ("add the missing `|`, or leave cells empty" if found < expected else "take the spare `|` away")
    message = f"this row has {cells}, and the header has {expected}"
    return Diagnostic("E0503", message, span, "cells do not match", help=help)


def cells_without_header(span: Span, found: int, columns: str = "`| layer | op | output |`") -> Diagnostic:
    """E0503 for a table without a header."""
    message = f"this row has {found} cells, and a table without a header has 2"
    rule = "|---" * found + "|"
    help = f"if it is a header, write `{rule}` on the next line; if not, write one above it: {columns}"
    return Diagnostic("E0503", message, span, "cells do not match", help=help)


def table_ended(span: Span, rows: int) -> Diagnostic:
    """E0503 for rows that a blank line parts from their table."""
    those = "this row" if rows == 1 else f"these {rows:,} rows"
    message = f"a blank line ended the table above {those}"
    return Diagnostic("E0503", message, span, "no header", help="take the blank line away, or write a header here")


def lines_apart(span: Span, found: int, above: int) -> Diagnostic:
    """E0503 for a header of two lines."""
    message = f"the second line of this header has {found} cells, and the first {above}"
    help = "write a cell for each column in both lines; one header may span all variants"
    return Diagnostic("E0503", message, span, "cells do not match", help=help)


def unlisted_variant(span: Span, name: str, known: Collection[str], names: Sequence[str]) -> Diagnostic:
    """E0407 for the second line of a header."""
    help = suggest(name, known) if known else f"write `variants {', '.join(names)}` above the table"
    return Diagnostic("E0407", f"there is no variant `{name}`", span, "unknown variant", help=help)


@explained("E0504")
def no_op_column(span: Span, unknown: Sequence[str] = ()) -> Diagnostic:
    """A table of layers needs a column `op`, or a column for each variant, in a header with a rule `|---|` below.

    Without one, its rows have to be named after their layers: `conv1`, `maxpool1`.
    """
    variants = f"write `variants {', '.join(unknown)}` above the table" if unknown else "name `variants` above it"
    help = f"name the column of layers `op`, or, where its columns are variants, {variants}"
    return Diagnostic("E0504", "this table has no column `op`", span, help=help)


@explained("E0637")
def no_layer_named(span: Span, name: str, word: str, near: str | None) -> Diagnostic:
    """A table has no column of layers, so that each row is the layer or the block that its name begins with.

    A number may follow, `conv1`, `fire2`, or a label in parentheses, `inception (3a)`. This name begins with neither a
    layer nor a block. An empty name is the one above, and the first row may be `input`.
    """
    notes = ("this table has no column `op`, so that the name of a row says its layer",)
    own = re.sub(r"[\s-]+", "_", word).lower()
    written = "name it after its layer"
    if re.search(r"\s[_-]?\d", name):
        written = "let the number follow without a blank"
    elif re.fullmatch(r"[^\W\d]\w*", own):
        written = f"define `block {own}(...)`"
    help = f"{written}, or write its layers in a column `op`"
    if near is not None:
        help = f"did you mean `{near}`? Else {help}"
    message = f"`{name}` names no layer" if name else "this row has no name, and none above it"
    return Diagnostic("E0637", message, span, "no layer", notes=notes, help=help)


def layer_or_number(span: Span, name: str, meant: Sequence[str]) -> Diagnostic:
    """E0637 for a name that is a layer as a whole, and begins with one too: `relu6`."""
    message = f"`{name}` may be the layer `{meant[0]}`, or a `{meant[1]}` with a number"
    return Diagnostic("E0637", message, span, "which of the two?", help="write its layer in a column `op`")


def name_apart(span: Span, name: str, columns: Sequence[str], first: Span) -> Diagnostic:
    """E0637 for a name that is a short form, `conv3-64`, and says otherwise than the columns of its row."""
    message = f"`{name}` says otherwise than {' and '.join(f'`{each}`' for each in columns)} in the columns of its row"
    help = "correct one of them, or name the row by its layer and a number, as in `conv1`"
    return Diagnostic("E0637", message, span, "the name", help=help, second=(first, "its column"))


def no_form(span: Span, text: str) -> Diagnostic:
    """E0505 for a cell of sizes and strides."""
    message = f"`{text}` is not a size with a stride"
    return Diagnostic("E0505", message, span, "not read", help="write it as in `3x3/2` or `3x3/2, 64`")


def form_without_taker(span: Span, steps: int) -> Diagnostic:
    """E0610 for a column of sizes and strides."""
    message = "this row has no layer for a size" if steps == 0 else f"which of the {steps} steps has this size?"
    help = "leave the cell empty and write it in the step"
    return Diagnostic("E0610", message, span, "a size", help=help)


def no_rule(span: Span) -> Diagnostic:
    """E0504 for a header that is read as a row."""
    return Diagnostic("E0504", "this header has no rule below it", span, help="write `|---|---|` on the next line")


@explained("E0505")
def wrong_figure(span: Span, text: str, quantity: str) -> Diagnostic:
    """A printed cell is not a figure: write it as the paper prints it, `138M`, `34,944`, `1.5e9`, `224x224x64`."""
    example = "`25.6`" if is_reported(quantity) else find(quantity).form.example
    help = f"write it as in {example}, or leave the cell empty"
    if re.search(r"\d.*x[^\W\d]", text):
        help = (
            f"no name stands in a figure: write the numbers that are printed, as in {example}, or leave the cell empty"
        )
    return Diagnostic("E0505", f"`{text}` is not a figure for `{quantity}`", span, "not a figure", help=help)


@explained("E0512")
def words_after_mark(span: Span, mark: str, text: str, quantity: str) -> Diagnostic:
    """A mark `!` may be followed by what the figure should be, `24M ! 15.2M`, or the rows at fault, `24M ! see conv2`.

    Nothing may follow `?`, which says that no counting rule was found.
    """
    if mark == UNEXPLAINED:
        message, help = f"`{text}` stands behind `?`", "leave it out; a figure that should be another is marked `!`"
    else:
        message = f"`{text}` is neither a figure for `{quantity}` nor the rows at fault"
        help = "write what it should be, or `see` and the names of rows, `! see conv2`"
    return Diagnostic("E0512", message, span, "behind the mark", help=help)


@explained("E0507")
def no_source(span: Span, column: bool = True) -> Diagnostic:
    """A claim says where it was printed, in the column `source`."""
    message = "this claim has no source" if column else "these claims have no column `source`"
    return Diagnostic("E0507", message, span, "no source", help="say where it was printed, as in `Table 2`")


@explained("E0508")
def no_quantity(span: Span) -> Diagnostic:
    """A table of claims with a column for each variant says in `quantity` what its figures count."""
    return Diagnostic(
        "E0508", "what do these figures count?", span, "no quantity", help="name it in the column `quantity`: `params`"
    )


@explained("E0630")
def two_numbers(span: Span, text: str, left: str, right: str, quotient: Arg, before: str = ", ") -> Diagnostic:
    """Two plain numbers with a slash between them may be a quotient, or a number and a stride: `64/2`.

    A slash with a blank before it and none behind, or one behind a comma, is a stride: `64 /2`, `64, /2`. In the
    column of an argument, which has no commas, it is `64 /2`.
    """
    message = f"`{text}` may be {quotient.value:g}, or {left} with a stride of {right}"
    help = f"write `{left}{before}/{right}` for the stride, or `{quotient.value:g}`"
    return Diagnostic("E0630", message, span, "which of the two?", help=help)


@explained("E0645")
def factor_or_repetition(
    span: Span, op: str, name: str, times: str, default: object, more: Sequence[str]
) -> Diagnostic:
    """A layer whose factor is not written is repeated, `upsample x 2`: the number may be meant as the factor.

    `upsample 2` is twice as large, and `upsample 2 x 2` twice as large two times. So may what seems to be a size with
    blanks in it, behind an argument in words or a bare one: `max pool 3x3, stride 2 x 2`, `pad 3 x 3`.
    """
    message = f"`x {times}` may be the {name} of `{op}`, or a repetition"
    once, each = (", ".join([f"{op} {value}", *more]) for value in (times, default))
    help = f"write `{once}` for the {name}, or `{each} x {times}` for the repetition"
    return Diagnostic("E0645", message, span, "which of the two?", help=help)


@explained("E0649")
def idle_bias(span: Span | None, other: Span | None, op: str, norm: str) -> Diagnostic:
    """A layer has its bias by default, and a normalisation right behind it takes it away again.

    It subtracts the mean of each channel, and with it the number that the bias adds, and most normalisations have a
    shift of their own: the parameters of the bias do nothing. Papers leave it out, and count without it. `no bias` does
    so, at the layer or in its `every` rule; `bias` says that it is meant.
    """
    message = f"the bias of this `{op}` does nothing: `{norm}` takes it away"
    second = (other, "right behind it") if other is not None and other != span else None
    help = "write `no bias`, or `bias` if the network has one here"
    return Diagnostic("E0649", message, span, "with a bias", help=help, severity="warning", second=second)


@explained("E0650")
def two_activations(span: Span | None, other: Span | None, first: str, last: str) -> Diagnostic:
    """Two activations stand in a row; most likely one of them stands in an `every` rule, or ends a block, already.

    `conv3-64; relu` has two where the rule for `conv` ends in one: `no relu` leaves out that of the rule. `identity`
    between the two says that both are meant.
    """
    message = f"two activations in a row: `{first}`, then `{last}`"
    second = (other, "the other one") if other is not None and other != span else None
    help = "leave one of them out, or write `identity` between them"
    return Diagnostic("E0650", message, span, "one of two", help=help, severity="warning", second=second)


@explained("E0631")
def layers_as_name(span: Span, name: str, layers: str) -> Diagnostic:
    """In a table without a header, the first of two cells is the row's name, and here it says layers.

    Layers of one row stand in one cell, with `;` between them.
    """
    message = f"`{name}` would be the name of this row, and it says layers"
    help = f"write `| {name}; {layers} |`, or, if it is a name, `| layer | op |` and `|---|---|` above"
    return Diagnostic("E0631", message, span, "taken for a name", help=help)


@explained("E0509")
def no_such_column(span: Span, name: str) -> Diagnostic:
    """`ignore` names a column that no table has: most likely it is misspelt, or was taken away."""
    message = f"no table has a column `{name}`"
    help = "write the header as it stands in the table, or leave it out"
    return Diagnostic("E0509", message, span, "ignored", help=help, severity="warning")


@explained("E0510")
def no_claims(span: Span) -> Diagnostic:
    """A `claims` line has no table below it, so that nothing is claimed."""
    help = "write `| source | params |` and `|---|---|` below it, and a row for each figure"
    return Diagnostic("E0510", "these claims have no table", span, "no table below", help=help, severity="warning")
