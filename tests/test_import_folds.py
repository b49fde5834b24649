"""Graphs of layers as tables: what folding makes of them, and that it has the same layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import archspec
from archspec import ops
from archspec.expressions.values import round_to
from archspec.importing.check import differences
from archspec.importing.fold import fold
from archspec.importing.fold.file import Unfolded, fold_family
from archspec.importing.fold.normal import normalised
from archspec.importing.graph import INPUT, Graph, Layer, Output, Scope, rounded
from archspec.op import Shape, made

IMAGE = Shape(3, 32, 32)


class Net:
    """A network written down as a program runs it: each call is a layer, and gives its position."""

    def __init__(self, input: Shape = IMAGE) -> None:
        self.input = input
        self.layers: list[Layer] = []
        self.last = INPUT

    def __call__(self, op: str, path: str = "", of: Sequence[int] | int | None = None, **args: Any) -> int:
        sources = (self.last,) if of is None else (of,) if isinstance(of, int) else tuple(of)
        kind = ops.find(op)
        assert kind is not None
        shapes = [self.input if source == INPUT else self.layers[source].output for source in sources]
        layer = Layer(op, args, sources, made(kind, args).accept(*shapes), _scopes(path))
        self.layers.append(layer)
        self.last = len(self.layers) - 1
        return self.last

    def graph(self, name: str = "net", heads: Sequence[Output] = (), **changes: Any) -> Graph:
        outputs = (Output(self.last), *heads)
        return Graph(name, name, self.input, tuple(self.layers), outputs)._replace(**changes)


def _scopes(path: str) -> tuple[Scope, ...]:
    """``layer1.0:Basic.conv1`` as modules: a part without a kind is a container or a layer."""
    parts = [part.partition(":") for part in path.split(".") if part]
    names = [name for name, _, _ in parts]
    return tuple(Scope(".".join(names[: at + 1]), kind or "Sequential") for at, (_, _, kind) in enumerate(parts))


def table(graph: Graph) -> str:
    """The spec of a graph without its first lines, once it is sure that it has the same layers."""
    text = fold(graph)
    assert differences(normalised(graph), archspec.loads(text)) == []
    return text.partition("\n\n")[2]


def conv(net: Net, channels: int, path: str, kernel: int = 3, stride: int = 1, act: bool = True, **more: Any) -> int:
    net("conv", f"{path}.conv", kernel=(kernel, kernel), channels=channels, stride=(stride, stride), bias=False, **more)
    last = net("bn", f"{path}.bn")
    return net("relu", f"{path}.relu") if act else last


def basic(net: Net, channels: int, path: str, stride: int = 1) -> int:
    start = net.last
    enters = net.layers[start].output.channels
    net("conv", f"{path}:Basic.conv1", start, kernel=(3, 3), channels=channels, stride=(stride, stride), bias=False)
    net("bn", f"{path}:Basic.bn1")
    net("relu", f"{path}:Basic.relu1")
    net("conv", f"{path}:Basic.conv2", kernel=(3, 3), channels=channels, bias=False)
    end = net("bn", f"{path}:Basic.bn2")
    beside = start
    if stride != 1 or enters != channels:
        net("conv", f"{path}:Basic.down.0", start, kernel=(1, 1), channels=channels, stride=(stride,) * 2, bias=False)
        beside = net("bn", f"{path}:Basic.down.1")
    net("add", f"{path}:Basic", (end, beside))
    return net("relu", f"{path}:Basic.relu2")


def resnet(*depths: int, name: str = "net") -> Graph:
    net = Net()
    conv(net, 16, "stem")
    for stage, depth in enumerate(depths):
        for at in range(depth):
            basic(net, 16 << stage, f"layer{stage + 1}.{at}", 2 if stage and at == 0 else 1)
    net("global-avgpool", "pool")
    net("flatten")
    net("fc", "fc", units=10)
    return net.graph(name)


def test_a_residual_network_is_its_table() -> None:
    assert table(resnet(3, 4, 2)) == (
        "every conv: conv no bias; bn; relu\n"
        "\n"
        "block basic(c, s=1) = add of\n"
        "| conv 3x3, c, /s; conv 3x3, c, no relu |\n"
        "| shortcut c, /s                        |\n"
        "then relu\n"
        "\n"
        "| layer  | op               |\n"
        "|--------|------------------|\n"
        "| stem   | conv 3x3, 16     |\n"
        "| layer1 | basic 16 x 3     |\n"
        "| layer2 | basic 32, /2 x 4 |\n"
        "| layer3 | basic 64, /2 x 2 |\n"
        "| pool   | global-avgpool   |\n"
        "| fc     | fc classes       |\n"
    )


def test_several_are_a_family() -> None:
    members = {"8": resnet(1, 1, 1), "14": resnet(2, 2, 2)}
    text = fold_family("resnet", "ResNet", members)
    for variant, graph in members.items():
        assert differences(normalised(graph), archspec.loads(text, variant=variant)) == []
    assert text.splitlines()[-7:] == [
        "|--------|--------------|------------------|",
        "| stem   | conv 3x3, 16                    |",
        "| layer1 | basic 16     | basic 16 x 2     |",
        "| layer2 | basic 32, /2 | basic 32, /2 x 2 |",
        "| layer3 | basic 64, /2 | basic 64, /2 x 2 |",
        "| pool   | global-avgpool                  |",
        "| fc     | fc classes                      |",
    ]


def test_a_family_takes_one_input() -> None:
    small, large = Net(), Net(Shape(3, 64, 64))
    graphs = {
        name: net.graph() for name, net in (("a", small), ("b", large)) if net("conv", kernel=(3, 3), channels=8) == 0
    }
    with pytest.raises(Unfolded, match="32x32x3 and 64x64x3"):
        fold_family("net", "net", graphs)


def test_dense_layers_nest_though_they_are_written_flat() -> None:
    net = Net()
    outputs = [net("conv", "stem", kernel=(3, 3), channels=8, bias=False)]
    for at in range(3):
        path = f"block.{at}:Layer"
        source = net("concat", path, outputs) if at else outputs[0]
        net("bn", f"{path}.bn", source)
        net("relu", f"{path}.relu")
        outputs.append(net("conv", f"{path}.conv", kernel=(3, 3), channels=4, bias=False))
    net("concat", "block", outputs)
    net("fc", "fc", units=10)
    text = table(net.graph())
    assert "block layer = concat of\n| conv 3x3, 4 |\n| identity    |\n" in text or "layer x 3" in text
    assert "| layer x 3" in text


def test_what_only_some_uses_have_is_a_condition_or_a_parameter() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at, (wide, channels, squeezed, act) in enumerate(
        [(8, 8, 0, "relu"), (24, 8, 0, "relu"), (48, 16, 4, "silu"), (32, 16, 6, "silu")]
    ):
        path, start = f"blocks.{at}:Bneck", net.last
        if wide != 8:
            net("conv", f"{path}.expand", kernel=(1, 1), channels=wide)
            net(act, f"{path}.act1")
        net("dwconv", f"{path}.dw", kernel=(3, 3) if at < 2 else (5, 5))
        inner = net(act, f"{path}.act2")
        if squeezed:
            net("global-avgpool", f"{path}.se:SqueezeExcite.pool")
            net("conv", f"{path}.se:SqueezeExcite.down", kernel=(1, 1), channels=squeezed)
            net("relu", f"{path}.se:SqueezeExcite.act")
            net("conv", f"{path}.se:SqueezeExcite.up", kernel=(1, 1), channels=wide)
            gate = net("sigmoid", f"{path}.se:SqueezeExcite.gate")
            net("multiply", f"{path}.se:SqueezeExcite", (inner, gate))
        end = net("conv", f"{path}.project", kernel=(1, 1), channels=channels)
        if at != 2:
            net("add", path, (end, start))
    text = table(net.graph())
    assert "block bneck(k, c, c2, se_c=0, nl=relu) = add of" in text
    assert "conv 1x1, c if c != in; nl if c != in; dwconv k; nl; se se_c if se_c > 0; conv 1x1, c2" in text
    assert "| identity if in == c2" in text


def test_a_long_skip_is_named_rows() -> None:
    net = Net()
    outer = conv(net, 8, "enc1")
    net("maxpool", "down1")
    inner = conv(net, 16, "enc2")
    net("maxpool", "down2")
    conv(net, 32, "mid")
    net("upsample", "up2", factor=2)
    net("concat", "", (inner, net.last))
    conv(net, 16, "dec2")
    net("upsample", "up1", factor=2)
    net("concat", "", (outer, net.last))
    crossing = conv(net, 8, "dec1")
    late = net("conv", "late", inner, kernel=(1, 1), channels=8)
    net("upsample", "up", late, factor=2)
    net("concat", "", (crossing, net.last))
    net("conv", "out", kernel=(1, 1), channels=2)
    text = table(net.graph())
    assert "| from" in text


def test_a_module_that_runs_in_pieces_is_no_block() -> None:
    net = Net()
    first = net("conv", "a:Piece.one", kernel=(3, 3), channels=8)
    other = net("conv", "b", kernel=(3, 3), channels=8)
    net("add", "a:Piece", (first, other))
    net("relu", "a:Piece.act")
    assert "block piece" not in table(net.graph())


def test_a_head_stands_at_the_row_it_takes() -> None:
    net = Net()
    conv(net, 8, "stem")
    start = conv(net, 16, "body")
    net("global-avgpool", "pool")
    end = net("fc", "fc", units=10)
    net("global-avgpool", "aux.pool", start)
    head = net("fc", "aux.fc", units=10)
    net.last = end
    graph = net.graph(heads=[Output(head, "aux")])
    text = fold(graph)
    assert "head aux from body, weight=1\n| global-avgpool; fc classes |\n" in text
    assert archspec.loads(text).totals_by("with heads").params == 8 * 27 + 16 + 16 * 72 + 32 + 2 * 170


@pytest.mark.parametrize("name", ['a"b\nnetwork evil', "1st", "in", "conv", "x | y # z", "", "日本"])
def test_names_from_outside_stay_names(name: str) -> None:
    net = Net()
    conv(net, 8, "stem")
    for at in range(2):
        path, start = f"{at}:{'Kind' + name.replace('.', '').replace(':', '')}", net.last
        net("conv", path, kernel=(3, 3), channels=8)
        net("add", path, (net.last, start))
    graph = net.graph(name)._replace(origin=f"somewhere {name}")
    text = fold(graph)
    assert differences(normalised(graph), archspec.loads(text)) == []


def test_equal_branches_and_inputs_that_are_taken_twice() -> None:
    net = Net()
    start = conv(net, 8, "stem")
    net("add", "twice", (start, start))
    net("concat", "both", (net.last, start, net.last))
    net("fc", "fc", units=10)
    table(net.graph())


def test_what_no_layer_says_is_named_within_its_block() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at in range(3):
        path, start = f"blocks.{at}:Block", net.last
        net("layernorm", f"{path}.norm")
        net("opaque", f"{path}.attn:Attention", name=f'blocks.{at}.attn"\n', params=40)
        net("add", path, (net.last, start))
    net("opaque", "pool:Pool", name="pool", channels=8)
    net("fc", "fc", units=10)
    text = table(net.graph())
    assert '| layernorm; opaque "attn", params=40 |\n' in text
    assert "| blocks | block x 3" in text
    assert '| pool   | opaque "pool", 8' in text
    assert archspec.loads(fold(net.graph())).totals.unknown


def test_a_layer_that_lacks_an_argument_of_another_is_another() -> None:
    net = Net()
    conv(net, 8, "stem")
    net("opaque", "0:Unit.mix", name="mix", size=(32, 32), channels=16)
    start = net.last
    net("opaque", "1:Unit.mix", name="mix")
    net("add", "1:Unit", (net.last, start))
    net("fc", "fc", units=10)
    table(net.graph())


def expanding(net: Net, path: str, factor: int, channels: int, stride: int = 1, **conv: Any) -> None:
    """One block that widens by a factor, as MobileNetV2's do; a factor of 1 is no layer."""
    start = net.last
    enters = net.layers[start].output.channels
    if factor > 1:
        net("conv", f"{path}:Unit.expand", start, kernel=(1, 1), channels=factor * enters)
        net("relu6", f"{path}:Unit.act1")
    net("dwconv", f"{path}:Unit.dw", kernel=(3, 3), stride=(stride, stride), **conv)
    net("relu6", f"{path}:Unit.act2")
    end = net("conv", f"{path}:Unit.project", kernel=(1, 1), channels=channels)
    if stride == 1 and enters == channels:
        net("add", f"{path}:Unit", (end, start))


