"""`archspec diff`: rows that belong together, what is different in them, and what that costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import Run, runner

from archspec import load, loads
from archspec.api import named_by
from archspec.compiled import Compiled
from archspec.reports.diff.compare import Difference, compare
from archspec.reports.diff.report import as_text, setting_lines
from archspec.reports.diff.rows import Change, Same
from archspec.reports.diff.running import sentences
from archspec.reports.diff.work import Argument, Way, Work, WorkDone
from archspec.support.terminal import Style

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "diff.schema.json").read_text("utf-8"))
RESNET, SE_RESNET = ROOT / "specs" / "resnet.arch", ROOT / "specs" / "se_resnet.arch"
VGG = ROOT / "specs" / "vgg.arch"
HEAD = "network x(classes=10, wide=no)\ninput 16x16x8\n"
BLOCK = """
block unit(c, stride=1) = add of
| residual | conv3-c, /stride; relu; conv 3x3, c |
| shortcut | shortcut c, /stride                 |
then relu

| a | conv 3x3, (16 if wide else 8) |
| b | unit 8                        |
| c | unit 16, /2 x 3               |
| d | fc classes                    |
"""


def network(rows: str, **parameters: Any) -> Compiled:
    used = "| used | conv 1x1, (2 if wide else 1); fc classes |\n"
    return loads(HEAD + rows + ("" if "classes" in rows else used), **parameters)


def differences(a: str, b: str, **parameters: Any) -> Difference:
    return compare(network(a), network(b, **parameters), ("a", "b"))


def reasons(a: str, b: str) -> list[tuple[str, ...]]:
    return reasons_of(differences(a, b))


def reasons_of(found: Difference) -> list[tuple[str, ...]]:
    return [row.reasons for row in found.rows if isinstance(row, Change)]


def shown(found: Difference) -> list[str]:
    """Rows as ``-a +b`` for pairs and for rows that one lacks, and ``=2`` for rows that are the same."""
    return [
        f"={row.rows}" if isinstance(row, Same) else " ".join(
            f"{sign}{side.layer}" for sign, side in (("-", row.a), ("+", row.b)) if side is not None
        )
        for row in found.rows
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("| r | conv3-16 |", "| r | conv3-32 |", "`conv 3`: channels 16 -> 32"),
        ("| r | conv3-16 |", "| r | conv 5x5, 16 |", "`conv`: kernel 3x3 -> 5x5"),
        ("| r | conv3-16 |", "| r | conv3-16, /2 |", "`conv 3`: stride 1 -> 2"),
        ("| r | conv3-16 |", "| r | conv3-16, no bias |", "`conv 3`: bias yes -> no"),
        ("| r | conv3-16 x 2 |", "| r | conv3-16 x 5 |", "`conv`: repeats 2 -> 5"),
        ("| r | conv3-16 |", "| r | conv3-16 x 5 |", "`conv`: repeats 1 -> 5"),
        ("| r | conv3-16 |", "| r | conv3-16; relu |", "with `relu`"),
        ("| r | conv3-16; dropout 0.5 |", "| r | conv3-16 |", "without `dropout 0.5`"),
        ("| r | maxpool |", "| r | avgpool |", "`maxpool` becomes `avgpool`"),
        ("every conv: conv; relu\n| r | conv3-16 |", "every conv: conv; bn; relu\n| r | conv3-16 |", "with `bn`"),
        ("| r | conv3-16 |", "every conv: conv; relu\n| r | conv3-16 |", "with `relu`"),
    ],
)
def test_what_is_different_in_a_row_is_said(a: str, b: str, reason: str) -> None:
    assert reasons(f"{a}\n", f"{b}\n")[0] == (reason,)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("| r | conv3-16 |", "| r | conv 3x3, 16 |"),
        ("| r | conv3-16 |", "| r | conv 3x3, 8*2, /1 |"),
        ("| r | conv3-16 x 2 |", "| r | [conv3-16] x 2 |"),
    ],
)
def test_what_is_written_otherwise_and_means_the_same_is_the_same(a: str, b: str) -> None:
    assert shown(differences(f"{a}\n", f"{b}\n")) == ["=2"]


@pytest.mark.parametrize(
    ("a", "b", "rows"),
    [
        ("a b c", "a b c", ["=4"]),
        ("a b c", "a c", ["=1", "-b", "-c +c", "-used +used"]),
        ("a c", "a b c", ["=1", "+b", "-c +c", "-used +used"]),
    ],
)
def test_rows_belong_together_by_their_layers(a: str, b: str, rows: list[str]) -> None:
    def table(names: str) -> str:
        return "".join(f"| {name} | conv 3x3, {8 + i} |\n" for i, name in enumerate(names.split()))

    assert shown(differences(table(a), table(b))) == rows


def test_rows_of_other_names_belong_together_by_what_they_do() -> None:
    assert shown(differences("| a | conv3-8 |\n| p | maxpool |\n", "| x | conv3-8 |\n| y | maxpool |\n")) == ["=3"]
    assert shown(differences("| a | conv3-8 |\n| p | maxpool |\n", "| x | conv3-16 |\n| y | avgpool |\n")) == [
        "-a +x",
        "-p",
        "+y",
        "-used +used",
    ]


def test_a_row_that_gets_another_input_says_so() -> None:
    found = differences("| a | conv3-8 |\n| b | conv3-8 |\n", "| a | conv3-16 |\n| b | conv3-8 |\n")
    rows = [row for row in found.rows if isinstance(row, Change)]
    assert [(row.reasons, row.params) for row in rows] == [
        (("`conv 3`: channels 8 -> 16",), 8 * 73),
        (("input 16x16x8 -> 16x16x16",), 8 * 72),
    ]


def test_a_block_is_compared_once_and_its_cost_is_that_of_its_rows() -> None:
    found = differences(BLOCK, BLOCK.replace("relu; conv 3x3, c", "bn; relu; conv 3x3, c, no bias"))
    assert shown(found) == ["=1", "-b +b", "-c +c", "=1"]
    [block] = found.blocks
    assert block.name == "unit"
    assert block.changes == ("residual: with `bn`", "residual: `conv 3x3`: bias yes -> no")
    assert (block.rows, block.params, block.mult_adds) == (("b", "c"), 8 + 3 * 16, 0)


def test_arguments_and_repetitions_of_a_block_are_named() -> None:
    found = differences(BLOCK, BLOCK.replace("16, /2 x 3", "32 x 4"))
    row = next(row for row in found.rows if isinstance(row, Change))
    assert row.reasons == ("`unit`: repeats 3 -> 4", "`unit`: c 16 -> 32", "`unit`: stride 2 -> 1")
    assert found.blocks == ()


def test_branches_and_conditions_of_blocks() -> None:
    changed = BLOCK.replace("| shortcut | shortcut c, /stride                 |", "| plain | conv 1x1, c, /stride |")
    [block] = differences(BLOCK, changed).blocks
    assert block.changes[0].startswith("without the branch shortcut: `")
    assert block.changes[1] == "with the branch plain: `conv 1x1, c, /stride`"
    [block] = differences(BLOCK, BLOCK.replace("then relu", "then relu; dropout 0.5")).blocks
    assert block.changes == ("with `dropout 0.5`",)


def test_a_parameter_shows_where_it_decides() -> None:
    spec = BLOCK.replace("conv3-c, /stride", "conv 3x3, (2*c if wide else c), /stride")
    found = differences(spec, spec, wide=True)
    assert found.settings == (("wide", "no", "yes"),)
    assert found.blocks[0].changes == ("`conv 3x3`: channels is `(2 * c if wide else c)`",)


def test_settings_of_the_networks_that_differ() -> None:
    found = compare(network("| conv3-8 |\n"), network("| conv3-8 |\n", classes=7, input=(8, 8, 8)), ("a", "b"))
    assert found.settings == (("input", "16x16x8", "8x8x8"), ("classes", "10", "7"))


def test_the_differences_of_rows_add_up_to_that_of_the_totals() -> None:
    pairs = [(load(RESNET, "50"), load(RESNET, "101")), (load(VGG, "A"), load(RESNET, "18"))]
    pairs += [(load(RESNET, "50"), load(SE_RESNET, "50"))] * SE_RESNET.exists()
    for a, b in pairs:
        found = compare(a, b, ("a", "b"))
        rows = [row for row in found.rows if isinstance(row, Change)]
        params, mult_adds = found.totals[0], found.totals[1]
        assert (sum(row.params or 0 for row in rows), sum(row.mult_adds or 0 for row in rows)) == (
            params.difference,
            mult_adds.difference,
        )
        assert (params.a, params.b, params.ratio) == (a.params, b.params, b.params / a.params)


def test_resnet_101_is_resnet_50_with_another_repetition(run: Run) -> None:
    done = run("diff", f"{RESNET}:50", f"{RESNET}:101")
    assert (done.code, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "`bottleneck`: repeats 6 -> 23 +18,992,128 +3,712,221,184" in lines
    assert [line for line in lines if "same" in line] == ["4 rows are the same", "3 rows are the same"]


def test_parameters_stand_behind_the_spec_or_are_set_for_both(run: Run) -> None:
    done = run("diff", f"{RESNET}:50", f"{RESNET}:50(on_1x1=no, classes=10)", "--format", "json")
    assert json.loads(done.out)["settings"] == {"classes": ["1000", "10"], "on_1x1": ["yes", "no"]}
    done = run(
        "diff", f"{RESNET}:50", f"{RESNET}:50(on_1x1=no)", "-p", "classes=10", "--input", "64x64x3", "--format", "json"
    )
    assert json.loads(done.out)["settings"] == {"on_1x1": ["yes", "no"]}


@pytest.mark.parametrize(
    ("specs", "code", "error"),
    [
        (["tiny.arch", "missing.arch"], 1, "E0001"),
        (["tiny.arch", "broken.arch"], 1, "E0601"),
        (["two.arch", "tiny.arch"], 1, "E0408"),
        (["two.arch:A", "two.arch:C"], 1, "E0407"),
        (["tiny.arch", "tiny.arch(width=3)"], 1, "E0406"),
        (["tiny.arch", "tiny.arch(classes)"], 1, "E0101"),
        (["tiny.arch", "tiny.arch(classes=1/0)"], 1, "E0204"),
        (["tiny.arch", "tiny.arch", "-p", "classes"], 2, "E0101"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_what_is_wrong_with_a_side_is_a_diagnostic(
    run: Run, specs: list[str], code: int, error: str, form: str
) -> None:
    done = run("diff", *specs, "--format", form)
    assert done.code == code
    assert done.err.startswith(f"error[{error}]")


def test_a_spec_is_named_with_parameters_in_every_command(run: Run) -> None:
    assert json.loads(run("count", "tiny.arch(classes=20)", "--format", "json").out)["parameters"] == {"classes": 20}
    assert "def tiny(classes: int = 20)" in run("emit", "tiny.arch(classes=20)").out
    assert load("two.arch:A(classes=20)").network.parameters == {"classes": 20}
    Path("odd(classes=1).arch").write_text(Path("tiny.arch").read_text())
    assert named_by("odd(classes=1).arch").settings == {}
    assert named_by("two.arch:A(x=1, s=3x3)") == ("two.arch", "A", {"x": 1, "s": (3, 3)})


def test_json_follows_its_schema_and_markdown_is_a_table(run: Run) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for a, b in (
        (f"{VGG}:A", f"{RESNET}:18"),
        (f"{RESNET}:50", f"{RESNET}:50(on_1x1=no)"),
        ("tiny.arch", "two.arch:A"),
    ):
        data = json.loads(run("diff", a, b, "--format", "json").out)
        jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
        lines = run("diff", a, b, "--format", "markdown").out.splitlines()
        assert {line.count("|") for line in lines if line.startswith("|")} <= {7, 6}


def test_what_runs_is_told_apart_from_what_it_is_called() -> None:
    a = """
