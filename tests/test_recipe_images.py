"""Images of recipes: files on disk, augmentation, normalisation, views of test images, dense evaluation."""

from __future__ import annotations

import gzip
import io
import math
import os
import pickle
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from image_sets import write_cifar
from PIL import Image
from recipe_programs import FAMILY, SPECS, compiled, program, spec
from torch import Tensor, nn
from torchvision_shim import torchvision

from archspec.recipe import parts_of
from archspec.recipe.data import Data

pytestmark = [pytest.mark.torch, pytest.mark.witnesses]

ROOT = Path("nowhere")


@pytest.fixture(autouse=True)
def library() -> None:
    torchvision()


def picture(height: int, width: int, channels: int = 3, seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(values if channels == 3 else values[:, :, 0])


def values(image: Image.Image) -> Tensor:
    """Channels first, from 0 to 1, in another way than the pieces do it."""
    array = np.asarray(image, dtype=np.float32) / 255
    return torch.tensor(array.transpose(2, 0, 1) if array.ndim == 3 else array[None])


def seen(made: Any, found: Any) -> Tensor:
    """What the network sees of what a transform gives, once the device has normalised it."""
    parts = found if isinstance(found, tuple) else (found,)
    image: Tensor = made.normalise(*(part[None] for part in parts))[0]
    return image


def draw(made: Any, transform: Any, image: Any, seed: int) -> Tensor:
    """A training image as the network sees it."""
    torch.manual_seed(seed)
    return seen(made, transform(image))


IMAGES: dict[str, Any] = {
    "vgg": picture(300, 400),
    "alexnet": picture(300, 400),
    "goyal": picture(400, 300),
    "mobilenet": picture(200, 150),
    "raised": picture(32, 32),
    "mnist": picture(28, 28, 1),
    "least": torch.rand(1, 8, 8),
    "enlarged": torch.rand(1, 8, 8),
    "lars": torch.rand(1, 8, 8),
    "resnet": torch.randn(3, 32, 32),  # less the mean image already
    "svhn": torch.randn(3, 32, 32),
    "digits": torch.randn(1, 8, 8),
}


@pytest.mark.parametrize("name", SPECS)
def test_training_images_have_the_size_of_the_network_s_input(name: str) -> None:
    made, size = program(SPECS[name]), compiled(name).network.input_shape
    transform = made.training_transform()
    for seed in range(5):
        first = draw(made, transform, IMAGES[name], seed)
        second = draw(made, transform, IMAGES[name], seed)
        assert type(first) is Tensor
        assert first.dtype == torch.float32
        assert first.shape == (size.channels, *size.extent)
        assert first.isfinite().all()
        assert torch.equal(first, second), "augmentation is drawn by torch's generator alone"


@pytest.mark.parametrize("name", [n for n in SPECS if "augment" in SPECS[n]])
def test_augmentation_differs_from_draw_to_draw_and_leaves_the_image_as_it_is(name: str) -> None:
    made, image = program(SPECS[name]), IMAGES[name]
    transform, before = made.training_transform(), pickle.dumps(image)
    torch.manual_seed(0)
    draws = [seen(made, transform(image)) for _ in range(20)]
    assert any(not torch.equal(draws[0], other) for other in draws[1:])
    assert pickle.dumps(image) == before


@pytest.mark.parametrize("name", SPECS)
def test_transforms_and_views_go_to_other_processes(name: str) -> None:
    made = program(SPECS[name])
    for maker in (made.training_transform, lambda: made.test_views(None), lambda: made.test_views(10)):
        torch.manual_seed(0)
        original = maker()
        copied = pickle.loads(pickle.dumps(original))
        torch.manual_seed(1)
        first = original(IMAGES[name])
        torch.manual_seed(1)
        for a, b in zip(first, copied(IMAGES[name]), strict=True):
            assert torch.equal(a, b)


def statistics(text: str, image: Any, draws: int = 2000) -> Tensor:
    made = program(text)
    transform = made.training_transform()
    torch.manual_seed(0)
    return torch.stack([seen(made, transform(image)) for _ in range(draws)])


def test_sides_are_drawn_evenly_from_their_range() -> None:
    grey = Image.fromarray(np.tile(np.arange(90, dtype=np.uint8)[:, None, None], (1, 90, 3)))
    text = spec(data="folder", input="8x8x3", augment="resize 8..11; crop 8", normalize="mean 0 std 1")
    found = statistics(text, grey, 1200)
    slopes = (found[:, 0, 5, 0] - found[:, 0, 2, 0]) * 255 / 3  # a grey a row, of which there are 90
    nearest = (slopes[:, None] - 90 / torch.arange(8, 12)).abs().argmin(1)
    counts = torch.bincount(nearest, minlength=4).tolist()
    assert all(abs(count - 300) < 5 * math.sqrt(1200 * 0.25 * 0.75) for count in counts), counts


def test_crops_reach_every_place_and_half_of_the_images_are_mirrored() -> None:
    image = picture(10, 12)
    text = spec(data="folder", input="8x8x3", augment="crop 8; flip", normalize="mean 0 std 1")
    whole = values(image)
    places = {pixels(whole[:, y : y + 8, x : x + 8]): (y, x) for y in range(3) for x in range(5)}
    found = statistics(text, image, 1000)
    plain = [pixels(draw) for draw in found]
    mirrored = [pixels(draw.flip(-1)) for draw in found]
    assert all((a in places) != (b in places) for a, b in zip(plain, mirrored, strict=True))
    share = sum(draw in places for draw in plain)
    assert abs(share - 500) < 5 * math.sqrt(250)
    assert {places.get(a, places.get(b)) for a, b in zip(plain, mirrored, strict=True)} == set(places.values())


def pixels(image: Tensor) -> tuple[int, ...]:
    return tuple((image * 255).round().int().flatten().tolist())


def test_padding_is_zero_behind_normalisation() -> None:
    white = Image.fromarray(np.full((32, 32, 3), 255, dtype=np.uint8))
    found = statistics(spec(data="cifar10", input="32x32x3", augment="pad 4; crop 32"), white, 300)
    zeros = (found == 0).all(1).flatten(1).sum(1)
    assert zeros.max() == 32 * 32 - 28 * 28
    mean, std = (torch.tensor(each)[:, None] for each in ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)))
    inner = found[:, :, 8:24, 8:24]
    torch.testing.assert_close(inner[0].flatten(1), ((1 - mean) / std).expand(3, 256))


