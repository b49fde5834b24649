"""A sweep as a program asks for it: arrays by name, what was refused, and files of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from hashlib import sha256
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.budget import request as opened
from archspec.counting.conventions import Counting
from archspec.diagnostics import ArchError, Diagnostic
from archspec.elaborate.request import Request
from archspec.family.formulas.formula import QUANTITIES
from archspec.family.formulas.messages import no_quantity, no_variable
from archspec.family.formulas.pieces import SIDES
from archspec.family.member import Member, Members
from archspec.family.sweeps.batch import Batch, Refusal
from archspec.family.sweeps.engine import CHUNK, Space
from archspec.family.sweeps.messages import needs_pandas, no_sum_of_terms, read_one_by_one
from archspec.family.sweeps.selection import Columns, Selection, joined, nothing, selection
from archspec.family.sweeps.sums import Sums
from archspec.family.sweeps.tables import write
from archspec.family.sweeps.terms import NoTerms, terms_of
from archspec.ir.network import Value
from archspec.support.limits import WORK_A_SECOND
from archspec.support.takes import PATH, takes

if TYPE_CHECKING:
    import pandas

SHOWN = QUANTITIES[:3]
FEW_NETWORKS, FEW_AXES = 12, 4
"""Up to so many choices of words and so many axes a sweep needs no terms."""
MOST_SETTINGS = 10**12
"""Settings of numbers that are swept without terms."""
MOST_NETWORKS = 100_000
"""Networks that are read one after the other: some hundred a second."""
Progress = Callable[[int, int], None]
"""What is told how many settings are done, of how many."""


class Refused(NamedTuple):
    """Settings that do not hold, for one reason."""

    number: int
    """How many they are."""
    code: str
    message: str
    """What is said of the first of them."""
    first: Mapping[str, Value]


class Shard(NamedTuple):
    """Which part of which sweep a file is."""

    sweep: str
    number: int
    of: int


class Sweep:
    """What a sweep found: for each parameter and each quantity an array, of the members that were kept.

    ``sweep["params"]`` is a column, of whole numbers of 64 bits, or of Python's own where they are larger.
    """

    def __init__(self, columns: Columns, refused: Sequence[Refused], size: int, held: int) -> None:
        self.columns = columns
        self.refused = tuple(refused)
        """The settings that do not hold, by their reasons."""
        self.size, self.held = size, held
        """How many settings there were, and how many of them hold."""
        self.shard: Shard | None = None
        """Which part of a sweep it is, where it is one."""
        self.diagnostics: list[Diagnostic] = []
        """Why it was slow, where it was."""
        self.within = 0
        """How far values of a distribution may be from the true ones."""

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def to_dataframe(self) -> pandas.DataFrame:
        """The columns as a pandas data frame; raises ArchError where pandas is lacking."""
        try:
            import pandas
        except ImportError:
            raise ArchError([needs_pandas()]) from None

        return pandas.DataFrame(self.columns)

    @takes(path=PATH)
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as CSV, Parquet or JSON, by the end of the name; the file is written whole or not at all."""
        write(self, os.fsdecode(path))

    def __repr__(self) -> str:
        return f"<sweep of {self.size:,} settings: {self.held:,} hold, {len(self):,} kept>"