def classified(net: Net) -> Graph:
    net("global-avgpool", "pool")
    net("fc", "fc", units=10)
    return net.graph()


@pytest.mark.parametrize("factors", [(1, 6, 6, 6), (1, 6, 6, 3), (3, 6, 3, 6)])
def test_what_a_block_widens_by_is_the_factor_of_its_paper(factors: tuple[int, ...]) -> None:
    net = Net()
    conv(net, 16, "stem")
    for at, (factor, channels, stride) in enumerate(zip(factors, (8, 24, 24, 32), (1, 2, 1, 1), strict=True)):
        expanding(net, f"blocks.{at}", factor, channels, stride)
    text = table(classified(net))
    assert "block unit(t, c, s=1)" in text
    assert ("conv 1x1, t*in" if 1 not in factors else "conv 1x1, t*in if t > 1; relu6 if t > 1") in text


def test_a_squeeze_is_rounded_as_mobilenets_are() -> None:
    net = Net()
    conv(net, 16, "stem")
    for at, channels in enumerate((72, 40, 120)):
        inner = conv(net, channels, f"blocks.{at}")
        path = f"blocks.{at}.se:SqueezeExcite"
        net("global-avgpool", f"{path}.pool")
        net("conv", f"{path}.down", kernel=(1, 1), channels=round_to(channels / 4, 8))
        net("conv", f"{path}.up", kernel=(1, 1), channels=channels)
        net("multiply", path, (inner, net("sigmoid", f"{path}.gate")))
    assert "block se = multiply of\n| global-avgpool; conv 1x1, round_to(in/4, 8), bias" in table(classified(net))


