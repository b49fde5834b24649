"""What a trained network is used for, by the engine as it stands: tests, predictions, and a beginning with its weights."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from test_engine import CPU, _one_thread, _signals_as_before, given, read_checkpoint
from torch import Tensor, nn

from archspec.targets.train.engine import (
    account,
    architecture,
    checkpoints,
    command,
    course,
    learner,
    losses,
    naming,
    recipe,
    run,
    transfer,
    weights,
)
from archspec.targets.train.engine.learner import Learner
from archspec.targets.train.engine.training import train
from archspec.weights import files

pytestmark = pytest.mark.torch

__all__ = ["_one_thread", "_signals_as_before", "given"]


@pytest.fixture
def trained(given: Any) -> Path:
    """The folder of a run that was trained for an epoch."""
    args = given("--init-from", "random", "--epochs", "1")
    assert train(args, CPU) == 0
    return Path(args.out)


def done(given: Any, *words: str) -> int:
    args = given(*words)
    return command.perform(args, CPU)


# --eval


@pytest.mark.parametrize("name", ["best.pt", "last.pt", "best.safetensors", "weights.pt"])
def test_a_checkpoint_is_tested_beside_the_paper(
    name: str, trained: Path, given: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    if name.endswith(".safetensors"):
        pytest.importorskip("safetensors")
    best = read_checkpoint(trained / "best.pt")
    torch.save(best["average"], trained / "weights.pt")  # as a short program leaves them
    log = (trained / "log.jsonl").read_bytes()
    capsys.readouterr()
    assert done(given, "--eval", str(trained / name)) == 0
    said = capsys.readouterr().out.splitlines()
    event = json.loads(log.splitlines()[-1])
    top1, top5 = event["top1"], event["top5"]
    assert said == [
        f"{trained / name}: top-1 {top1:.2%}, top-5 {top5:.2%} of 30 images",
        f"top-1 error: {1 - top1:.2%}",
        "of the paper: 5.00%, Table 1 & 2",
    ]
    assert (trained / "log.jsonl").read_bytes() == log  # which is that of a training


def test_without_a_name_the_best_is_tested_and_json_is_for_programs(
    trained: Path, given: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert done(given, "--eval", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["checkpoint"] == str(trained / "best.pt")
    assert (found["images"], found["paper_error"]) == (30, 0.05)
    (trained / "best.pt").unlink()
    for path in trained.glob("*.safetensors"):
        path.unlink()
    assert done(given, "--eval") == 0
    assert f"{trained / 'last.pt'}: top-1" in capsys.readouterr().out


def test_what_cannot_be_tested_is_a_sentence(given: Any, tmp_path: Path) -> None:
    other, text = tmp_path / "other.pt", tmp_path / "text.pt"
    torch.save(nn.Linear(2, 2).state_dict(), other)
    text.write_text("weights")
    for words, said in (
        (["--eval"], "there is no checkpoint in "),
        (["--eval", str(tmp_path / "none.pt")], "there is no checkpoint "),
        (["--eval", str(other)], "holds weights of another network, not of this network"),
        (["--eval", str(text)], "cannot be read as a checkpoint"),
        (["--predict", "x.png", "--weights", str(other)], "holds weights of another network"),
        (["--predict", "x.png"], "there is no checkpoint in "),
    ):
        with pytest.raises(SystemExit, match=said):
            done(given, *words)


def test_a_checkpoint_of_other_classes_is_not_tested(trained: Path, given: Any) -> None:
    state = read_checkpoint(trained / "best.pt")
    state["classes"][3] = "a\x1bb"
    torch.save(state, trained / "other.pt")
    with pytest.raises(SystemExit, match=r"other\.pt has a class a\\x1bb where data has 3$"):
        done(given, "--eval", str(trained / "other.pt"))
    assert done(given, "--eval", str(trained / "other.pt"), "--synthetic") == 0


# --predict


def picture(path: Path, image: Tensor) -> Path:
    """A file of an image of the network's input."""
    pillow = pytest.importorskip("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    data = (image[0].clamp(0, 1) * 255).to(torch.uint8)
    pillow.frombytes("L", (8, 8), bytes(data.flatten().tolist())).save(path)
    return path


def test_images_are_told_by_the_names_in_the_checkpoint(
    trained: Path, given: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["caf\u00e9", "a b", "\x1b[31mred", "new\nline", "\u200bwide", "f", "g", "h", "i", "\u4e2d"]
    state = read_checkpoint(trained / "best.pt")
    path = trained / "named.pt"
    torch.save(state | {"classes": names}, path)
    image = picture(tmp_path / "images" / "one.png", torch.rand(recipe.INPUT))
    capsys.readouterr()
    assert done(given, "--predict", str(image), "--weights", str(path), "--test-crops", "1") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == str(image)
    assert len(lines) == 5
    model = architecture.network()
    model.load_state_dict(state["average"])
    pixels = torch.tensor(list(pytest.importorskip("PIL.Image").open(image).tobytes())).view(1, 1, 8, 8) / 255
    with torch.no_grad():
        expected = model.eval()(pixels).softmax(1)[0].topk(5)
    for line, value, index in zip(lines, expected.values.tolist(), expected.indices.tolist(), strict=True):
        assert line == f"{value:8.2%}  {naming.printable(names[index])}"
    assert {naming.printable(name) for name in names} >= {"caf\u00e9", r"\x1b[31mred", r"new\nline", r"\u200bwide"}
    assert done(given, "--predict", str(image), "--weights", str(path), "--test-crops", "1", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert [each["class"] for each in found["classes"]] == [names[i] for i in expected.indices.tolist()]


def test_an_image_that_cannot_be_read_is_a_line_and_the_others_are_told(
    trained: Path, given: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, text = tmp_path / "images", tmp_path / "no\x1bimage.png"
    shown = [picture(folder / name, torch.rand(recipe.INPUT)) for name in ("b.png", "a/c.PNG")]
    (folder / "notes.txt").write_text("no image")
    text.write_text("no image")
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    missing = tmp_path / "missing.png"
    words = [str(text), str(missing), str(tmp_path / "empty"), str(folder)]
    assert done(given, "--predict", *words) == 1
    said = capsys.readouterr()
    assert [line for line in said.out.splitlines() if line.startswith("/")] == [str(shown[1]), str(shown[0])]
    lines = said.err.splitlines()
    assert lines[0].startswith(f"{tmp_path}/no\\x1bimage.png cannot be read: ")
    assert lines[1:] == [
        f"there is no image {missing}",
        f"{tmp_path}/empty cannot be read: there are no images in this folder",
    ]
    assert done(given, "--predict", *map(str, shown)) == 0


def test_weights_without_names_have_numbers(given: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "w.pt"
    files.write(path, architecture.network().state_dict())
    image = picture(tmp_path / "one.png", torch.rand(recipe.INPUT))
    assert done(given, "--predict", str(image), "--weights", str(path)) == 0
    assert {line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]} < set(map(str, range(10)))


@pytest.mark.parametrize("wrong", [["a"], "abcdefghij", [1] * 10, {"a": 1}, None])
def test_names_that_are_none_are_passed_over(wrong: Any, trained: Path) -> None:
    torch.save(read_checkpoint(trained / "best.pt") | {"classes": wrong}, trained / "other.pt")
    assert weights.read_weights(trained / "other.pt").classes is None


def test_names_of_classes_are_those_of_the_data() -> None:
    class Of:
        images: Any

    inner, outer = Of(), Of()
    outer.images, names = inner, [f"c{index}" for index in range(10)]
    inner.classes = [*names[:-1], "\udcff"]  # type: ignore[attr-defined]
    assert naming.class_names(outer) == [*names[:-1], "\\udcff"]  # type: ignore[arg-type]
    inner.classes = names[:3]  # type: ignore[attr-defined]
    assert naming.class_names(outer) == [str(index) for index in range(10)]  # type: ignore[arg-type]


# --lr


def test_a_rate_is_in_the_place_of_the_recipe_s(given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    args = given("--synthetic", "--lr", "0.2", "--batch", "32", "--steps", "2", "--log-every", "1")
    assert train(args, CPU) == 0
    assert "learning rate 0.2, and not the recipe's 0.05" in capsys.readouterr().out
    log = [json.loads(line) for line in (args.out / "log.jsonl").read_text().splitlines()]
    assert log[0]["base_lr"] == pytest.approx(0.2)
    steps = [event["lr"] for event in log if event["event"] == "step"]
    assert steps == pytest.approx([0.2, 0.2 * (1 - 2 / 18)])  # the schedule, in steps of 16 images
    other = "--synthetic", "--batch", "32", "--resume"
    with pytest.raises(SystemExit, match=r"the run began with --lr 0\.2$"):
        train(given(*other), CPU)
    with pytest.raises(SystemExit, match=r"the run began with --lr 0\.2$"):
        train(given(*other, "--lr", "0.1"), CPU)
    assert train(given(*other, "--lr", "0.2", "--steps", "4"), CPU) == 0


def test_a_run_by_the_recipe_s_rate_goes_on_by_it(given: Any) -> None:
    assert train(given("--synthetic", "--steps", "2"), CPU) == 0
    with pytest.raises(SystemExit, match="the run began without --lr"):
        train(given("--synthetic", "--resume", "--lr", "0.05"), CPU)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x"])
def test_a_rate_is_a_number_above_0(text: str, given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        given("--lr", text)
    assert "--lr" in capsys.readouterr().err


# Divergence


def verdicts(values: list[tuple[int, float]], steps: int) -> list[str]:
    judge = losses.Losses(steps)
    return [judge.verdict(step, loss, 2.0) for step, loss in values]


def test_a_spike_passes_and_what_lasts_is_a_divergence() -> None:
    high, fine = 24.0, 22.0  # ten times log(10) is 23.0
    assert verdicts([(50, fine), (100, high), (150, high), (200, fine), (250, high)], 20_000) == [
        "", "spike", "high", "back", "spike",
    ]  # fmt: skip
    lasting = [(step, high) for step in range(50, 701, 50)]
    assert verdicts(lasting, 20_000) == ["spike", *["high"] * 9, "diverged", *["diverged"] * 3]
    assert verdicts([(50, high), (100, high)], 1000) == ["spike", "diverged"]  # a window of 50 steps
    assert verdicts([(50, float("nan"))], 20_000) == verdicts([(50, float("inf"))], 20_000) == ["diverged"]
    assert verdicts([(100, high)], 100) == ["diverged"]  # at the end
    assert losses.Losses(10).verdict(1, 900.0, 100.0) == ""  # a first loss above that of guessing


def test_a_run_recovers_from_a_spike_and_keeps_what_was_good(
    given: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    args = given("--synthetic", "--log-every", "1", "--save-every", "1", "--epochs", "20")
    mean, kept = Learner.mean_loss, []

    def spiked(self: Learner, steps: int) -> float:
        loss = mean(self, steps)
        last = args.out / "last.pt"
        kept.append(read_checkpoint(last)["step"] if last.exists() else 0)
        return 100.0 if len(kept) in (8, 9) else loss

    monkeypatch.setattr(Learner, "mean_loss", spiked)
    assert train(args, CPU) == 0
    assert kept[7:12] == [7, 7, 7, 10, 11]  # none is written at steps 8 and 9
    said = capsys.readouterr().out
    assert "step 8: the loss is 100, more than 10 times that of the first step: 6 steps of that end the run" in said
    assert "step 10: the loss is " in said
    events = [json.loads(line)["event"] for line in (args.out / "log.jsonl").read_text().splitlines()]
    assert (events.count("spike"), events.count("back"), events[-1]) == (1, 1, "done")


def test_a_run_that_stays_high_is_stopped_and_names_the_last_good_checkpoint(
    given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = given("--synthetic", "--log-every", "1", "--save-every", "1", "--epochs", "20")
    mean = Learner.mean_loss
    looks = iter(range(1, 1000))
    monkeypatch.setattr(Learner, "mean_loss", lambda self, steps: 100.0 if next(looks) > 8 else mean(self, steps))
    with pytest.raises(SystemExit, match=rf"step 15: .* the last good checkpoint is {args.out}/last\.pt"):
        train(args, CPU)
    assert read_checkpoint(args.out / "last.pt")["step"] == 8


def test_what_was_kept_in_a_spike_is_not_called_good(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    args = given("--synthetic", "--log-every", "1", "--save-every", "1", "--epochs", "20")
    mean = Learner.mean_loss
    looks = iter(range(1, 1000))

    def spiked(self: Learner, steps: int) -> float:
        look = next(looks)
        if look == 9:
            made.summons.signal = 15
        return 100.0 if look > 8 else mean(self, steps)

    from archspec.targets.train.engine.data import open_images

    monkeypatch.setattr(Learner, "mean_loss", spiked)
    made = run.Run(args, CPU, *open_images(args, CPU))
    assert made.train() == 15
    assert [read_checkpoint(args.out / f"{name}.pt")["step"] for name in ("previous", "last")] == [8, 9]
    again = given("--synthetic", "--log-every", "1", "--save-every", "1", "--epochs", "20", "--resume")
    with pytest.raises(SystemExit, match=rf"step 15: .* the last good checkpoint is {args.out}/previous\.pt"):
        train(again, CPU)


@pytest.mark.parametrize("rate", ["50", "1e6"])
def test_a_rate_of_50_diverges(rate: str, given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "CLIP_NORM", float("inf"))
    args = given("--init-from", "random", "--epochs", "20", "--lr", rate)
    with pytest.raises(SystemExit, match=r"the loss is .*; training diverged"):
        train(args, CPU)


# The best weights


def test_the_best_weights_are_safetensors_too(trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    best, found = read_checkpoint(trained / "best.pt"), weights.read_weights(trained / "best.safetensors")
    assert found.network == "network"
    assert found.classes == best["classes"] == [str(each) for each in range(10)]
    assert found.weights.keys() == best["average"].keys()
    assert all(torch.equal(found.weights[name], each) for name, each in best["average"].items())
    model = architecture.network()
    transfer.init_from(trained / "best.safetensors", model, CPU)
    assert all(torch.equal(model.state_dict()[name], each) for name, each in found.weights.items())


@pytest.mark.parametrize(
    "said", [{"classes": "["}, {"classes": "[1]"}, {"classes": '"abcdefghij"'}, {"network": "\x1b[31m"}]
)
def test_what_safetensors_say_is_not_trusted(said: dict[str, str], tmp_path: Path) -> None:
    library, path = pytest.importorskip("safetensors.torch"), tmp_path / "w.safetensors"
    path.write_bytes(library.save(nn.Linear(2, 2).state_dict(), said))
    with pytest.raises(
        SystemExit, match="cannot be read as a checkpoint" if said.get("classes") == "[" else "holds"
    ) as stop:
        weights.load_weights(architecture.network(), weights.read_weights(path), path)
    assert "\x1b" not in str(stop.value)


def test_without_safetensors_that_is_said(
    given: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    have = account.optional

    def without(name: str) -> ModuleType | None:
        return None if name.startswith("safetensors") else have(name)

    for module in (account, course, weights):
        monkeypatch.setattr(module, "optional", without)
    args = given("--init-from", "random", "--epochs", "1")
    assert train(args, CPU) == 0
    assert "without safetensors the best weights are in best.pt alone" in capsys.readouterr().out
    assert (args.out / "best.pt").exists()
    assert not (args.out / "best.safetensors").exists()


# Other classes


def with_classes(count: int) -> dict[str, Tensor]:
    """Weights of the network for another number of classes."""
    model = architecture.network()
    model.last = nn.Linear(16, count)
    return {name: torch.full_like(each, 3) for name, each in model.state_dict().items()}


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_weights_for_other_classes_are_taken_but_for_the_classifier(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    path, model = tmp_path / f"w{suffix}", architecture.network()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    files.write(path, with_classes(1000))
    transfer.init_from(path, model, CPU)
    said = f"from {path}: 3 layers\ninitialised: last, as there are 10 classes and not 1000\n"
    assert capsys.readouterr().out == said
    for name, each in model.state_dict().items():
        expected = before[name] if name.startswith("last.") else torch.full_like(each, 3)
        assert torch.equal(each, expected), name


def test_the_same_weights_are_taken_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, model = tmp_path / "w.pt", architecture.network()
    files.write(path, with_classes(10))
    transfer.init_from(path, model, CPU)
    assert capsys.readouterr().out == f"from {path}: 4 layers\ninitialised: nothing\n"
    assert all(bool((each == 3).all()) for each in model.state_dict().values())


@pytest.mark.parametrize(
    "change",
    [
        {"hidden.1.weight": torch.ones(16, 9)},  # another width within
        {"conv.0.bias": torch.ones(5)},
        {"last.weight": torch.ones(12, 16), "last.bias": torch.ones(13)},  # of two minds
        {"last.weight": torch.ones(12, 15), "last.bias": torch.ones(12)},
        {"more.weight": torch.ones(1)},
    ],
)
def test_nothing_but_a_classifier_is_passed_over_in_silence(change: dict[str, Tensor]) -> None:
    own = architecture.network().state_dict()
    assert transfer.classifiers(own | change, own) is None
    assert transfer.classifiers({name: own[name] for name in list(own)[1:]}, own) is None


def test_weights_that_fit_nowhere_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    files.write(path, nn.Sequential(nn.Linear(2, 2)).state_dict())
    with pytest.raises(SystemExit, match=r"no layer of .* fits a row of network; `archspec weights` places"):
        transfer.init_from(path, architecture.network(), CPU)


def test_where_most_layers_are_passed_over_a_mend_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, own = tmp_path / "w.pt", architecture.network().state_dict()
    foreign = {f"layer{index}.weight": torch.ones(3) for index in range(9)}
    files.write(path, {name: each for name, each in own.items() if name.startswith("conv.0")} | foreign)
    transfer.init_from(path, architecture.network(), CPU)
    assert capsys.readouterr().out.splitlines()[-1] == (
        "not taken: 9 of its 10 layers; `archspec weights` places those of another implementation"
    )


def test_a_run_does_not_go_on_with_other_classes(given: Any) -> None:
    assert train(given("--init-from", "random", "--steps", "2"), CPU) == 0
    path = given().out / "last.pt"
    state = read_checkpoint(path)
    state["classes"] = [*reversed(state["classes"])]
    checkpoints.write_checkpoint(state, path)
    with pytest.raises(SystemExit, match="data has other classes than the run began with"):
        train(given("--resume"), CPU)
