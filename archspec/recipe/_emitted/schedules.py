"""What follows the error of a training."""

from __future__ import annotations

import math
from typing import Any

FACTOR, PATIENCE, TIMES = 10, 5, 3


class Plateau:
    """What the learning rate is multiplied by: less with every plateau of the error.

    Divided by FACTOR where it has not fallen for PATIENCE epochs, TIMES times at most.
    """

    # if resumes
    def __init__(self) -> None:
        self.factor = 1.0
        self.best = math.inf
        self.waited = 0
        self.divided = 0

    # else
    # factor, best, waited, divided = 1.0, math.inf, 0, 0
    #
    # end
    # if resumes
    def update(self, error: float) -> bool:
        # else
        # def update(self, error: float) -> None:
        # end
        # if resumes
        """Takes the error of an epoch; whether the rate is divided for the next."""
        # else
        # """Takes the error of an epoch."""
        # end
        self.waited = 0 if error < self.best else self.waited + 1
        self.best = min(self.best, error)
        # if resumes
        if self.waited < PATIENCE or self.divided == TIMES:
            return False
        self.factor /= FACTOR
        self.waited = 0
        self.divided += 1
        return True
        # else
        # if self.waited >= PATIENCE and self.divided < TIMES:
        #     self.factor /= FACTOR
        #     self.waited, self.divided = 0, self.divided + 1
        # end

    # if resumes
    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        vars(self).update(state)

    # end
