"""What torchvision's wheel, which is built for CUDA, lacks beside torch for the CPU: two operators, at import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LIBRARIES: list[Any] = []  # what is defined lasts as long as the library that defined it


def define() -> None:
    """Defines the operators that torchvision describes at import and that its compiled part would bring."""
    import torch

    for name in ("nms", "qnms"):
        try:
            getattr(torch.ops.torchvision, name)
        except AttributeError:
            library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            LIBRARIES.append(library)


class AtImport(MetaPathFinder):
    """Defines them when torchvision is first looked for, so that other processes need not import torch."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Finds nothing itself."""
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            define()
        return None
