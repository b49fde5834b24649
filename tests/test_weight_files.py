"""Files of weights and the command that places them: what is read, what is refused, what is written and what is said."""

from __future__ import annotations

import json
import pickle
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from commands import Run, runner

import archspec
from archspec import ArchError
from archspec.weights import files as weight_files
from archspec.weights.match import match

pytestmark = pytest.mark.torch

run = pytest.fixture(runner)
SOURCE = {
    "features.0.weight": torch.arange(144.0).reshape(4, 4, 3, 3),
    "features.0.bias": torch.arange(4.0),
    "head.weight": torch.arange(2560.0).reshape(10, 256),
    "head.bias": torch.arange(10.0),
}
TAKEN = {
    "a.weight": "features.0.weight",
    "a.bias": "features.0.bias",
    "b.1.weight": "head.weight",
    "b.1.bias": "head.bias",
}


def said(run: Run, *args: str, file: str = "w.pt") -> str:
    """The one code that the command says."""
    done = run("weights", "tiny.arch", "--from", file, "--format", "json", *args)
    assert done.code == 1
    assert "Traceback" not in done.err
    [diagnostic] = json.loads(done.out)["diagnostics"]
    code: str = diagnostic["code"]
    return code


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_what_is_written_loads_into_the_module(run: Run, suffix: str) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    torch.save({"model": SOURCE, "epoch": 3}, "w.pt")
    done = run("weights", "tiny.arch", "--from", "w.pt", "-o", f"out/x{suffix}")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"tiny: placed 4 of 4 tensors from `w.pt`\nwrote out/x{suffix}\n"
    state = weight_files.read(f"out/x{suffix}")
    assert all(torch.equal(state[name], SOURCE[source]) for name, source in TAKEN.items())
    archspec.build("tiny.arch").load_state_dict(state)
    assert [path.name for path in Path("out").iterdir()] == [f"x{suffix}"]


def test_the_report_as_json(run: Run) -> None:
    torch.save(SOURCE, "w.pt")
    done = run("weights", "tiny.arch", "--from", "w.pt", "--format", "json")
    data = json.loads(done.out)
    assert data["written"] == f"tiny{weight_files.suffix()}"
    assert {name: placed["from"] for name, placed in data["placed"].items()} == TAKEN
    assert (data["missing"], data["unused"], data["ambiguous"]) == ({}, {}, [])


def test_other_classes_are_asked_for_by_name(run: Run) -> None:
    torch.save(SOURCE | {"head.weight": torch.zeros(7, 256), "head.bias": torch.zeros(7)}, "w.pt")
    done = run("weights", "tiny.arch", "--from", "w.pt")
    assert done.code == 1
    assert "nothing for `b.1.weight` 10x256" in done.err
    assert "`-p classes=7`" in done.err
    assert not [*Path().glob("tiny.[ps]*")]
    assert run("weights", "tiny.arch", "--from", "w.pt", "-p", "classes=7").code == 0


def test_what_does_not_fit_is_written_in_part_where_that_is_asked(run: Run) -> None:
    torch.save({name: SOURCE[name] for name in ("features.0.weight", "features.0.bias")}, "w.pt")
    assert said(run) == "E0905"
    done = run("weights", "tiny.arch", "--from", "w.pt", "-o", "x.pt", "--partial")
    assert done.code == 0
    assert "warning[E0905]" in done.err
    assert [*weight_files.read("x.pt")] == ["a.weight", "a.bias"]


def test_a_file_that_is_none_is_refused(run: Run) -> None:
    torch.save(SOURCE, "w.pt")
    whole = Path("w.pt").read_bytes()
    Path("folder").mkdir()
    header = (10**12).to_bytes(8, "little") + b"{}"
    for name, data in {"cut.pt": whole[:900], "text": b"weights", "empty": b"", "x.safetensors": header}.items():
        Path(name).write_bytes(data)
        assert said(run, file=name) == "E0901", name
    for name in ("folder", "nothing", "tiny.arch", "/dev/zero", "\0"):
        assert said(run, file=name) == "E0901", name


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return print, ("run",)


def test_code_in_a_file_is_not_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"a.weight": Harmful()}, "w.pt")
    assert said(run) == "E0902"
    Path("w.pt").write_bytes(pickle.dumps(Harmful(), protocol=2))
    assert said(run) in ("E0901", "E0902")
    assert "run" not in capsys.readouterr().out


