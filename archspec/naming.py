"""Names that were likely meant: a slip is compared with what there is, and with little of it where there is much."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator

from archspec.budget import current, spend
from archspec.support.limits import COMPARISON, LONGEST_NAME, MOST_COMPARED, MOST_LISTED, SORTED


class Names(Collection[str]):
    """Names that may grow in number: how often each was given, and which of them stand next to a word."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._count: dict[str, int] = {}
        self._orders: tuple[list[str], list[str]] | None = None
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """One more name, or the same once more."""
        if self._orders is not None and name not in self._count:
            for order, key in zip(self._orders, (name, name[::-1]), strict=True):
                insort(order, key)
        self._count[name] = self._count.get(name, 0) + 1

    def count(self, name: str) -> int:
        """How often a name was given."""
        return self._count.get(name, 0)

    def __contains__(self, name: object) -> bool:
        return name in self._count

    def __len__(self) -> int:
        return len(self._count)

    def __iter__(self) -> Iterator[str]:
        return iter(self._count)

    def ordered(self) -> list[str]:
        """Every name once, in the order of the alphabet; nobody may change the list."""
        return self._both()[0]

    def beside(self, word: str) -> list[str]:
        """The names that are compared with a word: all, or those whose starts and whose ends stand next to its own."""
        if len(self) <= MOST_COMPARED:
            return [*self._count]
        found: dict[str, None] = {}
        for order, key, step in zip(self._both(), (word, word[::-1]), (1, -1), strict=True):
            at, far = bisect_left(order, key), MOST_COMPARED // 4
            found.update(dict.fromkeys(near[::step] for near in order[max(at - far, 0) : at + far]))
        return [*found]

    def _both(self) -> tuple[list[str], list[str]]:
        if self._orders is None:
            self._orders = sorted(self._count), sorted(name[::-1] for name in self._count)
        return self._orders


def with_x(text: str) -> str:
    """A name of a variant or a header with ``x`` for ``×``, which are the same."""
    return text.replace("×", "x")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that the word most likely stands for, or None where nothing comes near."""
    budget = current()
    if len(word) > LONGEST_NAME or (budget is not None and not budget.may_suggest()):
        return None
    from difflib import get_close_matches

    names = {name.lower(): name for name in _names(known).beside(word)}
    spend(COMPARISON * len(names))
    matches = get_close_matches(word.lower(), names, n=1, cutoff=0.7)
    return names[matches[0]] if matches else None


class Starts:
    """The names with which texts start, whole words of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)

    def of(self, text: str) -> Iterator[str]:
        """Those of a text, the longest first. It takes no longer than reading the text once for each length."""
        for length in self._lengths:
            if length <= len(text) and not text[length : length + 1].isalnum() and text[:length] in self._names:
                yield text[:length]


def suggest(word: str, known: Iterable[str]) -> str | None:
    """`did you mean ...?` where a name comes near, else a list of what there is, or None where there is nothing."""
    names = _names(known)
    near = closest(word, names.ordered() if len(names) <= MOST_COMPARED else names)
    if near:
        return f"did you mean `{near}`?"
    return f"there is {listed(names.ordered())}" if names else None


def listed(names: Collection[str], number: int | None = None) -> str:
    """Names in a row, each in its marks; of very many the first ten, and how many there are beside them.

    Of a name that is too long to be compared the beginning stands there: each of many mistakes may list it.

    ``number`` is how many there are where only the first of them are given.
    """
    number = len(names) if number is None else number
    if number <= MOST_LISTED:
        return ", ".join(map(_marked, names))
    first = ", ".join(_marked(name) for name, _ in zip(names, range(10), strict=False))
    return f"{first} and {number - 10:,} more"


def _marked(name: str) -> str:
    return f"`{name}`" if len(name) <= LONGEST_NAME else f"`{name[:LONGEST_NAME]}…`"


def _names(known: Iterable[str]) -> Names:
    """What is known, as names; who has many of them keeps them so."""
    if isinstance(known, Names):
        return known
    names = Names(known)
    spend(SORTED * len(names))
    return names
