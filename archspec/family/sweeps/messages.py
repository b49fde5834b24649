"""What is said of sweeps and budgets; the docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

from archspec.diagnostics import Diagnostic, explained
from archspec.family.formulas.messages import option_span
from archspec.naming import suggest
from archspec.support.limits import WORK_A_SECOND


@explained("E1401")
def no_axis(name: str, text: str, why: str) -> Diagnostic:
    """The values of a parameter in a sweep cannot be read: `width=0.25:1.5:0.01`, `depth=16,22,28`, `option=A,B`."""
    message = f"these are not values of `{name}`: {why}"
    return Diagnostic(
        "E1401", message, option_span("-p", f"{name}={text}"), "not values", help="write `-p width=0.25:1.5:0.05`"
    )


@explained("E1402")
def too_many_values(name: str, most: int) -> Diagnostic:
    """An axis of a sweep has more values than a sweep keeps in memory."""
    message = f"`{name}` would have more than {most:,} values"
    return Diagnostic("E1402", message, help="take larger steps, or sweep parts of it one after the other")


@explained("E1403")
def unreadable_condition(origin: str, text: str, why: str) -> Diagnostic:
    """A condition of a sweep or a budget cannot be read.

    It is an expression of the language over parameters and quantities: `mult_adds <= 300M and params < 4e6`.
    """
    message = f"the condition cannot be read: {why}"
    return Diagnostic(
        "E1403", message, option_span(origin, text), "here", help="write `mult_adds <= 300M and params < 4M`"
    )


@explained("E1412")
def no_value(origin: str, text: str, why: str) -> Diagnostic:
    """A condition of a sweep or a budget has no value for a row: it divides by 0, or computes with a word."""
    message = f"the condition has no value: {why}"
    help = "ask first for what makes it sound: `p != 0 and params/p < 4M`"
    return Diagnostic("E1412", message, option_span(origin, text), "here", help=help)


@explained("E1404")
def unknown_column(origin: str, name: str, known: Iterable[str]) -> Diagnostic:
    """A sweep or a budget names something that is neither one of its parameters nor a quantity."""
    message = f"there is neither a parameter nor a quantity `{name}` here"
    return Diagnostic("E1404", message, option_span(origin, name), "unknown", help=suggest(name, known))


@explained("E1405")
def needs_numpy() -> Diagnostic:
    """Sweeps compute with NumPy, which archspec does not need otherwise."""
    return Diagnostic("E1405", "a sweep needs numpy", help="pip install 'archspec-nn[sweep]'")


@explained("E1406")
def needs_pyarrow() -> Diagnostic:
    """Parquet is written and read with pyarrow, which archspec does not need otherwise."""
    return Diagnostic("E1406", "Parquet needs pyarrow", help="pip install 'archspec-nn[sweep]', or write CSV")


@explained("E1418")
def needs_pandas() -> Diagnostic:
    """The columns of a sweep are asked for as a data frame, which is pandas'; archspec does not need it otherwise."""
    return Diagnostic("E1418", "a data frame needs pandas", help="pip install pandas, or use `found.columns`")


@explained("E1407")
def unknown_form(path: str, forms: Iterable[str]) -> Diagnostic:
    """The file of a sweep has a name by which it is not known how to write it."""
    message = "a sweep is written as CSV, Parquet or JSON, as the end of the name says"
    return Diagnostic("E1407", message, option_span("-o", path), "not one of these", help=f"name it {', '.join(forms)}")


@explained("E1408")
def not_a_sweep(path: str, why: str) -> Diagnostic:
    """A file that is to be merged is not what a sweep wrote, or not of the same sweep as the others."""
    return Diagnostic("E1408", f"these are not the shards of one sweep: {why}", option_span("--merge", path), "here")


@explained("E1409")
def no_number(name: str, value: object) -> Diagnostic:
    """The rows that are kept of a sweep, or the processes that make it, are not a whole number of at least 1."""
    return Diagnostic("E1409", f"`{name}` is a whole number of at least 1, and not {value}")