def dropping(rates: Sequence[float], many: int = 1) -> Net:
    """A block for each rate, with so many layers of it, and none where it is 0."""
    net = Net()
    conv(net, 8, "stem")
    for at, rate in enumerate(rates):
        start = net.last
        for i in range(many):
            net("dwconv", f"blocks.{at}:Block.conv{i}", kernel=(3, 3))
            if rate:
                net("drop-path", f"blocks.{at}:Block.drop", p=rounded(rate))
        net("add", f"blocks.{at}:Block", (net.last, start))
    return net


def test_rates_that_grow_are_parts_of_one_number() -> None:
    text = table(classified(dropping([0.2 * at / 5 if at != 3 else 0 for at in range(6)])))
    assert "drop-path p/25 if p > 0" in text
    assert "block p=5" in text


def test_rates_that_grow_evenly_are_linear() -> None:
    text = table(classified(dropping([0.1 * at / 6 for at in range(7)])))
    assert "drop-path 0.1, linear if has_drop |" in text
    assert "| block x 6" in text


def test_blocks_that_drop_nothing_have_their_places() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at, channels in enumerate([8, 8, 16, 16, 16, 24, 24]):
        start, stays = net.last, net.layers[net.last].output.channels == channels
        conv(net, channels, f"blocks.{at}:Block.conv")
        if stays:
            if at:
                net("drop-path", f"blocks.{at}:Block.drop", p=rounded(0.1 * at / 7))
            net("add", f"blocks.{at}:Block", (net.last, start))
    text = table(classified(net))
    assert "drop-path (3/35 if in == c else 0), linear if has_drop |" in text  # 0.6 / 7, to all digits


