"""Puts the parser's tables into the wheel, so that no installed archspec makes them when it starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface[Any]):
    """Makes ``grammar.tables``, which git ignores; an editable install makes it when it is first used."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the tables beside the grammar and take them along."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from archspec.language.grammar import TABLES, tables, write

        write(tables())
        build_data["artifacts"].append(Path(TABLES).relative_to(self.root).as_posix())