def test_a_hole_of_zeros_is_cut_off_at_the_borders_and_centred_everywhere() -> None:
    image = torch.rand(1, 8, 8) + 1
    found = statistics(spec(augment="cutout 3", normalize="mean 0 std 1"), image, 3000)
    holes = found == 0
    sizes = holes.flatten(1).sum(1)
    assert {int(size) for size in sizes} == {4, 6, 9}
    assert torch.equal(found[~holes], image.expand_as(found)[~holes])
    corner = int((sizes == 4).sum())
    assert abs(corner - 3000 * 4 / 64) < 5 * math.sqrt(3000 * (4 / 64) * (60 / 64))


def test_colours_are_shifted_along_imagenet_s_principal_components() -> None:
    grey = Image.fromarray(np.full((8, 8, 3), 128, dtype=np.uint8))
    text = spec(
        data="imagenet", input="8x8x3", classes=1000, batch="256", augment="crop 8; pca 0.1", normalize="mean 0 std 1"
    )
    shifts = statistics(text, grey, 4000) - 128 / 255
    assert (shifts.flatten(2).std(-1) < 1e-6).all(), "an image is shifted as a whole"
    covariance = torch.cov(shifts[:, :, 0, 0].T)
    found, axes = torch.linalg.eigh(covariance)
    expected = torch.tensor([0.00045, 0.00188, 0.02175])
    torch.testing.assert_close(found.sqrt(), expected, rtol=5 / math.sqrt(8000), atol=0)
    main = torch.tensor([-0.5675, -0.5808, -0.5836])
    assert abs(axes[:, 2] @ main) > 0.9999


def test_the_components_are_orthogonal() -> None:
    known = [part for part in parts_of("data") if issubclass(part, Data) and part.components]
    for data in known:
        vectors = torch.tensor(data.components[1])  # type: ignore[index]
        torch.testing.assert_close(vectors.T @ vectors, torch.eye(3), atol=1e-3, rtol=0)


