"""Any input has an answer soon: one budget a request, names that are looked for among few, diagnostics that are counted."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import corpus, named

from archspec import ArchError, load, loads
from archspec import budget as budgets
from archspec.api import variants
from archspec.budget import Exhausted, request, spend
from archspec.cli import main
from archspec.counting.formulas import Seen, means
from archspec.naming import Names, closest, suggest
from archspec.op import Call, Shape
from archspec.support.limits import LONGEST_FILE, MOST_SHOWN, MOST_SUGGESTIONS, MOST_WORK
from archspec.targets.torch.load import Code, build

pytestmark = pytest.mark.dear

TOP = "network n(k=1)\ninput 8x8x4\n"
SETTINGS = "\nclaims\n| source | k | params |\n|---|---|---|\n" + "".join(f"| t | {i} | 1 |\n" for i in range(1, 13))


def rows(n: int, op: str = "conv3-8, pad=k") -> str:
    return "\n| layer | op |\n|---|---|\n" + "".join(f"| r{i} | {op} |\n" for i in range(n))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that a table of a thousand rows exceeds."""
    monkeypatch.setattr(budgets.Budget.__init__, "__defaults__", (100_000,))


def test_too_much_work_ends_with_what_was_found_and_the_place(little: None) -> None:
    with pytest.raises(Exhausted) as caught:
        loads(TOP + rows(5, "cnov3-8") + rows(1_000))
    first, *others = caught.value.diagnostics
    assert first.code == "E0704"
    assert first.span is not None
    assert first.notes == ("more than 100,000 units of work",)
    assert first.label == "stopped here"
    assert {d.code for d in others} == {"E0601"}
    assert len(others) == 5


def test_a_table_of_a_hundred_rows_is_little_work(little: None) -> None:
    assert loads(TOP + rows(100)).params


def test_all_settings_of_claims_share_one_budget(little: None) -> None:
    table = rows(1, "[conv 1x1, in + k; relu] x 150")
    assert loads(TOP + table).checked().params
    with pytest.raises(ArchError) as caught:
        loads(TOP + table + SETTINGS).checked()
    assert caught.value.diagnostics[0].code == "E0704"


def test_all_variants_share_one_budget(tmp_path: Path, little: None) -> None:
    path = tmp_path / "a.arch"
    names = "\nvariants\n| variant | k |\n|---|---|\n" + "".join(f"| v{i} | {i} |\n" for i in range(1, 99))
    path.write_text(TOP + names + rows(50))
    with pytest.raises(ArchError) as caught:
        variants(str(path))
    assert caught.value.diagnostics[0].code == "E0704"
    assert caught.value.diagnostics[0].notes[-1].startswith("in variant `v")
    assert variants(f"{path}:v7")[0].params


def test_the_place_is_in_a_row_of_the_variant_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.arch"
    names = [f"V{i}" for i in range(20)]
    table = f"\nvariants {', '.join(names)}\n\n| layer | {' | '.join(names)} |\n|{'---|' * 21}\n"
    own = [" | ".join("[conv 1x1, in + 1] x 40" if i == j else "" for j in range(20)) for i in range(20)]
    path.write_text("network n\ninput 8x8x4\n" + table + "".join(f"| r{i} | {row} |\n" for i, row in enumerate(own)))
    for units in range(20_000, 60_000, 1_300):
        monkeypatch.setattr(budgets.Budget.__init__, "__defaults__", (units,))
        with pytest.raises(ArchError) as caught:
            variants(str(path))
        first = caught.value.diagnostics[0]
        assert first.code == "E0704"
        if first.span is not None and first.notes[-1].startswith("in variant") and first.span.line > 6:
            row = first.span.source.lines[first.span.line - 1]
            assert f"in variant `V{row.split()[1].removeprefix('r')}`" == first.notes[-1], units


