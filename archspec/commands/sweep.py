"""Count the members of a family by the million: widths, depths and resolutions under conditions."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archspec.api import plan_of
from archspec.commands import shared
from archspec.commands._outputs import over
from archspec.commands._plotted import Drawing, not_drawn
from archspec.commands._rows import Bar, print_rows, show, show_refused
from archspec.diagnostics import ArchError
from archspec.diagnostics import show as show_diagnostics
from archspec.files import is_folder
from archspec.support.terminal import columns, printable

if TYPE_CHECKING:
    from archspec.family.sweeps.files import Parts
    from archspec.family.sweeps.sweep import Plan, Sweep

EACH_SPEC = True
MANY = 4_000_000
"""Settings from which all processors are used: they start in the time of so many."""


def arguments(parser: ArgumentParser) -> None:
    """A spec with axes, what is kept, and where it goes; or the files that are merged."""
    parser.add_argument("spec", metavar="SPEC", nargs="+", help="file.arch or file.arch:VARIANT; of --merge the shards")
    takes_axes(parser)
    parser.add_argument("--where", metavar="CONDITION", help="keep these: 'mult_adds <= 300M and params < 4M'")
    parser.add_argument("--pareto", metavar="NAME,NAME", help="keep the Pareto front; -NAME is maximised")
    parser.add_argument("--sort", metavar="NAME", help="by a column, -NAME the largest first (write --sort=-NAME)")
    parser.add_argument("--top", metavar="N", type=int, help="keep the first N")
    shared.takes_quantities(parser)
    parser.add_argument(
        "-o", dest="out", metavar="FILE", help="FILE.csv, .parquet or .json; an interrupted sweep resumes"
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the two columns of --pareto, or the first two quantities")
    parser.add_argument(
        "--distribution", metavar="NAME", help="every value of a quantity, and how many members have it"
    )
    parser.add_argument("--sample", metavar="N", type=int, help="N settings by chance, each as likely as any other")
    parser.add_argument("--seed", metavar="N", type=int, help="of --sample; default: 0")
    parser.add_argument("--shard", metavar="I/N", help="the I-th of N parts of the settings")
    parser.add_argument("--merge", action="store_true", help="join the files of shards, in their order")
    parser.add_argument("--jobs", metavar="N", type=int, help="processes; default: all processors for large sweeps")
    shared.takes_format(parser, "text", "csv", "json")
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Count every setting of some parameters, and keep those that meet a condition or lie on a Pareto front.

    `archspec sweep SPEC -p width=0.25:1.5:0.05 -p resolution=96:320:32 --where 'mult_adds <= 300M'` counts exactly, a
    million members a second. Settings that do not hold are listed by reason.
    """
    try:
        if (problem := _refused(args)) is not None:
            return shared.usage(problem)
        if args.jobs is not None:
            from archspec.family.sweeps.settings import at_least_one

            at_least_one("jobs", args.jobs)
        _check_libraries(args)
        if args.merge:
            return _merge(args)
        if args.distribution is not None or args.sample is not None:
            return _spread(args) if args.distribution is not None else _sampled(args)
        return show(_swept(args), args.format, args.out)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG


def _swept(args: Namespace) -> Sweep:
    from archspec.family.sweeps.sweep import cores, gathered, marked
    from archspec.family.sweeps.sweep import run as parts_of

    shard = (_shard(args.shard) if args.shard else None) or (1, 1)
    chosen = _chosen(args) if args.plot is None else {"where": args.where}  # what is not kept is drawn as well
    plan = _plan(args, shared.names_of(args.of), chosen, shard[1])
    numbers = plan.numbers(shard)
    jobs = args.jobs or (cores() if plan.space.size >= MANY else 1)
    bar, parts = Bar(sys.stderr.isatty()), _parts(args, plan, shard)
    lacking = numbers if parts is None else parts.lacking(numbers)
    counted = parts_of(plan, lacking, jobs)
    counted = counted if parts is None else parts.resumed(numbers, counted)
    if args.plot is None:
        found = bar.done(gathered(plan, counted, bar))
    else:
        drawing = Drawing(args, plan, plan.choosing(**_chosen(args)))
        found = bar.done(gathered(plan, drawing.of(counted), bar, drawing.kept))
        drawing.save()
    show_diagnostics([] if plan.warnings() else found.diagnostics, args.all)
    if parts is not None:
        marked(found, plan, shard).save(args.out)
        parts.remove()
    return found


def _parts(args: Namespace, plan: Plan, shard: tuple[int, int]) -> Parts | None:
    """Where what is counted is kept until all is, so that a sweep that is interrupted resumes."""
    if args.out is None:
        return None
    from archspec.family.sweeps.files import Parts
    from archspec.family.sweeps.tables import form_of

    form_of(args.out)
    return Parts(args.out, plan, shard)


def _plan(
    args: Namespace, of: Sequence[str], chosen: Mapping[str, Any], shards: int = 1, counted: int | None = None
) -> Plan:
    """What is swept; where it takes long for a reason, that is said before it begins."""
    plan = plan_of(args.spec[0], axes_of(args.axes), of, args.convention, chosen, shards)
    show_diagnostics(plan.warnings(counted), args.all)
    return plan


def _sampled(args: Namespace) -> int:
    if args.sample < 1 or args.shard:
        return shared.usage("--sample N draws at least one setting, and has no shards")
    plan = _plan(args, shared.names_of(args.of), _chosen(args), counted=args.sample)
    from archspec.family.sweeps.drawing import sampled

    return _saved(sampled(plan, args.sample, args.seed or 0), args)