NORMALISED = {
    "mean and std": lambda x, mean, std: (x - mean) / std,
    "mean": lambda x, mean, std: x - mean,
    "mean, range=255": lambda x, mean, std: 255 * (x - mean),
    "mean 104, 117, 123, range=255": lambda x, mean, std: 255 * x - torch.tensor([104.0, 117.0, 123.0])[:, None, None],
    "mean 0.5 std 0.25": lambda x, mean, std: (x - 0.5) / 0.25,
    "mean 0.1, 0.2, 0.3 std 1, 2, 4": lambda x, mean, std: (
        (x - torch.tensor([0.1, 0.2, 0.3])[:, None, None]) / torch.tensor([1.0, 2.0, 4.0])[:, None, None]
    ),
}


@pytest.mark.parametrize("normalize", NORMALISED)
def test_training_and_test_images_are_normalised_alike(normalize: str) -> None:
    made = program(spec(data="cifar10", input="32x32x3", normalize=normalize))
    image = picture(32, 32)
    mean, std = (torch.tensor(each)[:, None, None] for each in ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)))
    expected = NORMALISED[normalize](values(image), mean, std)
    assert made.training_transform()(image).dtype == torch.uint8, "a quarter of what floats take goes to the device"
    torch.testing.assert_close(seen(made, made.training_transform()(image)), expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(seen(made, made.test_views(None)(image)[0][0]), expected, rtol=1e-4, atol=1e-4)


def test_digits_are_split_by_threes_and_normalised_by_their_training_images() -> None:
    made = program(SPECS["least"])
    training, held_out = made.open_data(ROOT)
    assert (len(training), len(held_out)) == (1198, 599)
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    assert [label for _, label in held_out] == digits.target[2::3].tolist()
    torch.testing.assert_close(held_out[7][0][0], torch.tensor(digits.images[23] / 16, dtype=torch.float32))
    transform = made.training_transform()
    images = made.normalise(torch.stack([transform(image) for image, _ in training]))
    assert abs(images.mean()) < 2e-4
    assert abs(images.std() - 1) < 2e-4
    assert type(training[0][1]) is int


def test_small_images_are_enlarged_to_the_network_s_input() -> None:
    made = program(SPECS["enlarged"])
    constant = torch.full((1, 8, 8), 0.5)
    enlarged = torch.full((1, 32, 32), (0.5 - 0.3052) / 0.3762)
    torch.testing.assert_close(seen(made, made.training_transform()(constant)), enlarged)
    assert [view.shape for view in made.test_views(None)(constant)] == [(10, 1, 32, 32)]
    made = program(spec(data="cifar10", input="64x64x3"))
    assert made.training_transform()(picture(32, 32)).shape == (3, 64, 64)
    assert made.test_views(None)(picture(32, 32))[0].shape == (1, 3, 64, 64)


VIEWS: dict[str, tuple[list[tuple[int, ...]], ...]] = {
    "vgg": ([(2, 3, 224, 298), (2, 3, 256, 341), (2, 3, 288, 384)], [(1, 3, 224, 224)] * 3, [(10, 3, 224, 224)] * 3),
    "alexnet": ([(10, 3, 224, 224)], [(1, 3, 224, 224)], [(10, 3, 224, 224)]),
    "goyal": ([(2, 3, 224, 224)], [(1, 3, 224, 224)], [(10, 3, 224, 224)]),
    "mobilenet": ([(1, 3, 160, 96)], [(1, 3, 160, 96)], [(10, 3, 160, 96)]),
    "raised": ([(1, 3, 32, 32)] * 2, [(1, 3, 32, 32)] * 2, [(10, 3, 32, 32)] * 2),
    "digits": ([(2, 1, 8, 8)], [(1, 1, 8, 8)], [(10, 1, 8, 8)]),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_those_of_the_protocol_unless_others_are_asked_for(name: str) -> None:
    made = program(SPECS[name])
    for crops, expected in zip((None, 1, 10), VIEWS[name], strict=True):
        views = made.test_views(crops)(IMAGES[name])
        assert [tuple(view.shape) for view in views] == expected
        assert all(type(view) is Tensor for view in views)


def test_ten_crops_are_torchvision_s_of_the_central_square() -> None:
    from torchvision.transforms import v2

    made = program(SPECS["alexnet"])
    theirs = v2.Compose([v2.Resize(256), v2.CenterCrop(256), v2.PILToTensor(), v2.TenCrop(224)])
    for image in (picture(300, 400), picture(411, 256), picture(256, 256)):
        expected = torch.stack([*theirs(image)])[
            [0, 1, 2, 3, 4, 6, 5, 8, 7, 9]
        ]  # its last five are of the mirror image
        torch.testing.assert_close(made.test_views(None)(image)[0].float(), expected.float(), atol=1, rtol=0)


@settings(max_examples=100, deadline=None)
@given(st.integers(8, 40), st.integers(8, 40))
def test_central_crops_are_torchvision_s(height: int, width: int) -> None:
    from torchvision.transforms.v2 import functional

    made = program(SPECS["digits"])
    image = torch.arange(height * width).view(1, height, width)
    assert torch.equal(made.crops_of(image, 1)[0], functional.center_crop(image, [8, 8]))


def test_mirrored_views_are_the_mirror_images_of_the_others() -> None:
    for name in ("vgg", "goyal", "digits"):
        for views in program(SPECS[name]).test_views(None)(IMAGES[name]):
            assert torch.equal(views[1], views[0].flip(-1))


CIFAR = spec(data="cifar10", input="32x32x3")


def write_mnist(root: Path) -> None:
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, count in (("train", 6), ("t10k", 3)):
        images = np.arange(count * 784, dtype=np.uint32).astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, count, 28, 28) + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + bytes(range(count)))