def test_the_code_of_a_command_shares_its_budget(
    tmp_path: Path, little: None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.arch"
    path.write_text(
        TOP
        + "".join(f"block b{i}\n| conv 1x1, in + {i} x 30 |\n\n" for i in range(1, 16))
        + rows(1, "; ".join(f"b{i}" for i in range(1, 16)))
    )
    assert main(["count", str(path)]) == 0
    assert main(["emit", str(path)]) == 1
    assert "error[E0704]: this takes too much work" in capsys.readouterr().err


def test_a_request_within_another_spends_from_it() -> None:
    with request() as outer:
        loads(TOP + rows(1))
        first = outer.spent
        loads(TOP + rows(1))
        assert outer.spent == first  # what is remembered is spent once by a request
        loads("# again\n" + TOP + rows(1))
        assert outer.spent == pytest.approx(2 * first, abs=10)
    with request() as later:
        loads(TOP + rows(1))
        assert later.spent == first  # and by every request
    with request() as inner:
        assert inner is not outer
        assert inner.spent == 0


def test_nobody_goes_on_once_the_budget_is_spent() -> None:
    with request():
        with pytest.raises(Exhausted) as first:
            spend(MOST_WORK + 1)
        with pytest.raises(Exhausted) as second:
            spend(1)
        assert first.value.diagnostics == second.value.diagnostics
    spend(MOST_WORK + 1)  # outside of a request nobody counts


@named(sorted({name.partition(":")[0] for name in corpus()}))
def test_networks_of_papers_take_little_of_it(name: str) -> None:
    with request() as budget:
        found = variants(f"specs/{name}" if not Path(name).exists() else name)
        for compiled in found:
            compiled.source()
    assert budget.spent / len(found) < MOST_WORK / 11  # MobileNet claims figures of twenty networks


def test_two_thousand_five_hundred_different_rows_compile() -> None:
    table = rows(0) + "".join(f"| r{i} | conv 3x3, {i + 1}, pad=k, no bias; bn; relu |\n" for i in range(1_000))
    with request() as budget:
        assert loads(TOP + table).source()
    assert 2.5 * budget.spent < MOST_WORK


def test_a_million_blocks_are_little_work() -> None:
    with request() as budget:
        load("specs/cifar_resnet.arch", depth=2_000_006).source()
    assert budget.spent < MOST_WORK / 20


def test_a_text_is_as_long_as_a_file_may_be() -> None:
    with pytest.raises(ArchError) as caught:
        loads(TOP + "#" * LONGEST_FILE)
    assert [d.code for d in caught.value.diagnostics] == ["E0006"]
    with pytest.raises(ArchError) as caught:
        loads(TOP + "# " + "é" * (LONGEST_FILE // 2))
    assert [d.code for d in caught.value.diagnostics] == ["E0006"]


def test_diagnostics_beyond_a_hundred_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.arch"
    path.write_text(TOP + "".join(f"bad{i}\n" for i in range(1_299)) + rows(1))
    assert main(["count", str(path)]) == 1
    shown = capsys.readouterr().err
    assert shown.count("error[E0102]") == MOST_SHOWN
    assert shown.endswith("and 1,199 more; `--all` shows them\n\n")
    assert main(["count", "--all", str(path)]) == 1
    assert capsys.readouterr().err.count("error[E0102]") == 1_299
    assert main(["check", "--format", "json", str(path)]) == 1
    assert len(json.loads(capsys.readouterr().out)["specs"][0]["diagnostics"]) == 1_299
    with pytest.raises(ArchError) as caught:
        load(path)
    assert str(caught.value).count("error[E0102]") == MOST_SHOWN
    assert str(caught.value).endswith("\n\nand 1,199 more")
    assert len(caught.value.diagnostics) == 1_299


def test_names_are_found_among_many_as_among_few() -> None:
    few, many = [f"layer_{i}" for i in range(50)], Names(f"layer_{i}" for i in range(50_000))
    assert closest("layre_7", few) == "layer_7"
    assert closest("layre_777", many) == "layer_777"
    assert closest("layer_777x", many) == "layer_777"
    assert closest("nothing", many) is None
    many.add("laxer_777")
    assert closest("laxer_777", many) == "laxer_777"
    assert (
        suggest("nothing", many)
        == "there is " + ", ".join(f"`{name}`" for name in sorted(many)[:10]) + " and 49,991 more"
    )
    assert suggest("nothing", few[:2]) == "there is `layer_0`, `layer_1`"


def test_many_mistakes_do_not_list_long_names_whole() -> None:
    text = TOP + "".join(f"block {letter * 9_000}\n| relu |\n\n" for letter in "abcdefghijkl")
    with pytest.raises(ArchError) as caught:
        loads(text + rows(1, "zzz"))
    (found,) = (d for d in caught.value.diagnostics if d.code == "E0601")
    assert found.help is not None
    assert f"`{'a' * 100}…`" in found.help
    assert len(found.help) < 2_000


def test_an_audit_of_a_spec_is_one_request(tmp_path: Path, little: None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.arch"
    path.write_text(TOP + rows(1) + "# 1+1=3\n" * 2_000)
    assert main(["check", str(path)]) == 0
    assert main(["audit", str(path)]) == 1
    assert "error[E0704]: this takes too much work" in capsys.readouterr().err


def test_json_with_too_many_mistakes_is_refused_before_each_is_read(little: None) -> None:
    from archspec.ir.json import from_json, to_json

    whole = to_json(loads(TOP + rows(1)).network)
    text = whole.replace('"heads": []', f'"heads": [{", ".join(["{}"] * 20_000)}]')
    assert text != whole
    with pytest.raises(ArchError):  # what is read once a process
        from_json(text[:100])
    tracemalloc.start()
    with request(), pytest.raises(ArchError) as caught:
        from_json(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.diagnostics[0].code == "E0704"
    assert peak < 10_000_000


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_one_long_cell_does_not_make_every_line_as_long(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.arch"
    claims = "".join(f"| {source} | 1480 |\n" for source in ("x" * 9_000, *("t" * 400)))
    path.write_text(TOP + rows(5, "conv3-8") + "\nclaims\n| source | params |\n|---|---|\n" + claims)
    main(["check", "--format", form, str(path)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 400
    assert sum(map(len, lines)) < 9_000 + 400 * 500


def test_suggestions_of_a_request_come_to_an_end() -> None:
    with request():
        found = [closest("layre", ["layer"]) for _ in range(MOST_SUGGESTIONS + 1)]
    assert found == ["layer"] * MOST_SUGGESTIONS + [None]


@given(st.integers(1, 40), st.integers(1, 40))
def test_windows_that_share_out_an_input_are_counted_without_a_look_at_each(size: int, out: int) -> None:
    call = Call("nn.AdaptiveAvgPool2d", {"output_size": out})
    taken = sum(-(-(i + 1) * size // out) - i * size // out for i in range(out))
    assert means(Seen(call, Shape(3, size, 1), Shape(3, out, 1))) == taken * 3 + 3 * out


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6), st.integers(0, 4), st.integers(1, 12), st.booleans())
def test_windows_that_slide_are_counted_without_a_look_at_each(
    size: int, kernel: int, stride: int, pad: int, out: int, padded: bool
) -> None:
    options = {"stride": (stride, 1), "padding": (pad, 0), "count_include_pad": padded}
    call = Call("nn.AvgPool2d", {"kernel_size": (kernel, 1)}, options)
    low, high = (-pad, size + pad) if padded else (0, size)
    ends = [(i * stride - pad, i * stride - pad + kernel) for i in range(out)]
    taken = sum(max(min(end, high) - max(start, low), 0) for start, end in ends)
    assert means(Seen(call, Shape(3, size, 1), Shape(3, out, 1))) == taken * 3 + 3 * out


@pytest.mark.parametrize("command", [["why"], ["count", "--convention", "thop"]])
def test_a_pool_to_a_million_million_positions_is_counted(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.arch"
    path.write_text("network n\ninput 8x8x4\n| adaptive-avgpool 1000000000000 |\n")
    assert main([*command, str(path)]) == 0


@pytest.mark.parametrize(("op", "said"), [("conv3-8 x 1000000000", "modules"), ("fc 1000000000000", "parameters")])
def test_what_is_too_large_to_make_is_counted_and_not_made(op: str, said: str) -> None:
    compiled = loads("network n\ninput 8x8x8\n" + rows(1, op))
    assert compiled.params > 10**9
    assert "class N(" in compiled.source()
    for act in (compiled.build, lambda: compiled.weights_from({})):
        with pytest.raises(ArchError) as caught:
            act()
        (found,) = caught.value.diagnostics
        assert (found.code, found.message.split()[4]) == ("E0907", f"{said},")


@pytest.mark.torch
def test_what_torch_cannot_make_is_a_diagnostic() -> None:
    source = "def n():\n    raise RuntimeError('not enough memory: you tried to allocate 4 bytes\\nat c10')\n"
    with pytest.raises(ArchError) as caught:
        build(Code(source, "n"))
    [found] = caught.value.diagnostics
    assert (found.code, found.message.partition(": ")[2]) == (
        "E0910",
        "not enough memory: you tried to allocate 4 bytes",
    )


def test_names_know_how_often_they_were_given() -> None:
    names = Names(["a", "b", "a"])
    assert (names.count("a"), names.count("b"), names.count("c")) == (2, 1, 0)
    assert "a" in names
    assert "c" not in names
    assert [*names] == ["a", "b"]
