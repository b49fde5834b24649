"""Modules of torch as graphs of layers: each operation by a small module, whose spec gives the same numbers."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("torch")


from modules_to_import import CASES, By, Case, Gained
from torch import Tensor, nn

import archspec
from archspec import ArchError, ops
from archspec.importing.check import differences
from archspec.importing.graph import Graph, Scope
from archspec.importing.importing import spec_of
from archspec.importing.plain import plain, step
from archspec.importing.torch.reader import Unread, read
from archspec.importing.torch.rules import RULES
from archspec.importing.torch.skeletons import skeleton
from archspec.importing.torch.verify import verify
from archspec.op import Shape

pytestmark = pytest.mark.torch


def shape(dims: tuple[int, ...]) -> Shape:
    return Shape(dims[0]) if len(dims) == 1 else Shape(dims[2], dims[0], dims[1])


def layers(graph: Graph) -> str:
    return "; ".join(step(layer) for layer in graph.layers)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_module_is_read_as_its_layers_and_they_are_it(case: Case) -> None:
    module = case.make()
    graph = read(module, shape(case.input), "small", "Small")
    assert layers(graph) == case.layers
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_every_layer_that_torch_has_is_read() -> None:
    read_as = {word.split()[0] for case in CASES.values() for word in case.layers.split("; ")}
    ours = {"identity", "opaque", "flatten", "drop-path", "l2norm", "partial-conv", "rbf", "subsample"}
    assert set(ops.names()) - read_as == ours


def test_no_operation_is_entered_twice_and_all_take_a_tensor() -> None:
    assert len(RULES) > 60
    assert {name for name in RULES if name.endswith("_")} == set()


class Attention(nn.Module):
    """What no layer says: products of positions with positions."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(6, 18)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        found: Tensor = (q @ k.transpose(1, 2)).softmax(-1) @ v
        return found


class Block(nn.Module):
    """Attention beside what is said, with a branch that training drops."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.norm, self.attn, self.drop = nn.LayerNorm(6), Attention(), DropPath(p)

    def forward(self, x: Tensor) -> Tensor:
        y = x.flatten(2).transpose(1, 2)
        y = y + self.drop(self.attn(self.norm(y)))
        found: Tensor = y.transpose(1, 2).reshape(x.shape)
        return found


class DropPath(nn.Module):
    """timm's, which does nothing at test time."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        if self.drop_prob == 0.0 or not self.training:
            return x
        return x * x.new_empty(len(x), 1, 1).bernoulli_(1 - self.drop_prob) / (1 - self.drop_prob)


class Headed(nn.Module):
    """A network with a classifier that trains beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.late = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)
        self.aux, self.fc = nn.Linear(8, 4), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        x = self.stem(x).relu()
        early = self.aux(x.mean((2, 3))) if self.training else None
        y: Tensor = self.fc(nn.functional.dropout(self.late(x).mean((2, 3)), 0.4, self.training))
        return y if early is None else {"out": y, "aux": early}


class TwiceHeaded(Headed):
    """It gives first the head that leaves it last."""

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        early = self.stem(x).relu()
        late = self.late(early)
        y: Tensor = self.fc(late.relu().mean((2, 3)))
        if not self.training:
            return y
        return {"out": y, "late": late.mean((2, 3)), "early": self.aux(early.mean((2, 3)))}


class Classified(nn.Module):
    """Tokens with one for the class, which has no position in the map, and learned positions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.attn, self.fc = nn.Conv2d(3, 6, 4, 4), Attention(), nn.Linear(6, 5)
        self.token, self.places = nn.Parameter(torch.rand(1, 1, 6)), nn.Parameter(torch.rand(1, 5, 6))

    def forward(self, x: Tensor) -> Tensor:
        y = self.stem(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.token.expand(len(x), -1, -1), y], 1) + self.places
        found: Tensor = self.fc(self.attn(y)[:, 0])
        return found


def test_what_no_layer_says_is_the_smallest_part_around_it() -> None:
    graph = read(Block(0.25), Shape(6, 4, 5), "block", "Block")
    assert [layer.op for layer in graph.layers] == ["layernorm", "opaque", "drop-path", "add"]
    opaque = graph.layers[1].opaque
    assert opaque is not None
    assert (opaque.path, opaque.params) == ("attn", 6 * 18 + 18)
    assert graph.layers[1].scopes == (Scope("attn", "Attention"),)
    assert graph.layers[1].output == Shape(6, 4, 5)
    assert graph.layers[2].args == {"p": 0.25}
    assert "# Opaque: attn" in plain(graph)


