"""The engine of training programs, imported as it stands in ``targets/train/engine``: it has all options."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import torch
from torch import Tensor, nn

from archspec.recipe._emitted.schedules import FACTOR, PATIENCE, TIMES, Plateau
from archspec.targets.train.engine import account, architecture, checkpoints, command, data, evaluation, recipe, views
from archspec.targets.train.engine.learner import Learner, length
from archspec.targets.train.engine.processes import Process, join
from archspec.targets.train.engine.run import Run
from archspec.targets.train.engine.training import train

pytestmark = pytest.mark.torch

CPU = Process(0, 1, torch.device("cpu"), None, torch.contiguous_format)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the images are small
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The arguments of a command line, whose run is in a folder of its own."""

    def parsed(*words: str) -> argparse.Namespace:
        monkeypatch.setattr(sys, "argv", ["train.py", "--out", str(tmp_path / "run"), *words])
        return command.parse_arguments()

    return parsed


def keys_of(args: argparse.Namespace, images: int, steps: range, rank: int, world: int) -> list[list[tuple[int, int]]]:
    return list(data.micro_batches(images, steps, args, replace(CPU, rank=rank, world=world)))


def test_the_recipe_here_says_what_its_network_has() -> None:
    assert sum(p.numel() for p in architecture.network().parameters()) == recipe.PARAMETERS


