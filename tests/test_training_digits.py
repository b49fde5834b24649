"""Real data that a package carries: the digits of scikit-learn, on which three networks of the corpus are trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import Program, assert_digits_told_apart, events

from archspec import load

pytestmark = [pytest.mark.torch, pytest.mark.programs]

SPECS = Path(__file__).parent.parent / "specs"


@pytest.mark.slow  # README's first training, which is tried in every run, is held to the same
@pytest.mark.parametrize("name", ["digits", "digits_resnet", "digits_mobilenet"])
def test_the_held_out_third_is_told_apart(name: str, tmp_path: Path) -> None:
    program = Program(load(SPECS / f"{name}.arch"), tmp_path / name)
    done = program.run()
    assert done.code == 0, done.err
    folder = program.folder / "runs" / name
    assert_digits_told_apart(folder)
    if name == "digits":
        ten_crops_and_an_ensemble(program, folder, events(folder)[-1]["top1"])


def ten_crops_and_an_ensemble(program: Program, folder: Path, top1: float) -> None:
    """The ten crops of an image as large as the network's input are the image and its mirror image."""
    one = program.run("--ensemble", str(folder / "last.pt"), out="one")
    assert events(program.folder / "one")[-1]["top1"] == top1, one.err
    both = program.run("--ensemble", str(folder / "best.pt"), str(folder / "last.pt"), out="both", test_crops="10")
    assert both.code == 0, both.err
    found = events(program.folder / "both")[-1]
    assert found["event"] == "ensemble"
    assert len(found["checkpoints"]) == 2
    assert 0.8 < found["top1"] <= 1
