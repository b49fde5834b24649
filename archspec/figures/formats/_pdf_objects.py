"""The objects of a PDF file in an order of their own, as svg2pdf lists fonts in a new one each time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

HEADER = b"%PDF-1.5\n%\x80\x81\x82\x83\n"
"""The version of all that these files use: pdflatex warns of files that are newer than its own, as 1.7 is."""
_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)\s*(endobj|stream\r?\n)", re.DOTALL)
_LENGTH = re.compile(rb"/Length (\d+)")
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_FONTS = re.compile(rb"(/Font\s*<<)((?:\s*/\w+ \d+ 0 R)+)(\s*>>)")
_FONT = re.compile(rb"/\w+ \d+ 0 R")
_ROOT = re.compile(rb"/Root (\d+) 0 R")


class Part(NamedTuple):
    """An object: what is said of it, with references to others, and its stream if it has one."""

    head: bytes
    stream: bytes | None


def in_order(made: bytes, title: str) -> bytes:
    """The same file with its objects in the order in which they are referred to, and with a title."""
    parts = {number: _with_fonts_in_order(part) for number, part in _parts(made)}
    found = _ROOT.search(made, made.rindex(b"trailer"))
    assert found is not None
    order = _reached(int(found[1]), parts)
    places = {number: place for place, number in enumerate(order, 1)}
    objects = [_written(parts[number], places) for number in order]
    said = title.encode("utf-16-be", "replace").hex().encode()
    return _file([*objects, b"<<\n  /Title <feff" + said + b">\n  /Producer (archspec)\n>>"])


def _parts(made: bytes) -> Iterator[tuple[int, Part]]:
    place = 0
    while found := _OBJECT.search(made, place):
        place, stream = found.end(), None
        if found[3] != b"endobj":
            length = _LENGTH.search(found[2])
            assert length is not None
            stream = made[place : place + int(length[1])]
            place += len(stream)
        yield int(found[1]), Part(found[2], stream)


def _with_fonts_in_order(part: Part) -> Part:
    def ordered(found: re.Match[bytes]) -> bytes:
        return found[1] + b"".join(b"\n      " + font for font in sorted(_FONT.findall(found[2]))) + found[3]

    return part._replace(head=_FONTS.sub(ordered, part.head))


def _reached(root: int, parts: Mapping[int, Part]) -> list[int]:
    """The numbers of the objects, each behind the one that first refers to it."""
    order: dict[int, None] = {}
    left = [root]
    while left:
        number = left.pop()
        if number not in order:
            order[number] = None
            left += [int(other) for other in reversed(_REFERENCE.findall(parts[number].head))]
    return list(order)


def _written(part: Part, places: Mapping[int, int]) -> bytes:
    head = _REFERENCE.sub(lambda found: b"%d 0 R" % places[int(found[1])], part.head)
    return head if part.stream is None else head + b"\nstream\n" + part.stream + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """A file of these objects, of which the first is the root and the last says what the file is."""
    made, places = bytearray(HEADER), []
    for number, part in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n\r\n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<<\n  /Size %d\n  /Root 1 0 R\n  /Info %d 0 R\n>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(made) + b"xref\n0 %d\n0000000000 65535 f\r\n%b" % (size, table) + end % (size, size - 1, len(made))
