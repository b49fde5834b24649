"""The benchmark's contestants do the same job, and its report says what was measured. No time is asserted here."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from programs import environment
from tools_beside import tool
from torchvision_shim import torchvision

start = tool("bench/start")
figures = tool("bench/figures")
throughput = tool("bench/throughput")


@pytest.mark.torch
@pytest.mark.programs
def test_loops_are_timed_beside_loops_by_hand() -> None:
    words = ["--only", "loops", "--network", "digits", "--rounds", "1", "--steps", "2"]
    command = [sys.executable, "tools/bench/training.py", *words]
    done = subprocess.run(command, cwd=figures.ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    title, each, *speeds, ratio = done.stdout.splitlines()[-1].strip("| ").split(" | ")
    assert (title, each) == ("digits", "32")
    assert all(float(speed.removesuffix(" images/s").replace(",", "")) > 0 for speed in speeds)
    assert float(ratio) > 0


@pytest.mark.torch
@pytest.mark.programs
@pytest.mark.witnesses
def test_transforms_are_timed_beside_those_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision()
    monkeypatch.setattr(sys, "path", [*sys.path])
    training = tool("bench/training")
    photographs = training._photographs
    monkeypatch.setattr(training, "_photographs", lambda folder: photographs(folder)[:4])
    rows = [*training._transforms(tmp_path, 1)]
    assert len(rows) == 3
    assert all(speed > 0 and ratio > 0 for _, speed, ratio in rows)


VGG_16 = 138_357_544
MULT_ADDS = {"torchinfo, on meta": 15_483_821_032}  # it adds the biases
COUNTING = [c for c in (*start.contestants(), *start.warm_contestants()) if c.counts]


def marks(contestant: Any) -> list[pytest.MarkDecorator]:
    """What a contestant needs beside archspec."""
    found = [pytest.mark.torch] if "torch" in contestant.needs else []
    found += [pytest.mark.slow] * (contestant.laps and bool(found))  # twenty times what another contestant does once
    return found + [pytest.mark.witnesses] * bool({"torchinfo", "fvcore"} & set(contestant.needs))


@pytest.mark.parametrize("contestant", [pytest.param(c, id=c.name, marks=marks(c)) for c in COUNTING])
def test_contestants_count_the_same_network(contestant: Any) -> None:
    if contestant.missing:
        pytest.skip(f"not installed: {', '.join(contestant.missing)}")
    timing = start.Timing(contestant.name)
    start._once(contestant, timing, counted=True)
    assert timing.params == VGG_16
    assert timing.mult_adds == MULT_ADDS.get(contestant.name, 15_470_264_320)
    assert len(timing.seconds) == (20 if contestant.laps else 1)
    assert timing.peak_mib > 1


def test_rounds_are_interleaved_and_the_first_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    found = [
        start.Contestant(name, start.python(f"open({str(log)!r}, 'a').write('{name}'); print('1,000 7')"))
        for name in "ab"
    ]
    timings = start.measure(found, 2)
    assert log.read_text("utf-8") == "ababab"
    assert [len(timing.seconds) for timing in timings] == [2, 2]
    assert (timings[0].params, timings[0].mult_adds) == (1000, 7)


def test_a_contestant_that_fails_is_no_result() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        start.spend(start.python("raise SystemExit(3)"))


def test_what_is_missing_is_named() -> None:
    contestant = start.Contestant("x", ("no-such-program", "count"), ("no_such_package", "json"))
    assert contestant.missing == ["no_such_package", "no-such-program"]
    assert start.measure([contestant], 1)[0].seconds == []


RESULTS = start.Results(
    {"Python": "3.0", "fvcore": "not installed"},
    [
        start.Timing(start.FLOOR, [], [0.1, 0.3, 0.2], 20.0),
        start.Timing(start.ARCHSPEC, [], [0.25], 30.4, 1000, 2_000_000),
        start.Timing("fvcore", ["fvcore"]),
    ],
    [start.Timing("archspec.loads", [], [0.004], 0.0, 1000, 2_000_000)],
)
REPORT = """\
| process                      |                median | fastest | x floor | x archspec | peak memory | params | mult-adds |
| ---------------------------- | --------------------: | ------: | ------: | ---------: | ----------: | -----: | --------: |
| floor: import lark, pydantic |               0.200 s | 0.100 s |    1.00 |       0.80 |      20 MiB |        |           |
| archspec count               |               0.250 s | 0.250 s |    1.25 |       1.00 |      30 MiB |  1,000 | 2,000,000 |
| fvcore                       | not installed: fvcore |         |         |            |             |        |           |

| in one process, warm |  median | fastest | x archspec | params | mult-adds |
| -------------------- | ------: | ------: | ---------: | -----: | --------: |
| archspec.loads       | 4.00 ms | 4.00 ms |       1.00 |  1,000 | 2,000,000 |

