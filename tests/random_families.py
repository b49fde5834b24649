"""Random families whose variants differ in words, truth values, kernels and numbers."""

from __future__ import annotations

from random import Random

ACTIVATIONS = ("relu", "gelu", "silu", "hard-swish", "leaky-relu", "prelu", "sigmoid")
VALUES = {
    "act": ACTIVATIONS,
    "end": ACTIVATIONS[:4],
    "se": ("yes", "no"),
    "deep": ("yes", "no"),
    "k": ("3x3", "5x5", "1x1", "1x3"),
    "w": ("4", "8", "12"),
    "n": ("1", "2", "3"),
    "p": ("0", "0.1", "0.5"),
}


def family(seed: int) -> str:
    """A family of two to four variants, as the text of a spec."""
    rng = Random(seed)
    every = rng.choice(("conv no bias; bn", "conv no bias; bn; act", "conv; end"))
    squeeze = rng.choice(("se if se", "se in/2 if se", "se"))
    middle = rng.choice(("conv k, c; act", "conv 3x3, c; act", "conv k, c; act; conv 3x3, c if deep"))
    last = rng.choice(("", "; drop-path p", "; dropout p if p > 0", "; end"))
    inner = rng.choice(("unit w", "unit 2*w, /2", "unit w, se=se", "unit w, act=end"))
    arguments = {"unit w, se=se": ", se=no", "unit w, act=end": ", act=relu"}.get(inner, "")
    residual, shortcut = rng.choice((("residual | ", "shortcut | "), ("", "")))
    kept = rng.choice(("  then act", "  then end", ""))
    return f"""
network f({", ".join(f"{name}={values[0].split()[0]}" for name, values in VALUES.items())}, classes=5)
input 8x8x4
variants
{_table(rng)}
every conv: {every}

block se(r=4) = multiply of
| identity |
| global-avgpool; fc r; relu; fc in; sigmoid |

block unit(c{arguments}, stride=1) = add of
| {residual}{middle}; {squeeze}; conv 3x3, c, /stride{last} |
| {shortcut}shortcut c, /stride |
{kept.strip()}

block stage(c)
| unit c x 2 |

| stem | conv k, w{rng.choice(("", "; act", "; se if se", "; conv 3x3, w; act if se"))} |
| a | {inner} x n |
| b | {rng.choice(("stage 2*w", "unit 2*w, /2", "conv k, w; end"))} |
| fc | global-avgpool; fc classes{rng.choice(("", "; softmax"))} |
"""


def _table(rng: Random) -> str:
    columns = rng.sample([*VALUES], rng.randint(1, 4))
    rows = [["variant", *columns]]
    rows.append(["-"] * len(rows[0]))
    rows += [[f"v{i}", *(rng.choice(("", *VALUES[name])) for name in columns)] for i in range(rng.randint(2, 4))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
