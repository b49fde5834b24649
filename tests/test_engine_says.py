"""What a training program does to weights, what its log says, and the sentences in the place of tracebacks."""

from __future__ import annotations

import argparse
import errno
import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from test_engine import CPU, Files, _one_thread, _signals_as_before, given, read_checkpoint
from torch import Tensor, nn

from archspec.targets.train.engine import (
    checkpoints,
    command,
    course,
    data,
    evaluation,
    learner,
    processes,
    recipe,
    weights,
)
from archspec.targets.train.engine.learner import Learner
from archspec.targets.train.engine.processes import join
from archspec.targets.train.engine.training import train

pytestmark = pytest.mark.torch

__all__ = ["_one_thread", "_signals_as_before", "given"]


def batches(count: int, size: int = 16) -> Iterator[tuple[list[Tensor], Tensor]]:
    """Random images and labels, the same in every call."""
    generator = torch.Generator().manual_seed(3)
    for _ in range(count):
        images = torch.randn(size, *recipe.INPUT, generator=generator)
        yield [images], torch.randint(recipe.CLASSES, (size,), generator=generator)


def events(args: argparse.Namespace, kind: str) -> list[dict[str, Any]]:
    lines = (args.out / "log.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def test_the_mean_of_weights_is_that_by_hand(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "EMA_DECAY", 0.8)
    made, mean = Learner(given(), CPU), dict[str, Tensor]()
    for step, batch in enumerate(batches(4)):
        made.step(iter([batch]), 1, rate=0.5)
        now = {name: value.double() for name, value in made.model.state_dict().items()}
        mean = {name: 0.8 * mean[name] + 0.2 * value for name, value in now.items()} if step else now
    taken = made.state()["average"]
    for name in ("conv.0.weight", "norm.running_var", "last.bias"):
        torch.testing.assert_close(taken[name].double(), mean[name], rtol=1e-5, atol=1e-7)
        assert not torch.allclose(taken[name], made.state()["model"][name], rtol=1e-3)
    assert taken["norm.weight"].grad_fn is None


def test_the_mean_of_weights_is_what_is_tested(given: Any) -> None:
    args = given("--synthetic", "--steps", "5")
    assert train(args, CPU) == 0
    kept = read_checkpoint(args.out / "last.pt")
    tested = weights.read_weights(args.out / "last.pt")[0]
    assert all(torch.equal(value, kept["average"][name]) for name, value in tested.items())
    made = Learner(args, CPU)
    made.restore(kept)
    seen: list[Tensor] = []
    made.average.module.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    made.model.register_forward_pre_hook(lambda module, inputs: pytest.fail("the last weights are tested"))
    (images,), labels = next(batches(1))
    made.measure([([images[:, None]], labels)])
    assert len(seen) == 1
    assert int(made.average.n_averaged) == 5
    del kept["average"]  # as a checkpoint is without one
    torch.save(kept, args.out / "last.pt")
    with pytest.raises(SystemExit, match="no average"):
        train(given("--synthetic", "--steps", "5", "--resume"), CPU)


def test_a_long_gradient_is_scaled_down_to_the_norm_and_a_short_one_stays(
    given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = next(batches(1))
    monkeypatch.setattr(learner, "CLIP_NORM", 1e9)
    plain = Learner(given(), CPU)
    plain.step(iter([batch]), 1, rate=0.0)
    whole = [parameter.grad for parameter in plain.model.parameters() if parameter.grad is not None]
    norm = float(torch.cat([gradient.flatten() for gradient in whole]).norm())
    assert plain.gradient_norm() == pytest.approx(norm)
    for threshold in (norm / 4, 2 * norm):
        monkeypatch.setattr(learner, "CLIP_NORM", threshold)
        made = Learner(given(), CPU)
        made.step(iter([batch]), 1, rate=0.0)
        assert made.gradient_norm() == pytest.approx(norm)  # before it was clipped
        for parameter, gradient in zip(made.model.parameters(), whole, strict=True):
            torch.testing.assert_close(parameter.grad, gradient * min(1, threshold / norm))


def test_a_group_may_have_a_rate_of_its_own(given: Any) -> None:
    made = Learner(given(), CPU)
    layer = made.model.get_submodule("last")
    groups: list[dict[str, Any]] = [{"params": [layer.weight]}, {"params": [layer.bias], "lr_scale": 2.0}]
    made.optimizer = torch.optim.SGD(groups, lr=9.0)
    before = {name: value.clone() for name, value in layer.named_parameters()}
    made.step(batches(1), 1, rate=0.25)
    for name, rate in (("weight", 0.25), ("bias", 0.5)):
        parameter = layer.get_parameter(name)
        assert parameter.grad is not None
        torch.testing.assert_close(parameter.detach(), before[name].detach() - rate * parameter.grad)


@pytest.mark.parametrize("rate", [50.0, 1e6])
def test_a_run_that_diverges_before_its_first_look_is_stopped(
    given: Any, monkeypatch: pytest.MonkeyPatch, rate: float
) -> None:
    monkeypatch.setattr(course, "learning_rate", lambda *_: rate)
    monkeypatch.setattr(learner, "CLIP_NORM", float("inf"))
    args = given("--init-from", "random", "--epochs", "20")  # 120 steps, of which the log shows every 50th
    with pytest.raises(SystemExit, match=r"the loss is .*; training diverged"):
        train(args, CPU)
    first = events(args, "step")[0]
    assert (first["step"], 2 < first["loss"] < 4) == (1, True)


def test_the_log_says_what_a_run_depended_on(given: Any) -> None:
    args = given("--synthetic", "--steps", "6", "--log-every", "2")
    assert train(args, CPU) == 0
    (start,) = events(args, "start")
    assert start["versions"]["torch"] == torch.__version__
    assert start["command"] == f"train.py --out {args.out} --synthetic --steps 6 --log-every 2"
    assert {"host", "hardware", "device", "predicted_mib"} <= start.keys()
    steps = events(args, "step")
    assert [step["step"] for step in steps] == [1, 2, 4, 6]
    assert all(0 < step["gradient_norm"] < 100 and 0 <= step["waiting"] <= 1 for step in steps)
    for event in (*events(args, "epoch"), *events(args, "done")):
        assert event["peak_mib"] > 50  # of the process on the host, torch included


class Slow:
    """Images that take their time."""

    def __init__(self, images: Any) -> None:
        self.images, self.path = images, images.path

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Any:
        time.sleep(0.001)
        return self.images[index]


def test_a_run_that_waits_for_images_says_so_once(
    given: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = recipe.open_data(Path())
    monkeypatch.setattr(data, "open_data", lambda root: tuple(map(Slow, quick)))
    args = given("--init-from", "random", "--steps", "5", "--log-every", "1")
    assert train(args, CPU) == 0
    assert all(step["waiting"] > 0.1 for step in events(args, "step"))
    assert capsys.readouterr().out.count("of the time for images, which --workers 0 load") == 1


def test_a_checkpoint_on_a_full_disk_is_a_sentence_and_leaves_no_part(tmp_path: Path) -> None:
    path, state = tmp_path / "last.pt", {"model": {"weight": torch.zeros(100_000)}, "network": "network"}
    checkpoints.write_checkpoint({"model": {}, "network": "network", "step": 1}, path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(SystemExit, match=r"last\.pt cannot be written: .*File too large; the one before it is"):
            checkpoints.write_checkpoint(state, path)
        with pytest.raises(SystemExit, match=r"best\.pt cannot be written: .*File too large$"):
            checkpoints.write_checkpoint(state, tmp_path / "best.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]
    assert read_checkpoint(path)["step"] == 1


def test_a_pipe_is_not_waited_for(given: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("2.jpg")
    images = Files(4, [])
    read = images.__getitem__
    monkeypatch.setattr(Files, "__getitem__", lambda self, index: pytest.fail("opened") if index == 2 else read(index))
    training = data.Readable(images, labelled=True)
    assert [training[index] for index in (1, 2)] == [("1.jpg", 1), ("3.jpg", 3)]
    with pytest.raises(SystemExit, match=r"2\.jpg cannot be read"):
        data.unreadable(training, given(), CPU)


class Bomb(Exception):
    """As Pillow has one for images that are too large, which is no error of another kind."""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_images_of_which_none_can_be_read_are_a_sentence(
    given: Any, monkeypatch: pytest.MonkeyPatch, workers: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def large(self: Files, index: int) -> Any:
        raise Bomb("image size exceeds limit")

    monkeypatch.setattr(Files, "__getitem__", large)
    broken, whole = Files(96, []), recipe.open_data(Path())[1]
    monkeypatch.setattr(data, "open_data", lambda root: (broken, whole))
    args = given("--init-from", "random", "--workers", workers)
    monkeypatch.setattr(command, "parse_arguments", lambda: args)
    with pytest.raises(SystemExit, match=r"^none of 100 images from \d+\.jpg on can be read$"):
        command.main()
    assert "Bomb('image size exceeds limit')" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", str(2**64)], "--seed: 18446744073709551616 is not from"),
        (["--seed", str(-(2**63) - 1)], "--seed: -9223372036854775809 is not from"),
        (["--seed", "x"], "--seed: invalid seed value: 'x'"),
        (["--micro-batch", "0"], "--micro-batch: 0 is not above 0"),
        (["--out", __file__], f"--out: {__file__} is a file, and not a folder"),
        (["--out", f"{__file__}/a/b"], f"--out: {__file__} is a file, and not a folder"),
    ],
)
def test_an_argument_that_cannot_be_is_refused_as_such(
    given: Any, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        given(*words)
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_seeds_and_devices_are_those_that_torch_takes(given: Any) -> None:
    for seed in (2**64 - 1, -(2**63)):
        torch.manual_seed(given("--seed", str(seed)).seed)
    with pytest.raises(SystemExit, match="--device meta: torch cannot compute there"):
        join(given("--device", "meta"))


def test_what_torch_does_with_tf32_is_left_to_it(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    before = torch.get_float32_matmul_precision()
    join(given("--device", "cpu"))
    assert torch.backends.cudnn.allow_tf32
    assert torch.get_float32_matmul_precision() == before


def test_algorithms_are_not_searched_for_each_size_of_whole_images(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    args, images = given("--micro-batch", "4"), recipe.open_data(Path())[1]
    evaluation.load_held_out(images, 1, args, CPU)
    assert torch.backends.cudnn.benchmark
    evaluation.load_held_out(images, None, args, CPU)
    assert not torch.backends.cudnn.benchmark


@pytest.mark.parametrize("most", [16, 5, 1])
def test_the_micro_batch_is_halved_until_it_fits(given: Any, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    alone = given("--synthetic", "--steps", "2", "--micro-batch", str(next(n for n in (16, 8, 4, 2, 1) if n <= most)))
    assert train(alone, CPU) == 0
    expected = read_checkpoint(alone.out / "last.pt")
    forward = nn.Flatten.forward

    def limited(self: nn.Flatten, images: Tensor) -> Tensor:
        if self.training and len(images) > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate")
        return forward(self, images)

    monkeypatch.setattr(nn.Flatten, "forward", limited)
    args = given("--synthetic", "--steps", "2", "--micro-batch", "auto")
    assert train(args, CPU) == 0
    assert args.micro_batch == alone.micro_batch
    found = read_checkpoint(args.out / "last.pt")["model"]
    assert all(torch.equal(value, found[name]) for name, value in expected["model"].items())  # nothing was touched


def test_not_even_one_image_fits(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: nn.Flatten, images: Tensor) -> Tensor:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")

    monkeypatch.setattr(nn.Flatten, "forward", full)
    with pytest.raises(SystemExit, match="not even one image trains at once: DefaultCPUAllocator: can't allocate"):
        train(given("--synthetic", "--micro-batch", "auto"), CPU)


@pytest.mark.parametrize(
    ("error", "micro", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), 12, "12 images at once: give --micro-batch 6, or --micro-b"),
        (MemoryError(), 1, "one image at once is the least"),
        (RuntimeError("operator torchvision::nms does not exist"), 1, "torchvision lacks its operators"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "run/log.jsonl"), 1, r"run/log.jsonl: No space left"),
        (NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), "a/b"), 1, "a/b: Not a directory"),
        (ModuleNotFoundError("no", name="PIL"), 1, "the data need pillow"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), 1, None),
        (ModuleNotFoundError("no", name="left_pad"), 1, None),
    ],
)
def test_what_is_known_is_a_sentence_and_what_is_not_a_traceback(
    given: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, micro: int, said: str | None
) -> None:
    def fails(*_: Any) -> int:
        raise error

    args = given("--micro-batch", str(micro))
    monkeypatch.setattr(command, "parse_arguments", lambda: args)
    monkeypatch.setattr(command, "perform", fails)
    with pytest.raises(SystemExit if said else type(error), match=said):
        command.main()


def test_a_prediction_has_the_activations_and_the_weights() -> None:
    assert CPU.predicted_bytes(3) == 3 * 4 * recipe.ACTIVATIONS + 16 * recipe.PARAMETERS
    assert not processes.is_out_of_memory(RuntimeError("shape"))
