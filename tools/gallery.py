"""Write again the pages that the corpus makes: docs/errata.md and docs/audit/, and docs/gallery.md with all tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path

from archspec.api import variants
from archspec.compiled import Compiled
from archspec.files import specs_below
from archspec.render.formats import Ready, escaped, markdown
from archspec.render.table import cost_table
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
GALLERY = """# Gallery

Every spec of [specs/](../specs) as it stands, beside what it counts to. This page is made from the specs;
`python tools/regen.py` writes it again.
"""
NETWORKS = ("network", "variant", "input", "params", "mult-adds", "activations", "weight layers")
NUMERIC = (False, False, False, True, True, True, True)


def audit_pages(found: Audit) -> dict[str, str]:
    """The errata, and the audit of each paper."""
    made = {"docs/errata.md": f"{ERRATA}\n{as_markdown(found)}\n"}
    for paper in found.papers:
        made[f"docs/{page_of(paper.page)}"] = f"{PAPER.format(title=escaped(paper.title))}\n{paper_page(paper)}\n"
    return made


def gallery_page(specs: Mapping[str, Sequence[Compiled]]) -> str:
    """The summary of all networks, and a section for each spec."""
    with chdir(ROOT):
        libraries = [path for path in specs_below("specs") if path not in specs]
    contents = [f"- [{_title(path, found)}](#{anchor(_title(path, found))})" for path, found in specs.items()]
    rows = [(Ready(f"[{found[0].network.name}](#{anchor(_title(path, found))})"), *_figures(c))
            for path, found in specs.items() for c in found]  # fmt: skip
    sections = [part for path, found in specs.items() for part in _section(path, found)]
    contents += [f"- [Blocks](#{anchor('Blocks')})"] * bool(libraries)
    sections += ["## Blocks", "What several specs use."] * bool(libraries)
    sections += [part for path in libraries for part in (f"[{path}](../{path}):", _whole(path))]
    return "\n\n".join([GALLERY.rstrip(), "\n".join(contents), _linked(rows), *sections]) + "\n"


def pages(found: Audit, specs: Mapping[str, Sequence[Compiled]]) -> dict[str, str]:
    """The pages by their names, of the audit and the networks of all specs."""
    return {**audit_pages(found), "docs/gallery.md": gallery_page(specs)}


def anchor(title: str) -> str:
    """The address of a heading in its page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _section(path: str, found: Sequence[Compiled]) -> Iterator[str]:
    first = found[0]
    papers = [f"{escaped(str(paper))}." for paper in first.network.papers]
    yield f"## {_title(path, found)}"
    yield "\n".join([*papers, f"The file is [{path}](../{path})."])
    yield _whole(path)
    yield _linked([(c.network.name, *_figures(c)) for c in found])
    yield f"The rows of {escaped(first.network.display_name)}, counted as {first.convention}:"
    yield cost_table(first.result)


def _whole(path: str) -> str:
    """A fence that holds a file; the comment tells the tests to compare it, as the corpus is compiled elsewhere."""
    return f"<!-- whole: {path} -->\n```arch\n{(ROOT / path).read_text('utf-8')}```"


def _title(path: str, found: Sequence[Compiled]) -> str:
    """The title of the network with the name of its file, which no two specs share."""
    stem = Path(path).stem
    return escaped(f"{found[0].network.title or found[0].network.name} ({stem})")


def _figures(compiled: Compiled) -> tuple[str, ...]:
    network, totals = compiled.network, compiled.totals
    counts = (totals.params, totals.mult_adds, totals.activations, totals.weight_layers)
    return (network.variant or "", str(network.input_shape), *(f"{n:,}" for n in counts))


def _linked(rows: Sequence[Sequence[str]]) -> str:
    return markdown([NETWORKS, *rows], NUMERIC)


def main() -> None:
    """Write all; the page of a paper that no spec has any more is removed."""
    with chdir(ROOT):
        made = pages(audit(specs_of([])), {path: variants(path) for path in specs_of([])})
    folder = ROOT / "docs" / FOLDER
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        if f"docs/{FOLDER}/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (ROOT / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
