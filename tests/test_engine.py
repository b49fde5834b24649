"""The engine of training programs, imported as it stands in ``targets/train/engine``: it has all options."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import torch
from torch import Tensor, nn
from torch._C._distributed_c10d import HashStore

from archspec.recipe._emitted.schedules import FACTOR, PATIENCE, TIMES, Plateau
from archspec.targets.train.engine import (
    account,
    architecture,
    checkpoints,
    command,
    data,
    evaluation,
    folders,
    recipe,
    starts,
    transfer,
    views,
    weights,
)
from archspec.targets.train.engine.learner import Learner, length
from archspec.targets.train.engine.processes import Process, join
from archspec.targets.train.engine.run import Run
from archspec.targets.train.engine.training import train
from archspec.weights import files

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
    micro_batches = zip([[part] for part in torch.split(images, sizes)], torch.split(labels, sizes), strict=True)
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


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a checkpoint holds, whichever run wrote it."""
    return dict(weights.unpacked(checkpoints.read_checkpoint(path, lambda state: ""), path))


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
    keys = [(0, 0), (0, 1), (1, 0)]
    drawn = dict(zip(keys, corners(one, keys), strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert len({*drawn.values(), *corners(other, keys[:1])}) == 4
    assert corners(one, [*reversed(keys)]) == [*reversed(drawn.values())]
    assert corners(one, keys[1:2]) == [drawn[0, 1]]
    assert one[keys][1].tolist() == [3] * 3


def corners(images: data.TrainingSet, keys: list[tuple[int, int]]) -> list[float]:
    """The first value of each image of a micro-batch."""
    (batch,), _ = images[keys]
    found: list[float] = batch[:, 0, 0, 0].tolist()
    return found


def test_bytes_of_pictures_keep_their_order_and_what_is_beside_them_is_a_batch_too() -> None:
    images = [torch.randint(256, (5, 4, 3), dtype=torch.uint8).permute(2, 0, 1) for _ in range(6)]
    shifts = [torch.randn(3, 1, 1) for _ in images]
    batch, beside = data.stacked([*zip(images, shifts, strict=True)])
    assert torch.equal(batch, torch.stack(images))
    assert torch.equal(beside, torch.stack(shifts))
    assert batch.is_contiguous(memory_format=torch.channels_last)
    (plain,) = data.stacked([image.contiguous() for image in images])
    assert plain.is_contiguous()
    assert torch.equal(plain, batch)


class Files:
    """Images of files of which some are broken."""

    def __init__(self, count: int, broken: Sequence[int]) -> None:
        self.count, self.broken = count, broken

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[str, int]:
        if index in self.broken:
            raise OSError("truncated")
        return self.path(index), index % 5

    def path(self, index: int) -> str:
        return f"{index}.jpg"


def test_the_next_image_stands_in_for_one_that_cannot_be_read(given: Any) -> None:
    training, held_out = (data.Readable(Files(6, [2, 3, 5]), labelled) for labelled in (True, False))
    assert [training[index] for index in (1, 2, 5)] == [("1.jpg", 1), ("4.jpg", 4), ("0.jpg", 0)]
    assert [held_out[index] for index in (1, 2)] == [("1.jpg", 1), ("4.jpg", -1)]
    skipping = given("--bad-images", "skip")
    assert data.unreadable(training, skipping, CPU) == ["2.jpg", "3.jpg", "5.jpg"]
    assert data.unreadable(training, given(), CPU) == [], "there are no new ones"
    training.bad.zero_()
    assert training[2] == ("4.jpg", 4)
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
    read = read_checkpoint(tmp_path / "last.pt")
    model = architecture.network()
    weights.load_weights(model, weights.Found(read["model"]), tmp_path / "last.pt")
    assert read["step"] == 3
    assert all(torch.equal(value, state["model"][name]) for name, value in model.state_dict().items())
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_torn_checkpoint_is_said_to_be_one(tmp_path: Path, share: float) -> None:
    path = tmp_path / "last.pt"
    checkpoints.write_checkpoint({"model": {}, "network": "network"}, path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(SystemExit, match=r"last\.pt cannot be read"):
        read_checkpoint(path)


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
    assert read_checkpoint(path)["step"] == 1


class Runs:
    """What runs a command where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("unpickled",)


def test_a_checkpoint_is_data_of_this_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.pt").write_bytes(pickle.dumps(Runs(), protocol=2))
    with pytest.raises(SystemExit, match="cannot be read"):
        read_checkpoint(Path("other.pt"))
    assert not Path("unpickled").exists()
    torch.save([1], "list.pt")
    with pytest.raises(SystemExit, match="is not a checkpoint"):
        read_checkpoint(Path("list.pt"))
    with pytest.raises(SystemExit, match="holds weights of another"):
        weights.load_weights(
            architecture.network(), weights.Found(nn.Linear(2, 2).state_dict(), "another"), Path("a.pt")
        )


def test_the_first_convolutions_and_the_last_layers_come_from_another_network() -> None:
    torch.manual_seed(0)
    found, model = architecture.network().state_dict(), architecture.network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert transfer.place_layers(model, found) == ["conv.0", "norm", "last"]  # INIT_CONV, INIT_FC = 1, 1
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name] if name.startswith("hidden") else found[name]), name


def forked_holder(run: Path, *, leaves: bool) -> int:
    """A process that holds the folder of a run, maybe with a child that a loader would start; its number."""
    reader, writer = os.pipe()
    holder = os.fork()
    if not holder:
        held = folders.lock(run, CPU)
        held.__enter__()
        leaves = leaves and os.fork() > 0
        os.write(writer, b"held")
        time.sleep(20)
        os._exit(0)
    assert os.read(reader, 4) == b"held"
    for end in (reader, writer):
        os.close(end)
    return holder


@pytest.mark.skipif(find_spec("fcntl") is None, reason="files are locked by fcntl")
@pytest.mark.parametrize("leaves", [False, True])
def test_one_program_trains_in_a_folder(leaves: bool, tmp_path: Path) -> None:
    run = tmp_path / "run"
    holder = forked_holder(run, leaves=leaves)
    with folders.lock(tmp_path / "other", CPU):
        pass
    with pytest.raises(SystemExit, match=f"another program trains in .*: process {holder} on"):
        folders.lock(run, CPU).__enter__()
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    with folders.lock(run, CPU) as again:  # at once, though what the holder forked lives on
        assert not again


@pytest.mark.parametrize(
    ("first", "second", "again"),
    [
        ({}, {}, False),
        ({"TORCHELASTIC_RUN_ID": "a"}, {"TORCHELASTIC_RUN_ID": "a"}, True),  # of one agent
        ({"TORCHELASTIC_RUN_ID": "a"}, {"TORCHELASTIC_RUN_ID": "b"}, False),
        ({"TORCHELASTIC_RUN_ID": "a"}, {"TORCHELASTIC_RUN_ID": "b", "TORCHELASTIC_RESTART_COUNT": "1"}, False),
        ({"SLURM_JOB_ID": "7"}, {"SLURM_JOB_ID": "7"}, False),  # a second program of the job
        ({"SLURM_JOB_ID": "7"}, {"SLURM_JOB_ID": "7", "SLURM_RESTART_COUNT": "2"}, True),
        ({"SLURM_JOB_ID": "7", "SLURM_RESTART_COUNT": "1"}, {"SLURM_JOB_ID": "7", "SLURM_RESTART_COUNT": "1"}, False),
        ({"SLURM_JOB_ID": "7"}, {"SLURM_JOB_ID": "8", "SLURM_RESTART_COUNT": "1"}, False),
    ],
)
def test_a_program_knows_who_started_the_one_before(
    first: dict[str, str], second: dict[str, str], again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for variables in (first, second):
        with monkeypatch.context() as patched:
            for name, value in variables.items():
                patched.setenv(name, value)
            process = replace(CPU, starter=starts.starter_of([starts.agent()]))
        with folders.lock(tmp_path / "run", process) as known:
            found.append(known)
    assert found == [False, again]


def test_the_agent_of_another_host_counts_restarts() -> None:
    here = {"run": "torchrun a", "agent": "torchrun a on here: 1 2", "restarts": 0}
    there = {"run": "torchrun a", "agent": "torchrun a on there: 1 2", "restarts": 1}
    assert "torchrun a" in starts.starter_of([here, there]).before
    assert "torchrun a" not in starts.starter_of([here, here]).before
    assert set(starts.starter_of([here]).names) & set(starts.starter_of([there, here]).before)


def test_processes_meet_in_a_store_that_others_have_used() -> None:
    store = HashStore()

    def meet(rank: int) -> tuple[bytes, starts.Starter]:
        part, starter = starts.meet(store, rank, 3)
        if rank == 0:
            part.set("address", uuid4().hex)
        return part.get("address"), starter

    seen = set()
    with ThreadPoolExecutor(3) as threads:
        for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
            late = {rank: threads.submit(meet, rank) for rank in order[:1]}
            time.sleep(0.1)  # the first looks at what those before them left
            late |= {rank: threads.submit(meet, rank) for rank in order[1:]}
            found = {late[rank].result(20) for rank in range(3)}
            assert len(found) == 1
            seen |= {address for address, _ in found}
    assert len(seen) == 3


def test_processes_wait_for_one_another_no_longer_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts, "MEETING", 0)
    with pytest.raises(SystemExit, match="not all processes met"):
        starts.meet(HashStore(), 0, 2)


def test_an_earlier_run_is_moved_aside(given: Any) -> None:
    args = given()
    for run in range(3):
        assert folders.begin(args, CPU, lambda state: "") is None
        (args.out / "log.jsonl").write_text(f"{run}")
    found = [args.out, *(args.out.with_name(f"run.{number}") for number in (1, 2))]
    assert [(folder / "log.jsonl").read_text() for folder in found] == ["2", "0", "1"]
    checkpoints.write_checkpoint({"model": {}, "network": "network", "step": 7}, args.out / "last.pt")
    again = folders.begin(given("--resume"), CPU, lambda state: "")
    assert again is not None
    assert again["step"] == 7


def test_a_device_computes_in_what_it_is_asked_for(given: Any) -> None:
    process = join(given("--device", "cpu", "--precision", "bf16"))
    assert (process.dtype, process.bytes_per_image) == (torch.bfloat16, 2 * recipe.ACTIVATIONS)
    assert join(given("--device", "cpu")).bytes_per_image == 4 * recipe.ACTIVATIONS
    for words in (["--device", "abacus"], ["--device", "cpu", "--precision", "tf32"]):
        with pytest.raises(SystemExit, match=words[-1]):
            join(given(*words))


def test_processes_of_one_host_do_not_share_a_device(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with pytest.raises(
        SystemExit, match="--device cuda:1: each process of a host has a device of its own; --device cuda"
    ):
        join(given("--device", "cuda:1"))


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
    run = Run(args, CPU, *data.open_images(args, CPU))
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
    return read_checkpoint(args.out / "last.pt")


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


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that has taken 4 of its steps, with a checkpoint of 2 and one of 4."""
    run = tmp_path_factory.mktemp("begun") / "run"
    with pytest.MonkeyPatch.context() as patched:
        words = ["--synthetic", "--save-every", "2", "--steps", "4"]
        patched.setattr(sys, "argv", ["train.py", "--out", str(run), *words])
        trained(command.parse_arguments())
    return run


@pytest.fixture
def half(given: Any, begun: Path) -> argparse.Namespace:
    """The arguments that go on with a copy of that run."""
    args: argparse.Namespace = given("--synthetic", "--save-every", "2", "--resume")
    shutil.copytree(begun, args.out)
    return args


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    state = read_checkpoint(path)
    torch.save(change(state) or state, path)


def without(*names: str) -> Callable[[dict[str, Any]], Any]:
    return lambda state: {name: value for name, value in state.items() if name not in names}


def momentum(state: dict[str, Any], tensor: Any) -> None:
    state["optimizer"]["state"][0]["momentum_buffer"] = tensor


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "before the start": (lambda state: state.update(step=-5), "holds step -5 of 18"),
    "beyond the end": (lambda state: state.update(step=10**9), "holds step 1,000,000,000 of 18"),
    "long beyond": (lambda state: state.update(step=10**9, steps=10**9), "after 0 epochs of 6 steps each"),
    "another epoch": (lambda state: state.update(epoch=2), "holds step 4 after 2 epochs"),
    "a text as step": (lambda state: state.update(step="4"), "another step than"),
    "no step": (without("step"), "holds no step"),
    "no optimizer": (without("optimizer"), "another optimizer's state"),
    "no weights": (without("model"), "is not a checkpoint of"),
    "no plateau": (without("plateau"), "holds no plateau"),
    "no number": (lambda state: state.update(best=float("nan")), "another best than"),
    "no random state": (lambda state: state.update(random=torch.zeros(3)), "another random than"),
    "other weights": (lambda state: state.update(model=nn.Linear(2, 2).state_dict()), "not of this network"),
    "weights of lists": (lambda state: state.update(model={"conv.0.weight": [1]}), "holds no weights"),
    "a huge tensor": (lambda state: state["model"].update(a=torch.zeros(1).expand(10**12)), "holds no weights"),
    "a huge momentum": (
        lambda state: momentum(state, torch.zeros(1).expand(10**12)),
        "optimizer's state of parameter 0",
    ),
    "a momentum of texts": (lambda state: momentum(state, "a"), "optimizer's state of parameter 0"),
    "some momentum": (lambda state: state["optimizer"]["state"].pop(1), "another optimizer's state"),
    "a log before its start": (lambda state: state.update(log=-1), "holds step 4"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_checkpoint_is_refused_in_a_line_and_the_one_before_offered(
    name: str, half: argparse.Namespace, capfd: pytest.CaptureFixture[str]
) -> None:
    change, words = DAMAGES[name]
    last, previous = half.out / "last.pt", half.out / "previous.pt"
    rewritten(last, lambda state: change(state) if name != "some momentum" else (change(state), None)[1])
    with pytest.raises(SystemExit) as stop:
        train(half, CPU)
    assert words in str(stop.value)
    assert f"{previous} is whole, of step 2: --resume takes it once it is renamed to last.pt" in str(stop.value)
    assert "\n" not in str(stop.value) or name == "other weights"  # whose first tensors are listed


def test_a_run_goes_on_from_the_checkpoint_that_is_offered(half: argparse.Namespace) -> None:
    (half.out / "previous.pt").replace(half.out / "last.pt")
    assert trained(half)["step"] == 18


@pytest.mark.parametrize("data", [b"", b"words\n" * 99, pickle.dumps(Runs(), protocol=2)])
def test_a_file_that_is_no_checkpoint_is_refused_in_a_line(data: bytes, half: argparse.Namespace) -> None:
    last, previous = half.out / "last.pt", half.out / "previous.pt"
    last.write_bytes(data)
    with pytest.raises(
        SystemExit, match=r"last\.pt cannot be read as a checkpoint: .*previous\.pt is whole, of step 2"
    ):
        train(half, CPU)
    previous.write_bytes(data)
    with pytest.raises(SystemExit, match=r"last\.pt cannot be read as a checkpoint: [^;]*$"):
        train(half, CPU)
    last.unlink()
    with pytest.raises(SystemExit, match=r"there is no checkpoint"):
        train(half, CPU)


def test_no_flipped_byte_of_a_checkpoint_goes_unseen(tmp_path: Path) -> None:
    path, state = tmp_path / "last.pt", {"model": {"a": torch.arange(9.0)}, "network": "network", "step": 3}
    checkpoints.write_checkpoint(state, path)
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            read = read_checkpoint(path)
        except SystemExit:
            refused += 1
        else:  # it has no meaning, such as the time of the file
            assert torch.equal(read["model"]["a"], torch.arange(9.0))
            assert (read["network"], read["step"]) == ("network", 3)
    assert refused > len(whole) // 20


def test_a_run_keeps_the_checkpoint_of_the_step_before(half: argparse.Namespace) -> None:
    assert [read_checkpoint(half.out / f"{name}.pt")["step"] for name in ("previous", "last")] == [2, 4]
    assert trained(half)["step"] == 18
    assert [read_checkpoint(half.out / f"{name}.pt")["step"] for name in ("previous", "last")] == [16, 18]
    best = {".safetensors"} if find_spec("safetensors") else set()
    assert {path.suffix for path in half.out.iterdir()} == {".pt", ".jsonl", ".svg"} | best


def test_the_recipe_s_own_numbers_hold_whatever_the_checkpoint_says(half: argparse.Namespace) -> None:
    rewritten(half.out / "last.pt", lambda state: state["optimizer"]["param_groups"][0].update(momentum=-7.0))
    assert trained(half)["optimizer"]["param_groups"][0]["momentum"] == 0.9


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_weights_alone_can_be_begun_with_and_tested(
    suffix: str, given: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, model = tmp_path / f"w{suffix}", architecture.network()
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    files.write(path, model.state_dict())
    assert command.perform(given("--synthetic", "--ensemble", str(path), str(path)), CPU) == 0
    assert "top-1" in capsys.readouterr().out
    other = architecture.network()
    files.write(path, model.state_dict() | {"later.weight": torch.ones(3)})  # so that it is another network
    transfer.init_from(path, other, CPU)
    said = "conv.0, norm, last\ninitialised: hidden.1\nnot taken: 2 of its 5 layers\n"
    assert capsys.readouterr().out == f"from {path}: {said}"
    for name in ("conv.0.weight", "norm.running_mean", "last.bias"):
        assert torch.equal(other.state_dict()[name], model.state_dict()[name])
    path.write_bytes(b"\x02" + bytes(7) + b"{]")
    with pytest.raises(SystemExit, match=r"cannot be read as a checkpoint: [^\n]+$"):
        weights.read_weights(path)


def test_tensors_are_in_the_order_of_their_numbers() -> None:
    names = ["conv10.0.bias", "conv2.11.w", "conv2.2.w", "fc", "1", "conv2.2.a"]
    expected = ["1", "conv2.2.a", "conv2.2.w", "conv2.11.w", "conv10.0.bias", "fc"]
    assert sorted(names, key=weights.natural_key) == expected


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
    assert read_checkpoint(args.out / "last.pt")["step"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_run_after_its_step(given: Any, at_step: Any, number: int) -> None:
    args = given("--synthetic")
    at_step(5, lambda _: os.kill(os.getpid(), number))
    assert train(args, CPU) == 128 + number
    assert read_checkpoint(args.out / "last.pt")["step"] == 5


@dataclass(frozen=True)
class Pair(Process):
    """One of two processes, of which the other has nothing to say."""

    def highest(self, numbers: Tensor) -> Tensor:
        return numbers


@pytest.mark.parametrize(("seconds", "most"), [(0.001, 1100), (0.1, 14), (2.0, 1)])
def test_processes_ask_about_once_a_second_for_signals(
    seconds: float, most: int, given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = given("--synthetic")
    run = Run(args, CPU, *data.open_images(args, CPU))
    summons, end = run.summons, 10**6
    summons.process = Pair(0, 2, CPU.device, None, torch.contiguous_format)
    clock = iter(range(10**6))
    monkeypatch.setattr(time, "perf_counter", lambda: seconds * next(clock))
    summons.asked_at, asked = 0.0, list[int]()
    for step in range(4000):
        before = summons.asked
        summons.received(step, end)
        asked += [step] * (summons.asked != before)
    gaps = [b - a for a, b in pairwise(asked)]
    assert max(gaps) <= most
    assert max(gaps) * seconds >= min(0.9, 2 * seconds)
    assert all(b <= 2 * a for a, b in pairwise(gaps))
    summons.receive(signal.SIGTERM, None)
    assert summons.received(end, end) == signal.SIGTERM  # where they ask in any case
