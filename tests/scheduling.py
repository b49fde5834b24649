"""How xdist shares out the tests."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadGroupScheduling


class Scheduling(LoadGroupScheduling):  # type: ignore[misc]
    """By groups, and what is done is forgotten.

    After each test xdist counts what is left of all that a worker was ever given, which takes longer each time: with five
    thousand tests, ten seconds of a core that the tests need.
    """

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """A worker has done a test."""
        done, given = self.registered_collections[node][item_index], self.assigned_work[node]
        super().mark_test_complete(node, item_index, duration)
        group = self._split_scope(done)
        if all(given[group].values()):
            del given[group]
