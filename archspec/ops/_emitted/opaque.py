"""The torch module of ``opaque``, in whose place the caller's stands once the network is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn


class Opaque(nn.Module):
    """A module that the caller gives: the table names it and says no more."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    @classmethod
    def fill(
        cls,
        network: nn.Module,
        given: Mapping[str, nn.Module | Sequence[nn.Module]] | None,
    ) -> None:
        """Puts modules in their places: by path, or by name, several in order."""
        places: dict[str, str] = {}
        named: dict[str, list[str]] = {}
        for path, module in network.named_modules():
            if isinstance(module, cls):
                places[path] = module.name
                named.setdefault(module.name, []).append(path)
        found: dict[str, nn.Module] = {}
        for key, value in (given or {}).items():
            paths = named.get(key, [key])
            several = [value] if isinstance(value, nn.Module) else value
            if len(several) != len(paths):
                raise ValueError(f"{len(several)} modules are given for {paths}")
            found.update(zip(paths, several, strict=True))
        if unknown := [path for path in found if path not in places]:
            raise ValueError(f"there are no opaque layers {unknown}, but {places}")
        if lacking := {path: n for path, n in places.items() if path not in found}:
            raise ValueError(f"opaque layers have no module: {lacking}")
        for path, module in found.items():
            parent, _, child = path.rpartition(".")
            setattr(network.get_submodule(parent), child, module)


def closing(
    self: nn.Module, opaque: Mapping[str, nn.Module | Sequence[nn.Module]] | None
) -> None:
    """Each place has its module before anything is computed."""
    Opaque.fill(self, opaque)