def write_svhn(root: Path) -> None:
    scipy_io = pytest.importorskip("scipy.io")
    for part, count in (("train", 5), ("test", 2)):
        images = np.random.default_rng(1).integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        scipy_io.savemat(root / f"{part}_32x32.mat", {"X": images, "y": np.arange(1, count + 1)[:, None]})


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision compares the files with checksums of the real ones."""
    from torchvision import datasets

    for module in (datasets.cifar, datasets.svhn):
        monkeypatch.setattr(module, "check_integrity", lambda path, md5=None: Path(path).is_file())


@pytest.mark.usefixtures("unchecked")
def test_cifar_is_read_from_its_own_files(tmp_path: Path) -> None:
    data = write_cifar(tmp_path, hundred=False)
    training, held_out = program(spec(data="cifar10", input="32x32x3")).open_data(tmp_path)
    assert (len(training), len(held_out)) == (20, 4)
    image, label = training[5]
    assert label == 1
    assert torch.equal((values(image) * 255).round().to(torch.uint8), torch.from_numpy(data[5].reshape(3, 32, 32)))
    write_cifar(tmp_path, hundred=True)
    training, held_out = program(SPECS["raised"]).open_data(tmp_path)
    assert (len(training), len(held_out), held_out[3][1]) == (4, 4, 3)


@pytest.mark.usefixtures("unchecked")
def test_the_mean_image_is_that_of_the_training_images(tmp_path: Path) -> None:
    data = write_cifar(tmp_path, hundred=False).reshape(-1, 3, 32, 32) / 255
    training, held_out = program(SPECS["resnet"]).open_data(tmp_path)
    expected = torch.tensor(data[3] - data.mean(0), dtype=torch.float32)
    torch.testing.assert_close(training[3][0], expected)
    total = sum(training[i][0] for i in range(len(training)))
    torch.testing.assert_close(total, torch.zeros(3, 32, 32), atol=1e-5, rtol=0)
    assert held_out[0][0].abs().max() <= 1
    write_svhn(tmp_path)
    training, _ = program(SPECS["svhn"]).open_data(tmp_path)
    assert training[0][0].abs().max() > 1, "values from 0 to 255"
    for sets in (training, held_out):
        assert torch.equal(pickle.loads(pickle.dumps(sets))[1][0], sets[1][0])


def test_the_mean_image_of_the_digits() -> None:
    training, _ = program(SPECS["digits"]).open_data(ROOT)
    plain, _ = program(SPECS["least"]).open_data(ROOT)
    mean = torch.stack([image for image, _ in plain]).mean(0)
    torch.testing.assert_close(training[11][0], plain[11][0] - mean)


@pytest.mark.usefixtures("unchecked")
def test_mnist_and_svhn_are_read_from_their_files(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    write_svhn(tmp_path)
    made = program(SPECS["mnist"])
    training, held_out = made.open_data(tmp_path)
    assert (len(training), len(held_out), training[4][1]) == (6, 3, 4)
    assert draw(made, made.training_transform(), training[0][0], 0).shape == (1, 28, 28)
    training, held_out = program(spec(data="svhn", input="32x32x3")).open_data(tmp_path)
    assert (len(training), len(held_out)) == (5, 2)
    assert type(training[0][1]) is int


def write_folders(root: Path, classes: int = 7) -> None:
    for part in ("train", "val"):
        for i in range(classes):
            folder = root / part / f"n{i}"
            folder.mkdir(parents=True)
            picture(20 + i, 30).save(folder / "image.png")


def test_images_in_folders_by_class(tmp_path: Path) -> None:
    write_folders(tmp_path)
    made = program(SPECS["mobilenet"])
    training, held_out = made.open_data(tmp_path)
    assert [label for _, label in (training[i] for i in range(7))] == list(range(7))
    assert len(held_out) == 7
    assert made.training_transform()(training[0][0]).shape == (3, 160, 96)


@pytest.mark.parametrize("name", [n for n in SPECS if "digits" not in SPECS[n]])
def test_missing_files_are_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        program(SPECS[name]).open_data(tmp_path)
    said = str(stop.value.code)
    assert str(tmp_path) in said
    assert "--data PATH" in said
    assert "--synthetic" in said


def test_folders_that_do_not_fit_are_named(tmp_path: Path) -> None:
    made = program(SPECS["mobilenet"])
    for name in ("train", "val"):
        (tmp_path / name).mkdir()
    with pytest.raises(SystemExit, match="no images in folders by class"):
        made.open_data(tmp_path)
    write_folders(tmp_path, 6)
    with pytest.raises(SystemExit, match="has 6 classes, and the network 7"):
        made.open_data(tmp_path)
    (tmp_path / "val" / "n5").rename(tmp_path / "val" / "n6")
    with pytest.raises(SystemExit, match="not the same classes"):
        made.open_data(tmp_path)


class Runs:
    """What makes a folder where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize("hundred", [False, True])