def test_a_branch_that_training_never_drops_is_no_layer() -> None:
    block = Block(0.0)
    assert [layer.op for layer in read(block, Shape(6, 4, 5), "block", "Block").layers] == [
        "layernorm",
        "opaque",
        "add",
    ]


def test_reading_leaves_a_module_as_it_is() -> None:
    block = Block(0.25).train()
    block.norm.eval()
    before = {name: (each.training, dict(each.__dict__)) for name, each in block.named_modules()}
    read(block, Shape(6, 4, 5), "block", "Block")
    assert {name: (each.training, dict(each.__dict__)) for name, each in block.named_modules()} == before


def test_a_classifier_that_trains_beside_the_network_is_a_head() -> None:
    module = Headed()
    graph = read(module, Shape(3, 8, 8), "headed", "Headed")
    assert [output.head for output in graph.outputs] == [None, "aux"]
    compiled = archspec.loads(plain(graph))
    assert {name: len(rows) for name, rows in compiled.heads.items()} == {"aux": 2}
    verdict = verify(module, graph, compiled)
    assert verdict.holds, verdict.reason


def test_heads_are_in_the_order_in_which_they_leave_the_network() -> None:
    module = TwiceHeaded()
    graph = read(module, Shape(3, 8, 8), "headed", "Headed")
    assert [output.head for output in graph.outputs] == [None, "early", "late"]
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_a_concatenation_may_be_one_of_others() -> None:
    module = By(
        lambda x, a, b: torch.cat([x, a(x), b(torch.cat([x, a(x)], 1))], 1), a=nn.Conv2d(3, 4, 1), b=nn.Conv2d(7, 2, 1)
    )
    graph = read(module, Shape(3, 8, 8), "dense", "Dense")
    text = """network dense
input 8x8x3
block layer(c) = concat of
| in  | identity    |
| new | conv 1x1, c |

| layer 4 |
| layer 2 |
"""
    module.says = lambda x, a, b: torch.cat([x, y := a(x), b(torch.cat([x, y], 1))], 1)
    assert not verify(module, graph, archspec.loads(text)).holds
    graph = read(module, Shape(3, 8, 8), "dense", "Dense")
    verdict = verify(module, graph, archspec.loads(text))
    assert verdict.holds, verdict.reason


def test_a_module_without_numbers_says_what_its_factors_start_as() -> None:
    graph = read(skeleton(Gained), Shape(6, 8, 8), "gained", "Gained")
    assert layers(graph) == "conv 1x1, 6; layer-scale 1e-05; add"


def test_factors_that_are_allotted_and_filled_say_what_they_start_as() -> None:
    def filled() -> nn.Module:
        module = Gained()
        module.gamma = nn.Parameter(torch.empty(6))
        nn.init.constant_(module.gamma, 0.1)
        return module

    made = skeleton(filled)
    assert {tensor.device.type for tensor in made.parameters()} == {"meta"}
    assert layers(read(made, Shape(6, 8, 8), "filled", "Filled")) == "conv 1x1, 6; layer-scale 0.1; add"


def test_a_module_that_reads_its_parameters_while_it_is_made_has_them() -> None:
    def reading() -> nn.Module:
        module = nn.Sequential(nn.Conv2d(6, 300, 7))
        assert isinstance(module[0], nn.Conv2d)
        module.add_module("scale", Gained() if float(module[0].weight.detach().sum()) < 1e9 else nn.ReLU())
        return module

    assert {tensor.device.type for tensor in skeleton(reading).parameters()} == {"meta"}


def test_statistics_that_are_plain_means_are_not_misread() -> None:
    graph = read(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, momentum=None)), Shape(3, 8, 8), "mean", "Mean")
    assert [layer.op for layer in graph.layers] == ["conv", "opaque"]


def test_a_bias_that_does_nothing_is_said_to_be_meant() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1))
    compiled = archspec.loads(plain(read(module, Shape(3, 8, 8), "small", "Small")))
    assert (compiled.params, compiled.diagnostics) == (112 + 8 + 20, ())


def test_another_network_is_not_verified() -> None:
    def verdict(text: str, other: str) -> str:
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1))
        graph = read(module, Shape(3, 8, 8), "small", "Small")
        assert text in plain(graph)
        found = verify(module, graph, archspec.loads(plain(graph).replace(text, other)))
        assert not found.holds
        return found.reason

    assert (
        verdict("conv 3x3, 4, pad=0, bias", "conv 3x3, 4, no bias, pad=0")
        == "what is emitted is another graph of layers"
    )
    assert verdict("| bn ", "| bn eps=0.1 ") == "what is emitted is another graph of layers"


