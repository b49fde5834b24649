"""What torch has as a function is that in the emitted code, and computes what the spec says, through all of torch's tools."""

from __future__ import annotations

from pathlib import Path

import expert
import pytest
from second_witness import examine

from archspec import loads

pytestmark = pytest.mark.torch

HEAD = "network n(classes=5, s=0.3, w=6)\ninput 8x8x8\n\nevery conv: conv; relu\n\n"
CASES = {
    "parts of the channels": (
        "block b = concat of\n| a | channel-split 1, 2 |\n| b | channel-split 2, 2; conv 3x3, in |\n\n| b x 2 |\n",
        ["x1, x2 = x.chunk(2, dim=1)", "x = torch.cat([x1, self.b(x2)], dim=1)"],
    ),
    "parts in another order": (
        "block b = concat of\n| a | channel-split 2, 2 |\n| b | channel-split 1, 2; conv 3x3, in |\n\n| b |\n",
        ["torch.cat([x.chunk(2, dim=1)[1], self.b(x.chunk(2, dim=1)[0])], dim=1)"],
    ),
    "a part that is scaled": (
        "block b = concat of\n| a | channel-split 1, 2; scale 0.5 |\n| b | channel-split 2, 2; scale -1; conv 3x3, 4 |\n\n| b |\n",
        ["x1, x2 = x.chunk(2, dim=1)", "x = torch.cat([0.5 * x1, self.b(-x2)], dim=1)"],
    ),
    "a difference": (
        "block b = add of\n| a | conv 3x3, in |\n| b | conv 1x1, in; scale -1 |\n\n| b |\n",
        ["x = self.a(x) - self.b(x)"],
    ),
    "the input less a branch": (
        "block b = add of\n| identity |\n| conv 3x3, in; scale -1 |\nthen relu\n\n| b x 2 |\n",
        ["x = self.relu(x - self.residual(x))"],
    ),
    "a branch less the input": (
        "block b = add of\n| scale -1 |\n| conv 3x3, in |\n\n| b |\n",
        ["x = -x + self.residual(x)"],
    ),
    "a product": (
        "block b = multiply of\n| a | conv 3x3, in |\n| b | conv 1x1, in; scale 0.5 |\n\n| b |\n",
        ["x = self.a(x) * (0.5 * self.b(x))"],
    ),
    "an argument of the network": (
        "block b(k) = add of\n| identity |\n| conv 3x3, in; scale k |\n\n| b s |\n| b s/2 |\n",
        ["self.k = k", "x = x + self.k * self.residual(x)"],
    ),
    "channels by an argument": (
        "block b(k) = concat of\n| a | channels 1..k |\n| b | channels k + 1..in; conv 3x3, in |\n\n| b w |\n",
        ["b = self.b(x[:, self.first - 1 : self.in_channels])", "x = torch.cat([x[:, : self.k], b], dim=1)"],
    ),
    "a scaled vector over a map": (
        "block b = multiply of\n| identity |\n| g | global-avgpool; flatten; fc in; scale 2 |\n\n| b |\n",
        ["x = x * (2.0 * self.g(x)[:, :, None, None])"],
    ),
    "rows": (
        "| layer | op | from |\n|-|-|-|\n| a | channels 1..3 | in |\n| b | channels 4..8; conv 3x3, 3 | in |\n"
        "| c | conv 1x1, 3; scale -1 | b |\n| d | add; scale 0.5 | a, c |\n| e | concat; scale 2; conv 1x1, 2 | b, d |\n",
        ["x[:, :3]", "self.b(x[:, 3:8])", "-self.c(b)", "0.5 * (a + c)", "self.e(2.0 * torch.cat([b, d], dim=1))"],
    ),
    "many parts, which need lines of their own": (
        "block b = concat of\n"
        + "".join(f"| a_long_name_{i} | channels {i}..{i + 1}; scale 0.25; conv 3x3, 2 |\n" for i in range(1, 7))
        + "\n| b |\n",
        ["x = torch.cat("],
    ),
    "a condition asks for it": (
        "block b(c, s=1) = add of\n| residual | conv 3x3, c, /s; scale 0.5 |\n| shortcut | identity if in == c and s == 1 |\n\n"
        "| b 8 |\n| b 12, /2 |\n",
        ["x = 0.5 * self.residual(x) + x"],
    ),
    "in the middle it is a module": (
        "block b = add of\n| identity |\n| conv 3x3, in; scale 0.5; conv 3x3, in |\n\n| b |\n",
        ["Scale(0.5)"],
    ),
}
each = pytest.mark.parametrize(("body", "lines"), CASES.values(), ids=CASES)


@each
def test_it_computes_what_the_spec_says(body: str, lines: list[str]) -> None:
    text = HEAD + body.rstrip("\n") + ("\n| fc classes |\n" if "from" not in body else "")
    source = loads(text).source()
    for line in lines:
        assert line in source, source
    found = examine(text, [{"s": 0.7}])
    assert not found.refused
    assert not found.faults, found.faults


@pytest.mark.slow
@each
def test_the_tools_of_torch_take_it(body: str, lines: list[str]) -> None:
    found = examine(HEAD + body, whole=True)
    assert not found.faults, found.faults


@expert.one_worker
@pytest.mark.parametrize(
    "tool",
    [
        expert.param(expert.CHECK, "ruff check"),
        expert.param(expert.FORMAT, "ruff format"),
        expert.param(expert.MYPY, "mypy"),
    ],
)
def test_the_code_is_that_of_an_expert(tool: tuple[str, ...], tmp_path: Path) -> None:
    for i, (body, _) in enumerate(CASES.values()):
        (tmp_path / f"n{i}.py").write_text(loads(HEAD + body).source(), "utf-8")
    expert.assert_passes(tool, *sorted(path.name for path in tmp_path.glob("*.py")), folder=tmp_path)


def test_a_branch_is_named_after_the_module_behind_its_functions() -> None:
    text = """
network n
input 8x8x8

block b = concat of
| channel-split 1, 2; avgpool 3x3, /1, pad=1 |
| channel-split 2, 2; conv 3x3, 4            |

| b |
"""
    source = loads(text).source()
    assert "self.pool = nn.AvgPool2d(" in source
    assert "self.conv3x3 = nn.Conv2d(" in source
