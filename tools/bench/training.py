"""Times emitted training programs beside loops and transforms written by hand: the figures to read are the ratios.

Each pair does the same job in one process: the loop takes the same steps of the same network with the same optimizer on
the same images, and the transform makes such crops of the same files. Rounds are interleaved, and the median of their
ratios counts. torchvision's wheel for CUDA needs two operators defined beside torch for the CPU, which is done here.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from archspec import load
from archspec.targets.torch.parameters import function_name

ROOT = Path(__file__).resolve().parents[2]


class Network(NamedTuple):
    """A network whose loop is timed: images of a step, steps of a lap, laps of a round; whether images are random."""

    title: str
    spec: str
    variant: str | None
    batch: int
    steps: int
    laps: int
    synthetic: bool


NETWORKS = (
    Network("digits", "digits", None, 32, 35, 6, synthetic=False),
    Network("ResNet-20 on 32x32", "cifar_resnet", None, 128, 6, 1, synthetic=True),
    Network("ResNet-50 on 224x224", "resnet", "50", 4, 5, 1, synthetic=True),
)
"""No lap is longer than an epoch, so that none has a test in it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--only", choices=["loops", "transforms"], help="half of it")
    parser.add_argument("--network", choices=[each.spec for each in NETWORKS], help="the loop of one of them")
    parser.add_argument("--steps", type=int, help="steps of a round, for a trial")
    parser.add_argument("--threads", type=int, default=1, help="of torch, on a CPU")
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    where = torch.cuda.get_device_name() if options.device == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"torch {torch.__version__}, {where}, median of {options.rounds}\n")
    with tempfile.TemporaryDirectory() as folder:
        if options.only != "transforms":
            print("| loop | images a step | emitted | by hand | speed of the emitted one |\n|---|---:|---:|---:|---:|")
            for network in (each for each in NETWORKS if options.network in (None, each.spec)):
                print(_row(*_loops(network, Path(folder), options), each=network.batch), flush=True)
        if options.only != "loops":
            print("\n| images on one core | a second | x the whole picture scaled |\n|---|---:|---:|")
            for name, speed, ratio in _transforms(Path(folder), options.rounds):
                print(f"| {name} | {speed:,.0f} | {ratio:.2f} |", flush=True)


def _row(name: str, ours: list[float], theirs: list[float], each: int) -> str:
    ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
    speeds = (f"{each / statistics.median(seconds):,.1f} images/s" for seconds in (ours, theirs))
    return f"| {name} | {each} | {' | '.join(speeds)} | {ratio:.3f} |"


def _loops(network: Network, folder: Path, options: argparse.Namespace) -> tuple[str, list[float], list[float]]:
    """Seconds of a step, of the emitted loop and of that by hand, round by round; the first round does not count."""
    program = emitted(network.spec, network.variant, folder)
    steps = options.steps or network.steps
    pairs: list[list[float]] = []
    for number in range(options.rounds + 1):
        taken = [0.0, 0.0]
        for lap in range(network.laps):
            for side in (0, 1) if (number + lap) % 2 else (1, 0):  # so that neither always comes second
                loop = (_emitted_loop, _loop_by_hand)[side]
                taken[side] += loop(program, network, steps, folder / f"{number}.{lap}", options.device)
        pairs.append([seconds / network.laps / steps for seconds in taken])
    return network.title, [a for a, _ in pairs[1:]], [b for _, b in pairs[1:]]


def emitted(spec: str, variant: str | None, folder: Path, **parameters: Any) -> Any:
    """The training program of a network, as a module."""
    found = load(ROOT / "specs" / f"{spec}.arch", variant, **parameters)
    name = function_name(found.network)
    (folder / f"{name}.py").write_text(found.source(), "utf-8")
    path = folder / f"train_{name}.py"
    path.write_text(found.training(), "utf-8")
    sys.path.insert(0, str(folder))
    return _module(path)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # so that its classes can be pickled
    spec.loader.exec_module(module)
    return module


def _emitted_loop(program: Any, network: Network, steps: int, out: Path, device: str) -> float:
    """Seconds of the program's steps but the first."""
    loop = Loop(device, network.batch, steps, ["--workers", "0"], network.synthetic)
    return loop.timed(program, out / network.spec, warm=1)[1]


class Loop(NamedTuple):
    """The loop of an emitted program, with its batches, its looks and its log."""

    device: str
    batch: int
    steps: int
    words: list[str]
    synthetic: bool = True

    def timed(self, program: Any, out: Path, warm: int) -> tuple[Any, float]:
        """The run, and the seconds of its steps behind those that are to warm it."""
        words = ["--out", str(out), "--batch", str(self.batch), "--steps", str(self.steps + warm)]
        words += ["--device", self.device, *["--synthetic"] * self.synthetic, *self.words]
        times: dict[int, float] = {}
        before, save = program.Summons.received, program.Run.save

        def received(summons: Any, step: int, end: int) -> int:
            if step in (warm, self.steps + warm):
                _wait(self.device)
                times[step] = _clock(self.device)
            return int(before(summons, step, end))

        sys.argv = [program.__name__, *words]
        program.Summons.received, program.Run.save = received, lambda run, name, high=False: None
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                args = program.parse_arguments()
                process = program.join(args)
                run = program.Run(args, process, *program.open_images(args, process))
                run.train()
        finally:
            program.Summons.received, program.Run.save = before, save
        return run, times[self.steps + warm] - times[warm]