def test_a_module_that_depends_on_its_numbers_is_not_read() -> None:
    def halved(x: Tensor, conv: nn.Module) -> Tensor:
        return conv(x) if x.sum() > 0 else x

    says = "`forward` of the top module branches on a value that is computed from the image"
    with pytest.raises(Unread, match=says):
        read(By(halved, conv=nn.Conv2d(3, 3, 1)), Shape(3, 8, 8), "halved", "Halved")


def test_a_module_that_writes_over_a_part_of_its_input_is_not_misread() -> None:
    def written(x: Tensor, conv: nn.Module) -> Tensor:
        y = conv(x)
        first, _ = y.chunk(2, 1)
        first.relu_()
        found: Tensor = y
        return found

    with pytest.raises(Unread, match="writes over a part"):
        read(By(written, conv=nn.Conv2d(3, 4, 1)), Shape(3, 8, 8), "written", "Written")


def test_a_part_that_is_written_over_alone_is_read() -> None:
    def written(x: Tensor, conv: nn.Module) -> Tensor:
        first, second = conv(x).chunk(2, 1)
        return torch.cat([first.relu_(), first, second.sigmoid()], 1)

    module = By(written, conv=nn.Conv2d(3, 4, 1))
    graph = read(module, Shape(3, 8, 8), "written", "Written")
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_a_copy_is_written_over_alone() -> None:
    def copied(x: Tensor, conv: nn.Module) -> Tensor:
        y = conv(x)
        found: Tensor = y.clone().relu_() + y.permute(0, 2, 3, 1).contiguous().tanh_().permute(0, 3, 1, 2) + y
        return found

    module = By(copied, conv=nn.Conv2d(3, 4, 1))
    graph = read(module, Shape(3, 8, 8), "copied", "Copied")
    assert layers(graph) == "conv 1x1, 4; relu; tanh; add; add"
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_a_part_of_a_part_that_is_written_over_is_not_misread() -> None:
    def written(x: Tensor, conv: nn.Module) -> Tensor:
        y = conv(x)
        part = y.chunk(2, 1)[0].chunk(2, 1)[1]
        found: Tensor = y.relu_().chunk(4, 1)[3] + part
        return found

    with pytest.raises(Unread, match="writes over a part"):
        read(By(written, conv=nn.Conv2d(3, 8, 1)), Shape(3, 8, 8), "written", "Written")


def test_what_reaches_no_output_is_left_out() -> None:
    def half(x: Tensor, conv: nn.Module, other: nn.Module) -> Tensor:
        other(x).relu()
        found: Tensor = conv(x).chunk(2, 1)[1]
        return found

    graph = read(By(half, conv=nn.Conv2d(3, 4, 1), other=nn.Conv2d(3, 5, 1)), Shape(3, 8, 8), "half", "Half")
    assert layers(graph) == "conv 1x1, 4; channel-split 2, 2"


def test_an_output_that_no_head_can_give_is_refused() -> None:
    def several(x: Tensor, conv: nn.Module) -> tuple[Tensor, Tensor]:
        y = conv(x)
        return y.relu(), y

    with pytest.raises(Unread, match="its output `head1` is not a head"):
        read(By(several, conv=nn.Conv2d(3, 4, 1)), Shape(3, 8, 8), "several", "Several")  # type: ignore[arg-type]


def test_a_network_of_too_many_operations_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.importing.torch.reader.MOST_OPERATIONS", 2)
    with pytest.raises(ArchError, match=r"error\[E1208\]: `Three` has 3 operations, and 2 are read at most"):
        read(nn.Sequential(nn.ReLU(), nn.Tanh(), nn.ReLU()), Shape(3, 8, 8), "three", "Three")


def test_a_module_may_be_called_as_what_enters_is() -> None:
    def added(x: Tensor, entering: nn.Module) -> Tensor:
        found: Tensor = entering(x) + x
        return found

    module = By(added, **{"in": nn.Conv2d(3, 3, 1)})
    graph = read(module, Shape(3, 8, 8), "added", "Added")
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_what_an_opaque_part_writes_over_is_in_it() -> None:
    def written(x: Tensor, conv: nn.Module) -> Tensor:
        y = conv(x)
        z = y.transpose(2, 3)
        found: Tensor = y.erf_() + z
        return found

    module = By(written, conv=nn.Conv2d(3, 4, 1))
    graph = read(module, Shape(3, 8, 8), "written", "Written")
    assert layers(graph) == 'conv 1x1, 4; opaque "add", params=0'
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert verdict.holds, verdict.reason


