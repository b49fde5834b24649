"""What is said of figures of claims; its docstrings are what `archspec explain` prints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from archspec.counting.quantities import RECEPTIVE_FIELD
from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.figure import LARGEST_ELEMENT, Beside, Chain, Each, Figure, Formula, Share, Total
from archspec.naming import Names, closest, listed, suggest
from archspec.support.limits import DEEPEST_EXPRESSION, LONGEST_EXPRESSION

WORDS = (
    "share of conv 1x1",
    "share of rows conv1, conv2",
    "4 bytes each",
    "[conv 3x3; conv 3x3]",
    'ratio to "alexnet.arch"',
    'difference to "resnet.arch:50"',
    "ratio to this with alpha=0.5",
    "290,400*364",
)
"""What a cell may hold, in the words of the language."""
PRINTS: dict[type[Figure], tuple[str, ...]] = {
    Total: ("25 million", "< 25 million", "<= 300M"),
    Share: ("94.86 %", "< 5 %"),
    Each: ("93 MB", "58 MiB"),
    Chain: ("5x5",),
    Beside: ("2.5 times", "8 to 9 times less", "81 % more"),
    Formula: ("1.51", "2048", "81 % more"),
}
DIFFERENCES = ("2.5 million", "2.5 million more")


@explained("E0513")
def no_figure(at: Span, text: str, mend: str | None) -> Diagnostic:
    """A cell of the column `figure` is none of what such a cell may hold.

    It says what of the quantity is printed: a share by layer or by rows, bytes, what a chain of layers sees, a ratio or
    a difference to another network, or arithmetic over numbers, parameters and names that cancel. An empty cell is the
    total. Powers go up to 9.
    """
    help = f"did you mean `{mend}`?" if mend else "leave the cell empty for the total"
    notes = (f"a figure is written as in {listed(WORDS)}",)
    return Diagnostic("E0513", f"`{text}` is not a figure", at, "not read from here", notes=notes, help=help)


def likely(text: str) -> Iterator[str]:
    """What a cell that is not a figure may be meant as, likely ones first; each is to be tried."""
    first, _, rest = text.partition(" ")
    near = closest(first, ("share", "ratio", "difference")) or first
    word = "of" if near == "share" else "to"
    tail = rest.removeprefix(f"{word} ") if rest != word else ""
    yield f"{near} {word} {tail}"
    yield re.sub(r"([\w./-]+\.arch(?::[\w.+-]+)?)", r'"\1"', f"{near} {word} {tail}")
    yield re.sub(r"(\d) ?(?:B|bytes?|byte each)?(?: each| per \w+)?$", r"\1 bytes each", text)
    if ";" in text or re.search(r"\d[x×]\d", text):
        yield f"[{text}]"
    yield re.sub(r"(?<=[\d)])\s*(?=[^\W\d_])|\s*[×·]\s*", "*", text).replace("**", "^")
    yield text.replace("**", "^")


@explained("E0514")
def wrong_print(span: Span, text: str, figure: Figure, quantity: str) -> Diagnostic:
    """What is printed for a figure is not read: a share has percents, bytes a unit, a ratio `times` or percents.

    A difference is a number, `2.5 million`. `more`, `less`, `fewer`, `larger` and `smaller` behind a ratio or a
    difference say which side is the larger. A bound begins with `<`, `<=`, `>`, `>=`, `at most`, `less than` and the
    like; a range is `8 to 9 times`.
    """
    prints = PRINTS[type(figure)]
    if isinstance(figure, Beside) and figure.relation == "difference":
        prints = DIFFERENCES
    if quantity == RECEPTIVE_FIELD.name:
        prints = PRINTS[Chain]
    what = f"`{figure.text}`" if figure.text else f"`{quantity}`"
    help = f"write it as in {listed(prints)}"
    return Diagnostic("E0514", f"`{text}` is not read as a print of {what}", span, "not a figure", help=help)


@explained("E0515")
def no_such_figure(span: Span, text: str, quantity: str, known: Collection[str]) -> Diagnostic:
    """There is no such figure: of this quantity, of these layers, of these bytes.

    Shares are those of sums over layers. Bytes are those of what is stored, `params` and `activations`. A chain of
    layers has a `receptive field`. `weight layers` are the longest path, of which no layer has a share.
    """
    message = f"there is no `{text}` of `{quantity}`" if text else f"there is no quantity `{quantity}`"
    return Diagnostic("E0515", message, span, "no such figure", help=suggest(quantity, known))


def unknown_row(span: Span, name: str, known: Names) -> Diagnostic:
    """E0515 for a share of a row that is none."""
    return Diagnostic("E0515", f"there is no row `{name}`", span, "unknown row", help=suggest(name, known))


def no_element(span: Span, text: str) -> Diagnostic:
    """E0515 for bytes that no number takes."""
    message = f"an element does not take {text} bytes"
    help = f"write a whole number from 1 to {LARGEST_ELEMENT}: `4 bytes each`"
    return Diagnostic("E0515", message, span, "no element", help=help)


def no_plain_layer(span: Span) -> Diagnostic:
    """E0515 for a step that is not a layer by its name and its arguments."""
    help = "write layers with their arguments and repetitions: `[conv 3x3, /2; maxpool 2x2 x 2]`"
    return Diagnostic("E0515", "this is not a plain layer", span, "not a layer", help=help)


def sees_the_map(span: Span, op: str, known: bool) -> Diagnostic:
    """E0515 for a layer of a chain that sees as much as there is, or nobody knows how much."""
    message = f"what `{op}` sees {'depends on the map that enters it' if known else 'is not known'}"
    return Diagnostic("E0515", message, span, "no receptive field of its own", help="leave it out of the chain")


def too_long(span: Span) -> Diagnostic:
    """E0515 for arithmetic that no table prints."""
    message = "this arithmetic is too long"
    notes = (f"at most {LONGEST_EXPRESSION:,} characters, and {DEEPEST_EXPRESSION} levels deep",)
    return Diagnostic("E0515", message, span, "too long", notes=notes)