block unit(c, stride=1) = add of
| conv 1x1, c, /stride; conv 3x3, c; conv 1x1, 4*c |
| shortcut 4*c, /stride                            |

| a | unit 8, /2 x 3 |
| d | fc classes     |
"""
    b = """
block bottleneck(c, s=1) = add of
| conv 1x1, c; conv 3x3, c, /s; conv 1x1, 4*c |
| shortcut 4*c, /s                            |

| first | bottleneck 8, /2 x 2 |
| more  | bottleneck 8         |
| fc    | fc classes           |
"""
    work = differences(a, b).work
    assert work.moved == ("conv 1x1", "conv 3x3")
    assert work.changes == (
        Work("conv 1x1", 1, (Argument("stride", (2, 2), (1, 1)),), 0, 192 * 8 * 8),
        Work("conv 3x3", 1, (Argument("stride", (1, 1), (2, 2)),), 0, 0),
    )
    same = differences(b, b.replace("bottleneck", "block9")).work
    assert (same.changes, same.elsewhere, same.moved) == ((), {}, None)


NAMED_APART = """
block unit(c, stride=1) = add of
| residual | conv 3x3, c, /stride; relu; conv 3x3, c |
| shortcut | shortcut c, /stride                     |
then relu

| a | unit 8 x 2; unit 16, /2 |
| p | global-avgpool          |
| f | fc classes; softmax     |
"""
OTHER_NAMES = """
block pair(c) = {body}

