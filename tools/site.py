"""Hooks of mkdocs: what pages that are read on GitHub need to become a site of their own.

Anchors are GitHub's, and a link to a file outside of ``docs/`` becomes the name of the file, as the site holds none.
"""

from __future__ import annotations

import re
from typing import Any

LINK = re.compile(r"\[([^\]\n]*)\]\(((?:\.\./)+|)([^)#\s:]+)(#[^)\s]*)?\)")


def slug(heading: str, separator: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", separator)


def on_config(config: Any) -> Any:
    """Name headings as GitHub does."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    return config


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Put the name of a file in the place of a link that leads out of the site."""
    depth = page.file.src_uri.count("/")

    def inside(match: re.Match[str]) -> str:
        said, up, path, _anchor = match.groups()
        if up.count("../") <= depth and not path.endswith(".json"):
            return match.group()
        return said if path.strip("/") in said.strip("`") else f"{said} (`{path}`)"

    return LINK.sub(inside, markdown)
