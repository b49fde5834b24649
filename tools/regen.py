"""Write again what is made from other files: the parser's tables, and the code in ``generated/`` for every spec."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import lark

from archspec.api import variants
from archspec.parse import build_parser
from archspec.targets.torch import function_name

ROOT = Path(__file__).parent.parent


def tables() -> bytes:
    """The parser's tables as ``archspec.parse`` reads them: the release of lark, then lark's own.

    lark numbers what it finds in sets, so they are made where hashes are always the same.
    """
    code = "import sys, tools.regen as r; sys.stdout.buffer.write(r.fresh_tables())"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=-1, check=True).stdout


def fresh_tables() -> bytes:
    """The same, numbered by the hashes of this process."""
    grammar = (ROOT / "archspec" / "grammar.lark").read_text("utf-8")
    out = io.BytesIO()
    pickle.dump(lark.__version__, out)
    build_parser(grammar).save(out)
    return out.getvalue()


def emitted() -> dict[str, str]:
    """The code of every network of the corpus, by the name of its file; two specs of one network must agree."""
    sources: dict[str, str] = {}
    for spec in sorted((ROOT / "specs").glob("*.arch")):
        for compiled in variants(str(spec)):
            name = f"{function_name(compiled.network)}.py"
            first = sources.setdefault(name, compiled.source())
            assert first == compiled.source(), f"{spec} differs from another {name}"
    return sources


def main() -> None:
    """Write all of it; what no spec makes any more is removed."""
    (ROOT / "archspec" / "grammar.tables").write_bytes(tables())
    sources = emitted()
    for old in (ROOT / "generated").glob("*.py"):
        if old.name not in sources:
            old.unlink()
    for name, source in sources.items():
        (ROOT / "generated" / name).write_text(source, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
