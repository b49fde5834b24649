"""What is said of formulas; the docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.diagnostics import Diagnostic, Span, explained, text_span
from archspec.naming import suggest


def option_span(origin: str, text: str) -> Span:
    """All of an option, on one line."""
    line = " ".join(text.split())
    return text_span(origin, line)


@explained("E1301")
def no_variable(name: str, known: Iterable[str], option: str = "--in") -> Diagnostic:
    """A formula is asked for over a name that is neither a parameter of the network nor a side of its input.

    Sides of an input of H x W x C are `height` and `width`, and `resolution` is both, where no parameter has the name.
    """
    message = f"`{name}` is neither a parameter of the network nor a side of its input"
    return Diagnostic("E1301", message, option_span(option, name), "not a parameter", help=suggest(name, known))


@explained("E1302")
def decides_layers(name: str, command: str) -> Diagnostic:
    """A formula is asked for over a parameter that decides what the layers are, and not what numbers they have.

    There is no closed form over it: each of its values is a network of its own. A formula has a piece for each of yes
    and no, and for each word that the claims or the conditions of the spec name; of this parameter they name no other.
    """
    message = f"there is no formula over `{name}`, which decides what the layers are"
    return Diagnostic(
        "E1302",
        message,
        option_span("--in", name),
        "each value is another network",
        help=f"set it: `{command} -p {name}=VALUE`",
    )


@explained("E1303")
def not_closed(name: str, value: int, why: str) -> Diagnostic:
    """A repetition is by a number over which its cost has no closed form: the formula holds for one value of it.

    Shapes change from one repetition to the next, by more than a number of channels that is always the same, or what is
    counted is rounded anew for each. Each other value has a formula of its own, which takes some milliseconds.
    """
    message = f"the formula holds for {value} repetitions, `{name}`, alone"
    help = "other numbers are counted one by one, some hundred a second: `archspec sweep SPEC -p NAME=1:10`"
    return Diagnostic("E1303", message, notes=(f"there is no closed form: {why}",), help=help, severity="warning")


@explained("E1304")
def too_long() -> Diagnostic:
    """A formula has more terms than a reader would read.

    Each map whose size is rounded in another way is a term, and each product of sums of them is more.
    """
    message = "the formula has more terms than anybody reads"
    return Diagnostic("E1304", message, help="ask for fewer parameters with `--in`, or for `--rows`")


@explained("E1305")
def no_quantity(name: str, known: Iterable[str], option: str = "--of") -> Diagnostic:
    """A formula is asked for of something that is not a quantity of a network."""
    message = f"`{name}` is not a quantity of a network"
    return Diagnostic("E1305", message, option_span(option, name), "not a quantity", help=suggest(name, known))


@explained("E1306")
def nothing_varies(name: str | None) -> Diagnostic:
    """A formula is asked for of a network without parameters, or over none."""
    without = f"`{name}` has no parameters that a formula could be over"
    message = "a formula is over one parameter at least" if name is None else without
    return Diagnostic("E1306", message, help="ask for one over its input: `--in resolution`")


@explained("E1307")
def no_rule(rule: str) -> Diagnostic:
    """A counter goes by numbers in a way that has no formula, such as by a greatest common divisor."""
    message = f"there is no formula for counts by `{rule}`"
    return Diagnostic("E1307", message, help="leave the counting rule out: papers' own rules have formulas")


@explained("E1308")
def no_form(form: str, known: Iterable[str]) -> Diagnostic:
    """A formula is asked for in a form that there is not."""
    return Diagnostic(
        "E1308", "a formula has no such form", option_span("form", form), "not a form", help=suggest(form, known)
    )
