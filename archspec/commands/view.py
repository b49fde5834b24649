"""Write a network, or all of a folder, as pages for a browser."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archspec import files
from archspec.api import named_by
from archspec.budget import request
from archspec.commands import shared
from archspec.commands._outputs import Planned, clash, over
from archspec.diagnostics import ArchError, show
from archspec.elaborate.request import Request
from archspec.files import is_folder
from archspec.support.terminal import printable
from archspec.support.words import number_of
from archspec.targets.torch import function_name

if TYPE_CHECKING:
    from archspec.page.network import Page
    from archspec.page.site import Site

EACH_SPEC = True
SITE = "site/"
STDIN = STDOUT = "-"
ENDINGS = (".html", ".htm")


def arguments(parser: ArgumentParser) -> None:
    """Specs or folders, their settings, and where the pages go."""
    parser.add_argument(
        "specs", metavar="SPEC", nargs="+", help="file.arch, file.arch:VARIANT, or folders; - is standard input"
    )
    shared.takes_settings(parser)
    parser.add_argument(
        "-o", dest="out", metavar="FILE|DIR|-", help="default: NAME.html of one spec, site/ of several and of a folder"
    )
    shared.takes_all(parser)


def run(args: Namespace) -> int:
    """Write one spec as a page, or several and those of folders as a site with an index, a gallery and the errata.

    A page opens in any browser and fetches nothing.
    """
    asked = shared.request(args)
    if asked is None:
        return shared.USAGE
    if len(args.specs) == 1 and not os.path.isdir(args.specs[0]):
        if problem := _no_page(args.out):
            return shared.usage(problem)
        return _page(args.specs[0], asked, args)
    out = SITE if args.out is None else args.out
    if asked.overrides:
        return shared.usage("`-p` and `--input` are for one spec: a site shows specs as they are")
    if out == STDOUT or not is_folder(out):
        return shared.usage("a site is many files: give `-o` a directory")
    return _site(args, Path(out))


def _page(spec: str, asked: Request, args: Namespace) -> int:
    from archspec.page.network import page_of

    with request():
        try:
            page = page_of(spec, asked.parameters, asked.input)
            path = None if args.out == STDOUT else _path(args.out, _name(spec, page) + ENDINGS[0])
            if path is not None and (problem := over(path, [spec])):
                return shared.usage(problem)
            holds = shared.report(page.networks, args)
            _written(page.text, path)
        except ArchError as error:
            shared.show_errors(error, args)
            return shared.WRONG
    return shared.HOLDS if holds else shared.WRONG


def _no_page(out: str | None) -> str | None:
    """Why a page cannot go there: its name says that it is something else, as that of a spec or a figure does."""
    if out is None or is_folder(out) or Path(out).suffix.lower() in ("", *ENDINGS):
        return None
    return f"a page is HTML: give `-o` a name that ends in `{ENDINGS[0]}`"


def _name(spec: str, page: Page) -> str:
    """How the file of a page is called: as that of its spec is; as its network, of a variant and of standard input."""
    named = named_by(spec)
    if named.file == STDIN or (named.variant and len(page.networks) == 1):
        network = page.networks[0].network
        return function_name(network if len(page.networks) == 1 else network.replaced(variant=None))
    return Path(named.file).stem


def _path(out: str | None, name: str) -> Path:
    """The file of a page, where nobody gives it another name than its own."""
    return Path(name) if out is None else Path(out) / name if is_folder(out) else Path(out)


def _written(text: str, path: Path | None) -> None:
    """Write a page to where it is wanted, and say so."""
    if path is None:
        sys.stdout.write(text)
        return
    files.write(path, text)
    print(f"wrote {printable(str(path))}: open it in a browser")


def _site(args: Namespace, folder: Path) -> int:
    from archspec.page.site import Site
    from archspec.reports.audit.figures import audit
    from archspec.reports.audit.specs import specs_of

    try:
        specs = specs_of(args.specs)
        site = Site(specs)
        planned = [Planned(folder / address, spec, spec) for spec, address in site.addresses.items()]
        if problem := clash(planned, specs, "view"):
            return shared.usage(problem)
        with _said_so_far(site, specs, folder):
            for spec in specs:
                _add(spec, site, folder)
            found = audit(specs)
            for address, text in site.pages(found).items():
                files.write(folder / address, text)
    except ArchError as error:
        shared.show_errors(error, args)
        return shared.WRONG
    show(found.diagnostics, args.all)
    pages, index = number_of(len(specs), "page"), printable(str(folder / "index.html"))
    print(f"wrote {pages} in {printable(str(folder))}: open {index}")
    return shared.HOLDS if found.holds else shared.WRONG


@contextmanager
def _said_so_far(site: Site, specs: Sequence[str], folder: Path) -> Iterator[None]:
    """Where a site is not done, as it is interrupted or a page cannot be written, say how far it is."""
    try:
        yield
    except (ArchError, KeyboardInterrupt):
        done = f"{site.done} of {len(specs)} pages are done in {printable(str(folder))}"
        print(f"archspec: the site is not: {done}; the same command writes all of it", file=sys.stderr)
        raise


def _add(spec: str, site: Site, folder: Path) -> None:
    """Write the page of a spec, a request of its own; one that is not valid is noted, and told with the others."""
    with request():
        try:
            text = site.add(spec)
        except ArchError as error:
            site.refuse(spec, error.diagnostics[0].message)
            return
    files.write(folder / site.addresses[spec], text)
    site.done += 1
