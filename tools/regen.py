"""Write again what is made from other files: the parser's tables and the emitted code in ``generated/``."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import lark

from archspec.parse import build_parser

ROOT = Path(__file__).parent.parent


def tables() -> bytes:
    """The parser's tables as ``archspec.parse`` reads them: the release of lark, then lark's own."""
    grammar = (ROOT / "archspec" / "grammar.lark").read_text("utf-8")
    out = io.BytesIO()
    pickle.dump(lark.__version__, out)
    build_parser(grammar).save(out)
    return out.getvalue()


if __name__ == "__main__":
    (ROOT / "archspec" / "grammar.tables").write_bytes(tables())