def test_parts_that_are_opaque_are_run_by_the_networks_own_operations() -> None:
    module = Classified()
    graph = read(module, Shape(3, 8, 8), "classified", "Classified")
    assert [layer.op for layer in graph.layers] == ["conv", *["opaque"] * 4, "fc"]
    compiled = archspec.loads(plain(graph))
    assert compiled.params == sum(parameter.numel() for parameter in module.parameters())
    verdict = verify(module, graph, compiled)
    assert verdict.holds, verdict.reason


def test_an_opaque_part_in_another_place_is_not_verified() -> None:
    module = Classified()
    graph = read(module, Shape(3, 8, 8), "classified", "Classified")
    names = plain(graph).replace('"add", params=30', '"attn"', 1).replace('"attn", params=126', '"add"', 1)
    assert "`add` stands where `attn` does" in verify(module, graph, archspec.loads(names)).reason
    params = plain(graph).replace("params=126", "params=127")
    assert verify(Classified(), graph, archspec.loads(params)).reason == "it has 491 parameters, and the spec 492"


def test_weights_that_two_layers_share_are_not_two() -> None:
    def twice(x: Tensor, conv: nn.Module) -> Tensor:
        found: Tensor = conv(conv(x).relu())
        return found

    module = By(twice, conv=nn.Conv2d(3, 3, 1))
    graph = read(module, Shape(3, 8, 8), "twice", "Twice")
    verdict = verify(module, graph, archspec.loads(plain(graph)))
    assert not verdict.holds
    assert "share the parameters `conv.weight`, `conv.bias`" in verdict.reason


def test_a_module_of_ones_own_is_compiled() -> None:
    net = archspec.from_torch(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), input=(8, 8, 3))
    assert (net.name, net.params, net.rows[0].layer) == ("Sequential", 112, "0")
    vector = archspec.from_torch(nn.Linear(7, 3), input=(7,), name="linear")
    assert (vector.name, vector.params) == ("linear", 24)


ENTERING = """network n(classes=3)
input 7x7x2

head aux from a, weight=0.3
| relu; flatten; fc classes |

| layer | op                |
|-------|-------------------|
| a     | identity          |
| b     | conv3-2           |
| c     | flatten; fc 5; bn |
"""


def test_a_head_may_take_what_enters_the_network() -> None:
    for write in (plain, lambda graph: spec_of(graph)[0]):
        module = archspec.loads(ENTERING).build()
        graph = read(module, Shape(2, 7, 7), "entering", "Entering")
        text = write(graph)
        assert "head head1 from identity, weight=1" in text
        verdict = verify(module, graph, archspec.loads(text))
        assert verdict.holds, verdict.reason


INSIDE = """network n(classes=3)
input 7x7x4

head aux from b, weight=0.3
| conv 1x1, in; flatten; fc classes |

| layer | op                            | from |
|-------|-------------------------------|------|
| a     | bn; relu                      |      |
| b     | relu; hard-swish              |      |
| c     | concat                        | b, a |
| d     | flatten; relu; fc 4; fc 4 x 2 |      |
"""


def test_a_head_may_start_within_what_is_folded_into_one_row() -> None:
    module = archspec.loads(INSIDE).build()
    graph = read(module, Shape(4, 7, 7), "inside", "Inside")
    verdict = verify(module, graph, archspec.loads(spec_of(graph)[0]))
    assert verdict.holds, verdict.reason


def test_a_map_and_what_is_pooled_of_it_may_be_multiplied_in_either_order() -> None:
    def gated(x: Tensor, conv: nn.Module, squeeze: nn.Module) -> Tensor:
        y = conv(x)
        found: Tensor = y * torch.sigmoid(squeeze(y.mean((2, 3)))).view(1, -1, 1, 1)
        return found

    module = By(gated, conv=nn.Conv2d(3, 4, 1), squeeze=nn.Linear(4, 4))
    graph = read(module, Shape(3, 6, 6), "gated", "Gated")
    assert Shape(4) in {layer.output for layer in graph.layers}
    assert not differences(graph, archspec.loads(plain(graph)))
