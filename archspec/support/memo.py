"""What was computed and may be asked for again, by its content: bounded, and never stale."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Memo(Generic[V]):
    """Results by their keys, the least recently used of which go where all together weigh too much.

    A key holds all that a result depends on, so that there is nothing to invalidate. Threads may share a memo; two that
    ask for the same result at once may both compute it, and one result is kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        """What all results may weigh together, in the unit of the caller."""
        self._weight = 0
        self._found: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, compute: Callable[[], V], weigh: Callable[[V], int] = lambda result: 1) -> V:
        """The result of that key, computed where there is none; one that weighs more than all may is not kept."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key][0]
        result = compute()
        if (weight := weigh(result)) <= self._most:
            self._keep(key, result, weight)
        return result

    def __len__(self) -> int:
        return len(self._found)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._found.clear()
            self._weight = 0

    def _keep(self, key: Hashable, result: V, weight: int) -> None:
        with self._lock:
            self._weight += weight - self._found.pop(key, (None, 0))[1]
            self._found[key] = result, weight
            while self._weight > self._most:
                self._weight -= self._found.popitem(last=False)[1][1]
