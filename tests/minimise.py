"""A spec that fails made as small as it goes: lines, steps, arguments and expressions are taken out one by one.

What is left holds, and fails in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Fails = Callable[[str], bool]
MOST = 1_500
"""How many texts are tried."""
PLAIN = ["relu", "identity", "fc 2", "conv 1x1, 2"]
"""Steps that others are replaced by."""


def minimised(text: str, fails: Fails, most: int = MOST) -> str:
    """The smallest text found that still fails."""
    left = most
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in candidates(text):
            left -= 1
            if left <= 0:
                break
            if _size(candidate) < _size(text) and fails(candidate):
                text, smaller = candidate, True
                break
    return text


def fewest(settings: Mapping[str, Any], fails: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The settings without those that do not matter."""
    left = dict(settings)
    for name in settings:
        fewer = {key: value for key, value in left.items() if key != name}
        if fails(fewer):
            left = fewer
    return left


def _size(text: str) -> tuple[int, int, str]:
    """Smaller is better: shorter, then with smaller numbers."""
    return len(text), sum(int(n) for n in re.findall(r"\d+", text)), text


def candidates(text: str) -> Iterator[str]:
    """Smaller texts, the much smaller first."""
    lines = text.splitlines()
    width = len(lines) // 2
    while width:
        for start in range(len(lines) - width, -1, -1):
            yield _joined(lines[:start] + lines[start + width :])
        width //= 2
    for i in range(len(lines) - 1, -1, -1):
        yield from _without_row(lines, i)
    for i, line in enumerate(lines):
        for shorter in _shorter(line):
            yield _joined([*lines[:i], shorter, *lines[i + 1 :]])
    yield from _inlined(text)


def _joined(lines: list[str]) -> str:
    kept = [line for i, line in enumerate(lines) if line.strip() or (i and lines[i - 1].strip())]
    return "\n".join(kept) + "\n"


def _without_row(lines: list[str], i: int) -> Iterator[str]:
    """The text without a row, whose name others give up for that of a row above, or for none."""
    found = re.match(r"\| (?P<name>\w+) \| [^|]* \| [^|]* ?\|$", lines[i])
    if not found:
        return
    before = re.match(r"\| (\w+) \|", lines[i - 1]) if i else None
    for other in filter(None, [before and before[1], "in", ""]):
        rest = [re.sub(rf"\b{found['name']}\b", other, line) for line in lines[i + 1 :]]
        yield _joined(lines[:i] + rest)


def _inlined(text: str) -> Iterator[str]:
    """The text with one parameter or `let` written as its number."""
    for name, value in re.findall(r"(\w+)=([\w.]+)(?=[,)])", text.split("\n", 1)[0]):
        rest = text.split("\n", 1)
        head = re.sub(rf"(, )?\b{name}={re.escape(value)}", "", rest[0]).replace("(, ", "(").replace("()", "")
        yield head + "\n" + re.sub(rf"(?<![\w-]){name}(?![\w=-])", value, rest[1])


def _shorter(line: str) -> Iterator[str]:
    """A line with one piece less."""
    for pattern in (r" if [^;|\]]+(?=[;|\] ])", r" if [^;|\]]+$", r" x \w+", r"^\| [^|]* (?=\| [^|]* \|$)", r"\b\w+=[^,()|;]*, ", r",? \w+=[^,()|;]+",
                    r" (?:and|or) [^;|,]+?(?= and| or|;|\||$| else)", r"[^|;\[(]+?(?:and|or) ", r"not ", r" = \w+ of$", r"\(\w+\)$", r"; [^;|\[\]]+",
                    r"(?<=\| )[^;|\[\]]+; ", r"(?<=: )[^;|\[\]]+; ", r"(?<=then )[^;]+; ", r"(?<=\[)[^;\[\]]+; ", r", [^,;|()\[\]]+",
                    r"(?<=\| )\w+, (?=[^|]*\|$)", r"\b\w+, ", r"[-+*/] ?[\w.]+", r"[\w.]+ ?[-+*/] ?"):  # fmt: skip
        yield from _each(pattern, line, lambda m: [""])
    yield from _each(r"\[([^\[\]]*)\]", line, lambda m: [m[1], *m[1].split("; ")])
    yield from _each(r"\b(?:min|max|round_to|floor|ceil)\(([^()]*)\)", line, lambda m: m[1].split(", "))
    yield from _each(r"\(([^()]*) if ([^()]*) else ([^()]*)\)", line, lambda m: [m[1], m[3]])
    yield from _each(r"\(([^()]*)\)", line, lambda m: [m[1]])
    yield from _each(r"\b\d+\b", line, lambda m: ["1", "2", str(int(m[0]) // 2), str(max(int(m[0]) - 1, 1))])
    yield from _each(r"\b[a-z_]\w*(?=[-+*/ ,;|)])", line, lambda m: ["1", "2", "4", "c", "in"])
    yield from _each(r"(?<=[|;\[] )[a-z][^;|\[\]]*(?=[;| \]])", line, lambda m: PLAIN)
    if re.match(r"block \w\w+", line) is None:
        yield from _each(r"\b\dx\d\b", line, lambda m: ["1x1"])


def _each(pattern: str, line: str, instead: Callable[[re.Match[str]], list[str]]) -> Iterator[str]:
    """The line with each thing that fits a pattern replaced in turn."""
    for match in re.finditer(pattern, line):
        for other in instead(match):
            yield line[: match.start()] + other + line[match.end() :]