def test_layers_of_one_block_have_one_rate() -> None:
    text = table(classified(dropping([0.3 * at / 4 for at in range(1, 5)], many=2)))
    assert text.count("drop-path 0.3, linear, per_block=2") == 2
    assert "| block x 4" in text


def test_no_parameter_is_called_as_a_switch_that_stands_by_its_name() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at, biased in enumerate([True, False, True]):
        start = net.last
        net("conv", f"blocks.{at}:Block.first", kernel=(1, 1), channels=8, bias=biased)
        net("relu", f"blocks.{at}:Block.act")
        net("conv", f"blocks.{at}:Block.second", kernel=(3, 3), channels=8, bias=True)
        net("bn", f"blocks.{at}:Block.norm")
        net("add", f"blocks.{at}:Block", (net.last, start))
    assert "block block(has_bias=yes)" in table(classified(net))


def test_no_parameter_is_called_as_a_switch_of_a_layer_that_some_uses_have() -> None:
    net = Net()
    for at in range(8):
        net("conv", f"stem.{at}", kernel=(3, 3), channels=8, bias=False)
    for at, biased in enumerate([True, False, True]):
        start = net.last
        if biased:
            net("conv", f"blocks.{at}:Block.first", kernel=(1, 1), channels=24)
            net("relu", f"blocks.{at}:Block.act")
        net("conv", f"blocks.{at}:Block.second", kernel=(3, 3), channels=8, **({} if biased else {"bias": False}))
        net("add", f"blocks.{at}:Block", (net.last, start))
    text = table(classified(net))
    assert "block block(has_bias=yes)" in text