def _loop_by_hand(program: Any, network: Network, steps: int, out: Path, device: str) -> float:
    """The same steps as one would write them; of the recipe they have the optimizer and its learning rate."""
    del out
    torch.manual_seed(0)
    layout = torch.channels_last if device == "cuda" else torch.contiguous_format
    model = getattr(program.architecture, program.NAME)()
    program.initialise(model)
    model = model.to(device, memory_format=layout)
    optimizer = program.make_optimizer(model, device == "cuda")
    images, labels = _images(program, network)
    mean, std = (torch.tensor(each, device=device).view(-1, 1, 1) for each in _levels(program, images))
    order, start, total = _orders(len(images), network.batch), 0.0, torch.zeros((), device=device)
    for step in range(steps + 1):
        if step == 1:
            _wait(device)
            start = _clock(device)
        chosen = next(order)
        batch = images[chosen].to(device, non_blocking=True, memory_format=layout)
        target = labels[chosen].to(device, non_blocking=True)
        for group in optimizer.param_groups:
            group["lr"] = program.learning_rate(step, 1000, 10**6)
        loss = F.cross_entropy(model((batch - mean) / std), target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.detach()
    _wait(device)
    return _clock(device) - start


def _images(program: Any, network: Network) -> tuple[Tensor, Tensor]:
    """All images in one tensor, and their labels."""
    found = program.synthetic(1024) if network.synthetic else program.open_data(Path())[0]
    images, labels = zip(*found, strict=True)
    return torch.stack(images), torch.tensor(labels)


def _levels(program: Any, images: Tensor) -> tuple[list[float], list[float]]:
    """What is subtracted and divided by; nothing is where the mean image was subtracted."""
    scale = 255 if images.dtype == torch.uint8 else 1
    mean, std = getattr(program, "MEAN", [0.0]), getattr(program, "STD", [1.0])
    return [scale * each for each in mean], [scale * each for each in std]


def _orders(images: int, batch: int) -> Iterator[Tensor]:
    """Batches of indices, each epoch in another order and without its last part."""
    while True:
        order = torch.randperm(images)
        yield from (order[start : start + batch] for start in range(0, images - batch + 1, batch))


def _transforms(folder: Path, rounds: int) -> Iterator[tuple[str, float, float]]:
    """Images a second of what makes a training image of ResNet-50 from a file, and how much faster that is.

    Each is given the same 40 photographs of 500x375, and draws the same sides and places for each of them.
    """
    program = emitted("resnet", "50", folder)
    files = _photographs(folder / "images")
    images = program.ImageFiles(folder / "images")
    transform = program.training_transform()
    order = range(len(images))
    works: dict[str, Callable[[], object]] = {
        "the whole picture scaled, then cut, as floats": lambda: [_whole(path) for path in files],
        "the crop alone scaled, as bytes, by hand": lambda: [_crop_by_hand(path) for path in files],
        "the emitted program": lambda: program.stacked([transform(images[i][0]) for i in order]),
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            torch.manual_seed(0)
            start = time.process_time()
            work()
            seconds[name].append(time.process_time() - start)
    first = next(iter(seconds.values()))
    for name, taken in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(first[1:], taken[1:], strict=True))
        yield name, len(files) / statistics.median(taken[1:]), ratio


def _photographs(folder: Path) -> list[Path]:
    """JPEGs of ImageNet's usual size: smooth in the large and noisy in the small."""
    from PIL import Image

    (folder / "a").mkdir(parents=True)
    generator, paths = torch.Generator().manual_seed(0), []
    for number in range(40):
        rough = torch.randint(256, (24, 32, 3), generator=generator, dtype=torch.uint8)
        smooth = Image.fromarray(rough.numpy()).resize((500, 375), Image.Resampling.BICUBIC)
        noise = Image.effect_noise((500, 375), 40).convert("RGB")
        paths.append(folder / "a" / f"{number:02}.jpg")
        Image.blend(smooth, noise, 0.1).save(paths[-1], quality=90)
    return paths


def _whole(path: Path) -> Tensor:
    """As torchvision's own transforms do it."""
    from PIL import Image
    from torchvision.transforms import v2

    side = int(torch.randint(256, 481, ()))
    steps = [v2.Resize(side), v2.RandomCrop(224), v2.RandomHorizontalFlip(), v2.ToImage()]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.485, 0.456, 0.406], [1.0, 1.0, 1.0])]
    with Image.open(path) as image:
        found: Tensor = v2.Compose([*steps, v2.ToPureTensor()])(image.convert("RGB"))
    return found


def _crop_by_hand(path: Path) -> Tensor:
    """As one would write it for this recipe alone: the box of the crop is scaled by Pillow."""
    import numpy as np
    from PIL import Image

    side = int(torch.randint(256, 481, ()))
    with Image.open(path) as image:
        scale = min(image.size) / side
        left, top = (int(torch.randint(int(length / scale) - 223, ())) for length in image.size)
        box = (left * scale, top * scale, (left + 224) * scale, (top + 224) * scale)
        picture = image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR, box)
    if torch.rand(()) < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()


def _clock(device: str) -> float:
    """Seconds, on a CPU those of the processor, so that other work on the machine matters little."""
    return time.perf_counter() if device == "cuda" else time.process_time()


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def define_operators() -> None:
    """What torchvision describes at import and its compiled part would bring."""
    try:
        _ = torch.ops.torchvision.nms
    except AttributeError:
        library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        OPERATORS.append(library)
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


OPERATORS: list[Any] = []

if __name__ == "__main__":
    define_operators()
    main()
