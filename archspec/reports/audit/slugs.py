"""Names of files and anchors for titles and places, of whatever letters these are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from unicodedata import normalize

DIGITS = 8
"""Of the number that stands for letters which a name cannot have."""


def slug(text: str) -> str:
    """A text as a name of letters, digits and hyphens; where other letters are lost, with a number for the whole."""
    plain = normalize("NFKD", text.lower())
    name = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not "\u0300" <= c <= "\u036f")).strip("-")
    lost = any(c.isalnum() and not c.isascii() for c in plain)
    number = [sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]] * (lost or not name)
    return "-".join([*([name] if name else []), *number])


def slugs(texts: Iterable[str]) -> list[str]:
    """A name for each text; of those that would have one name, the later ones get a number as well."""
    found: dict[str, None] = {}
    given: Counter[str] = Counter()
    for text in texts:
        made = name = slug(text)
        while made in found:
            given[name] += 1
            made = f"{name}-{given[name] + 1}"
        found[made] = None
    return [*found]