class Plan:
    """What a sweep is of, before anything is counted; another process makes the same of it."""

    def __init__(
        self,
        family: Members,
        request: Request,
        axes: Mapping[str, Sequence[Value]],
        quantities: Sequence[str],
        rules: tuple[str, ...] | None,
        chosen: Mapping[str, Any],
        shards: int = 1,
    ) -> None:
        self._state = family, request, axes, quantities, rules, chosen, shards
        with opened() as budget:
            member = family.member(request)
            member.raise_if_failed()
            _check(member, axes, quantities)
            counting = member.counting if rules is None else Counting(rules)
            member.totals_by(counting)
        self._work = budget.spent
        """What one network takes."""
        self.space, self.why_not = space_of(member, axes, quantities, counting, self._work)
        self.space.chunk = max(1, min(CHUNK, self.space.size // shards))
        self.names = (*self.space.names, *quantities)
        """The columns, the parameters first."""
        self.selection = self.choosing(**chosen)

    def warnings(self, settings: int | None = None) -> list[Diagnostic]:
        """That networks are read one by one, with the time and the reason; ``settings`` are counted, or all."""
        networks, why = self._slow
        networks = networks if settings is None else min(networks, settings)
        tells = networks > FEW_NETWORKS if self.why_not is not None else self._takes_long(networks)
        return [read_one_by_one(networks, why, self._work)] if tells else []

    @cached_property
    def _slow(self) -> tuple[int, str]:
        """How many networks are known to be read one by one, and why."""
        if not isinstance(self.space, Space):
            return 0, ""
        if self.why_not is not None and self.space.networks > FEW_NETWORKS:
            return self.space.networks, f"their cost is not a sum of terms: {self.why_not}"
        return self.space.slow()

    def late(self, alone: int, why: str) -> list[Diagnostic]:
        """The same where it was not known before, but seen while settings were counted."""
        return [read_one_by_one(alone, why, self._work)] if why and self._takes_long(alone) else []

    def _takes_long(self, networks: int) -> bool:
        """Whether so many networks that are read one by one take a second."""
        return networks * self._work >= WORK_A_SECOND

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan, self._state

    def choosing(self, **chosen: Any) -> Selection:
        """What is kept of the columns; raises ArchError for a name or a condition that is none."""
        return selection(self.names, [*self.space.choices], **chosen)

    def is_of_words(self, name: str) -> bool:
        """Whether a column holds words, sizes, or yes and no."""
        return any(type(value) not in (int, float) for value in self.space.choices.get(name, ()))

    def digest(self, *more: object) -> str:
        """What tells it from other sweeps: the texts of its specs, and all that is asked."""
        family, *asked = self._state
        said = repr(([source.text for source in family.sources], asked, self.space.chunk, *more))
        return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def part(self, number: int) -> tuple[Columns, Batch]:
        """One box: what is kept of it, and the rest that is known of it."""
        return self.space.part(number, self.selection, self.names)

    def numbers(self, shard: tuple[int, int] = (1, 1)) -> range:
        """The boxes of one of several shards, counted from 1: together they are all, in their order."""
        count, (place, of) = self.space.count, shard
        return range(count * (place - 1) // of, count * place // of)


def space_of(
    member: Member, axes: Mapping[str, Sequence[Value]], quantities: Sequence[str], counting: Counting, work: float
) -> tuple[Space | Sums, str | None]:
    """The settings of a sweep, as sums of terms where they are many networks; and why not, where they are not.

    Raises ArchError where they are more than can be read one by one.
    """
    space = Space(member, axes, quantities, counting)
    networks = space.networks
    if networks <= FEW_NETWORKS and len(axes) <= FEW_AXES:
        return space, None
    try:
        found = {name: space.choices.get(name, space.axes.get(name, ())) for name in space.names}
        return Sums(terms_of(member, found, quantities, counting), found, quantities), None
    except NoTerms as why:
        if networks > MOST_NETWORKS or space.size > MOST_SETTINGS:
            raise ArchError([no_sum_of_terms(max(networks, space.size), str(why), work)]) from None
        return space, str(why)


def run(plan: Plan, numbers: Iterable[int], jobs: int = 1) -> Iterator[tuple[Columns, Batch]]:
    """The parts of a sweep in their order, by so many processes."""
    asked = [*numbers]
    if jobs == 1 or len(asked) < 2:
        yield from map(plan.part, asked)
        return
    context = get_context("spawn")  # a copy of a process may hold locks that nobody opens
    with ProcessPoolExecutor(min(jobs, len(asked)), context, initializer=_open, initargs=(plan,)) as pool:
        yield from pool.map(_part, asked, chunksize=max(1, len(asked) // (jobs * 8)))


def gathered(
    plan: Plan,
    parts: Iterable[tuple[Columns, Batch]],
    progress: Progress | None = None,
    chosen: Selection | None = None,
) -> Sweep:
    """A sweep of its parts, of which no more is kept in memory than is chosen: by the plan, if by nothing else."""
    chosen = plan.selection if chosen is None else chosen
    kept: list[Columns] = []
    refused: dict[tuple[str, str], Refused] = {}
    size = held = done = alone = 0
    why = ""
    for columns, batch in parts:
        kept.append(columns)
        if chosen.reduces and len(kept) > 16:
            kept = [chosen.of(joined(kept))]
        size += batch.size
        held += batch.size - sum(count for count, _ in batch.refused.values())
        note(refused, batch.refused)
        done += batch.size
        alone, why = alone + batch.alone, batch.why or why
        if progress is not None:
            progress(done, plan.space.size)
    found = joined(kept or [nothing(plan.names)])
    if chosen.reduces or chosen.sort:
        found = chosen.of(found)
    whole = Sweep(found, [*refused.values()], size, held)
    whole.diagnostics = plan.warnings(size) or plan.late(alone, why)
    return whole


def marked(found: Sweep, plan: Plan, shard: tuple[int, int]) -> Sweep:
    """A shard that says which one it is, of which sweep."""
    found.shard = Shard(plan.digest(), *shard) if shard[1] > 1 else None
    return found


def note(known: dict[tuple[str, str], Refused], more: Mapping[Refusal, tuple[int, Mapping[str, Value]]]) -> None:
    """Add settings that are refused to those of the same code in the same words but for their numbers."""
    for (code, message), (count, first) in more.items():
        key = code, "".join(c for c in message if not (c.isdecimal() or c == "."))
        before = known.get(key)
        known[key] = (
            Refused(count, code, message, first) if before is None else before._replace(number=before.number + count)
        )


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(member: Member, axes: Mapping[str, Sequence[Value]], quantities: Sequence[str]) -> None:
    parameters = member.architecture.parameters
    known = (*parameters, *(SIDES if len(member.architecture.input) == 3 else ()))
    wrong = [no_variable(name, known, "-p") for name in axes if name not in known]
    wrong += [no_quantity(name, QUANTITIES) for name in quantities or [""] if name not in QUANTITIES]
    if wrong:
        raise ArchError(wrong)


_PLAN: list[Plan] = []
"""The plan of the process of a pool."""


def _open(plan: Plan) -> None:
    _PLAN[:] = [plan]


def _part(number: int) -> tuple[Columns, Batch]:
    return _PLAN[0].part(number)