def test_padding_by_a_word_is_no_padding_of_strided_layers() -> None:
    net = Net()
    net("conv", "first", kernel=(2, 2), channels=8, pad="same")
    net("conv", "second", kernel=(3, 3), channels=8, stride=(2, 2))
    net("conv", "third", kernel=(3, 3), channels=8)
    text = table(classified(net))
    assert text.count("pad=same") == 2


def test_a_bias_that_does_nothing_is_written() -> None:
    net = Net()
    for at in range(3):
        net("conv", f"features.{at}", kernel=(3, 3), channels=8 << at)
        net("bn", f"norms.{at}")
        net("relu", f"acts.{at}")
    graph = classified(net)
    assert "every conv: conv bias; bn; relu" in table(graph)
    assert not archspec.loads(fold(graph)).diagnostics


def test_what_runs_side_by_side_is_called_by_its_branch() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at in range(3):
        start, path = net.last, f"blocks.{at}:Mixed"
        ends = [net("conv", f"{path}.one", start, kernel=(1, 1), channels=4 + at)]
        net("conv", f"{path}.two.0", start, kernel=(1, 1), channels=5 + 2 * at)
        ends.append(net("conv", f"{path}.two.1", kernel=(3, 3), channels=6 + at * at))
        net("maxpool", f"{path}.pool", start, kernel=(3, 3), stride=(1, 1), pad=(1, 1))
        ends.append(net("conv", f"{path}.three", kernel=(1, 1), channels=9 - at))
        net("concat", path, ends)
    assert "block mixed(c1, c2a, c2b, c3) = concat of" in table(classified(net))


def test_a_stride_that_every_row_has_is_no_repetition() -> None:
    net = Net()
    for at in range(3):
        conv(net, 8, f"stem.{at}", stride=2)
    assert " x " not in table(classified(net))


def test_a_stage_with_one_block_is_a_use_of_it() -> None:
    net = Net()
    conv(net, 8, "stem")
    for stage, depth in enumerate((1, 2, 3)):
        for at in range(depth):
            basic(net, 8 << stage, f"layers.{stage}:Stage.{at}", 2 if stage and not at else 1)
    text = table(classified(net))
    assert text.count("block ") == 1
    assert "| layers_0 | basic 8 " in text


def test_a_block_within_another_of_a_kind_that_holds_it_elsewhere() -> None:
    net = Net()
    conv(net, 8, "stem")
    for outer, inner in (("A", "B"), ("B", "A"), ("A", "B")):
        path, start = f"{len(net.layers)}:{outer}", net.last
        net("conv", f"{path}.first", kernel=(3, 3), channels=8)
        middle = net.last
        net("conv", f"{path}.inner:{inner}.conv", kernel=(1, 1), channels=8)
        net("add", f"{path}.inner:{inner}", (net.last, middle))
        net("add", path, (net.last, start))
    table(classified(net))


def test_rows_that_cross_within_a_branch_are_a_block() -> None:
    net = Net()
    conv(net, 12, "stem")
    for at in range(2):
        start, path = net.last, f"blocks.{at}:Cross"
        net("conv", f"{path}.reduce", kernel=(1, 1), channels=12)
        whole = net.last
        one, two, three = (net("channels", path, whole, first=first, last=first + 3) for first in (1, 5, 9))
        first = net("conv", f"{path}.convs.0", one, kernel=(3, 3), channels=4)
        net("add", path, (first, two))
        second = net("conv", f"{path}.convs.1", kernel=(3, 3), channels=4)
        net("concat", path, (first, second, three))
        net("conv", f"{path}.expand", kernel=(1, 1), channels=12)
        net("add", path, (net.last, start))
    assert "| blocks | cross x 2" in table(classified(net))


