"""Write again the pages that the corpus makes: docs/errata.md and docs/audit/."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

from archspec.render.formats import escaped
from archspec.reports.audit.figures import Audit, audit
from archspec.reports.audit.page import FOLDER, page_of
from archspec.reports.audit.report import as_markdown, paper_page
from archspec.reports.audit.specs import specs_of

ROOT = Path(__file__).parent.parent
ERRATA = """# Errata

What the tables of papers and lectures on convolutional networks say, against the arithmetic: every figure that the
specs in [specs/](../specs) claim, and every cell of their tables. A figure agrees at its printed precision
([counting.md](counting.md) defines the words), or its spec marks it: it is wrong in print, or no counting rule gives
it, so that the paper need not be wrong. The worst findings are below, each with a link to its
derivation; the pages of the papers have the rest, and all figures that agree. `archspec audit` prints this on one
screen, `archspec audit SPEC` all of one paper, and `archspec audit SPEC --finding NAME` one finding, as the pages
cite it; `--format json` prints all by [audit.schema.json](audit.schema.json).
[not_checked.md](not_checked.md) lists what the papers print and no arithmetic checks. This page and those of the papers
are made from the specs; `python tools/regen.py` writes them again.
"""
PAPER = """# {title}

The printed figures of this paper against the arithmetic; [the errata of all papers](../errata.md) explains the words.
"""


def pages(found: Audit) -> dict[str, str]:
    """The pages by their names: the errata, and the audit of each paper."""
    made = {"docs/errata.md": f"{ERRATA}\n{as_markdown(found)}\n"}
    for paper in found.papers:
        made[f"docs/{page_of(paper.page)}"] = f"{PAPER.format(title=escaped(paper.title))}\n{paper_page(paper)}\n"
    return made


def main() -> None:
    """Write all; the page of a paper that no spec has any more is removed."""
    with chdir(ROOT):
        made = pages(audit(specs_of([])))
    folder = ROOT / "docs" / FOLDER
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        if f"docs/{FOLDER}/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (ROOT / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
