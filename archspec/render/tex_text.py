"""Text as TeX takes it literally, whatever it holds: no character of a spec is a command, and any TeX can set it."""

from __future__ import annotations

import re
import unicodedata

from archspec.support.terminal import printable

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    # Behind the end of a row these would be its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    # Two of them would be one sign.
    "-": "-{}",
    "'": "'{}",
    ",": ",{}",
    "?": "?{}",
    "!": "!{}",
    **{c: f"\\{c}" for c in "{}#$%&_"},
}
"""Characters of ASCII that TeX takes for something else, alone or doubled."""
DOUBLED = "-',?!"
"""Those of which TeX makes something else only where another sign follows."""
SIGNS = {
    "×": r"\times",
    "·": r"\cdot",
    "÷": r"\div",
    "±": r"\pm",
    "−": "-",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "∞": r"\infty",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow",
    "√": r"\surd",
    "✓": r"\surd",
    "✔": r"\surd",
    "✗": r"\times",
    "∑": r"\sum",
    "∏": r"\prod",
    "∈": r"\in",
    "∘": r"\circ",
    "⊕": r"\oplus",
    "⊗": r"\otimes",
    "⊙": r"\odot",
    "¬": r"\neg",
    "°": r"^\circ",
    "µ": r"\mu",
}
"""Characters that are signs of mathematics."""
GREEK = {
    chr(code): "\\" + name
    for start, names in (
        (0x3B1, "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi . pi rho"),
        (0x3C3, "sigma tau upsilon phi chi psi omega"),
    )
    for code, name in enumerate(names.split(), start)
    if name != "."
} | {"Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Π": r"\Pi", "Σ": r"\Sigma", "Φ": r"\Phi"}
GREEK |= {"Ξ": r"\Xi", "Υ": r"\Upsilon", "Ψ": r"\Psi", "Ω": r"\Omega"}
PLAIN = {
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "‘": "`",
    "’": "'{}",
    "“": "``",
    "”": "''",
    "•": r"\textbullet{}",
    "§": r"\S{}",
    "ß": r"\ss{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "\xa0": "~",
}
ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
"""Combining accents, as the commands that set them in any font: an ogonek is in no old one."""
RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻]+")
LOWERED = re.compile("[₀-₉]+")


def escaped(text: str) -> str:
    """A text as TeX sets it; a character that no TeX has is shown by its number, U+4E2D."""
    plain = printable(text)
    parts: list[str] = []
    at = 0
    for run in re.finditer(f"{RAISED.pattern}|{LOWERED.pattern}", plain):
        parts += [_literally(plain[at : run.start()]), _shifted(run[0])]
        at = run.end()
    return "".join([*parts, _literally(plain[at:])])


def comment(text: str) -> str:
    """A text behind a ``%``, which ends with its line."""
    return printable(text)


def _literally(text: str) -> str:
    return "".join(
        c if c in DOUBLED and text[i + 1 : i + 2] not in tuple(DOUBLED + "`") else _character(c)
        for i, c in enumerate(text)
    )


def _character(c: str) -> str:
    if c in SPECIAL:
        return SPECIAL[c]
    if c.isascii():
        return c
    if c in PLAIN:
        return PLAIN[c]
    sign = SIGNS.get(c) or GREEK.get(c)
    return f"${sign}$" if sign else _decomposed(c)


def _decomposed(c: str) -> str:
    """A letter with its accent, what else a character is in ASCII, or its number."""
    letters = unicodedata.normalize("NFKD", c)
    if len(letters) == 2 and letters[0].isascii() and letters[0].isalpha() and letters[1] in ACCENTS:
        letter = {"i": r"\i", "j": r"\j"}.get(letters[0], letters[0]) if letters[1] != "\u0327" else letters[0]
        return f"\\{ACCENTS[letters[1]]}{{{letter}}}"
    if letters.isascii():
        return _literally(letters)
    return rf"\texttt{{U+{ord(c):04X}}}"


def _shifted(run: str) -> str:
    """Digits above or below the line."""
    sign = "_" if LOWERED.fullmatch(run) else "^"
    return f"${sign}{{{unicodedata.normalize('NFKD', run).replace('−', '-')}}}$"