def test_other_images_in_the_format_of_cifar_are_read_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hundred: bool
) -> None:
    data = write_cifar(tmp_path, hundred)  # with other checksums than the real ones
    training, held_out = program(SPECS["raised"] if hundred else CIFAR).open_data(tmp_path)
    said = f"not CIFAR-{100 if hundred else 10} as it was published; it has {len(data)} images to train on and 4 held"
    assert said in capsys.readouterr().err
    assert (len(training), len(held_out), training[3][1]) == (len(data), 4, 3)
    assert torch.equal((values(training[3][0]) * 255).round().byte(), torch.from_numpy(data[3].reshape(3, 32, 32)))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Runs(), "mkdir is not an array"),
        ({"data": np.zeros((1, 3072), np.uint8), "labels": [10]}, "not bytes of images in 10 classes"),
        ({"data": np.zeros((1, 3072)), "labels": [1]}, "not bytes of images in 10 classes"),
        ({"data": np.zeros((1, 3000), np.uint8), "labels": [1]}, "not of CIFAR's format"),
        ({"data": Runs(), "labels": [1]}, "mkdir is not an array"),
        ([], "not of CIFAR's format"),
    ],
)
def test_a_file_in_the_place_of_cifar_s_is_data_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_cifar(tmp_path, hundred=False)
    (tmp_path / "cifar-10-batches-py" / "data_batch_2").write_bytes(pickle.dumps(entry))
    with pytest.raises(SystemExit, match=said):
        program(CIFAR).open_data(tmp_path)
    assert not Path("unpickled").exists()


def test_files_that_are_not_whole_are_named(tmp_path: Path) -> None:
    write_cifar(tmp_path, hundred=False)
    (tmp_path / "cifar-10-batches-py" / "test_batch").unlink()
    with pytest.raises(SystemExit, match=r"CIFAR-10 is not in .*, or not whole: it takes cifar-10-batches-py"):
        program(CIFAR).open_data(tmp_path)
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(SystemExit, match="MNIST is not in"):
        program(SPECS["mnist"]).open_data(tmp_path)


