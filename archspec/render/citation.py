"""The key by which a paper is cited, from what a spec says of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from archspec.ir.network import Paper

SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "into", "of", "on", "the", "to", "with"])
"""Words that no key begins with."""
NAME = r"(?:[^\W\d_][\w.'’-]* )*(?P<{}>[^\W\d_][\w'’-]+)"
AUTHORS = re.compile(
    NAME.format("first") + r"(?: et al\.?| (?:and|&) " + NAME.format("second") + r")(?:,? \(?(?P<year>\d{4})[a-z]?\)?)?"
)
"""A reference that names authors: ``Simonyan and Zisserman (2015)``, ``Kaiming He et al.``."""
ARXIV = re.compile(r"arXiv:\s*(\d\d)(?:0[1-9]|1[0-2])\.\d{4,5}", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:.+/_-]{0,199}")
LONGEST = 60


def is_key(text: object) -> bool:
    """Whether a text may be the key of a paper: no character of it means anything to TeX, BibTeX or Typst."""
    return isinstance(text, str) and KEY.fullmatch(text) is not None


def keys_of(papers: Iterable[Paper]) -> dict[str, Paper]:
    """The key of each paper; two of one key are one, as a paper may be named twice."""
    found: dict[str, Paper] = {}
    for paper in papers:
        found.setdefault(key_of(paper), paper)
    return {key: paper for key, paper in found.items() if key}


def key_of(paper: Paper) -> str:
    """``he2016deep``: first author, year and first word of the title; ``deepresiduallearning2015`` without authors.

    Without authors it is the first three words of the title and the year, which is that of the reference to arXiv, or
    else the first one among the references. Words such as `the` and `of` do not count.
    """
    authors = next(filter(None, map(AUTHORS.fullmatch, map(str.strip, paper.references))), None)
    words = [word for word in re.findall(r"[a-z0-9]+", _plain(paper.title)) if word not in SMALL]
    if authors is None or not authors["first"][0].isupper():
        return ("".join(words[:3]) + _year(paper))[:LONGEST]
    return (re.sub(r"[^a-z]", "", _plain(authors["first"])) + (authors["year"] or _year(paper)) + "".join(words[:1]))[
        :LONGEST
    ]


def _year(paper: Paper) -> str:
    said = " ".join(paper.references)
    if (arxiv := ARXIV.search(said)) is not None:
        return f"20{arxiv[1]}"
    year = YEAR.search(ARXIV.sub("", said))
    return year[0] if year else ""


def _plain(text: str) -> str:
    """Small letters without accents, so that words are what keys may hold."""
    return unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()
