"""What is said about a recipe; the docstrings are what `archspec explain` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.diagnostics import Diagnostic, Span, explained
from archspec.ir.recipe import Setting
from archspec.naming import suggest
from archspec.recipe import SETTINGS
from archspec.recipe.part import Contradiction

COLUMNS = "a column of a recipe is `setting`, `value`, `source` or a variant"
ELSEWHERE = {
    "learning rate": "lr",
    "learning_rate": "lr",
    "schedule": "lr",
    "dataset": "data",
    "batch size": "batch",
    "batch_size": "batch",
    "steps": "iterations",
    "augmentation": "augment",
    "normalise": "normalize",
    "normalization": "normalize",
    "label_smoothing": "label smoothing",
    "initialization": "init",
    "warm-up": "lr",
    "warmup": "lr",
    "momentum": "optimizer",
    "weight decay": "optimizer",
    "weight_decay": "optimizer",
    "clipping": "clip",
    "gradient clipping": "clip",
    "clip gradients": "clip",
    "ema": "average",
    "weight averaging": "average",
    "polyak": "average",
    "polyak averaging": "average",
    "not said": "left out",
    "omitted": "left out",
}
"""Names that settings have elsewhere."""


@explained("E1001")
def unknown_setting(span: Span, name: str) -> Diagnostic:
    """A row of a `train` table names a setting that does not exist.

    The settings are `data`, `optimizer`, `lr`, `batch`, `epochs` or `iterations`, `init`, `label smoothing`, `clip`,
    `average`, `augment`, `normalize`, `test`, `ensemble`, `paper error` and `left out`. Momentum and weight decay are
    arguments of the optimizer, and warm-up is a part of `lr`. Dropout and drop-path are layers of the network.
    """
    other = ELSEWHERE.get(name.lower())
    inside = other is not None and name.lower() in ("momentum", "weight decay", "weight_decay", "warm-up", "warmup")
    help = f"write it in the row `{other}`" if inside else f"did you mean `{other}`?" if other else None
    return Diagnostic(
        "E1001", f"there is no setting `{name}`", span, "unknown setting", help=help or suggest(name, SETTINGS)
    )


@explained("E1002")
def not_understood(span: Span, setting: str, text: str, forms: Sequence[str], near: str | None = None) -> Diagnostic:
    """A recipe says something that its setting does not know.

    Parts of a setting are separated by `;`, the arguments of a part by `,`. docs/training.md lists what each setting
    may say. Lengths and points in time are in `epochs` or `iterations`.
    """
    notes = (f"`{setting}` may say " + ", ".join(f"`{form}`" for form in forms),) if forms else ()
    help = f"did you mean `{near}`?" if near else None
    return Diagnostic("E1002", f"`{setting}` cannot say `{text}`", span, "not understood", notes=notes, help=help)


@explained("E1003")
def wrong_value(span: Span, of: str, name: str, expected: str, known: Iterable[str]) -> Diagnostic:
    """An argument of a part of a recipe is missing, unknown, of the wrong unit or out of bounds."""
    spoken = name.replace("_", " ") if name.startswith("no_") else name
    if name not in known:
        message = f"`{of}` has no argument `{spoken}`"
        return Diagnostic("E1003", message, span, "unknown argument", help=suggest(name, known))
    return Diagnostic("E1003", f"`{spoken}` of `{of}` does not fit", span, f"must be {expected}")


@explained("E1004")
def missing_settings(span: Span | None, names: Sequence[str]) -> Diagnostic:
    """A recipe lacks what no default can stand for: data, optimizer, lr, batch, and epochs or iterations."""
    listed = ["epochs` or `iterations" if name == "epochs" else name for name in names if name != "iterations"]
    what = ", ".join(f"`{name}`" for name in listed)
    return Diagnostic("E1004", f"the recipe has no {what}", span, "this recipe", help=f"add a row for {what}")


def holds_nowhere(setting: Setting, name: str) -> Diagnostic:
    """E1004 for a setting whose parts all stand under conditions of which none holds."""
    message = f"nothing that the recipe says of `{name}` holds for these parameters"
    help = "set the parameters so that a condition holds, or write a part without one"
    return Diagnostic("E1004", message, setting.place, "none of these conditions", help=help)


@explained("E1005")
def setting_twice(span: Span, name: str, first: Span) -> Diagnostic:
    """A setting stands in two rows of a recipe, an argument twice in a part, or one thing is given several times."""
    second = (first, "first time")
    help = "join the rows by `;`" if name in SETTINGS else "leave one of them out"
    return Diagnostic("E1005", f"`{name}` is set twice", span, "second time", second=second, help=help)


def one_part(span: Span, name: str) -> Diagnostic:
    """E1005 for a second part of a setting that has one."""
    return Diagnostic("E1005", f"`{name}` is one thing", span, "a second one", help="leave one of them out")


@explained("E1006")
def contradiction(span: Span | None, wrong: Contradiction) -> Diagnostic:
    """The parts of a recipe contradict each other, such as a rate that is divided after the end."""
    notes = (f"why: {wrong.why}",) if wrong.why else ()
    return Diagnostic("E1006", wrong.message, span, "in this recipe", notes=notes, help=wrong.help)


@explained("E1007")
def no_such_variant(span: Span, name: str, variants: Iterable[str], variant: str | None) -> Diagnostic:
    """`init` starts from the weights of a variant that the family does not have, or from its own."""
    if name == variant:
        message = f"`{name}` cannot start from its own weights"
        return Diagnostic("E1007", message, span, "itself", help="add a condition or a column of the variant")
    help = suggest(name, variants)
    return Diagnostic("E1007", f"there is no variant `{name}` to start from", span, "unknown variant", help=help)


@explained("E1008")
def no_recipe(span: Span | None, name: str | None = None) -> Diagnostic:
    """A training program is asked for and the spec has no recipe, or `train` has no table."""
    message = f"`{name}` has no recipe to train by" if name else "`train` has no table"
    help = "write a `train` table: data, optimizer, lr, batch, epochs; docs/training.md shows how"
    return Diagnostic("E1008", message, span, "here" if span else "", help=help)
