r"""Text as TeX sets it: every sign that means something to TeX is written as a command that prints it.

What is no letter of ASCII and has no command prints by ``\archspecunicode``, which the figure defines.
"""

from __future__ import annotations

import unicodedata

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
_MATHS = {
    "×": r"\times",
    "÷": r"\div",
    "−": "-",
    "±": r"\pm",
    "·": r"\cdot",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "∞": r"\infty",
    "√": r"\surd",
    "∑": r"\sum",
    "∏": r"\prod",
    "∈": r"\in",
    "∘": r"\circ",
    "⊕": r"\oplus",
    "⊗": r"\otimes",
    "⊙": r"\odot",
    "¬": r"\neg",
    "°": r"^\circ",
    "²": "^2",
    "³": "^3",
    "¹": "^1",
}
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
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
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0306": "u",
    "\u0304": "=",
    "\u0307": ".",
    "\u0327": "c",
}


def _greek(name: str) -> str:
    """The letter that TeX calls ``alpha`` or ``Gamma``."""
    size = "capital" if name[0].isupper() else "small"
    return unicodedata.lookup(f"greek {size} letter {name.lower().replace('lambda', 'lamda')}")


_KNOWN = (
    _SPECIAL
    | _LETTERS
    | {sign: rf"\ensuremath{{{command}}}" for sign, command in _MATHS.items()}
    | {_greek(name): rf"\ensuremath{{\{name}}}" for name in _GREEK.split()}
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
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in _ACCENTS:
        base = rf"\{parts[0]}{{}}" if parts[0] in "ij" and parts[1] != "\u0327" else parts[0]
        return rf"\{_ACCENTS[parts[1]]}{{{base}}}"
    if unicodedata.category(letter)[0] == "C":  # controls, which a font may have other letters for
        return f"U+{ord(letter):04X}"
    return rf"\archspecunicode{{{ord(letter):04X}}}"
