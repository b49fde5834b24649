"""Parameters of a block while they are found: what each is in every use, and which default most uses agree on."""

from __future__ import annotations

from typing import NamedTuple

from archspec.arguments import STRIDES
from archspec.importing.fold.amounts import Values, is_whole, key
from archspec.ir.node import Value


class Parameter(NamedTuple):
    """A parameter of a block: its name, its value in each use, and the default that most uses have."""

    name: str
    values: tuple[Value, ...]
    default: Value | None


class Open:
    """A parameter while it is found: what it is where no step of a use depends on it is open."""

    def __init__(self, name: str, values: Values, nothing: int = 0) -> None:
        self.name = name
        self.values = list(values)
        self.nothing = nothing
        """What says that what it is for is not there: 0 channels, or a factor of 1."""
        self.says_absence = False

    @property
    def is_number(self) -> bool:
        return all(value is None or is_whole(value) for value in self.values)

    @property
    def is_switch(self) -> bool:
        return all(isinstance(value, bool) for value in self.values)

    @property
    def is_there(self) -> list[bool]:
        """In which uses a step that is there depends on it."""
        return [value is not None for value in self.values]

    @property
    def may_be_absent(self) -> bool:
        """Whether what says that nothing is there is said nowhere else."""
        return all(value is None or value > self.nothing for value in self.values)  # type: ignore[operator]

    def stands_for_absence(self) -> str:
        """The condition under which what it is for is there, as it says elsewhere that it is not."""
        self.values = [self.nothing if value is None else value for value in self.values]
        self.says_absence = True
        return f"{self.name} > {self.nothing}"

    def takes(self, values: Values) -> bool:
        """Whether it can be these values too; then it is."""
        pairs = list(zip(self.values, values, strict=True))
        if any(own is not None and other is not None and key(own) != key(other) for own, other in pairs):
            return False
        if not any(own is not None and other is not None for own, other in pairs):
            return False
        self.values = [other if own is None else own for own, other in pairs]
        return True

    def closed(self) -> Parameter:
        """The parameter of the block: where it is open, it has its default if there is one; else the value of the next
        use that has it, or of the last one before."""
        default = self._default()
        found = [default if value is None else value for value in self.values]
        for uses in (range(len(found) - 2, -1, -1), range(1, len(found))):
            for use in uses:
                if found[use] is None:
                    found[use] = found[use - uses.step]
        return Parameter(self.name, tuple(value for value in found if value is not None), default)

    def _default(self) -> Value | None:
        """What most uses agree on, but for sizes and whole numbers; a stride of 1, and 0 channels of what is absent."""
        known = [value for value in self.values if value is not None]
        if all(isinstance(value, tuple) for value in known):
            return None
        if self.name in STRIDES and self.is_number:
            return 1
        if self.says_absence and self.nothing == 0:
            return 0
        # A parameter takes words where its default is one.
        common = most([value for value in known if isinstance(value, str)] or known)
        count = sum(key(common) == key(value) for value in known)
        agreed = isinstance(common, bool | str) or (count > len(self.values) / 2 and not is_whole(common))
        return common if agreed else None


def most(values: Values) -> Value:
    """The most frequent value that is known; the first of those."""
    known = [value for value in values if value is not None]
    return max(known, key=lambda value: sum(key(value) == key(other) for other in known))
