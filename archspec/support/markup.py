"""Markdown in the cells of a pasted table, taken out so that every other character keeps its place."""

from __future__ import annotations

import re

BREAK = "\v"
"""What stands for a line break in a cell: the grammar reads it as `;`, and elsewhere it is a blank."""
SEPARATED = r"\s*\v\s*"
"""A break with the blanks around it, in the text of a cell."""
MARKUP = r'(?i:"[^"]*"|(?<![\w)])\*\*(?=\S)|(?<=\S)\*\*(?![\w(])|<br\s*/?>)'


def without_markup(line: str) -> str:
    """A line with plain blanks, and a row with blanks for ``**`` and a break for ``<br>``; texts in quotes stay."""
    line = line.replace("\xa0", " ")
    if ("**" not in line and "<" not in line) or not line.lstrip().startswith("|"):
        return line
    return re.sub(MARKUP, _plain, line)


def _plain(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == '"':
        return found
    return (BREAK if found[0] == "<" else " ").ljust(len(found))