@pytest.mark.parametrize("sizes", [[16], [4] * 4, [7, 6, 3]])
def test_micro_batches_add_up_to_the_gradient_of_the_batch(given: Any, sizes: list[int]) -> None:
    learner = Learner(given("--batch", "16"), CPU)
    learner.model.eval()  # whose norms do not depend on the batch
    images, labels = torch.randn(16, *recipe.INPUT), torch.arange(16) % recipe.CLASSES
    expected = nn.functional.cross_entropy(learner.model(images), labels)
    gradients = torch.autograd.grad(expected, list(learner.model.parameters()))
    micro_batches = zip(torch.split(images, sizes), torch.split(labels, sizes), strict=True)
    learner.step(micro_batches, len(sizes), rate=0.0)
    for parameter, gradient in zip(learner.model.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
    assert learner.mean_loss(1) == pytest.approx(expected.item(), rel=1e-5)
    assert float(learner.loss) == 0


@pytest.mark.parametrize(("world", "micro"), [(1, 20), (1, 6), (3, 4), (4, 1)])
def test_each_process_has_its_part_of_every_batch(given: Any, world: int, micro: int) -> None:
    args, images = given("--batch", "20", "--micro-batch", str(micro)), 50
    alone = keys_of(given("--batch", "20", "--micro-batch", "20"), images, range(4), 0, 1)
    shares = [keys_of(args, images, range(4), rank, world) for rank in range(world)]
    assert all(len(batch) <= micro for share in shares for batch in share)
    for step in range(4):
        parts = [share[step * len(share) // 4 : (step + 1) * len(share) // 4] for share in shares]
        assert [key for part in parts for batch in part for key in batch] == alone[step]
    first, second = [{key for batch in alone[at : at + 2] for key in batch} for at in (0, 2)]
    assert len(first) == len(second) == 40  # an image comes once in an epoch
    assert {epoch for epoch, _ in first} == {0}
    assert {epoch for epoch, _ in second} == {1}
    assert [index for _, index in alone[0]] != [index for _, index in alone[2]]


def test_a_run_that_goes_on_has_the_batches_of_one_that_never_ended(given: Any) -> None:
    args = given("--batch", "7", "--micro-batch", "7")
    whole = keys_of(args, 50, range(20), 0, 1)
    assert keys_of(args, 50, range(9, 20), 0, 1) == whole[9:]
    args.seed = 1
    assert keys_of(args, 50, range(20), 0, 1) != whole


def test_seeds_depend_on_their_numbers_and_on_the_order() -> None:
    seeds = {data.seed_of(*parts) for parts in [(0,), (0, 0), (0, 1), (1, 0), (12, 3), (1, 23)]}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert data.seed_of(0, 1, 2) == 48866349673933065  # in any process, on any day


def test_an_image_is_augmented_by_its_key_alone() -> None:
    images = [(torch.zeros(recipe.INPUT), 3)] * 2
    one, other = (data.TrainingSet(images, lambda image: image + torch.rand(()), seed) for seed in (0, 1))
    torch.manual_seed(5)
    state = torch.get_rng_state()
    drawn = {key: float(one[key][0].mean()) for key in [(0, 0), (0, 1), (1, 0)]}
    assert torch.equal(torch.get_rng_state(), state)
    assert len({*drawn.values(), float(other[0, 0][0].mean())}) == 4
    assert {key: float(one[key][0].mean()) for key in reversed(drawn)} == drawn
    assert one[0, 0][1] == 3


class Files:
    """Images of files of which some are broken."""

    def __init__(self, count: int, broken: Sequence[int]) -> None:
        self.samples = [(f"{index}.jpg", index % 5) for index in range(count)]
        self.broken = broken

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[str, int]:
        if index in self.broken:
            raise OSError("truncated")
        return self.samples[index]


def test_the_next_image_stands_in_for_one_that_cannot_be_read(given: Any) -> None:
    training, held_out = (data.Readable(Files(6, [2, 3, 5]), labelled) for labelled in (True, False))
    assert [training[index] for index in (1, 2, 5)] == [("1.jpg", 1), ("4.jpg", 4), ("0.jpg", 0)]
    assert [held_out[index] for index in (1, 2)] == [("1.jpg", 1), ("4.jpg", -1)]
    skipping = given("--bad-images", "skip")
    assert data.unreadable(training, skipping, CPU) == ["2.jpg", "3.jpg", "5.jpg"]
    with pytest.raises(SystemExit, match=r"2\.jpg cannot be read"):
        data.unreadable(training, given(), CPU)
    with pytest.raises(RuntimeError, match="none of 100"):
        data.Readable(Files(3, [0, 1, 2]), labelled=True)[0]


class Reader(nn.Module):
    """Guesses what is written in the corner of an image."""

    def forward(self, images: Tensor) -> Tensor:
        return nn.functional.one_hot(images[:, 0, 0, 0].long(), recipe.CLASSES).float()


@pytest.mark.parametrize(("images", "world", "micro"), [(10, 1, 4), (10, 3, 2), (7, 4, 16)])
def test_every_held_out_image_counts_once(given: Any, images: int, world: int, micro: int) -> None:
    args = given("--micro-batch", str(micro))
    written = [(torch.full(recipe.INPUT, float(index % 10)), index % 10 if index % 3 else 9) for index in range(images)]
    written[4] = (written[4][0], -1)  # one that could not be read
    right = [index for index in range(images) if written[index][1] == index % 10]
    hits, counted = 0.0, 0
    for rank in range(world):
        loader = evaluation.load_held_out(written, 1, args, replace(CPU, rank=rank, world=world))
        score = evaluation.measure([Reader()], loader, CPU)
        hits, counted = hits + score.top1 * score.images, counted + score.images
    assert counted == images - 1
    assert round(hits) == len(right)


def test_the_mean_is_taken_of_probabilities_over_views_and_models() -> None:
    sure, unsure = torch.tensor([[[4.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    views = torch.stack([sure, unsure], 1)  # 1 image, 2 views, 1 x 1 x 2
    guess = evaluation.probabilities(nn.Flatten(), views, CPU)
    torch.testing.assert_close(guess, (sure.softmax(-1) + unsure.softmax(-1)).view(1, 2) / 2)


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    state: dict[str, Any] = {"model": architecture.network().state_dict(), "network": "network", "step": 3}
    checkpoints.write_checkpoint(state, tmp_path / "last.pt")
    read = checkpoints.read_checkpoint(tmp_path / "last.pt")
    model = architecture.network()
    checkpoints.load_weights(model, read, tmp_path / "last.pt")
    assert read["step"] == 3
    assert all(torch.equal(value, state["model"][name]) for name, value in model.state_dict().items())
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_torn_checkpoint_is_said_to_be_one(tmp_path: Path, share: float) -> None:
    path = tmp_path / "last.pt"
    checkpoints.write_checkpoint({"model": {}, "network": "network"}, path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(SystemExit, match=r"last\.pt cannot be read"):
        checkpoints.read_checkpoint(path)


def test_a_kill_in_the_middle_of_writing_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "last.pt"
    checkpoints.write_checkpoint({"model": {}, "network": "network", "step": 1}, path)

    def torn(state: Any, file: Any) -> None:
        file.write(b"PK")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", torn)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.write_checkpoint({"model": {}, "network": "network", "step": 2}, path)
    assert checkpoints.read_checkpoint(path)["step"] == 1


class Runs:
    """What runs a command where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("unpickled",)


def test_a_checkpoint_is_data_of_this_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.pt").write_bytes(pickle.dumps(Runs(), protocol=2))
    with pytest.raises(SystemExit, match="cannot be read"):
        checkpoints.read_checkpoint(Path("other.pt"))
    assert not Path("unpickled").exists()
    torch.save([1], "list.pt")
    with pytest.raises(SystemExit, match="is no checkpoint"):
        checkpoints.read_checkpoint(Path("list.pt"))
    state = {"model": nn.Linear(2, 2).state_dict(), "network": "another"}
    with pytest.raises(SystemExit, match="holds weights of another"):
        checkpoints.load_weights(architecture.network(), state, Path("a.pt"))


def test_the_first_convolutions_and_the_last_layers_come_from_another_network() -> None:
    torch.manual_seed(0)
    weights, model = architecture.network().state_dict(), architecture.network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert checkpoints.place_layers(model, weights) == ["conv.0", "norm", "last"]  # INIT_CONV, INIT_FC = 1, 1
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name] if name.startswith("hidden") else weights[name]), name


def test_one_program_trains_in_a_folder(tmp_path: Path) -> None:
    with checkpoints.lock(tmp_path / "run"):
        with pytest.raises(SystemExit, match="another program trains in"), checkpoints.lock(tmp_path / "run"):
            pass
        with checkpoints.lock(tmp_path / "other"):
            pass
    with checkpoints.lock(tmp_path / "run"):
        pass


def test_an_earlier_run_is_moved_aside(given: Any) -> None:
    args = given()
    for run in range(3):
        assert checkpoints.begin(args, CPU) is None
        (args.out / "log.jsonl").write_text(f"{run}")
    folders = [args.out, *(args.out.with_name(f"run.{number}") for number in (1, 2))]
    assert [(folder / "log.jsonl").read_text() for folder in folders] == ["2", "0", "1"]
    checkpoints.write_checkpoint({"model": {}, "network": "network", "step": 7}, args.out / "last.pt")
    again = checkpoints.begin(given("--resume"), CPU)
    assert again is not None
    assert again["step"] == 7


def test_a_device_computes_in_what_it_is_asked_for(given: Any) -> None:
    process = join(given("--device", "cpu", "--precision", "bf16"))
    assert (process.dtype, process.bytes_per_image) == (torch.bfloat16, 2 * recipe.ACTIVATIONS)
    assert join(given("--device", "cpu")).bytes_per_image == 4 * recipe.ACTIVATIONS
    for words in (["--device", "abacus"], ["--device", "cpu", "--precision", "tf32"]):
        with pytest.raises(SystemExit, match=words[-1]):
            join(given(*words))


def test_an_image_has_ten_crops_and_their_mirror_images() -> None:
    image = torch.arange(12 * 10.0).view(1, 12, 10)
    crops = views.crops_of(image, 10)
    assert crops.shape == (10, 1, 8, 8)
    corners = {(0, 0), (0, 2), (2, 0), (2, 2)}  # of the central square
    assert {divmod(int(crop[0, 0, 0]) - 10, 10) for crop in crops[:4]} == corners
    assert torch.equal(crops[4], image[:, 2:10, 1:9])
    assert torch.equal(crops[5:], crops[:5].flip(-1))
    assert torch.equal(views.Views([torch.clone], 1, mirrored=False)(image)[0], crops[4:5])
    whole = views.Views([torch.clone], None, mirrored=True)(image)
    assert torch.equal(whole[0], torch.stack([image, image.flip(-1)]))


def test_a_dense_network_shares_its_weights_and_agrees_on_images_of_its_size() -> None:
    model = architecture.network().eval()
    dense, images = recipe.dense(model), torch.randn(3, *recipe.INPUT)
    torch.testing.assert_close(dense(images), model(images))
    nn.init.zeros_(dict(model.named_parameters())["hidden.1.weight"])
    torch.testing.assert_close(dense(images), model(images))
    assert dense(torch.randn(2, 1, 11, 9)).shape == (2, recipe.CLASSES)


def test_a_plateau_divides_the_rate_as_often_as_it_may() -> None:
    plateau = Plateau()
    falling = [plateau.update(error) for error in (0.5, 0.4, 0.3)]
    assert falling == [False] * 3
    divided = [plateau.update(0.3) for _ in range((TIMES + 2) * PATIENCE)]
    assert [place for place, now in enumerate(divided, start=1) if now] == [PATIENCE * n for n in range(1, TIMES + 1)]
    assert plateau.factor == pytest.approx(FACTOR**-TIMES)
    other = Plateau()
    other.load_state_dict(plateau.state_dict())
    assert vars(other) == vars(plateau)


@pytest.mark.parametrize("batch", [8, 16, 48])
def test_the_rate_is_linear_in_the_batch_and_goes_by_images(given: Any, batch: int) -> None:
    args = given("--synthetic", "--batch", str(batch))
    run = Run(args, CPU, *data.open_images(args))
    run.plateau.factor = 0.1
    images = recipe.TRAINING_IMAGES * recipe.EPOCHS
    assert run.steps == images // batch == length(args, recipe.TRAINING_IMAGES)
    for step in range(run.steps):
        after = 16 * (step * batch // 16) / images  # in whole steps of the recipe
        assert run.rate(step) == pytest.approx(0.1 * (batch / 16) * 0.05 * (1 - after))


def test_what_a_kill_cut_off_is_written_again(tmp_path: Path) -> None:
    log = account.Log(tmp_path, 0, range(0, 4), rank=0)
    log.write("step", 1, loss=0.5)
    position = log.size()
    log.write("step", 2, loss=0.25)
    with log.path.open("a") as file:
        file.write('{"event": "st')
    later = account.Log(tmp_path, 10**6, range(1, 4), rank=0)
    assert [event["step"] for event in later.events("step")] == [1, 2]
    again = account.Log(tmp_path, position, range(1, 4), rank=0)
    assert again.events("step") == [{"event": "step", "step": 1, "loss": 0.5}]
    silent = account.Log(tmp_path, 0, range(0, 4), rank=1)
    silent.write("step", 3)
    assert silent.events("step") == []
    assert len(log.path.read_text().splitlines()) == 1


def test_the_curve_shows_the_errors_beside_the_paper_s() -> None:
    svg = account.curve([{"top1": 0.5, "loss": 2.0}, {"top1": 0.75, "loss": 1.0}])
    root = ElementTree.fromstring(svg)
    lines = [line.get("points", "") for line in root if line.tag.endswith("polyline")]
    assert lines == ["360.0,40.0 660.0,190.0", "360.0,40.0 660.0,190.0"]
    assert "the paper: 5.0 %, Table 1 & 2" in [text.text for text in root if text.tag.endswith("text")]


def trained(args: argparse.Namespace) -> dict[str, Any]:
    """The last checkpoint of a run."""
    assert train(args, CPU) == 0
    return checkpoints.read_checkpoint(args.out / "last.pt")


def test_a_run_learns_and_one_in_two_parts_is_the_same(given: Any, tmp_path: Path) -> None:
    words = ("--init-from", "random", "--micro-batch", "5", "--log-every", "3")
    whole = trained(given(*words))
    events = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events if event["event"] != "step"] == ["start", *["epoch"] * 3, "done"]
    assert events[-1]["images"] == 30
    assert events[-1]["top1"] > 0.7  # a tenth by chance
    parted = tmp_path / "parted"
    trained(given(*words, "--out", str(parted), "--steps", "8"))
    last = trained(given(*words, "--out", str(parted), "--resume"))
    assert last["step"] == whole["step"] == 18
    for kind in ("model", "average"):
        for name, tensor in whole[kind].items():
            assert torch.equal(tensor, last[kind][name]), f"{kind}: {name}"
    assert last["averaged"] == 18
    with pytest.raises(SystemExit, match="the run began with --seed 0"):
        train(given(*words, "--out", str(parted), "--resume", "--seed", "1"), CPU)


def test_checkpoints_are_tested_together(given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    args = given("--synthetic", "--steps", "6")
    trained(args)
    paths = [str(args.out / "last.pt")] * 2
    assert command.perform(given("--synthetic", "--test-crops", "1", "--ensemble", *paths), CPU) == 0
    event = json.loads((args.out / "log.jsonl").read_text().splitlines()[-1])
    assert event["checkpoints"] == paths
    assert event["images"] == 16
    assert f"top-1 {event['top1']:.2%}" in capsys.readouterr().out


def test_a_dry_run_says_what_a_run_needs(given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    args = given("--dry-run", "--batch", "32", "--micro-batch", "16")
    assert command.perform(args, CPU) == 0
    said = capsys.readouterr().out
    assert "4,330 parameters, 6,560 mult-adds" in said
    assert "3 per epoch, 9 in all" in said
    assert not args.out.exists()


@pytest.fixture
def at_step(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets something happen to the learner before its step of a number, counted from 1."""

    def happens(number: int, what: Callable[[Learner], None]) -> None:
        step, taken = Learner.step, iter(range(1, 1000))

        def changed(self: Learner, *rest: Any) -> None:
            if next(taken) == number:
                what(self)
            step(self, *rest)

        monkeypatch.setattr(Learner, "step", changed)

    return happens


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(given: Any, at_step: Any) -> None:
    args = given("--synthetic", "--log-every", "1", "--save-every", "2")
    at_step(4, lambda learner: next(learner.model.parameters()).data.fill_(float("nan")))
    with pytest.raises(SystemExit, match=r"step 4: the loss is nan; training diverged, the last good"):
        train(args, CPU)
    assert checkpoints.read_checkpoint(args.out / "last.pt")["step"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_run_after_its_step(given: Any, at_step: Any, number: int) -> None:
    args = given("--synthetic")
    at_step(5, lambda _: os.kill(os.getpid(), number))
    assert train(args, CPU) == 128 + number
    assert checkpoints.read_checkpoint(args.out / "last.pt")["step"] == 5
