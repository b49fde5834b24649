"""A table as TeX: booktabs' rules, siunitx's columns of numbers, a caption that cites, and a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.render.cells import Laid, Piece, Stack, lines_of, multiplied
from archspec.render.citation import keys_of
from archspec.render.sheet import Cell, Field, Sheet
from archspec.render.tex_text import comment, escaped

NEEDS = r"% needs \usepackage{booktabs} and \usepackage{siunitx}"
GROUPS = r"\sisetup{group-separator={,},group-minimum-digits=4}"
INDENT = r"\quad "
FEW, MANY = 4, 6
"""Tables of more columns need less room between them, and a smaller type."""


def as_latex(sheet: Sheet, cite: str | None = None) -> str:
    """A floating table that compiles as it stands; ``cite`` is the key of its paper, in place of those made for it."""
    keys = keys_of(sheet.papers) if cite is None else {cite: None}
    kind = "table*" if len(sheet.fields) > FEW else "table"
    return "\n".join(
        [
            NEEDS,
            *(f"% {key}: {comment(str(paper))}" for key, paper in keys.items() if paper is not None),
            rf"\begin{{{kind}}}[t]",
            r"\centering",
            *_size(len(sheet.fields)),
            GROUPS,
            rf"\caption{{{_caption(sheet, list(keys))}}}",
            rf"\label{{tab:{sheet.label}}}",
            rf"\begin{{tabular}}{{@{{}}{''.join(_kinds(sheet))}@{{}}}}",
            r"\toprule",
            _row([rf"{{{escaped(field.header)}}}" for field in sheet.fields]),
            r"\midrule",
            *_lines(sheet.rows, sheet.fields),
            *[r"\midrule"] * bool(sheet.totals),
            *_lines(sheet.totals, sheet.fields),
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{kind}}}",
        ]
    )


def _caption(sheet: Sheet, keys: Sequence[str]) -> str:
    cited = rf"~\cite{{{','.join(keys)}}}" if keys else ""
    return " ".join([f"{escaped(sheet.title)}{cited}.", *(f"{_words(note)}." for note in sheet.notes)])


def _size(columns: int) -> Iterator[str]:
    """The size of the type and the room between columns, smaller where there are many."""
    yield r"\footnotesize" if columns > MANY else r"\small"
    if columns > FEW:
        yield rf"\setlength{{\tabcolsep}}{{{3 if columns > MANY else 4}pt}}"


def _kinds(sheet: Sheet) -> Iterator[str]:
    """The type of each column: a column of numbers says how many digits stand before and behind the point."""
    for i, field in enumerate(sheet.fields):
        numbers = [row[i].text for row in (*sheet.rows, *sheet.totals) if i < len(row) and row[i].kind == "number"]
        if field.kind == "number" and numbers:
            parts = [number.partition(".") for number in numbers]
            whole, rest = (max(len(part[j]) for part in parts) for j in (0, 2))
            yield f"S[table-format={whole}.{rest}]" if rest else f"S[table-format={whole}]"
        else:
            yield "r" if field.kind in ("number", "right") else "l"


def _lines(rows: Sequence[Sequence[Cell]], fields: Sequence[Field]) -> Iterator[str]:
    for i, row in enumerate(rows):
        yield _row([_cell(cell, field) for cell, field in zip(row, fields, strict=False)])
        if i + 1 < len(rows) and max(map(_height, (*row, *rows[i + 1]))) > 1:
            yield r"\addlinespace"


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _height(cell: Cell) -> int:
    """How many lines a cell takes."""
    if cell.kind != "layers":
        return 1
    heights = [max((_lines_in(piece) for piece in step), default=1) for step in cell.laid.steps]
    return sum(heights) if cell.laid.apart else max(heights, default=1)


def _lines_in(piece: Piece) -> int:
    return len(piece.lines) if isinstance(piece, Stack) else len(lines_of(piece))


def _cell(cell: Cell, field: Field) -> str:
    """A cell in its column; a number in a column of texts is set by siunitx too, and a text among numbers in braces."""
    if cell.kind == "number":
        return cell.text if field.kind == "number" else rf"\num{{{cell.text}}}"
    set_as = {"layers": lambda text: _layers(cell.laid), "text": escaped}
    text = set_as.get(cell.kind, _words)(cell.text)
    text = INDENT * cell.level + text if text else ""
    if cell.columns > 1:
        return rf"\multicolumn{{{cell.columns}}}{{c@{{}}}}{{{text}}}"
    return f"{{{text}}}" if field.kind == "number" and text else text


def _layers(found: Laid) -> str:
    """A cell of layers: steps one behind the other, or below one another where they are long."""
    steps = ["~".join(_piece(piece) for piece in step) for step in found.steps]
    return _below(steps, "l") if found.apart else "; ".join(steps)


def _piece(piece: Piece) -> str:
    if isinstance(piece, str):
        first, *more = map(_words, lines_of(piece))
        return _below([first, *(INDENT + line for line in more)], "l") if more else first
    stack = rf"$\left[{_below([*map(_words, piece.lines)], 'c')}\right]$"
    return stack + (rf"~$\times$~{_words(piece.times)}" if piece.times else "")


def _below(lines: Sequence[str], where: str) -> str:
    """Lines below one another."""
    body = r" \\ ".join(lines)
    return rf"\begin{{tabular}}{{@{{}}{where}@{{}}}}{body}\end{{tabular}}"


def _words(text: str) -> str:
    """A text in which sizes have their sign."""
    return escaped(multiplied(text, "×"))