def _spread(args: Namespace) -> int:
    """Every value of a quantity, or as text those that shares of the members have at most."""
    from archspec.family.formulas.formula import QUANTITIES
    from archspec.family.formulas.messages import no_quantity

    if any(each is not None for each in (args.where, args.pareto, args.sort, args.top, args.shard, args.sample)):
        return shared.usage(
            "--distribution counts all members: leave out --where, --pareto, --sort, --top, --shard and --sample"
        )
    if args.distribution not in QUANTITIES:
        raise ArchError([no_quantity(args.distribution, QUANTITIES, "--distribution")])
    plan = _plan(args, (args.distribution,), {})
    from archspec.family.sweeps.drawing import distribution, summary
    from archspec.family.sweeps.messages import rounded

    found = distribution(plan, args.distribution)
    if args.out is not None:
        found.save(args.out)
        print(f"wrote {printable(args.out)}: {len(found):,} rows", file=sys.stderr)
    elif args.format != "text":
        print_rows(found, args.format)
    else:
        rows = [(share, f"{value:,}") for share, value in summary(found)]
        print("\n".join(columns([("members", f"{args.distribution} at most"), *rows], [True, True])))
    exact = "exact" if not found.within else f"each value within {found.within:,} of the true one"
    print(f"{rounded(found.held)} members, {len(found):,} values, {exact}", file=sys.stderr)
    show_refused(found)
    return shared.HOLDS


def _saved(found: Sweep, args: Namespace) -> int:
    if args.out is not None:
        found.save(args.out)
    return show(found, args.format, args.out)


def _merge(args: Namespace) -> int:
    """One sweep of the files of its shards."""
    from archspec.family.sweeps.files import merged, read
    from archspec.family.sweeps.selection import selection
    from archspec.family.sweeps.sweep import Sweep

    shards = [read(path) for path in args.spec]
    found = merged(shards)
    if len(shards) > 1 and any(each.shard is None for each in shards):
        print("these files do not say which shards they are: a missing one goes unnoticed", file=sys.stderr)
    words = [name for name, values in found.columns.items() if values.dtype.kind in "Ub"]
    kept = selection([*found.columns], words, **_chosen(args)).of(found.columns)
    return _saved(Sweep(kept, found.refused, found.size, found.held), args)


def _check_libraries(args: Namespace) -> None:
    """Raises ArchError for a library that is not installed, before anything is counted."""
    from archspec.family.sweeps.settings import with_numpy
    from archspec.family.sweeps.tables import form_of, pyarrow

    with_numpy()
    if args.out is not None and form_of(args.out) == "parquet":
        pyarrow()


def _refused(args: Namespace) -> str | None:
    """Why the options are not a sweep, which is said before anything is counted."""
    if args.shard is not None and _shard(args.shard) is None:
        return "--shard is I/N, such as 3/16"
    if len(args.spec) > 1 and not args.merge:
        return "a sweep is of one spec: archspec sweep SPEC -p width=0.25:1.5:0.05"
    if args.out is not None and (problem := _no_file(args.out) or over(args.out, args.spec)):
        return problem
    return _without_effect(args) or (not_drawn(args) if args.plot is not None else None)


def _without_effect(args: Namespace) -> str | None:
    """Why an option would change nothing."""
    if args.seed is not None and args.sample is None:
        return "--seed N chooses other settings for --sample N: give both"
    if args.seed is not None and args.seed < 0:
        return "--seed is a whole number of at least 0"
    given = [("-p", args.axes), ("--convention", args.convention), ("--jobs", args.jobs), ("--shard", args.shard)]
    unused = [option for option, value in given if value] if args.merge else []
    if args.merge and args.of != shared.QUANTITIES:
        unused.append("--of")
    return f"--merge takes the files as they are: leave out {', '.join(unused)}" if unused else None


def _no_file(out: str) -> str | None:
    """Why a sweep cannot go there, which is said before it is counted: the name is that of a directory."""
    return "a sweep is one file: give `-o` a name that ends in .csv, .parquet or .json" if is_folder(out) else None


def takes_axes(parser: ArgumentParser) -> None:
    """The values of each parameter."""
    parser.add_argument(
        "-p", dest="axes", metavar="NAME=VALUES", action="append", default=[], help="0.25:1.5:0.01, 16,22,28 or A,B"
    )


def axes_of(given: Sequence[str]) -> dict[str, str]:
    """The axes that `-p` gives, as texts; raises ArchError where one is none."""
    from archspec.family.sweeps.messages import no_axis

    found: dict[str, str] = {}
    for text in given:
        name, equals, values = text.partition("=")
        if not equals or not values.strip() or name in found:
            why = "it is set twice" if name in found else "write NAME=VALUES"
            raise ArchError([no_axis(name, values, why)])
        found[name.strip()] = values
    return found


def _chosen(args: Namespace) -> dict[str, Any]:
    """What is kept, as the options say."""
    pareto = [name.strip() for name in args.pareto.split(",")] if args.pareto is not None else ()
    return {"where": args.where, "pareto": pareto, "sort": args.sort, "top": args.top}


def _shard(text: str) -> tuple[int, int] | None:
    place, slash, of = text.partition("/")
    if not (slash and place.isdecimal() and of.isdecimal()):
        return None
    found = int(place), int(of)
    return found if 1 <= found[0] <= found[1] else None
