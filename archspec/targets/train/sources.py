"""Text that the training program holds whatever the parts: sets of images, views of test images, dense evaluation."""

from __future__ import annotations

from archspec.recipe.part import filled, plain
from archspec.recipe.testing import Look
from archspec.targets.torch.layout import Bracket, lines

IMAGES = '''
class Images(Protocol):
    """Images and their labels, by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, int]: ...
'''
CENTRED = '''
class Centred:
    """Images as tensors less the mean training image, position by position."""

    def __init__(self, images: Images, mean: Tensor) -> None:
        self.images = images
        self.mean = mean

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        image, label = self.images[index]
        return values_of(image) - self.mean, label
'''
SUBTRACTING = """
training, held_out = open_sets(root)
mean = torch.zeros((), dtype=torch.float64)
for index in range(len(training)):
    mean = mean + values_of(training[index][0]).double() / len(training)
return Centred(training, mean.float()), Centred(held_out, mean.float())
"""
PICTURE = """
from torchvision.transforms.v2 import functional  # type: ignore[import-untyped]

picture: Tensor = functional.pil_to_tensor(image)
"""
VIEWS = '''
class Views:
    """An image as its views: a tensor V x C x H x W for each scale."""
'''
CALLED = """
    def __call__(self, image: Any) -> list[Tensor]:
        return [VIEWS for scale in self.scales]
"""
LOOKED = """    def _look(self, image: Tensor) -> Tensor:
        views = CUT
        return SEEN
"""
CROPS = '''
def crops_of(image: Tensor, number: int) -> Tensor:
    """The central crop, or ten crops of SQUARE: V x C x H x W.

    Ten are the corners, the centre and the mirror images of these five, as in
    Krizhevsky et al. 2012, section 4.1.
    """
    height, width = SIZE
    if number == 1:
        return central(image, height, width)[None]
CUT    crops = [
        image[:, :height, :width],
        image[:, :height, -width:],
        image[:, -height:, :width],
        image[:, -height:, -width:],
        central(image, height, width),
    ]
    return torch.stack([*crops, *(crop.flip(-1) for crop in crops)])


def central(image: Tensor, height: int, width: int) -> Tensor:
    """The middle of an image."""
    top = round((image.shape[-2] - height) / 2)
    left = round((image.shape[-1] - width) / 2)
    return image[..., top : top + height, left : left + width]
'''
DENSE = """
tensors = [*model.parameters(), *model.buffers()]
twin = copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})
for name, module in list(twin.named_modules()):
    row = name.partition(".")[0]
    if row in maps and isinstance(module, nn.Flatten):
        twin.set_submodule(name, nn.Identity())
    elif row in maps and isinstance(module, nn.Linear):
        twin.set_submodule(name, as_convolution(module, *maps[row]))
        maps[row] = (1, 1)  # what comes out of the first layer of a row
return nn.Sequential(twin, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
"""
AS_CONVOLUTION = '''
def as_convolution(layer: nn.Linear, height: int, width: int) -> nn.Conv2d:
    """The convolution that does to each window what a layer does to one flat map."""
    with torch.device("meta"):
        bias = layer.bias is not None
        channels = layer.in_features // (height * width)
        twin = nn.Conv2d(channels, layer.out_features, (height, width), bias=bias)
    twin.weight = nn.Parameter(layer.weight.view(twin.weight.shape))
    twin.bias = layer.bias
    return twin
'''


def values_of(pictures: bool, range: float) -> tuple[str, str]:
    """The type of an image, and the statements that make it values from 0 to ``range``."""
    if not pictures:
        return "Tensor", "return image" if range == 1 else f"return {plain(range)} * image"
    scaled = "picture / 255" if range == 1 else f"picture * ({plain(range)} / 255)"
    return "Any", f"{PICTURE}return {scaled}"


def views(look: Look) -> str:
    """The class that looks at an image."""
    names = ["scales", "crops", *["mirrored"] * look.doubles]
    types = ["Sequence[Callable[[Any], Tensor]]", "int | None" if look.crops is None else "int", "bool"]
    arguments = ["self", *map(": ".join, zip(names, types, strict=False))]
    return "\n".join(
        [
            VIEWS,
            *lines("def ", Bracket("__init__(", arguments, ")"), " -> None:", 4),
            *(f"        self.{name} = {name}" for name in names),
            *_looking(look),
        ]
    )


def _looking(look: Look) -> list[str]:
    """The methods that look: one where there is nothing to decide."""
    if look.crops is not None and not look.doubles:
        return [CALLED.replace("VIEWS", "crops_of(scale(image), self.crops)")]
    cut = "crops_of(image, self.crops)"
    cut = f"image[None] if self.crops is None else {cut}" if look.crops is None else cut
    seen = "torch.cat([views, views.flip(-1)]) if self.mirrored else views" if look.doubles else "views"
    return [CALLED.replace("VIEWS", "self._look(scale(image))"), filled(LOOKED, CUT=cut, SEEN=seen)]


def crops_of(size: tuple[int, int]) -> str:
    """The function that cuts an image."""
    square = size[0] == size[1]
    cut = "    side = min(image.shape[-2:])\n    image = central(image, side, side)\n" if square else ""
    whole = "the central square" if square else "the whole"
    return filled(CROPS, SIZE=f"{size[0]}, {size[1]}", CUT=cut, SQUARE=whole)
