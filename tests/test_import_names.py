"""Networks of torch by name, and the command that writes their specs."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from commands import Run, runner
from torchvision_shim import torchvision

import archspec
from archspec import ArchError
from archspec.api import variants
from archspec.importing.messages import opaque_parts
from archspec.importing.torch.names import named

pytestmark = pytest.mark.torch
run = pytest.fixture(runner)

NET = """
from torch import nn

def make():
    return nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))

def erring():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.GLU(1))

def tied():
    conv = nn.Conv2d(3, 3, 1)
    return nn.Sequential(conv, nn.ReLU(), conv)

def wrong():
    raise ValueError("no weights here")

def ending():
    raise SystemExit(3)

def hostile():
    raise BaseException("not even an exception")

def keyless():
    return {}["weights"]

def speaking():
    print("made by hand")
    return make()

number = lambda: 3
"""

needs_timm = pytest.mark.skipif(find_spec("timm") is None, reason="needs timm")
needs_torchvision = pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")


def code(name: str, run: bool = False) -> str:
    with pytest.raises(ArchError) as error:
        named(name, run).make()
    (found,) = error.value.diagnostics
    return found.code


def test_a_file_is_run_where_that_is_said_alone(run: object, tmp_path: Path) -> None:
    Path("net.py").write_text(NET)
    assert code("net.py:make") == "E1203"
    assert named("net.py:make", run=True).make()(torch.zeros(1, 3, 8, 8)).shape == (1, 5)
    assert code("net.py:wrong", True) == code("net.py:number", True) == code("net.py:none", True) == "E1204"
    assert code("missing.py:make", True) == "E1204"
    assert code("resnet50") == "E1201"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("ending", "SystemExit: 3"),
        ("hostile", "BaseException: not even an exception"),
        ("keyless", "KeyError: 'weights'"),
        ("none", "the file has no `none`"),
    ],
)
def test_what_a_function_raises_is_said(run: object, function: str, reason: str) -> None:
    Path("net.py").write_text(NET)
    with pytest.raises(ArchError) as error:
        named(f"net.py:{function}", run=True).make()
    assert error.value.diagnostics[0].message == f"`net.py:{function}` gives no module of torch: {reason}"


def test_what_a_file_prints_is_no_part_of_the_spec(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:speaking", "--run", "--input", "8x8x3")
    assert (done.code, done.err) == (0, "made by hand\n")
    assert done.out.startswith("# Imported from net.py:speaking.\n")


def test_the_command_writes_a_spec_that_holds(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:make", "--run", "--input", "8x8x3", "-o", "net.arch", "--verify")
    assert (done.code, done.out) == (0, "wrote net.arch: `archspec count net.arch` prints its table\n")
    first = Path("net.arch").read_text("utf-8").partition("\n")[0]
    assert first == "# Imported from net.py:make; verified: the same outputs, and 4,608 mult-adds by torch's counter."
    assert archspec.load("net.arch").params == 108 + 8 + 725
    refused = run("import", "net.py:make", "-o", "other.arch")
    assert (refused.code, Path("other.arch").exists()) == (1, False)
    assert "error[E1203]" in refused.err


def test_the_command_says_what_is_opaque(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:erring", "--run", "--input", "8x8x3")
    assert 'opaque "1", 6x6, 2, params=0' in done.out
    assert "warning[E1206]: 1 part of `erring` is opaque\n = `1`: `glu`" in done.err
    assert done.code == 0


def test_an_input_that_does_not_fit_is_a_diagnostic(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:make", "--run", "--input", "9x9x3")
    assert done.code == 1
    assert "error[E1205]: `make` could not be read" in done.err


def test_a_vector_for_a_module_that_takes_images_is_a_diagnostic(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:make", "--run", "--input", "64")
    assert "help: an image is H x W x C, such as 224x224x3" in done.err


def test_parts_of_one_name_are_one_line() -> None:
    roll = ("blocks.1:roll", "`roll`")
    told = opaque_parts("net", [("blocks.0", "`glu`"), roll, roll])
    assert told.notes == ("`blocks.0`: `glu`", "`blocks.1:roll` x 2: `roll`")
    many = opaque_parts("net", [roll, roll, *((f"blocks.{at}", "`glu`") for at in range(2, 14))])
    assert many.notes[-1] == "and 3 more"


def test_what_is_opaque_is_verified_too(run) -> None:  # type: ignore[no-untyped-def]
    Path("net.py").write_text(NET)
    done = run("import", "net.py:erring", "--run", "--input", "8x8x3", "--verify", "-o", "net.arch")
    assert done.code == 0
    assert "warning[E1206]: 1 part of `erring` is opaque" in done.err
    assert (
        Path("net.arch")
        .read_text()
        .startswith(
            "# Imported from net.py:erring; verified around 1 opaque part, computed by the module's own operations: the same "
        )
    )


def test_what_is_not_verified_is_not_written(run) -> None:  # type: ignore[no-untyped-def]
    """Layers that share their weights: a spec says of each layer that it has its own."""
    Path("net.py").write_text(NET)
    done = run("import", "net.py:tied", "--run", "--input", "8x8x3", "--verify", "-o", "net.arch")
    assert (done.code, Path("net.arch").exists()) == (1, False)
    assert "error[E1207]: the spec of `tied` was not verified" in done.err


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ArchError, match=r"error\[E1202\]: importing from timm needs timm\n = help: pip install timm"):
        named("timm:resnet50")


@pytest.mark.parametrize("name", ["torchvison:resnet50", "Torchvision:resnet50", "tim:resnet50"])
def test_a_slip_in_the_name_of_a_library_is_seen(name: str) -> None:
    meant = "timm" if name.startswith("tim:") else "torchvision"
    with pytest.raises(
        ArchError, match=rf"E1201\]: there is no network `{name}`\n = help: did you mean `{meant}:resnet50`"
    ):
        archspec.load(name)
    with pytest.raises(ArchError, match=f"did you mean `{meant}:resnet50`"):
        named(name)
    with pytest.raises(ArchError, match="E0001"):
        archspec.load("resnet:50")


@pytest.mark.witnesses
def test_networks_of_libraries_have_their_own_input() -> None:
    torchvision()
    assert str(named("torchvision:efficientnet_b1").input) == "240x240x3"
    assert str(named("torchvision:alexnet").input) == "224x224x3"
    with pytest.raises(ArchError, match="did you mean `torchvision:resnet50`"):
        named("torchvision:reznet50")


@pytest.mark.witnesses
@needs_timm
def test_networks_of_timm_have_their_own_input() -> None:
    found = named("timm:inception_v3")
    assert (str(found.input), found.name) == ("299x299x3", "inception_v3")
    assert found.origin.startswith("timm 1.")
    with pytest.raises(ArchError, match="did you mean `timm:densenet121`"):
        named("timm:densnet121")


@pytest.mark.witnesses
@needs_torchvision
def test_a_network_of_torchvision_has_the_input_that_it_is_made_for_without_weights() -> None:
    assert str(named("torchvision:vit_h_14").input) == "224x224x3"  # its weights are for 518x518, others for 224x224
    assert str(named("torchvision:inception_v3").input) == "299x299x3"


@pytest.mark.witnesses
@needs_timm
def test_several_networks_are_one_family_where_one_table_says_them() -> None:
    small, large = variants("timm:resnet10t,14t")
    assert (small.params, large.params) == (5_435_488, 10_081_632)
    assert archspec.load("timm:resnet10t,14t:14t").params == large.params
    with pytest.raises(ArchError, match="E1209"):
        archspec.load("timm:resnet10t,test_resnet", variant="resnet10t")


@pytest.mark.witnesses
@needs_timm
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "timm:resnet18,resnet18",
            "error[E1211]: `timm:resnet18,resnet18` names a network twice\n = help: write `timm:resnet18`",
        ),
        ("timm:resnet18,18,34", "`timm:resnet18,18,34` names a network twice\n = help: write `timm:resnet18,34`"),
        ("timm:vgg16_bn,", "error[E1201]: there is no network `timm:`"),
        ("timm:resnet18.a1_in1", "error[E1201]: there is no network `timm:resnet18.a1_in1` in timm"),
        ("torchvision:googlenet,resnet18", "do not fit one table: `googlenet` has heads that train with it"),
    ],
)
def test_what_is_no_family(run: Run, name: str, said: str) -> None:
    assert said in run("import", name).err


@pytest.mark.witnesses
@needs_timm
def test_tags_of_weights_tell_members_apart() -> None:
    one, other = variants("timm:resnet18.a1_in1k,resnet34.a1_in1k")
    assert (one.params, other.params) == (11_689_512, 21_797_672)
