"""Write again the parts of the documents that are made from the code: the diagnostics, and README's table of specs."""

from __future__ import annotations

from pathlib import Path

from archspec.api import variants
from archspec.explain import explanations
from archspec.pipeline import Compiled
from archspec.table import markdown
from archspec.targets.torch import function_name

ROOT = Path(__file__).parent.parent
GROUPS = {
    "E00": "Files and commands",
    "E01": "Reading",
    "E02": "Names and arithmetic",
    "E03": "Printed figures",
    "E04": "The network",
    "E05": "Tables and claims",
    "E06": "Layers",
    "E07": "Shapes",
}
INTRODUCTION = """# Diagnostics

Every diagnostic has a code that stays the same from release to release. `archspec explain CODE` prints what stands
here. This page is made from the functions that make the diagnostics; `python tools/docs.py` writes it again.
"""
CORPUS = "<!-- corpus, written by tools/docs.py -->\n", "<!-- end of corpus -->\n"
HEADER = ("spec", "emitted", "params", "mult-adds", "printed figures that hold")


def diagnostics() -> str:
    """The page of all diagnostics."""
    parts = [INTRODUCTION]
    group = ""
    for code, text in explanations().items():
        if code[:3] != group:
            group = code[:3]
            parts.append(f"## {GROUPS[group]}\n")
        parts.append(f"### {code}\n\n{text}\n")
    return "\n".join(parts)


def corpus() -> str:
    """A Markdown table with a row for each network of ``specs/``."""
    rows = [
        _row(path, compiled) for path in sorted((ROOT / "specs").glob("*.arch")) for compiled in variants(str(path))
    ]
    return markdown([HEADER, *rows], (False, False, True, True, True)) + "\n"


def readme() -> str:
    """README with its table of specs written again; the rest stays."""
    text = (ROOT / "README.md").read_text("utf-8")
    before, rest = text.split(CORPUS[0])
    return before + CORPUS[0] + "\n" + corpus() + "\n" + CORPUS[1] + rest.split(CORPUS[1])[1]


def pages() -> dict[str, str]:
    """The made documents by their names."""
    return {"docs/diagnostics.md": diagnostics(), "README.md": readme()}


def _row(path: Path, compiled: Compiled) -> tuple[str, ...]:
    variant = compiled.network.variant
    checks = [check for check in (*compiled.cells, *compiled.claims) if check.verdict != "reported"]
    holding = sum(check.holds for check in checks)
    return (
        f"[{path.name}](specs/{path.name})" + (f":{variant}" if variant else ""),
        f"[code](generated/{function_name(compiled.network)}.py)",
        f"{compiled.params:,}",
        f"{compiled.mult_adds:,}",
        f"{holding} of {len(checks)}",
    )


def main() -> None:
    """Write all of it."""
    for name, text in pages().items():
        (ROOT / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
