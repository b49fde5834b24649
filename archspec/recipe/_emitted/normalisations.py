"""Images as what a network takes, one by one; the full program has the device do it to a batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

MEAN, STD = [0.5], [0.25]


# if shifts
def normalise(picture: Any, shift: Tensor | float = 0.0) -> Tensor:
    # else
    # def normalise(picture: Any) -> Tensor:
    # end
    """A picture as what the network takes: C x H x W."""
    from torchvision.transforms import v2

    mean, std = (255 * torch.tensor(e).view(-1, 1, 1) for e in (MEAN, STD))
    # if shifts
    return torch.sub(v2.functional.pil_to_tensor(picture), mean - shift).mul_(1 / std)
    # else
    # return torch.sub(v2.functional.pil_to_tensor(picture), mean).mul_(1 / std)
    # end