- Python: 3.0
- fvcore: not installed"""


def test_the_report() -> None:
    assert start.report(RESULTS) == REPORT


def test_the_report_as_json() -> None:
    found = json.loads(start.as_json(RESULTS))
    assert found["environment"]["Python"] == "3.0"
    assert [timing["seconds"] for timing in found["processes"]] == [[0.1, 0.3, 0.2], [0.25], []]
    assert found["processes"][2] == {
        "name": "fvcore",
        "missing": ["fvcore"],
        "seconds": [],
        "peak_mib": 0.0,
        "params": None,
        "mult_adds": None,
    }


def test_the_environment_is_known_from_the_outside() -> None:
    found = start.environment()
    assert found["archspec-nn"] != "not installed"
    assert "cached" in found["byte code"] or "every start" in found["byte code"]
    assert all(found.values())


@pytest.mark.parametrize("network", figures.NETWORKS)
def test_figures_are_drawn_by_archspec(network: str, tmp_path: Path) -> None:
    spec, module = figures.NETWORKS[network]
    assert (figures.ROOT / "generated" / f"{module}.py").exists()
    for name, command in figures.commands(spec, module, out := tmp_path / "figure.svg").items():
        if name.startswith(figures.ARCHSPEC) and ("dot" not in name or shutil.which("dot")):
            assert 0 < figures.timed(command) < 60
            assert "<svg" in out.read_text("utf-8")
            out.unlink()


def rows(**figures: Any) -> list[dict[str, Any]]:
    """What the script finds of a network in one setting, on both sides."""
    found = {"speed": 1000.0, "flops": 23e12, "peak": 40_000, "predicted": 41_000, "batch": 256} | figures
    row = {"network": "ResNet-50", "setting": "bf16, channels last"}
    return [row | {"side": "emitted"} | found, row | {"side": "torchvision"} | found | {"speed": 800.0}]


def test_throughput_is_reported_beside_torchvision_s_and_the_peak_of_a_known_device_alone() -> None:
    line = throughput.report("NVIDIA A100-SXM4-80GB", "2.13", rows()).splitlines()[-1]
    assert line.split(" | ")[2:] == ["256", "1,000.0", "800.0", "1.25", "7%", "40,000 MiB", "41,000 MiB |"]
    assert "| not known |" in throughput.report("Abacus", "2.13", rows())
    left = [{name: row[name] for name in ("network", "setting", "side")} | {"why": "too old"} for row in rows()]
    said = throughput.report("Abacus", "2.13", left)
    assert "- Left out: ResNet-50, bf16, channels last, emitted: too old." in said


def test_the_page_of_throughput_has_a_place_for_its_figures() -> None:
    page = throughput.PAGE.read_text("utf-8")
    written = throughput.with_figures(page, "1 image/s")
    assert "1 image/s" in written
    assert throughput.with_figures(written, "2 images/s") == throughput.with_figures(page, "2 images/s")
    assert throughput.with_figures(page, "Not measured yet: the command has not been run on a GPU.") == page


@pytest.fixture
def families(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("numpy")
    monkeypatch.setattr(sys, "path", [*sys.path])
    found = tool("bench/families")
    monkeypatch.setattr(found, "DEPTHS", (10, 1_000_000))
    monkeypatch.setattr(found, "ROWS", (3, 9))
    return found


def test_families_are_timed_beside_numpy_by_hand(families: Any, capsys: pytest.CaptureFixture[str]) -> None:
    families.main(["--rounds", "1", "--members", "1000", "--without-torch"])
    cells = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row[0] for row in cells if "ratio" in row or "a second" in row[1]] == [
        "MobileNet",
        "MobileNet, members",
        "WRN",
        "WRN, members",
        "depth of WRN, 10 members from",
        "rows, 100 members",
    ]
    ratios = [row[2] for row in cells if row[0].startswith(("archspec", "NumPy"))]
    assert len(ratios) == 8
    assert all(float(ratio.replace(",", "")) > 0 for ratio in ratios)


def test_a_formula_by_hand_that_is_wrong_ends_the_benchmark(families: Any, tmp_path: Path) -> None:
    wide = families.FAMILIES[1]
    wrong = wide._replace(by_hand=lambda depth, k: (wide.by_hand(depth, k)[0] + (k == 7), wide.by_hand(depth, k)[1]))
    with pytest.raises(AssertionError):
        next(families.each_member(wrong, 1_000, 1, [], str(tmp_path)))


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", [0, 1], ids=["MobileNet", "WRN"])
@pytest.mark.parametrize("name", ["torch", *(pytest.param(n, marks=pytest.mark.witnesses) for n in ("fvcore", "thop"))])
def test_counters_of_torch_count_the_members_of_a_sweep(name: str, family: int, families: Any) -> None:
    pytest.importorskip(name)
    few = families.FAMILIES[family]
    families.same_in_few(few._replace(few={axis: values[:1] for axis, values in few.few.items()}), name)
