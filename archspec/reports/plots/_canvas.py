"""What kinds draw on: matplotlib with settings of its own, so that the same networks give the same bytes anywhere.

The only file that imports matplotlib.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archspec.support.terminal import clipped, printable
from archspec.weights.files import needed

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, which who sees no red or no green tells apart."""
DARK = ("#005580", "#993F00", "#00664B", "#99486F", "#805900", "#2B5F80", "#000000")
"""The same for text, dark enough to be read."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""What tells the series apart in grey."""
SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.labelsize": 7.5,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.hashsalt": "archspec",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "text.usetex": False,
    "savefig.dpi": 300,
    "figure.facecolor": "white",
}
FORMATS = ("svg", "png", "pdf")
METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What would say when and by which version a file was written."""
INCH = 2.54
LONGEST = 48
"""Characters of a name."""
HANDLE, CHARACTERS, ROW = 9, 7.5, 0.42
"""The width of a handle of a legend in characters, how many of these a centimetre holds, and the height of a row."""


class Canvas:
    """A figure of a width in centimetres, and what all kinds do on one."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.figure: Any = None

    def axes(self, height: float, count: int = 1, columns: int = 1) -> Sequence[Any]:
        """The figure with so many axes, each line of ``columns`` of them ``height`` centimetres high."""
        from matplotlib.figure import Figure

        lines = -(-count // columns)
        self.figure = Figure(figsize=(self.width / INCH, lines * height / INCH), layout="constrained")
        every = [*self.figure.subplots(lines, columns, squeeze=False).flat]
        for spare in every[count:]:
            spare.remove()
        return every[:count]

    def legend(self, axes: Any) -> None:
        """What the marks mean, above the axes, in as many columns as fit; the figure grows by its rows."""
        handles, names = axes.get_legend_handles_labels()
        longest = max(map(len, names), default=0) + HANDLE
        columns = max(1, min(len(names), int(self.width * CHARACTERS / longest)))
        rows = -(-len(names) // columns)
        self.figure.set_figheight(self.figure.get_figheight() + ROW * rows / INCH)
        self.figure.legend(handles, names, loc="outside upper left", ncols=columns, columnspacing=1.2)

    def settle(self) -> None:
        """Fix where everything stands, which formats of other resolutions would move a little."""
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")

    def save(self, form: str) -> bytes:
        """The figure in a format."""
        out = io.BytesIO()
        with settings():
            self.figure.savefig(out, format=form, metadata=METADATA[form])
        return out.getvalue()


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib as archspec uses it, whatever else is set; raises ArchError where it is not installed."""
    needed("matplotlib", "plotting", "plot")
    import matplotlib

    # Warnings are of characters that the font lacks, which are shown as boxes, and of names that leave no room.
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams
        parameters.update(SETTINGS)
        yield


def counts_on(axis: Any, values: Sequence[int]) -> None:
    """Counts along an axis: by factors where they are far apart, ``200M`` at its ticks, each of which is there once."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    positive = [value for value in values if value > 0]
    far = bool(positive) and len(positive) == len(values) and max(positive) > FAR * min(positive)
    if far:
        axis.axes.set_xscale("log") if axis.axis_name == "x" else axis.axes.set_yscale("log")
        wide = max(positive) > 100 * min(positive)
        axis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5)))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, place: short(value)))


FAR = 6
"""Counts whose largest is more times the smallest stand on a logarithmic axis."""


def short(value: float) -> str:
    """A count at a tick: 2.5M, 200M, 1G."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size * (1 - 1e-9):
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}"


def literal(text: str, longest: int = LONGEST) -> str:
    """A text of a spec as it is drawn: on one line, and cut where it is too long for its place."""
    return clipped(printable(text), longest)
