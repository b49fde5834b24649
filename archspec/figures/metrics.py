"""How wide a text is, by the widths of Helvetica: of Arial, Liberation Sans, Nimbus Sans and TeX Gyre Heros as well.

No font is opened: a figure comes out the same on every machine. The widths are those that Adobe publishes for the
standard fonts of PDF, in thousandths of the size.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from archspec.support.limits import MOST_REMEMBERED

_PLAIN = {
    191: "'",
    222: "ijl‚‘’",
    260: "|¦",
    278: " !,./:;I[\\]ft·",
    333: "()-`r„‹“”›¡¨¯²³´¸¹",
    334: "{}",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyzšžçýÿ",
    556: "#$0123456789?L_abdeghnopqu€–£¥§«µ»àáâãäåèéêëðñòóôõöùúûüþ",
    584: "+<=>~¬±×÷−≤≥",
    611: "FTZŽ¿ßø",
    667: "&ABEKPSVXYŠŸÀÁÂÃÄÅÈÉÊËÝÞ",
    722: "CDHNRUwÇÐÑÙÚÛÜ",
    737: "©®",
    778: "GOQÒÓÔÕÖØ",
    833: "Mm",
    889: "%æ",
    944: "Wœ",
    1000: "…—™Æ→",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl‚‘’·",
    280: "|¦",
    333: "!()-:;[]`ft‹›¡¨¯²³´¸¹",
    389: "*r{}",
    400: "°",
    474: '"',
    500: "z„“”ž",
    556: "#$0123456789J_aceksvxy€–š£¥§«»àáâãäåçèéêëýÿ",
    584: "+<=>^~¬±×÷−≤≥",
    611: "?FLTZbdghnopquŽµ¿ßðñòóôõöøùúûüþ",
    667: "EPSVXYŠŸÈÉÊËÝÞ",
    722: "&ABCDHKNRUÀÁÂÃÄÅÇÐÑÙÚÛÜ",
    737: "©®",
    778: "GOQwÒÓÔÕÖØ",
    833: "M",
    889: "%mæ",
    944: "Wœ",
    975: "@",
    1000: "…—™Æ→",
}
_WIDTHS = tuple({letter: width for width, letters in font.items() for letter in letters} for font in (_PLAIN, _BOLD))
_UNKNOWN, _WIDE = 722, 1000
"""What a letter of another alphabet takes at most in fonts of this kind, and one of two columns."""
ASCENT, DESCENT = 0.74, 0.21
"""How far letters reach above the baseline and below it, as shares of the size."""


@lru_cache(MOST_REMEMBERED)
def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text, in points."""
    known = _WIDTHS[bold]
    return sum([known.get(letter) or _other(letter) for letter in text]) * size / 1000


def height_of(size: float) -> tuple[float, float]:
    """How far a text of this size reaches above its baseline and below it, in points."""
    return ASCENT * size, DESCENT * size


def fitted(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than ``room`` points."""
    if width_of(text, size, bold) <= room:
        return text
    shortest, longest = 0, len(text)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if width_of(text[:middle].rstrip() + "…", size, bold) <= room:
            shortest = middle
        else:
            longest = middle - 1
    return text[:shortest].rstrip() + "…"


def wrapped(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """The text in lines of at most ``room`` points, broken at blanks; a word that is wider stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size, bold) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _other(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _UNKNOWN