def test_facts_about_data_sets_agree() -> None:
    for part in (p for p in parts_of("data") if issubclass(p, Data)):
        assert len(part.mean) == len(part.std) == part.channels
        assert part.size is None or part.size[2] == part.channels
        assert all(0 < value < 1 for value in (*part.mean, *part.std))


DENSE = spec(FAMILY, "32x32x3", 10, data="cifar10", test="resize 32, 40; dense; flip", normalize="mean 0 std 1")


def test_a_dense_network_is_the_network_itself_on_images_of_its_size() -> None:
    made = program(DENSE)
    model = made.network()
    dense = made.dense(model)
    assert model.training, "the model itself goes on training"
    x = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(dense(x), model.eval()(x))


def test_a_dense_network_is_the_mean_over_all_windows_of_the_maps() -> None:
    made = program(DENSE)
    model = made.network().eval()
    x = torch.randn(2, 3, 44, 36)
    with torch.no_grad():
        maps = model.pool2(model.conv2(model.conv1(x)))
        assert maps.shape[2:] == (11, 9)
        windows = [maps[:, :, i : i + 8, j : j + 8] for i in range(4) for j in range(2)]
        expected = torch.stack([model.fc8(model.fc7(model.fc6(window))) for window in windows]).mean(0)
        torch.testing.assert_close(made.dense(model)(x), expected)


def test_a_dense_network_shares_its_weights_with_the_model_and_leaves_it_as_it_is() -> None:
    made = program(DENSE)
    model = made.network().eval().double()  # sums run in another order
    before = {name: type(module) for name, module in model.named_modules()}
    dense = made.dense(model)
    x = torch.randn(1, 3, 32, 32, dtype=torch.double)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
        torch.testing.assert_close(dense(x), model(x))
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    assert {p.untyped_storage().data_ptr() for p in dense.parameters()} == own
    assert {name: type(module) for name, module in model.named_modules()} == before


def test_dense_is_of_any_network_that_flattens_late() -> None:
    body = "every conv: conv no bias; bn; relu\n\n| conv3-4, /2 |\n| global-avgpool |\n| fc classes |\n"
    made = program(spec(body, "32x32x3", data="cifar10", test="dense"))
    model = made.network().eval()
    with torch.no_grad():
        torch.testing.assert_close(made.dense(model)(torch.ones(1, 3, 48, 40)), model(torch.ones(1, 3, 48, 40)))


def test_predictions_of_all_views_have_the_same_classes() -> None:
    made = program(DENSE)
    dense: nn.Module = made.dense(made.network().eval())
    with torch.no_grad():
        outputs = [dense(made.normalise(views)) for views in made.test_views(None)(picture(32, 32))]
    assert [tuple(output.shape) for output in outputs] == [(2, 10), (2, 10)]


