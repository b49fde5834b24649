"""What the grammar expected where a statement or a cell breaks it, in the words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archspec import ops
from archspec.diagnostics import Diagnostic, Span
from archspec.language.automaton import Unexpected
from archspec.language.calls import as_cell
from archspec.language.grammar import parser
from archspec.language.messages import mend, unreadable

SPOKEN = {
    "NAME": "a name",
    "OP": "a layer such as `conv`",
    "NUMBER": "a number",
    "SIZE": "a size such as 3x3",
    "AMOUNT": "a number such as 32k",
    "RANGE": "a range such as 256..512",
    "DOTS": "`..`",
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
    "LAYER": "the name of a row",
    "OF": "`of`",
    "FROM": "`from`",
    "AT": "`at`",
    "IF": "` if `",
    "ELSE": "` else `",
    "$END": "the end",
}


STEP = frozenset({"OP", "SIZE", "LSQB"})
ARGUMENT = frozenset({"NAME", "NUMBER", "SIZE", "LPAR"})
TERM = frozenset({"NAME", "NUMBER", "LPAR"})
TOGETHER = (
    (STEP, "a layer such as `conv 3x3, 64`, or layers in `[ ]`"),
    (ARGUMENT, "an argument such as `3x3` or `64`"),
    (TERM, "a number, a name, or a sum in parentheses"),
)
"""What several words mean together, where all of them may follow."""
MORE = ("COMMA", "SEMICOLON", "REPEAT", "IF")
"""What may stand behind an argument or a layer."""


def spoken(kinds: Iterable[str]) -> list[str]:
    """What may follow, in few words: those that mean something together are said as that."""
    left, said = set(kinds), []
    ends = "SEMICOLON" in left and "$END" in left
    if ends:  # `..`, further words and parentheses are rare there
        left -= {"DOTS", "OP"} if "COMMA" in left or "REPEAT" in left else set()
        left -= set() if left >= ARGUMENT else {"LPAR"}
    left -= {"STRING"} if left >= ARGUMENT | {"NO"} else set()  # an argument too, of hardly any layer
    for group, words in TOGETHER:
        if group <= left:
            left -= group | {"AMOUNT", "RANGE"}
            said.append(words)
    if ends:
        more = [SPOKEN[kind] for kind in MORE if kind in left]
        left -= {*MORE, "$END"}
        said.append(f"{', '.join(more)} or the end")
    return [*sorted(SPOKEN[kind] for kind in left if kind in SPOKEN), *said]


def unexpected(span: Span, error: Unexpected) -> Diagnostic:
    """What is said of a text that the parser could not read."""
    text, at = span.text, error.start
    end = at + max(len(error.text), 1)
    help = _called(text) or _arrows(text) or _parted(text, at) or mend(text, at, _below(span))
    return unreadable(span.within(at, end), text[at:end], spoken(error.expected), help)


def _parted(text: str, at: int) -> str | None:
    """What is said where a layer with arguments stands behind a comma: ``relu, conv 3x3``, if a `;` makes it a cell."""
    comma = text.rfind(",", 0, at)
    word = text[comma + 1 : at].strip()
    if comma < 0 or not text[:comma].strip() or not _is_layer(word):
        return None
    apart = f"{text[:comma]};{text[comma + 1 :]}"
    return f"separate layers by `;`: `{apart}`" if _is_chain(apart) else None


def _called(text: str) -> str | None:
    """What is said of a layer as a program calls it, if what it means can be read."""
    cell = as_cell(text) if "(" in text else None
    return f"write `{cell}`" if cell is not None and _is_chain(cell) else None


def _arrows(text: str) -> str | None:
    """What is said of layers with arrows between them, ``FC-4096 -> relu``, if a `;` for each makes it a cell."""
    steps = re.sub(r"\s*(?:[-=]>|→|⟶|⇒)\s*", "; ", text)
    return f"separate the steps of a row by `;`: `{steps}`" if steps != text and _is_chain(steps) else None


def _is_chain(text: str) -> bool:
    try:
        parser().parse(text, start="chain")
    except Unexpected:
        return False
    return True


def _is_layer(word: str) -> bool:
    """Whether a word is a layer, by its name or as papers print it."""
    return ops.find(word) is not None or any(word.lower() in op.steps_by_kernel for op in ops.every())


def _below(span: Span) -> str:
    """The layers of the cell below a cell of a table; empty where there are none."""
    rows = span.source.lines[span.line - 1 : span.line + 1]
    if len(rows) < 2 or not all(row.lstrip().startswith("|") for row in rows):
        return ""
    cells = rows[1].split("|")
    column = rows[0][: span.start].count("|")
    below = cells[column].strip() if column < len(cells) else ""
    return below if _is_chain(below) and not any(map(_takes_no_number, below.split(";"))) else ""


def _takes_no_number(step: str) -> bool:
    """Whether a step is a layer with a number that it does not take: ``maxpool 2``."""
    match = re.match(r"(\S+)\s+\d+(?![\dx×])", step.strip())
    op = ops.find(match[1]) if match else None
    return op is not None and not op.bare
