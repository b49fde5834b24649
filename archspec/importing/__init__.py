"""Networks of other programs become tables: readers make a graph of layers, and folding writes it as a spec."""

from __future__ import annotations

from typing import Final

LIBRARIES: Final = ("timm", "torchvision")
"""Whose networks have names that stand wherever a spec does, ``timm:resnet50``."""