def test_padding_is_one_word_where_it_pads_the_same() -> None:
    net = Net()
    net("conv", "stem", kernel=(3, 3), channels=8, stride=(2, 2), pad="tf_same")
    for at in range(3):
        net("conv", f"convs.{at}", kernel=(3, 3), channels=8)
    net("conv", "last", kernel=(1, 1), channels=8)
    text = table(classified(net))
    assert "conv 3x3, 8, pad=tf_same" in text
    assert "conv 1x1, 8 " in text


def test_a_vector_scales_a_map() -> None:
    net = Net()
    for at in range(2):
        inner = conv(net, 8, f"blocks.{at}:Block.body")
        gate = net("opaque", f"blocks.{at}:Block.gate", inner, name="gate", channels=8)
        net("multiply", f"blocks.{at}:Block", (inner, gate))
    assert "block block_branches = multiply of" in table(classified(net))


def test_what_is_pooled_at_last_are_the_classes() -> None:
    net = Net()
    conv(net, 8, "stem")
    net("conv", "classifier.0", kernel=(1, 1), channels=10)
    assert "classes" not in table(net.graph())
    net("global-avgpool", "classifier.1")
    net("flatten", "classifier.2")
    assert "conv 1x1, classes" in table(net.graph())


def test_a_projection_whose_stride_only_some_uses_have_is_no_shortcut() -> None:
    net = Net()
    conv(net, 16, "stem")
    for at, channels in enumerate((16, 32, 32, 64)):
        start = net.last
        widens = net.layers[start].output.channels != channels
        end = net("conv", f"{at}:Unit.conv", kernel=(3, 3), channels=channels)
        beside = start
        if widens:
            end = net("avgpool", f"{at}:Unit.pool")
            beside = net("conv", f"{at}:Unit.down", start, kernel=(1, 1), channels=channels, stride=(2, 2))
        net("add", f"{at}:Unit", (end, beside))
    text = table(net.graph())
    assert "| conv 1x1, c, /2 if in != c" in text
    assert "shortcut" not in text


def test_what_only_contains_others_is_no_block() -> None:
    net = Net()
    conv(net, 16, "stem")
    for at in range(2):
        start = net.last
        end = net("conv", f"stage.{at}.conv", kernel=(3, 3), channels=16 * (at + 1))
        net("add", f"stage.{at}", (end, start))
        conv(net, 16 * (at + 2), f"stage.{at}.after")
    text = table(net.graph())
    assert "block sequential_branches = add of" in text
    assert text.count("block ") == 1


def test_a_shortcut_of_one_stride_alone_is_a_projection() -> None:
    net = Net()
    conv(net, 8, "stem")
    for at, (channels, stride) in enumerate(((8, 1), (16, 2), (16, 1))):
        start, path = net.last, f"blocks.{at}:Unit"
        net("conv", f"{path}.conv", kernel=(3, 3), channels=channels)
        end = (
            net("maxpool", f"{path}.pool", kernel=(2, 2), stride=(stride,) * 2, pad=(1, 1)) if stride > 1 else net.last
        )
        if stride > 1:
            net("conv", f"{path}.down", start, kernel=(2, 2), channels=channels, stride=(2, 2), pad=(1, 1))
        net("add", path, (end, net.last if stride > 1 else start))
    table(classified(net))


def test_a_norm_outside_of_the_stem_stands_in_the_row_of_its_convolution() -> None:
    net = Net()
    conv(net, 8, "conv1.0")
    net("conv", "conv1.1", kernel=(3, 3), channels=16, bias=False)
    net("bn", "bn1")
    net("relu", "act1")
    net("maxpool", "maxpool", kernel=(2, 2))
    found = table(classified(net))
    assert "| conv1   | conv 3x3, 8; conv 3x3, 16 |" in found
    assert "| maxpool | maxpool                   |" in found
