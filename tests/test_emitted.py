"""What is emitted: the files of ``generated/``, and the modules that they make."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import expert
import pytest
import torch
from networks import param, statements, whole_corpus
from tools_beside import tool
from torch import Tensor, nn
from witness import META, ROOT, corpus, meta_build, quick_norms, size

from archspec import load, loads
from archspec.language.syntax import Network
from archspec.targets.torch import function_name
from archspec.targets.torch.load import load as load_source

pytestmark = pytest.mark.torch

CORPUS = corpus()
GENERATED = ROOT / "generated"
SMALL = ["lenet5.arch", "nin.arch:cifar10"]
each_small = pytest.mark.parametrize("name", SMALL)
LARGE = ["alexnet.arch", "vgg.arch:A"]
each_kind = pytest.mark.parametrize("name", [*SMALL, *LARGE])


def run(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, timeout=300, **more)


def built(name: str, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return CORPUS[name].build().eval()


def data(name: str, batch: int, device: torch.device | str = "cpu") -> Tensor:
    return torch.randn(size(CORPUS[name].network.input_shape, batch), device=device)


@whole_corpus
def test_generated_files_are_what_the_specs_give_and_nothing_else() -> None:
    expected = {name: source.encode() for name, source in tool("regen").emitted(CORPUS.values()).items()}
    found = {path.name: path.read_bytes() for path in GENERATED.iterdir() if path.name != "__pycache__"}
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


@pytest.mark.parametrize(
    "tool",
    [
        expert.param(expert.CHECK, "ruff check"),
        expert.param(expert.FORMAT, "ruff format"),
        expert.param(expert.MYPY, "mypy"),
    ],
)
@expert.one_worker
def test_generated_files_pass_the_tools_of_an_expert(tool: Sequence[str], tmp_path: Path) -> None:
    expert.assert_passes(tool, *sorted(GENERATED.glob("*.py")), folder=tmp_path)


def test_generated_modules_keep_to_88_columns() -> None:
    for path in sorted(set(GENERATED.glob("*.py")) - set(GENERATED.glob("train_*.py"))):
        assert max(map(len, path.read_text("utf-8").splitlines())) <= 88, path.name


def test_what_emission_copies_keeps_to_88_columns() -> None:
    beside = ROOT / "archspec" / "ops" / "_emitted"
    copied = [node for path in beside.glob("*.py") for node in ast.parse(path.read_text("utf-8")).body]
    classes = [ast.get_docstring(node) or "" for node in copied if isinstance(node, ast.ClassDef)]
    assert [doc for doc in classes if max(map(len, doc.splitlines())) > 88 - 4 - 3 - 3 * (doc.count("\n") == 0)] == []


def test_generated_files_import_torch_alone() -> None:
    for path in sorted(set(GENERATED.glob("*.py")) - set(GENERATED.glob("train_*.py"))):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        inner = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert (plain, inner) == ({"torch"}, {"torch"}), path.name


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n != "lenet5.arch" else n for n in (*SMALL, *LARGE)]
)
def test_a_generated_file_runs_alone_and_prints_its_count(name: str, tmp_path: Path) -> None:
    compiled = CORPUS[name]
    file = function_name(compiled.network)
    (tmp_path / f"{file}.py").write_bytes((GENERATED / f"{file}.py").read_bytes())
    # A None there makes `import archspec` fail, wherever it is installed.
    code = "import sys, runpy; sys.modules['archspec'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
    done = run("-c", code, f"{file}.py", cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr
    classes = compiled.network.parameters["classes"]
    assert done.stdout == f"{file}: {compiled.params:,} parameters, output (1, {classes})\n"


@each_kind
def test_torch_compiles_the_whole_graph(name: str) -> None:
    small = name in SMALL
    model = built(name) if small else meta_build(CORPUS[name])
    x = data(name, 2, "cpu" if small else META)
    torch.compiler.reset()
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), model(x))


@each_kind
def test_torch_exports_it(name: str) -> None:
    small = name in SMALL
    model = built(name) if small else meta_build(CORPUS[name])
    x = data(name, 2, "cpu" if small else META)
    exported = torch.export.export(model, (x,)).module()
    with torch.no_grad():
        torch.testing.assert_close(exported(x), model(x))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@each_kind
def test_torch_scripts_it(name: str) -> None:
    small = name in SMALL
    model = built(name) if small else meta_build(CORPUS[name])
    x = data(name, 2, "cpu" if small else META)
    scripted = torch.jit.script(model)
    with torch.no_grad():
        torch.testing.assert_close(scripted(x), model(x))


@each_small
def test_it_trains(name: str) -> None:
    model, x, y = built(name).train(), data(name, 4), torch.tensor([0, 1, 2, 3])
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # so that the loss is the same function at every step
    rate = 1e-4 if name == "lenet5.arch" else 1e-3
    optimizer = torch.optim.SGD(model.parameters(), rate)
    losses = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        torch.autograd.backward(loss)
        losses.append(loss.item())
        without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        assert without == []
        optimizer.step()
    assert losses[-1] < losses[0]


@each_small
def test_the_built_class_is_the_source(name: str) -> None:
    model = built(name)
    assert inspect.getsource(type(model)) in CORPUS[name].source()
    assert type(CORPUS[name].build()) is type(model)


def test_a_traceback_shows_the_emitted_line() -> None:
    model = built("lenet5.arch")
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(1, 3, 32, 32))
    frames = traceback.extract_tb(caught.tb)
    assert any(frame.line == "x = self.C1(x)  # 28x28x6" and "lenet5" in frame.filename for frame in frames)


def test_forward_gives_logits_and_predict_probabilities() -> None:
    model, x = built("nin.arch:cifar10"), data("nin.arch:cifar10", 3)
    with torch.no_grad():
        logits, probabilities = model(x), model.predict(x)  # type: ignore[operator]
    torch.testing.assert_close(probabilities, logits.exp() / logits.exp().sum(1, keepdim=True))
    torch.testing.assert_close(probabilities.sum(1), torch.ones(3))
    assert not torch.allclose(logits.sum(1), torch.ones(3))


def test_a_network_without_soft_max_has_no_predict() -> None:
    assert not hasattr(built("lenet5.arch"), "predict")


def _has_classes(file: str) -> bool:
    """Whether the number of classes is a parameter; tables as printed may say `1000-d fc`."""
    (head,) = [statement for statement in statements(file) if isinstance(statement, Network)]
    return "classes" in {parameter.name for parameter in head.parameters}


PARTS = [
    param(file, part, slow=part == "the others")
    for file, count in Counter(name.partition(":")[0] for name in CORPUS).items()
    if not file.startswith(("nin", "mobilenet_layer")) and _has_classes(file)
    for part in ["the smallest", *["the others"] * (count > 1)]
]


@pytest.mark.parametrize(("file", "part"), PARTS)
def test_a_parameter_of_the_network_reaches_the_code(file: str, part: str) -> None:
    smallest, *others = sorted(
        (name for name in CORPUS if name.partition(":")[0] == file), key=lambda name: (CORPUS[name].params, name)
    )
    for name in others if part == "the others" else [smallest]:
        parameter_reaches_the_code(name)


def parameter_reaches_the_code(name: str) -> None:
    file, _, variant = name.partition(":")
    seven = load(ROOT / "specs" / file, variant or None, classes=7)
    x = data(name, 2, META)
    with META, quick_norms():
        assert seven.build().eval()(x).flatten(1).shape == (2, 7)  # a 1x1 convolution may be the classifier
        made = load_source(CORPUS[name].source(), function_name(CORPUS[name].network))
        five = getattr(made, function_name(CORPUS[name].network))(classes=5)
        assert five.eval()(x).flatten(1).shape == (2, 5)


def printed_under_each_seed(code: str) -> set[str]:
    """What a program prints, whatever the order of hashes."""
    return {
        run("-c", code, cwd=ROOT / "tools", env={**os.environ, "PYTHONHASHSEED": seed}, check=True).stdout
        for seed in ("0", "1", "2")
    }


def test_emission_does_not_depend_on_the_order_of_hashes() -> None:
    # A chain with layers of its own, a family, branches, heads, rows that name their source, and blocks of another file.
    specs = [
        "lenet5.arch",
        "nin.arch:cifar10",
        "googlenet.arch",
        "inception_resnet_v2.arch",
        "se_resnet.arch:50",
        "digits.arch",
    ]
    code = f"from archspec import load\nfor name in {specs}:\n    net = load('../specs/' + name)\n    print(net.source())\n"
    [text] = printed_under_each_seed(code + "    print(net.training() if net.network.recipe else '')")
    assert text.count("def main(") >= 3


@pytest.mark.slow
def test_the_corpus_is_emitted_the_same_whatever_the_order_of_hashes() -> None:
    code = "import regen, hashlib; print(hashlib.sha256(repr(sorted(regen.emitted(regen.networks()).items())).encode()).hexdigest())"
    assert len(printed_under_each_seed(code)) == 1


def test_a_network_of_one_row_is_emitted_without_what_it_does_not_need() -> None:
    source = loads("network tiny\ninput 4\n\n| fc 3 |\n").source()
    assert "Sequential" not in source
    assert "predict" not in source