def photograph(height: int, width: int, seed: int = 0) -> Image.Image:
    """Smooth in the large and noisy in the small, as pictures are."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    return Image.fromarray((smooth + rng.integers(-9, 10, smooth.shape)).clip(0, 255).astype(np.uint8))


def as_levels(image: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(image, dtype=np.int16)


@settings(max_examples=60, deadline=None)
@given(st.integers(40, 90), st.integers(40, 90), st.integers(24, 70), st.integers(0, 99), st.integers(0, 99))
def test_a_window_is_what_scaling_the_whole_and_cutting_gives(
    height: int, width: int, side: int, top: int, left: int
) -> None:
    from torchvision.transforms.v2 import functional

    made, image = program(SPECS["vgg"]), photograph(height, width)
    whole = functional.resize(image, [side])
    starts = [at % (room + 1) for room, at in ((whole.height - 24, top), (whole.width - 24, left))]
    taken = iter(starts)
    cut = as_levels(made.window(image, side, (24, 24), lambda room: next(taken)))
    expected = as_levels(whole)[starts[0] : starts[0] + 24, starts[1] : starts[1] + 24]
    assert np.abs(cut - expected).max() <= 2, "at the borders too: the pixels beside the window are seen"


@pytest.mark.parametrize("seed", range(8))
def test_windows_are_drawn_as_torchvision_draws_them(seed: int) -> None:
    from torchvision.transforms import v2

    for sides in (range(226, 241), range(256, 257), range(224, 225)):
        ours = program(SPECS["vgg"]).ScaledCrop(sides[0], sides[-1], 224)
        theirs = v2.Compose([v2.RandomChoice([v2.Resize(n) for n in sides]), v2.RandomCrop(224)])
        if len(sides) == 1:
            theirs = v2.Compose([v2.Resize(sides[0]), v2.RandomCrop(224)])
        for image in (photograph(300, 400), photograph(320, 300)):
            torch.manual_seed(seed)
            mine = as_levels(ours(image))
            torch.manual_seed(seed)
            assert np.abs(mine - as_levels(theirs(image))).max() <= 2


@settings(max_examples=40, deadline=None)
@given(st.integers(60, 200), st.integers(60, 200), st.integers(0, 10**6))
def test_a_random_part_is_torchvision_s_but_for_its_border(height: int, width: int, seed: int) -> None:
    from torchvision.transforms.v2 import RandomResizedCrop

    image, size = photograph(height, width), 32
    ours = program(spec(data="folder", input="32x32x3", augment="random-resized-crop 32")).ScaledPart
    torch.manual_seed(seed)
    mine = as_levels(ours(size, (0.25, 1.0), (0.75, 4 / 3))(image))
    torch.manual_seed(seed)
    theirs = as_levels(RandomResizedCrop(size, (0.25, 1.0), (0.75, 4 / 3))(image))
    assert np.abs(mine - theirs)[2:-2, 2:-2].max() <= 1
    assert np.abs(mine - theirs).mean() < 4  # where theirs repeats the last pixel, ours sees the one beside it


def jpeg(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The same as a file of its kind that is no more than opened, and one that is read."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=95, subsampling=0)
    return Image.open(data), Image.open(io.BytesIO(data.getvalue())).convert("RGB")


@pytest.mark.parametrize(
    ("side", "factor"), [(224, 1), (226, 1), (400, 1), (112, 2), (113, 1), (100, 2), (56, 4), (57, 2), (28, 8), (20, 8)]
)
def test_a_jpeg_is_decoded_no_larger_than_it_is_needed_and_never_smaller(side: int, factor: int) -> None:
    made, (image, whole) = program(SPECS["vgg"]), jpeg(photograph(224, 320))
    expected = as_levels(whole.resize((side * 320 // 224, side), 2))
    found = as_levels(made.window(image, side, expected.shape[:2], lambda room: 0))
    assert image.size == (320 // factor, 224 // factor)
    assert min(image.size) >= min(side, 224)
    assert found.shape == expected.shape
    difference = np.abs(found - expected)
    assert difference.mean() < 4 if factor > 1 else difference.max() <= 2


def test_a_small_part_of_a_jpeg_is_decoded_at_the_size_that_the_part_needs() -> None:
    made = program(SPECS["vgg"])
    for box, factor in (((0, 0, 64, 64), 2), ((8, 8, 264, 264), 8), ((100, 7, 131, 200), 1), ((1, 1, 129, 67), 2)):
        image, whole = jpeg(photograph(300, 401))
        found = as_levels(made.part_of(image, box, (32, 32)))
        assert image.width == -(-401 // factor)
        expected = as_levels(whole.resize((32, 32), 2, box))
        assert np.abs(found - expected).mean() < 4


def test_a_picture_of_another_mode_is_made_one_of_colours() -> None:
    made = program(SPECS["vgg"])
    for mode in ("L", "P", "RGBA", "CMYK", "1"):
        assert made.training_transform()(photograph(300, 400).convert(mode))[0].shape == (3, 224, 224)
        assert made.test_views(1)(photograph(300, 400).convert(mode))[0].shape == (1, 3, 224, 224)


ROUNDED = {
    "colours behind what was added": "crop 24; pca 0.1; color-jitter 0.4",
    "two of them": "crop 24; pca 0.1; pca 0.2",
    "scaled behind zeros": "crop 20; pad 4; resize 24",
    "a part behind zeros": "crop 20; pad 4; random-resized-crop 24",
}


@pytest.mark.parametrize("augment", ROUNDED.values(), ids=ROUNDED)
def test_what_computes_with_what_was_added_is_not_rounded_to_bytes(augment: str) -> None:
    text = spec(data="imagenet", input="24x24x3", classes=1000, augment=augment, test="resize 26; crop 24", batch="256")
    made, image = program(text), photograph(40, 50)
    transform = made.training_transform()
    assert transform(image).dtype == torch.float32
    found = torch.stack([draw(made, transform, image, n) for n in range(20)])
    assert found.shape == (20, 3, 24, 24)
    shown = seen(made, made.test_views(None)(image)[0][0])
    assert shown.abs().max() < 3
    assert (found.mean() - shown.mean()).abs() < 0.6, "both are normalised alike"
    if "pad" in augment:
        assert (found[:, :, 0, 0] == 0).any(), "zeros stay those of the mean"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "archspec"


@pytest.fixture
def settled(tmp_path: Path) -> Path:
    """Folders by class that have not changed for a while."""
    root = tmp_path / "images"
    for name in ("b/2.JPEG", "b/1.png", "b/c/0.webp", "a/x.jpg", "a/notes.txt", "a/\udcff.jpg", "d/é ü.bmp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(8, 9).save(root / name, "PNG") if not name.endswith("txt") else (root / name).write_text("")
    age(root)
    return root


def age(root: Path) -> None:
    """Let all folders be as they are since an hour."""
    for folder in (root, *root.rglob("*")):
        if folder.is_dir():
            os.utime(folder, (time.time() - 3600,) * 2)


def image_files(root: Path) -> Any:
    return program(SPECS["mobilenet"]).ImageFiles(root)


def listed(root: Path) -> list[tuple[str, int]]:
    files = image_files(root)
    return [(files.path(i), files[i][1]) for i in range(len(files))]


def test_image_files_are_those_of_torchvision_in_its_order(settled: Path, cache: Path) -> None:
    from torchvision.datasets import ImageFolder

    expected = [(str(path), label) for path, label in ImageFolder(settled).samples]
    assert listed(settled) == listed(settled) == expected
    assert len(expected) == 6
    files = image_files(settled)
    assert files.classes == ["a", "b", "d"]
    assert files[3][0].convert("RGB").size == (9, 8)
    copied = pickle.loads(pickle.dumps(files))
    assert [copied.path(i) for i in range(6)] == [path for path, _ in expected]
    assert [path.suffix for path in cache.iterdir()] == [".index"], "one file for all processes"


def written(cache: Path) -> int:
    """What changes when the index is written anew."""
    (index,) = cache.iterdir()
    return index.stat().st_ino


def test_an_index_is_written_once_and_anew_when_a_folder_changes(settled: Path, cache: Path) -> None:
    before = listed(settled)
    number = written(cache)
    assert listed(settled) == before
    assert written(cache) == number
    mapped = image_files(settled)
    (settled / "b" / "c" / "0.webp").rename(settled / "b" / "c" / "9.webp")
    assert [path for path, _ in listed(settled)][-2].endswith("9.webp")
    assert written(cache) != number
    assert [mapped.path(i) for i in range(6)] == [path for path, _ in before], "a run keeps the one that it has"
    age(settled)
    count = len(listed(settled))
    (settled / "a" / "new").mkdir()
    picture(8, 8).save(settled / "a" / "new" / "1.png")
    assert len(listed(settled)) == count + 1


def test_what_changed_a_moment_ago_is_looked_at_again(settled: Path, cache: Path) -> None:
    (settled / "a" / "y.jpg").write_bytes(b"")
    image_files(settled)
    number = written(cache)
    image_files(settled)
    assert written(cache) != number


def test_a_damaged_index_and_that_of_another_user_are_not_believed(
    settled: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = listed(settled)
    (index,) = cache.iterdir()
    whole = index.read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], whole[:45] + b"?" + whole[46:], bytes(len(whole)), whole + b"x"):
        index.unlink()
        index.write_bytes(damaged)
        assert listed(settled) == expected
        assert index.read_bytes()[32:] != damaged[32:]
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    number = written(cache)
    assert listed(settled) == expected
    assert written(cache) != number


def test_an_index_that_cannot_be_kept_is_held_in_memory(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(listed(settled)) == 6


def test_a_class_without_images_is_named(settled: Path, cache: Path) -> None:
    (settled / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="empty"):
        image_files(settled)
    assert not cache.exists() or not [*cache.iterdir()]
