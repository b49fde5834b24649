"""Write again what is made from other files: the parser's tables, the code in ``generated/`` for every spec, and the
pages of ``docs/`` that ``tools/gallery.py`` makes of them.
"""

from __future__ import annotations

import io
import pickle
import runpy
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import lark

from archspec.api import load, variants
from archspec.compiled import Compiled
from archspec.language.tree import build_parser
from archspec.targets.torch import function_name

ROOT = Path(__file__).parent.parent
GRAMMAR = ROOT / "archspec" / "language" / "grammar.lark"
TABLES = ROOT / "archspec" / "language" / "grammar.tables"


PROGRAMS = [str(ROOT / "specs" / name) for name in ("digits.arch", "resnet.arch:50", "vgg.arch:D")]
"""The networks whose training programs are kept beside their code, to be read: each is long."""


def tables() -> bytes:
    """The parser's tables as ``archspec.parse.tree`` reads them: the release, the grammar's digest, lark's own."""
    out = io.BytesIO()
    for word in header():
        pickle.dump(word, out)
    build_parser(GRAMMAR.read_text("utf-8")).save(out)
    return out.getvalue()


def header() -> list[str]:
    """What tells whether tables are those of the grammar: lark numbers what it finds in sets, so their bytes do not."""
    return [lark.__version__, sha256(GRAMMAR.read_bytes()).hexdigest()]


def current() -> bool:
    """Whether the tables beside the grammar were made from it."""
    with TABLES.open("rb") as file:
        return [pickle.load(file), pickle.load(file)] == header()


def networks() -> Iterator[Compiled]:
    """Every network of the corpus."""
    for spec in sorted((ROOT / "specs").glob("*.arch")):
        yield from variants(str(spec))


def emitted(corpus: Iterable[Compiled]) -> dict[str, str]:
    """The code of every network of the corpus, by the name of its file; two specs of one network must agree."""
    sources: dict[str, str] = {}
    for compiled in corpus:
        name = f"{function_name(compiled.network)}.py"
        first = sources.setdefault(name, compiled.source())
        assert first == compiled.source(), f"two specs give another {name}"
    return sources | {f"train_{function_name(c.network)}.py": c.training() for c in map(load, PROGRAMS)}


def main() -> None:
    """Write all of it; what no spec makes any more is removed."""
    if not current():
        TABLES.write_bytes(tables())
    sources = emitted(networks())
    for old in (ROOT / "generated").glob("*.py"):
        if old.name not in sources:
            old.unlink()
    for name, source in sources.items():
        (ROOT / "generated" / name).write_text(source, "utf-8", newline="\n")
    runpy.run_path(str(ROOT / "tools" / "gallery.py"))["main"]()


if __name__ == "__main__":
    main()