block unit(c, s=1) = add of
| skip | [conv 1x1, c, /s] if in != c or s > 1; identity if in == c and s == 1 |
| body | conv 3x3, c, /s; relu; conv 3x3, c                                    |
then relu

| first  | pair 8                     |
| second | unit 16, /2                |
| last   | adaptive-avgpool 1; {last} |
""".replace("{body}", "add of\n| identity |\n| conv 3x3, c; relu; conv 3x3, c |\nthen relu; unit c")


def test_rows_are_the_same_where_they_compute_the_same_whatever_blocks_and_rows_are_called() -> None:
    found = differences(NAMED_APART, OTHER_NAMES.replace("{last}", "conv 1x1, classes"))
    assert (shown(found), found.rows, found.blocks, found.work.is_none) == (["=3"], (Same(3, 3),), (), True)
    assert differences(OTHER_NAMES.replace("{last}", "fc classes"), NAMED_APART).rows == (Same(3, 3),)


def test_a_block_in_other_words_is_compared_by_the_layers_that_run() -> None:
    words = NAMED_APART.replace("stride=1", "s=1").replace("/stride", "/s")
    assert differences(NAMED_APART, words).rows == (Same(3, 3),)
    found = differences(NAMED_APART, words.replace("/s; relu", "/s; relu6"))
    assert (reasons_of(found), found.blocks) == ([("3 x relu: relu6 instead: 0 mult-adds, 0 params",)], ())


def test_layers_in_another_order_are_no_same_rows() -> None:
    assert reasons("| conv3-8; bn; relu |\n", "| conv3-8; relu; bn |\n")[0] != ()
    again = "block b(n) = add of\n| identity |\n| {} |\n\n| b 1 |\n"
    swapped = again.replace("(n)", "(m)").format("conv 3x3, in; relu; bn")
    assert reasons(again.format("conv 3x3, in; bn; relu"), swapped) == [("the same layers in another order",)]


def test_rows_that_take_other_rows_differ() -> None:
    table = "| layer | op | from |\n| --- | --- | --- |\n| a | conv 3x3, 8 | |\n| b | conv 3x3, 8 | |\n| c | add; fc classes | {} |\n"
    assert reasons(table.format("a, b"), table.format("in, b"))[0] == ("from a, b -> in, b",)


def test_layers_that_one_has_alone_are_counted() -> None:
    a, b = "| conv 3x3, 8 x 2; relu |\n| fc classes |\n", "| conv 3x3, 8 x 5; maxpool |\n| fc classes |\n"
    work = differences(a, b).work
    assert ("conv 3x3", 3, Way.SECOND, 3 * 584, 3 * 72 * 8 * 256) in work.changes
    assert ("relu", 1, Way.FIRST, 0, 0) in work.changes
    assert work.changes[0].layer == "conv 3x3"


def work_of(a: str, b: str) -> WorkDone:
    one, other = (loads(f"network x\ninput 16x16x8\n| {steps} |") for steps in (a, b))
    return compare(one, other, ("a", "b")).work


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("conv 3x3, 8; avgpool 16x16; fc 8", "conv 3x3, 8; global-avgpool; flatten; fc 8"),
        ("global-avgpool; conv 1x1, 8; relu; fc 8", "global-avgpool; fc 8; relu; fc 8"),
        ("maxpool 2x2, /2; fc 8; softmax", "maxpool; adaptive-maxpool 8x8; flatten; fc 8"),
        ("maxpool 16x16; conv 1x1, 8", "global-maxpool; fc 8"),
        ("conv 16x16, 8, pad=0; relu", "fc 8; relu"),
        ("conv 3x3, 8; drop-path 0, linear", "conv 3x3, 8"),
        ("conv 3x3, 8, pad=1; conv 1x1, 8", "conv 3x3, 8, pad=same; conv 1x1, 8, pad=tf_same"),
    ],
)
def test_layers_are_the_same_where_they_compute_the_same(a: str, b: str) -> None:
    work = work_of(a, b)
    assert (work.changes, work.elsewhere) == ((), {})


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("conv 3x3, 8; conv 1x1, 8", "conv 3x3, 8; conv 1x1, 8, groups=2", "1 x conv 1x1: groups 1 -> 2: -8,192 "),
        ("conv 7x1, 8; conv 1x7, 8", "conv 1x7, 8; conv 1x7, 8", "1 x conv 7x1: kernel 7x1 -> 1x7: 0 mult-adds, 0 "),
        ("conv 3x3, 8; relu", "conv 3x3, 8; relu6", "1 x relu: relu6 instead: 0 mult-adds, 0 params"),
        ("conv 3x3, 8; bn", "conv 3x3, 8; bn eps=0.001", "1 x bn: eps 1e-05 -> 0.001: 0 mult-adds, 0 params"),
        ("conv 5x5, 8", "conv 5x5, 6", "1 x conv 5x5: channels 8 -> 6: -102,400 mult-adds, -402 params"),
        ("avgpool 16x16, pad=1, /20", "global-avgpool", "1 x global-avgpool: only in the second"),
        ("softmax; fc 8", "fc 8", "1 x softmax: only in the first: 0 mult-adds, 0 params"),
    ],
)
def test_what_layers_differ_in(a: str, b: str, said: str) -> None:
    assert said in "\n".join(sentences(work_of(a, b)))


def test_the_order_of_what_is_joined_matters_where_channels_lie_side_by_side() -> None:
    block = "block b = {} of\n| conv 3x3, {} |\n| conv 1x1, {} |\n\n| b |\n"
    work = differences(block.format("concat", 8, 4), block.format("concat", 8, 4).replace("concat", "concat")).work
    assert work.is_none
    swapped = "block b = concat of\n| conv 1x1, 4 |\n| conv 3x3, 8 |\n\n| b |\n"
    [change] = differences(block.format("concat", 8, 4), swapped).work.changes
    assert change[:3] == ("concat", 1, Way.REORDERED)
    summed = "block b = add of\n| conv 1x1, 8 |\n| conv 3x3, 8 |\n\n| b |\n"
    assert differences(block.format("add", 8, 8), summed).work.is_none


def test_strides_move_though_more_is_different() -> None:
    work = work_of("conv 1x1, 8, /2; conv 3x3, 8; relu; fc 8", "conv 1x1, 8; conv 3x3, 8, /2; relu6; fc 8")
    assert [*sentences(work)][:2] == [
        "1 stride moves from conv 1x1 to conv 3x3: +12,288 mult-adds, 0 params",
        "1 x relu: relu6 instead: 0 mult-adds, 0 params",
    ]


def test_a_stride_moves_from_the_layer_that_has_the_larger_one() -> None:
    work = work_of("conv 3x3, 8, /4; conv 1x1, 8, /2; fc 8", "conv 3x3, 8, /2; conv 1x1, 8, /4; fc 8")
    assert work.moved == ("conv 3x3", "conv 1x1")
    back = work_of("conv 3x3, 8, /2; conv 1x1, 8, /4; fc 8", "conv 3x3, 8, /4; conv 1x1, 8, /2; fc 8")
    assert back.moved == ("conv 1x1", "conv 3x3")


def test_layers_on_other_shapes_are_told_once() -> None:
    assert [*sentences(work_of("conv 3x3, 8, /2; conv 5x5, 8; relu", "conv 3x3, 8; conv 5x5, 8; relu"))] == [
        "1 x conv 5x5: on other shapes: +307,200 mult-adds, 0 params",
        "1 x conv 3x3: stride 2 -> 1: +110,592 mult-adds, 0 params",
        "1 more layer runs on other shapes: 1 x relu",
    ]


def test_the_lines_of_what_runs(run: Run) -> None:
    shown = run("diff", f"{RESNET}:50", f"{RESNET}:50(on_1x1=no)").out
    assert "  3 strides move from conv 1x1 to conv 3x3: +231,211,008 mult-adds, 0 params\n" in shown
    assert "  the same layers on the same shapes\n" in run("diff", f"{VGG}:D", f"{VGG}:D").out


def test_a_gate_that_runs_on_another_map_is_a_layer_on_other_shapes() -> None:
    gated = "block se(r) = multiply of\n| identity |\n| global-avgpool; conv 1x1, r; relu; conv 1x1, in; sigmoid |\n\n| conv 3x3, 8; se 4 |\n"
    small, large = network(gated), network(gated, input=(24, 24, 8))
    work = compare(small, large, ("a", "b")).work
    assert work.elsewhere == {"global-avgpool": 1, "multiply": 1}
    assert [*sentences(work)][-1] == "2 more layers run on other shapes: 1 x global-avgpool, 1 x multiply"


def test_both_are_counted_by_the_rule_of_the_second() -> None:
    text = "network x\ninput 16x16x8\ncounted cs231n\n| a | conv 3x3, 8 |\n| b | fc 10 |\n"
    mine, theirs = loads(text), loads(text.replace("cs231n", "paper"))
    found = compare(mine, theirs, ("a", "b"))
    assert (found.rows, found.work.is_none) == ((Same(2, 2),), True)
    assert {total.quantity: total.difference for total in found.recounted} == {
        "params": theirs.params - mine.params,
        "activations": theirs.activations - mine.activations,
    }
    assert (theirs.params - mine.params, theirs.activations - mine.activations) == (8 + 10, -16 * 16 * 8)
    assert all(total.difference == 0 for total in found.totals)
    [line] = setting_lines(found)
    assert line == (
        "counted cs231n -> paper: +18 params, -2,048 activations for the first; all below is counted by paper"
    )


def test_what_nobody_knows_of_a_layer_is_no_difference_of_nothing() -> None:
    one, other = (loads(f'network x\ninput 16x16x8\n| opaque "odd" |\n| {row} |') for row in ("relu", "conv 1x1, 8"))
    work = compare(one, other, ("a", "b")).work
    assert "1 x relu: only in the first: 0 mult-adds, 0 params" in [*sentences(work)]
    gone = compare(one, loads("network x\ninput 16x16x8\n| relu |"), ("a", "b")).work
    assert [*sentences(gone)] == ["1 x opaque: only in the first: unknown mult-adds, unknown params"]


def test_the_cost_of_several_reasons_is_of_all_together() -> None:
    found = differences("| r | conv 7x7, 8 |\n", "| r | conv 7x7, 8, no bias; bn |\n")
    lines = [" ".join(line.split()) for line in as_text(found, Style()).splitlines()]
    at = lines.index("`conv 7x7`: bias yes -> no")
    assert lines[at + 1 : at + 3] == ["with `bn`", "together +8 0"]


def test_an_argument_that_is_not_written_is_what_it_comes_to() -> None:
    assert reasons("| r | maxpool 3x3, /2 |\n", "| r | maxpool |\n")[0] == ("`maxpool`: kernel 3x3 -> 2x2",)
    assert reasons("| r | maxpool 3x3, /2 |\n", "| r | maxpool 3x3 |\n")[0] == ("`maxpool 3x3`: stride 2 -> 3",)
