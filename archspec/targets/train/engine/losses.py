"""Losses over a run: whether it diverges, or only has a spike from which it may recover."""

from __future__ import annotations

import math

from archspec.targets.train.engine.recipe import CLASSES

# Losses over a run.

HIGH = 10  # times the loss of the first step, or of guessing where that is higher
WINDOW = 500  # steps in all of which a loss that high is a divergence


class Losses:
    """What the means of the loss say, from one look at it to the next.

    A run has diverged where the loss is not a finite number, or was high at every look
    for a window of steps, or is at the end. The window of a short run is a twentieth of
    it. A loss that is high for less is a spike.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.window: int = max(1, min(WINDOW, steps // 20))
        self.high_since = 0  # the step at which a high loss was first seen, or 0
        self.kept_high = False  # whether the last checkpoint was written since then

    def restore(self, high_since: int) -> None:
        """Takes over what a checkpoint says."""
        self.high_since, self.kept_high = high_since, high_since > 0

    def verdict(self, step: int, loss: float, first: float) -> str:
        """What a loss says: "" if it is as it should be, or how it came to be or not.

        It is "diverged", "spike" at the first high one, "high" at others, and "back" at
        the first that is not.
        """
        if not math.isfinite(loss):
            return "diverged"
        before = self.high_since
        if loss <= HIGH * max(first, math.log(CLASSES)):
            self.high_since = 0
            return "back" if before else ""
        self.high_since = before or step
        if step >= self.steps or (before and step - before >= self.window):
            return "diverged"
        return "high" if before else "spike"
