"""What the paper does and the recipe leaves out, in the words of the spec: ``class-balanced batches``."""

from __future__ import annotations

from typing import ClassVar

from archspec.recipe.part import Part, text


class Omission(Part):
    """What the paper does and the recipe does not, in any words: `batches with balanced classes`.

    `;` separates several; `nothing` takes them away. The program says it in its docstring.
    """

    setting: ClassVar[str] = "left out"
    forms: ClassVar[tuple[str, ...]] = ("{what}",)

    what = text()
