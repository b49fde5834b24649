r"""Text as TeX sets it: every sign that means something to TeX is written as a command that prints it.

What is no letter of ASCII and has no command prints by ``\archspecunicode``, which the figure defines.
"""

from __future__ import annotations

import unicodedata

from archspec.render.tex_text import ACCENTS, GREEK, SIGNS

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedblright{}",
    "`": r"\`{}",
}
_SAME_TWICE = "-',?!"
"""Signs two of which TeX joins to another one."""
_RAISED = {"²": "^2", "³": "^3", "¹": "^1"}
_LETTERS = {
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "å": r"\aa{}",
    "Å": r"\AA{}",
    "ı": r"\i{}",
    "…": r"\dots{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "¡": r"\textexclamdown{}",
    "¿": r"\textquestiondown{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "©": r"\copyright{}",
    "®": r"\textregistered{}",
    "™": r"\texttrademark{}",
    "•": r"\textbullet{}",
    "£": r"\pounds{}",
    "\xa0": "~",
}
_KNOWN = (
    _SPECIAL | _LETTERS | {sign: rf"\ensuremath{{{command}}}" for sign, command in (SIGNS | GREEK | _RAISED).items()}
)
_CONTROLS = dict.fromkeys([*range(32), 127], "?")


def tex(text: str) -> str:
    """The text as TeX, on one line; no sign of it is a command, a comment or an end of a group."""
    letters = " ".join(text.split())
    written = []
    for before, letter in zip(" " + letters, letters, strict=False):
        parted = r"\mbox{}" if before == letter and letter in _SAME_TWICE else ""
        written.append(parted + _letter(letter))
    return "".join(written)


def commented(text: str) -> str:
    """The text as a comment of one line of ASCII."""
    return " ".join(text.split()).encode("ascii", "replace").decode().translate(_CONTROLS)


def _letter(letter: str) -> str:
    known = _KNOWN.get(letter)
    if known is not None:
        return known
    if " " <= letter <= "\x7e":
        return letter
    parts = unicodedata.normalize("NFD", letter)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS:
        base = rf"\{parts[0]}{{}}" if parts[0] in "ij" and parts[1] != "\u0327" else parts[0]
        return rf"\{ACCENTS[parts[1]]}{{{base}}}"
    if unicodedata.category(letter)[0] == "C":  # controls, which a font may have other letters for
        return f"U+{ord(letter):04X}"
    return rf"\archspecunicode{{{ord(letter):04X}}}"
