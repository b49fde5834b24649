"""``zero last norm`` in random residual blocks, beside a witness that runs each branch with one norm at zero."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

import pytest
import torch
from torch import Tensor, nn

from archspec import ArchError, loads

TAILS = [
    *("bn", "bn if n", "bn affine=affine", "bn; relu", "bn; drop-path 0.1", "bn if n; dropout 0.1", "bn; scale 0.5"),
    *("layernorm", "layernorm no affine", "bn; se", "bn if n; se", "bn; layer-scale 0.1", "bn affine=affine; se"),
    *("drop-path 0.1 if n", "bn; avgpool 3x3, /1, pad=1", "grn", "bn; drop-path 0.1 if affine", "bn; silu", "chain"),
]
CHEAP = [TAILS.index(tail) for tail in ("bn if n", "bn affine=affine", "bn; relu", "bn; drop-path 0.1", "bn; se")]
HEAD = """network a(classes=10)
input 8x8x1
every conv: conv no bias; bn; relu
"""
BLOCKS = {
    "se": """
block se = multiply of
| identity |
| global-avgpool; conv 1x1, in/2; conv 1x1, in, no relu; sigmoid |
""",
    "chain": """
block chain
| layer | op |
|---|---|
| a | conv 1x1, in |
| b | conv 1x1, in, no relu |
""",
}
RECIPE = """
train
| setting | value | source |
|---|---|---|
| data | digits | s |
| optimizer | sgd | s |
| lr | 0.1 | s |
| batch | 8 | s |
| epochs | 2 | s |
| init | he; zero last norm | s |
"""
NORMS = ("BatchNorm2d", "LayerNorm2d")


def written(tail: str, uses: str, body: str = "conv 3x3, c; conv 3x3, c, no bn, no relu") -> str:
    used = "".join(text for name, text in BLOCKS.items() if name in tail.split("; "))
    parameters = ", ".join(["c", *(f"{name}=yes" for name in flags(tail))])
    return f"""{HEAD}{used}
block b({parameters}) = add of
| residual | {body}; {tail} |
| shortcut | shortcut c |

| layer | op |
|---|---|
| r0 | conv 3x3, 4 |
| r1 | {uses} |
| p | global-avgpool |
| fc | fc classes |
{RECIPE}"""


def flags(tail: str) -> list[str]:
    """What a block with that tail asks of its uses."""
    return [name for name, asked in (("n", "if n"), ("affine", "=affine"), ("affine", "if affine")) if asked in tail]


def random_uses(random: Random, tail: str) -> str:
    def said() -> str:
        return "".join(f", {name}=no" for name in flags(tail) if random.random() < 0.5)

    return "; ".join(f"b {random.choice([4, 8])}{said()}" for _ in range(3))


def blocks(model: nn.Module) -> list[nn.Module]:
    return [module for module in model.modules() if hasattr(module, "residual")]


def scaled(module: nn.Module) -> Iterator[nn.Module]:
    """The norms in a module that have a scale."""
    for found in module.modules():
        if type(found).__name__ in NORMS and isinstance(getattr(found, "weight", None), Tensor):
            yield found


def entering(branch: nn.Module) -> int:
    return next(m.in_channels for m in branch.modules() if isinstance(m, nn.Conv2d))


def ends(branch: nn.Module, norm: nn.Module) -> bool:
    """Whether a branch is zero where the scale of the norm is, and then tells that scale how to change."""
    weight = norm.weight
    assert isinstance(weight, Tensor)
    before = weight.detach().clone()
    nn.init.zeros_(weight)
    y = branch(torch.rand(2, entering(branch), 8, 8))
    branch.zero_grad()
    (y * torch.rand_like(y)).sum().backward()
    learns = weight.grad is not None and bool(weight.grad.any())
    with torch.no_grad():
        weight.copy_(before)
    return not y.any() and learns


def end(branch: nn.Module) -> list[nn.Module]:
    """The last norm that ends a branch, if any; every scale is 1 while it is looked for."""
    for norm in scaled(branch):
        nn.init.ones_(norm.weight)  # type: ignore[arg-type]
    found = [norm for norm in scaled(branch) if norm in last_of(branch) and ends(branch, norm)]
    return found[-1:]


def last_of(branch: nn.Module) -> list[nn.Module]:
    """The norms behind the last convolution on the branch's own way."""
    layers = [*own(branch)]
    convolutions = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    return layers[convolutions[-1] :]


def own(module: nn.Module) -> Iterator[nn.Module]:
    if not isinstance(module, nn.Sequential):
        yield module
        return
    for child in module:
        yield from own(child)


pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed in CHEAP else pytest.mark.slow) for seed in range(2 * len(TAILS))]
)
def test_the_norm_that_starts_at_zero_is_the_one_that_ends_its_residual_branch(seed: int) -> None:
    random = Random(seed)
    torch.manual_seed(seed)
    tail = TAILS[seed % len(TAILS)]
    found = loads(written(tail, random_uses(random, tail)))
    ast.parse(found.source())
    model = found.build().eval()
    zeroed = [not norm.weight.any() for norm in scaled(model)]  # type: ignore[operator]
    other = found.build().eval()
    wanted = [norm for block in blocks(other) for norm in end(block.residual)]  # type: ignore[arg-type]
    assert zeroed == [any(norm is each for each in wanted) for norm in scaled(other)], tail
    assert_learns(model)
    assert not (wanted and "E1006" in {each.code for each in found.diagnostics})


def assert_learns(model: nn.Module) -> None:
    """After one step gradients reach all convolutions of the branches that start as zeros."""
    weights = [m.weight for b in blocks(model) if starts_at_zero(b) for m in b.modules() if isinstance(m, nn.Conv2d)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, labels = torch.rand(4, 1, 8, 8), torch.arange(4)
    for _ in range(2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert all(weight.grad is not None and weight.grad.any() for weight in weights)


def starts_at_zero(block: nn.Module) -> bool:
    return any(not norm.weight.any() for norm in scaled(block))  # type: ignore[operator]


@pytest.mark.parametrize(
    "tail",
    ["bn affine=no", "layernorm no affine", "grn", "bn; relu", "drop-path 0.1"],
)
def test_where_no_branch_ends_in_a_norm_that_is_said_and_the_code_is_still_python(tail: str) -> None:
    found = loads(written(tail, "b 4 x 2"))
    (said,) = [each for each in found.diagnostics if each.severity == "error"]
    assert said.code == "E1006"
    assert said.span is not None
    assert not found.holds
    ast.parse(found.source())
    with pytest.raises(ArchError, match="no residual branch that ends with a norm"):
        found.training()


def test_two_branches_of_one_depth_are_no_residual_branch_and_its_shortcut() -> None:
    text = written("bn", "b 4").replace("| shortcut | shortcut c |", "| other | conv 1x1, c; conv 1x1, c, no relu |")
    assert "E1006" in {each.code for each in loads(text).diagnostics}


def test_a_projection_does_not_make_a_branch_of_one_convolution_less_of_a_residual_one() -> None:
    model = loads(written("bn", "b 4; b 8", "conv 3x3, c, no bn, no relu")).build()
    zeroed = [name for name, p in model.named_parameters() if name.endswith("weight") and not p.any()]
    assert zeroed == ["r1.0.residual.1.weight", "r1.1.residual.1.weight"]


def test_a_row_without_a_bias_is_said_where_the_spec_is_checked() -> None:
    text = written("bn", "b 4").replace("zero last norm", "bias 1 in r0")
    (said,) = [each for each in loads(text).diagnostics if each.severity == "error"]
    assert (said.code, said.message) == ("E1009", "row `r0` has no layer with a bias")