@explained("E1410")
def nothing_meets(origin: str, budget: str, held: int, tried: Sequence[str]) -> Diagnostic:
    """No member of a family meets a budget, of those that were tried: which they are, and what the smallest costs."""
    message = f"none of {held:,} members meets the budget" if held else "no member holds, of those that were tried"
    help = "give other values with `-p`"
    return Diagnostic("E1410", message, option_span(origin, budget), "met by none", notes=(*tried,), help=help)


@explained("E1411")
def not_searched(name: str) -> Diagnostic:
    """A budget is to be met by a parameter that is not a number, or that decides what the layers are.

    Its values have to be given: `-p option=A,B`.
    """
    message = f"the values of `{name}` that may be tried are not known"
    return Diagnostic("E1411", message, option_span("--for", name), "not a number", help=f"write `-p {name}=VALUES`")


@explained("E1413")
def no_sum_of_terms(networks: int, why: str, work: float) -> Diagnostic:
    """A sweep has more networks than can be read one by one, and what they cost is not a sum of small terms.

    Choices of kernels, words, and yes and no make networks of their own. Where each row depends on few of them, a
    member is counted as a sum of what its rows have; where it does not, every network is read, some hundred a second.
    """
    message = f"{rounded(networks)} networks would be read one by one, in about {_time(networks, work)}: {why}"
    return Diagnostic("E1413", message, help="sweep fewer values, or ask for params and mult_adds alone")


@explained("E1417")
def read_one_by_one(networks: int, why: str, work: float) -> Diagnostic:
    """A sweep reads its networks one by one, as it is not known how to count them together.

    The counts are exact all the same. It is slow: some hundred networks a second, where others are millions. What
    words choose has to be a sum of small terms: one setting that does not hold spoils it, and so do rows that depend on
    too many choices together. Numbers have to have a closed form, of no more arithmetic than the longest tables take.
    """
    message = f"{rounded(networks)} networks are read one by one, in about {_time(networks, work)}"
    help = "leave out what does not hold, or sweep fewer values"
    return Diagnostic("E1417", message, notes=(why,), help=help, severity="warning")


def _time(networks: int, work: float) -> str:
    """How long it takes to read so many, each of so many units of work."""
    seconds = networks * int(work) // WORK_A_SECOND
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * length:
            return f"{rounded(seconds // length)} {unit}"
    return f"{seconds // 60:,} minutes" if seconds >= 120 else "a second" if seconds < 2 else f"{seconds} seconds"


def rounded(number: int) -> str:
    """A number of settings; one of more digits than anybody reads as a power of ten."""
    return f"{number:,}" if number < 10**30 else f"10^{int(log10(number))}"


@explained("E1414")
def no_spread(quantity: str, size: int, why: str) -> Diagnostic:
    """The distribution of a quantity over a search space is asked for, and it is no sum of terms of few parameters.

    `--sample N` draws members of any space, each as likely as any other.
    """
    message = f"the distribution of `{quantity}` over {rounded(size)} settings is not known: {why}"
    return Diagnostic("E1414", message, help="draw some of them: `--sample 100000`")


@explained("E1415")
def no_near(text: str) -> Diagnostic:
    """`archspec solve --near` is given what is not a quantity and its count: `params = 36.5M`."""
    return Diagnostic(
        "E1415",
        "this is not a quantity and its count",
        option_span("--near", text),
        "here",
        help="write `--near 'params = 36.5M'`",
    )


@explained("E1416")
def not_a_number(names: Iterable[str]) -> Diagnostic:
    """A sweep is to be drawn by a column of words, or of yes and no: both have to be numbers."""
    text = ",".join(names)
    return Diagnostic(
        "E1416", "a plot needs two columns of numbers", option_span("--pareto", text), "not two columns of numbers"
    )
