"""What elaboration says about blocks, heads and `from`; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.naming import suggest


@explained("E0613")
def second_block(span: Span, name: str, first: Span) -> Diagnostic:
    """Two blocks have the same name."""
    second = (first, "first block")
    return Diagnostic("E0613", f"there are two blocks `{name}`", span, "second block", help="rename one", second=second)


@explained("E0614")
def block_like_layer(span: Span, name: str) -> Diagnostic:
    """A block has the name of a layer, so that a cell could mean either."""
    return Diagnostic("E0614", f"`{name}` is a layer already", span, "taken", help="give the block another name")


@explained("E0615")
def block_in_itself(span: Span, name: str, path: Iterable[str]) -> Diagnostic:
    """A block stands inside itself, directly or through other blocks, so that it would never end."""
    notes = ("it is used by way of " + " > ".join(f"`{step}`" for step in path),)
    return Diagnostic("E0615", f"the block `{name}` uses itself", span, "used again here", notes=notes)


def too_many_blocks(span: Span, most: int) -> Diagnostic:
    """E0702 for blocks that sizes, words and truth values make different ones."""
    return Diagnostic("E0702", "too many different blocks", span, "stopped here", notes=(f"more than {most:,}",))


@explained("E0616")
def block_without_table(span: Span, name: str) -> Diagnostic:
    """A block is a `block` line and a table right below it: its chain, one row a branch, or named rows.

    A head has a table in the same way. `then` stands below the table, and ends the block.
    """
    help = "write its rows on the lines below it: `| conv 3x3, 64 |`"
    return Diagnostic("E0616", f"there is no table below `{name}`", span, "no table", help=help)


def missing_value(span: Span, block: str, name: str, defined: Span) -> Diagnostic:
    """E0605 for a parameter of a block."""
    second = (defined, "has no default")
    help = f"give it at the use, `{name}=...`, or a default in the block"
    return Diagnostic("E0605", f"`{block}` needs `{name}`", span, f"no `{name}`", help=help, second=second)


def default_before(span: Span, name: str, later: str) -> Diagnostic:
    """E0201 for a default over a parameter of the block that has no value yet."""
    message = f"`{later}` has no value where the default of `{name}` is computed"
    return Diagnostic("E0201", message, span, "too early", help="a default takes the parameters that stand before it")


def no_layer_in(span: Span, name: str, value: object) -> Diagnostic:
    """E0601 for a parameter where a layer stands."""
    notes = (f"{name} = {value}",) if value is not None else ("a use gives it a number",)
    help = "give it the name of a layer or a block where the block is used"
    return Diagnostic("E0601", f"the parameter `{name}` holds no layer", span, "no layer", notes=notes, help=help)


@explained("E0617")
def no_join(span: Span, name: str, near: str | None = None) -> Diagnostic:
    """A block joins its branches by `add`, `concat` or `multiply`: `block basic(c) = add of`."""
    help = f"did you mean `= {near} of`?" if near else "write `= add of`, `= concat of` or `= multiply of`"
    return Diagnostic("E0617", f"`{name}` does not join branches", span, "no join", help=help)


@explained("E0618")
def no_such_option(span: Span, option: str, options: Iterable[str]) -> Diagnostic:
    """A shortcut is of option A (zero-padded identity), B (projection where the shape changes) or C (projection).

    With the option `none` it is the identity where the shape stays, and elsewhere nothing: the branch drops out.
    """
    return Diagnostic(
        "E0618", f"there is no shortcut `{option}`", span, "unknown option", help=suggest(option, options)
    )


def no_form_of_shortcut(span: Span, form: str) -> Diagnostic:
    """E0603 for a shortcut."""
    notes = ("a shortcut is written `shortcut 64, /2, option=A` or `shortcut 64, /2, kernel=3x3`",)
    return Diagnostic("E0603", f"`shortcut` takes no {form}", span, "not taken", notes=notes)


def kernel_without_projection(span: Span, option: str) -> Diagnostic:
    """E0603 for the kernel of a shortcut that never projects."""
    help = "leave it out, or write `option=B` for a projection by this kernel"
    return Diagnostic("E0603", f"a shortcut with the option {option} has no kernel", span, "no kernel", help=help)


def shortcut_without_channels(span: Span) -> Diagnostic:
    """E0605 for a shortcut."""
    help = "say them as for a convolution: `shortcut c, /stride`"
    return Diagnostic("E0605", "`shortcut` needs its output channels", span, "no channels", help=help)


@explained("E0619")
def unknown_source(span: Span, name: str, known: Iterable[str], below: bool = False) -> Diagnostic:
    """The column `from` names a row that does not stand above it, or a head one that stands nowhere."""
    if below:
        help = "a row takes what rows above it give"
        return Diagnostic("E0619", f"`{name}` does not stand above this row", span, "not above", help=help)
    return Diagnostic("E0619", f"there is no row `{name}`", span, "unknown row", help=suggest(name, known))


@explained("E0620")
def ambiguous_source(span: Span, name: str) -> Diagnostic:
    """The column `from`, or a head, names a row, and more than one row above has that name."""
    return Diagnostic("E0620", f"more than one row is called `{name}`", span, "which one?", help="rename one of them")


def one_branch(span: Span, name: str) -> Diagnostic:
    """E0622 for a block with a join and one branch."""
    help = "add a row for each branch: `| identity |` is the input itself"
    return Diagnostic("E0622", f"`{name}` has one branch to join", span, "1 branch", help=help)


@explained("E0623")
def head_without_weight(span: Span, name: str) -> Diagnostic:
    """A head is a side branch with a loss of its own: `head aux1 from inception_4a, weight=0.3`."""
    message = f"the loss of the head `{name}` has no weight"
    return Diagnostic("E0623", message, span, "no weight", help="add `, weight=0.3`")


def wrong_weight(span: Span, value: object) -> Diagnostic:
    """E0623 for a weight that is not a number."""
    return Diagnostic("E0623", f"the weight of a loss is a number, not `{value}`", span, "no number")


@explained("E0624")
def unused_block(span: Span, name: str) -> Diagnostic:
    """A block is defined and no row uses it; most likely a row names another one."""
    return Diagnostic(
        "E0624",
        f"nothing uses the block `{name}`",
        span,
        "unused block",
        help="use it, or leave it out",
        severity="warning",
    )


@explained("E0625")
def check_in_block(span: Span, name: str) -> Diagnostic:
    """A block stands for many places, so its rows have no printed figures: those belong in the table that uses it."""
    help = "move it to the table whose rows use the block"
    return Diagnostic("E0625", f"`{name}` is a check, and stands in a block", span, "in a block", help=help)


@explained("E0626")
def unknown_brackets(span: Span, kind: str, kinds: Iterable[str]) -> Diagnostic:
    """`brackets:` says what a bracket means: `plain`, `residual(shortcut=B)` or `dense(growth=32)`."""
    return Diagnostic("E0626", f"brackets cannot be `{kind}`", span, "unknown", help=suggest(kind, kinds))


@explained("E0660")
def is_plain(span: Span, kind: str, join: str, rows: tuple[str, str], chain: str, blocks: str) -> Diagnostic:
    """A bracket that holds another bracket or a block is its chain alone, also under `brackets: residual` or `dense`.

    Under `residual` blocks may stand behind the last layer: `[3x3, 64; 3x3, 64; se 16]`. Where a block of the author's
    own takes the place of the bracket, its lines say what is meant.
    """
    branches = " and ".join(f"`| {row} |`" for row in rows)
    return Diagnostic(
        "E0660",
        f"this bracket is its chain alone, and not {kind}",
        span,
        f"not {kind}",
        notes=(f"a {kind} bracket holds no other bracket, and {blocks}",),
        help=f"use a block in its place: `block NAME = {join} of` with the rows {branches} if it is {kind}, "
        f"or `block NAME` with the row `| {chain} |` if it is not",
        severity="warning",
    )


def dense_without_growth(span: Span) -> Diagnostic:
    """E0605 for dense brackets."""
    help = "say how many channels each of them adds: `dense(growth=32)`"
    return Diagnostic("E0605", "`dense` needs `growth`", span, "no `growth`", help=help)


def setting_hidden(span: Span, name: str) -> Diagnostic:
    """E0213 for a name in the statement `brackets`."""
    message = f"`{name}` means something else in a block with a parameter of that name, which has such a bracket"
    return Diagnostic("E0213", message, span, "hidden", help="give the block's parameter another name")


@explained("E0636")
def other_growth(span: Span, own: object, growth: object, said: Span) -> Diagnostic:
    """The last layer of a dense bracket has the growth as its width, and another is written there."""
    message = f"each bracket adds {growth} channels, and this one {own}"
    help = "leave the width out of the bracket, or correct one of them"
    return Diagnostic("E0636", message, span, f"{own} channels", help=help, second=(said, "the growth"))


def nothing_grows(span: Span) -> Diagnostic:
    """E0636 for a dense bracket without a layer that has a width."""
    message = "no layer of this dense bracket makes new channels"
    help = "end it in a convolution, as in `[1x1 conv; 3x3 conv]`, or write its layers without a bracket"
    return Diagnostic("E0636", message, span, "no channels", help=help)


@explained("E0629")
def wrong_unit(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """`units K=1024` says what a unit means in the printed cells of the table: a whole number, once for each unit."""
    units = list(known)
    unit = name.upper() in units
    help = "give it one whole number: `units K=1024`" if unit else suggest(name, units)
    return Diagnostic("E0629", f"`{name}` cannot mean this", span, "not its meaning" if unit else "no unit", help=help)
