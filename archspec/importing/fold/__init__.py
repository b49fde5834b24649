"""Folding: a graph of layers as the table that its author would have written."""

from __future__ import annotations

from archspec.importing.fold.file import fold

__all__ = ["fold"]
