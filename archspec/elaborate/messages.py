"""What elaboration says: one function a mistake; its docstring is what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec import ops
from archspec.arguments import meant
from archspec.counting.printed import is_reported
from archspec.counting.quantities import SHAPES, SYNONYMS
from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.network import Arg
from archspec.naming import Names, closest, listed, suggest
from archspec.support.limits import MOST_COMPARED

COLUMNS = "a column is `layer`, `op`, `repeat`, a check, a variant, or an argument of a layer of the table"
CLAIMS = "a column of claims is `source`, `counted`, a quantity, a parameter or a variant"


@explained("E0601")
def unknown_op(span: Span, word: str, blocks: Names, mend: str | None) -> Diagnostic:
    """A cell names a layer that does not exist.

    Layers are found without regard to case and hyphens (`soft-max`, `SoftMax`), and by the papers' short forms
    (`conv3-64`, `FC-4096`). Each layer is one file in `archspec/ops/`. Where it has another name elsewhere, that is
    suggested, with what else the use says in the words of another library: `Conv2d 64, kernel_size=3, padding=1`.
    """
    names = blocks.ordered() if len(blocks) <= MOST_COMPARED else blocks
    own = [name for name in names if name not in ("residual", "shortcut")]
    there = "docs/language.md lists the layers" + (f"; the blocks here are {listed(own)}" if own else "")
    lacking = ops.foreign(word)
    notes = (f"`{word}` {lacking}",) if lacking else ()
    return Diagnostic("E0601", f"there is no layer `{word}`", span, "unknown layer", notes=notes, help=mend or there)


@explained("E0602")
def unknown_argument(span: Span, op: str, name: str, known: Iterable[str]) -> Diagnostic:
    """A layer is given an argument that it does not have, `conv 3x3, 64, strides=2`."""
    elsewhere = meant(name, names := [*known])
    help = f"did you mean `{elsewhere}`?" if elsewhere else suggest(name, names)
    return Diagnostic("E0602", f"`{op}` has no argument `{name}`", span, "unknown argument", help=help)


@explained("E0603")
def no_such_form(
    span: Span, op: str, form: str, known: Iterable[str], further: bool = False, sized: str | None = None
) -> Diagnostic:
    """An argument's form says what it is: `3x3` a size, `/2` a stride, `1..c` a range, a bare number the channels.

    This layer has no argument of that form, or it was given already. `name=value` gives any argument by its name.
    """
    takes = listed([*known]) or "no arguments"
    message = f"`{op}` takes no {'further ' if further else ''}{form}"
    help = f"`{sized}` is written as a size: `3x3`" if sized and form == "number" else None
    return Diagnostic("E0603", message, span, f"a {form}", notes=(f"`{op}` takes {takes}",), help=help)


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
def rule_without_op(span: Span, name: str) -> Diagnostic:
    """The right side of `every conv: ...` is a chain of layers in which `conv` itself stands, once."""
    return Diagnostic(
        "E0609",
        f"`every {name}` must be a plain chain that holds `{name}` once",
        span,
        help=f"write `every {name}: {name}; relu`",
    )


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
    """A statement that may stand once stands twice."""
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
    return Diagnostic(
        "E0406", f"the network has no parameter `{name}`", span, "unknown parameter", help=suggest(name, known)
    )


@explained("E0407")
def unknown_variant(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """A variant is asked for that the `variants` line does not name."""
    return Diagnostic("E0407", f"there is no variant `{name}`", span, "unknown variant", help=suggest(name, known))


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
    """A parameter whose default is yes or no, `network n(bias=yes)`, is set to something else: any word would be yes.

    It is set on the command line, by a caller, in the table of variants or in a claim.
    """
    message = f"`{name}` is yes or no, and cannot be `{value}`"
    return Diagnostic("E0411", message, span, "yes or no", help=f"write `{name}=yes` or `{name}=no`")


@explained("E0501")
def unknown_column(span: Span, name: str, known: Iterable[str], kinds: str = COLUMNS) -> Diagnostic:
    """A table has a column that is neither a known check, nor a variant, nor an argument of a layer in it.

    The columns of claims are `source`, `counted`, quantities such as `params` or `top-1 error`, parameters, variants.
    """
    names = [*known]
    synonym = SYNONYMS.get(name.lower())
    near = synonym if synonym and synonym in names else meant(name, names) or closest(name, names)
    help = f"did you mean `{near}`?" if near else None
    message = f"there is no column `{name}`" if name else "this column has no name"
    return Diagnostic("E0501", message, span, "unknown column", notes=() if near else (kinds,), help=help)


def unknown_quantity(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """E0501 for a cell of the column `quantity`."""
    return Diagnostic("E0501", f"there is no quantity `{name}`", span, "unknown quantity", help=suggest(name, known))


def no_header(span: Span, columns: str) -> Diagnostic:
    """E0501 for a table whose columns have no names."""
    help = f"write `{columns}` and a rule `|---|---|` above its rows"
    return Diagnostic("E0501", "this table has no header", span, help=help)


@explained("E0502")
def second_column(span: Span, name: str) -> Diagnostic:
    """Two columns of a table have the same name."""
    return Diagnostic("E0502", f"there are two columns `{name}`", span, "second column", help="leave one of them out")


@explained("E0503")
def wrong_cells(span: Span, found: int, expected: int) -> Diagnostic:
    """A row has another number of cells than the header. One cell may span all variants, as in print.

    A table without a header has the columns `layer` and `op`, or `op` alone.
    """
    cells = "1 cell" if found == 1 else f"{found} cells"
    help = "add the missing `|`, or leave cells empty" if found < expected else "take the spare `|` away"
    message = f"this row has {cells}, and the header has {expected}"
    return Diagnostic("E0503", message, span, "cells do not match", help=help)


def cells_without_header(span: Span, found: int, columns: str = "`| layer | op | output |`") -> Diagnostic:
    """E0503 for a table without a header."""
    message = f"this row has {found} cells, and a table without a header has 2"
    return Diagnostic("E0503", message, span, "cells do not match", help=f"name the columns: {columns}")


@explained("E0504")
def no_op_column(span: Span) -> Diagnostic:
    """A table of layers needs a column `op`, or a column for each variant, in a header with a rule `|---|` below."""
    return Diagnostic(
        "E0504", "this table has no column `op`", span, help="name the column of layers `op`, or `variants` above it"
    )


def no_rule(span: Span) -> Diagnostic:
    """E0504 for a header that is read as a row."""
    return Diagnostic("E0504", "this header has no rule below it", span, help="write `|---|---|` on the next line")


@explained("E0505")
def wrong_figure(span: Span, text: str, quantity: str) -> Diagnostic:
    """A printed cell is no figure: write it as the paper prints it, `138M`, `34,944`, `1.5e9`, `224x224x64`."""
    example = "`224x224x64`" if quantity in SHAPES else "`25.6`" if is_reported(quantity) else "`34,944` or `138M`"
    return Diagnostic(
        "E0505",
        f"`{text}` is not a figure for `{quantity}`",
        span,
        "not a figure",
        help=f"write it as in {example}, or leave the cell empty",
    )


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
def two_numbers(span: Span, text: str, left: str, right: str, quotient: Arg) -> Diagnostic:
    """Two plain numbers with a slash between them may be a quotient, or a number and a stride: `64/2`.

    A slash with a blank before it and none behind, or one behind a comma, is a stride: `64 /2`, `64, /2`.
    """
    message = f"`{text}` may be {quotient.value:g}, or {left} with a stride of {right}"
    help = f"write `{left}, /{right}` for the stride, or `{quotient.value:g}`"
    return Diagnostic("E0630", message, span, "which of the two?", help=help)


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
