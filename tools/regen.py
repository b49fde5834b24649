"""Write again what is made from specs: code in ``generated/``, figures, and the errata by ``tools/errata.py``."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path

from archspec.api import load, variants
from archspec.compiled import Compiled
from archspec.reports.diff.compare import compare
from archspec.reports.diff.drawn import as_figure
from archspec.targets.torch import function_name, module_name

ROOT = Path(__file__).parent.parent

PROGRAMS = [str(ROOT / "specs" / name) for name in ("digits.arch", "resnet.arch:50", "vgg.arch:D")]
"""The networks whose training programs are kept beside their code, to be read: each is long."""
FIGURES = ("vgg_D.arch", "resnet.arch:50", "googlenet.arch", "se_resnet.arch:50", "mobilenet.arch")
DIFFERENCE = ("resnet.arch:50", "se_resnet.arch:50")
"""The networks whose figures pages show."""


def networks() -> Iterator[Compiled]:
    """Every network of the corpus."""
    for spec in sorted((ROOT / "specs").glob("*.arch")):
        yield from variants(str(spec))


def emitted(corpus: Iterable[Compiled]) -> dict[str, str]:
    """The code of every network of the corpus, by the name of its file.

    Two specs of one network must agree but for its first weights, of which a spec of one network knows better.
    """
    sources: dict[str, str] = {}
    for compiled in corpus:
        name = f"{module_name(compiled.network)}.py"
        first = sources.setdefault(name, compiled.source())
        assert _without_weights(first) == _without_weights(compiled.source()), f"two specs give another {name}"
        if compiled.network.variant is None:
            sources[name] = compiled.source()
    return sources | {f"train_{function_name(c.network)}.py": c.training() for c in map(load, PROGRAMS)}


def _without_weights(source: str) -> str:
    return re.sub(r"    def reset_parameters.*?\n\n", "", source, flags=re.DOTALL)


def figures() -> dict[str, str]:
    """The figures that pages show, by the names of their files."""
    drawn = {f"{c.name}.svg": c.draw().svg for c in (load(str(ROOT / "specs" / name)) for name in FIGURES)}
    a, b = (load(str(ROOT / "specs" / name)) for name in DIFFERENCE)
    side_by_side = as_figure(compare(a, b, (a.name, b.name)), a, b)
    return drawn | {
        "resnet_50_graph.svg": load(str(ROOT / "specs" / "resnet.arch:50")).draw("graph").svg,
        "alexnet_volumes.svg": load(str(ROOT / "specs" / "alexnet.arch")).draw("volumes").svg,
        f"{a.name}-{b.name}.svg": side_by_side.svg,
    }


def main() -> None:
    """Write all of it; what no spec makes any more is removed."""
    sources = emitted(networks())
    for old in (ROOT / "generated").glob("*.py"):
        if old.name not in sources:
            old.unlink()
    for name, source in sources.items():
        (ROOT / "generated" / name).write_text(source, "utf-8", newline="\n")
    for name, svg in figures().items():
        (ROOT / "docs" / "figures" / name).write_text(svg, "utf-8", newline="\n")
    runpy.run_path(str(ROOT / "tools" / "errata.py"))["main"]()


if __name__ == "__main__":
    main()