def test_a_file_cannot_be_more_than_it_is(run: Run) -> None:
    torch.save(SOURCE, "w.pt")
    with zipfile.ZipFile("w.pt") as old, zipfile.ZipFile("z.pt", "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    assert said(run, file="z.pt") == "E0901"
    torch.save({"a.weight": torch.zeros(1).expand(10**6, 10**6)}, "w.pt")
    assert said(run) == "E0901"
    torch.save({"a.weight": torch.zeros(3, device="meta")}, "w.pt")
    assert said(run) == "E0901"


def test_there_has_to_be_one_state_dict(run: Run) -> None:
    contents: list[object] = [{}, [], {"epoch": 3}, {"model": SOURCE, "model_ema": SOURCE}]
    for content in contents:
        torch.save(content, "w.pt")
        assert said(run) == "E0904"
    with pytest.raises(ArchError, match="E0904"):
        archspec.load("tiny.arch").weights_from({})


def test_a_library_that_is_missing_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(SOURCE, "w.pt")
    Path("x.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    assert said(run, file="x.safetensors") == "E0903"
    assert said(run, "-o", "x.safetensors") == "E0903"
    monkeypatch.setitem(sys.modules, "torch", None)
    assert said(run) == "E0903"


def test_weights_are_not_written_where_they_must_not_be(run: Run) -> None:
    torch.save(SOURCE, "w.pt")
    assert said(run, "-o", "w.pt") == "E0906"
    assert said(run, "-o", "/dev/null") == "E0002"
    assert said(run, "-o", "tiny.arch/x.pt") == "E0002"


UNFIT = {
    "of the type bool": torch.ones(10, 256, dtype=torch.bool),
    "of the type int32": torch.ones(10, 256, dtype=torch.int32),
    "of the type complex64": torch.ones(10, 256, dtype=torch.complex64),
    "of the type float8_e4m3fn": torch.ones(10, 256).to(torch.float8_e4m3fn),
    "1 of 2,560 numbers that are NaN or infinite": torch.ones(10, 256).index_fill(0, torch.tensor(0), 1),
}
UNFIT["1 of 2,560 numbers that are NaN or infinite"][3, 3] = torch.nan


@pytest.mark.parametrize("why", UNFIT)
@pytest.mark.parametrize("partial", [[], ["--partial"]])
def test_numbers_that_no_network_learns_are_not_placed(run: Run, why: str, partial: list[str]) -> None:
    torch.save(SOURCE | {"head.weight": UNFIT[why]}, "w.pt")
    assert said(run, *partial) == "E0911"
    assert why in run("weights", "tiny.arch", "--from", "w.pt").err
    assert not [*Path().glob("tiny.safetensors"), *Path().glob("tiny.pt")]


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_floats_of_any_usual_size_are_placed(run: Run, kind: torch.dtype) -> None:
    torch.save({name: tensor.to(kind) for name, tensor in SOURCE.items()}, "w.pt")
    assert run("weights", "tiny.arch", "--from", "w.pt").code == 0


def test_whole_numbers_stay_where_a_network_counts() -> None:
    net = archspec.loads("network n\ninput 8x8x3\nevery conv: conv; bn\n| conv3-4 |\n| fc 2 |\n")
    state = net.build().state_dict()
    assert net.weights_from(state).state.keys() == state.keys()
    assert any(tensor.dtype == torch.int64 for tensor in state.values())


@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_tensor_that_is_none_of_rows_and_columns_is_not_read(run: Run, layout: torch.layout) -> None:
    nested = torch.nested.nested_tensor([torch.zeros(3), torch.zeros(4)], layout=layout)
    torch.save(SOURCE | {"odd": nested}, "w.pt")
    assert said(run) == "E0901"
    assert "`odd` is not a plain tensor of numbers" in run("weights", "tiny.arch", "--from", "w.pt").err
    for odd in (nested, torch.zeros(3, device="meta"), torch.zeros(3, 3).to_sparse()):
        with pytest.raises(ArchError, match="not a plain tensor"):
            archspec.load("tiny.arch").weights_from({"odd": odd})


def test_numbers_in_names_are_numbers() -> None:
    ours = {f"row.{i}.weight": (4, 4) for i in range(12)}
    theirs = dict.fromkeys(sorted(f"layer{i}.weight" for i in range(12)), (4, 4))
    found = match(ours, theirs)
    assert {p.target: p.source for p in found.placed} == {f"row.{i}.weight": f"layer{i}.weight" for i in range(12)}
    assert not found.ambiguities


def test_a_chain_beside_a_projection_is_told_by_its_numbers() -> None:
    ours = {"x.shortcut.weight": (8, 8), "x.residual.0.weight": (8, 8), "x.residual.1.weight": (8, 8)}
    theirs = {"b.conv1.weight": (8, 8, 1, 1), "b.conv2.weight": (8, 8, 1, 1), "b.projection.weight": (8, 8, 1, 1)}
    found = match(ours, theirs)
    assert {p.target: p.source for p in found.placed}["x.shortcut.weight"] == "b.projection.weight"


def test_a_convolution_over_its_whole_input_fills_a_fully_connected_layer() -> None:
    assert len(match({"fc.weight": (5, 36)}, {"conv.weight": (5, 4, 3, 3)}).placed) == 1
    assert not match({"a.weight": (5, 4, 1, 7)}, {"b.weight": (5, 4, 7, 1)}).placed


def test_deep_names_and_names_without_dots_are_names() -> None:
    deep = ".".join("a" * 5000)
    assert len(match({"row.0.weight": (3,)}, {f"{deep}.weight": (3,), "weight": (4,)}).placed) in (0, 1)
