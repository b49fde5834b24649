"""Whatever is given as a spec, archspec answers with diagnostics or a network, and writes whole files or none."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archspec import ArchError, load, loads
from archspec.cli import main
from archspec.explain import explanations
from archspec.files import decode, write

GOOD = "network n\ninput 32x32x3\n| layer | op |\n|---|---|\n| a | conv3-8 |\n"


def codes(data: bytes, folder: Path) -> list[str]:
    """The codes of a file with these bytes; none if it compiles. Any exception but ArchError fails the test."""
    path = folder / "case.arch"
    path.write_bytes(data)
    return answers(lambda: load(path))


def answers(act: Callable[[], object]) -> list[str]:
    """The codes that something answers with; none where it succeeds."""
    try:
        act()
    except ArchError as error:
        return [d.code for d in error.diagnostics] if str(error) else ["nothing is said"]
    return []


def layer(op: str, before: str = "network n\ninput 32x32x3") -> bytes:
    return f"{before}\n| layer | op |\n|---|---|\n| a | {op} |\n".encode()


READABLE = {
    "plain": GOOD.encode(),
    "Windows line ends": GOOD.replace("\n", "\r\n").encode(),
    "lone carriage returns": GOOD.replace("\n", "\r").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "no line end at the end": GOOD.rstrip().encode(),
    "tabs": GOOD.replace(" ", "\t").encode(),
    "trailing blanks": GOOD.replace("\n", "   \n").encode(),
    "a vertical tab": GOOD.replace("conv3-8", "conv3-8\v").encode(),
    "a form feed between statements": GOOD.replace("\ninput", "\n\f\ninput").encode(),
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_a_spec_is_read_whatever_its_line_ends_and_blanks(data: bytes, tmp_path: Path) -> None:
    assert codes(data, tmp_path) == []
    assert load(tmp_path / "case.arch").params == 224


UNREADABLE = {
    "empty": (b"", "E0005"),
    "blank": (b" \n\t\r\n \n", "E0005"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "E0005"),
    "Latin-1": ("network n # Größe\n".encode("latin-1"), "E0003"),
    "UTF-16, little end first": (GOOD.encode("utf-16"), "E0003"),
    "UTF-16, big end first": (b"\xfe\xff" + GOOD.encode("utf-16-be"), "E0003"),
    "half a character": (GOOD.encode() + "é".encode()[:1], "E0003"),
    "a surrogate": (b"network n # \xed\xa0\x80\n", "E0003"),
    "binary": (b"\x7fELF\x02\x01\x01\0\0\0\0", "E0004"),
    "a null in the text": (GOOD.replace("conv3", "co\0nv3").encode(), "E0004"),
    "5 MB": (GOOD.encode() + b"# more\n" * 750_000, "E0006"),
}


@pytest.mark.parametrize(("data", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_text_gets_one_diagnostic(data: bytes, code: str, tmp_path: Path) -> None:
    assert codes(data, tmp_path) == [code]


def test_a_wrong_byte_is_shown_where_it_stands() -> None:
    with pytest.raises(ArchError) as caught:
        decode("case.arch", "network n\n# für Größe\n".encode("latin-1"))
    assert "case.arch:2:4" in str(caught.value)
    assert "byte 0xfc" in str(caught.value)


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "resnet.arch").write_text(GOOD)
    with pytest.raises(ArchError) as caught:
        load(tmp_path / "resnte.arch")
    assert [d.code for d in caught.value.diagnostics] == ["E0001"]
    assert "no such file" in str(caught.value)
    assert f"did you mean `{tmp_path}/resnet.arch`?" in str(caught.value)


@pytest.mark.parametrize("name", ["", "nothing/here.arch", "no\0name.arch", "x" * 5000, "."])
def test_a_name_that_cannot_be_opened_is_one_diagnostic(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArchError) as caught:
        load(name)
    assert [d.code for d in caught.value.diagnostics] == ["E0001"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_file_without_permission_is_one_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "secret.arch"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(ArchError, match="permission denied"):
        load(path)


def test_an_endless_file_is_read_to_the_limit_alone() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no /dev/zero here")
    with pytest.raises(ArchError) as caught:
        load("/dev/zero")
    assert [d.code for d in caught.value.diagnostics] == ["E0006"]


def test_standard_input_is_read_as_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + GOOD.encode())))
    assert load("-").params == 224


HOSTILE = {
    "10 MB in one line": (b"network n # " + b"x" * 10_000_000, ["E0006"]),
    "3 MB in one line": (GOOD.encode() + b"| " + b"x" * 3_000_000 + b" |\n", ["E0105"]),
    "a number of 10,000 digits": (layer("fc " + "9" * 10_000), ["E0205"]),
    "a stride of 10,000 digits": (layer("conv3-8, /" + "9" * 10_000), ["E0205"]),
    "a short form of 10,000 digits": (layer("FC-" + "9" * 10_000), ["E0205"]),
    "a size of 10,000 digits": (layer("conv " + "9" * 5_000 + "x" + "9" * 5_000 + ", 8"), ["E0205"]),
    "1e400": (layer("fc 1e400"), ["E0205"]),
    "twenty nines": (layer("fc 99999999999999999999"), ["E0205"]),
    "4,000 parentheses": (layer("fc " + "(" * 4_000 + "1" + ")" * 4_000), ["E0104"]),
    "4,000 parentheses, open": (layer("fc " + "(" * 4_000), ["E0101"]),
    "4,000 brackets": (layer("[" * 4_000 + "relu" + "]" * 4_000), ["E0104"]),
    "4,000 minus signs": (layer("fc " + "-" * 4_000 + "1"), ["E0104"]),
    "a sum of 9,000 terms": (layer("fc " + "1+" * 9_000 + "1"), ["E0104"]),
    "a product of 9,000 factors": (layer("fc " + "2*" * 9_000 + "1"), ["E0104"]),
    "5,000 steps": (layer("; ".join(["relu"] * 2_500)), []),
    "5,000 cells": (GOOD.encode() + b"|" * 5_000 + b"\n", ["E0503"]),
    "many repetitions of one shape": (layer("conv3-8 x 1000000000"), []),
    "repetitions of repetitions": (layer("[[conv3-8 x 1000000] x 1000000] x 1000000"), []),
    "many repetitions that shrink": (layer("maxpool x 1000000000"), ["E0701"]),
    "many different layers": (
        layer("conv 2x2, 1, pad=0 x 1000000000", "network n\ninput 1000000000x1000000000x1"),
        ["E0702"],
    ),
    "a kernel larger than any map": (layer("conv 100000000000x100000000000, 8"), []),
    "a kernel of 10**11 without padding": (layer("conv 100000000000x1, 8, pad=0"), ["E0701"]),
    "padding of 10**11": (layer("conv3-8, pad=100000000000"), []),
    "a pool that pads 10**11": (layer("maxpool 3x3, pad=100000000000"), ["E0701"]),
    "a dilation of 10**11": (layer("conv3-8, dilation=100000000000, pad=0"), ["E0701"]),
    "10**11 groups": (layer("conv3-8, groups=100000000000"), ["E0701"]),
    "quotes that do not close": (layer('fc 1, "'), ["E0101"]),
    "a separator of 19,000 dashes": (b"network n\ninput 8x8x4\n| op |\n|" + b"-" * 19_000 + b"|\n| relu |\n", []),
    "a separator that is almost one": (b"network n\ninput 8x8x4\n| op |\n|" + b"-:" * 9_000 + b"x|\n", ["E0504"]),
    "10,000 different mistakes": (b"network n\ninput 8x8x4\n" + b"".join(b"bad%d\n" % i for i in range(2_000)), None),
}


@pytest.mark.parametrize(("data", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_spec_gets_diagnostics_or_a_network(data: bytes, expected: list[str] | None, tmp_path: Path) -> None:
    found = codes(data, tmp_path)
    if expected is not None:
        assert found == expected
    else:
        assert found.count("E0102") == 2_000


def test_figures_of_any_size_stay_whole_numbers(tmp_path: Path) -> None:
    codes(layer("[[conv3-8 x 1000000] x 1000000] x 1000000"), tmp_path)
    compiled = load(tmp_path / "case.arch")
    assert compiled.params == 224 + (10**18 - 1) * 584
    assert f"{compiled.params:,}" in repr(compiled)


def test_carets_stand_under_their_text_behind_tabs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "case.arch"
    path.write_text(GOOD.replace("| a | conv3-8 |", "|\ta\t|\tconv9\t|"))
    assert main(["count", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    shown = next(i for i, line in enumerate(lines) if line.startswith("5 |"))
    assert lines[shown + 1].index("^") == lines[shown].index("conv9")
    assert lines[shown + 1].count("^") == len("conv9")


def test_a_row_of_twenty_thousand_characters_is_shown_around_its_mistake(tmp_path: Path) -> None:
    steps = "; ".join(["relu"] * 1_500 + ["rleu"] + ["relu"] * 1_500)
    codes(layer(steps), tmp_path)
    with pytest.raises(ArchError) as caught:
        load(tmp_path / "case.arch")
    lines = str(caught.value).splitlines()
    assert max(map(len, lines)) < 500
    under = next(line for line in lines if "^^^^" in line)
    excerpt = lines[lines.index(under) - 1]
    assert excerpt[under.index("^") :].startswith("rleu")


CONTROL = "\x1b]0;owned\x07\x1b[31m\x08\x9b2J\u202e\u2028"


@pytest.mark.parametrize("command", ["count", "check", "emit", "compile"])
@pytest.mark.parametrize(
    "spec",
    [
        f'network n\ntitle "T{CONTROL}"\npaper "P{CONTROL}", R{CONTROL}\ninput 8x8x4\n| layer | op |\n|---|---|\n'
        f"| a{CONTROL} | conv3-8 |\n\nclaims\n| source | params |\n|---|---|\n| T{CONTROL} | 1 |\n",
        f"network n{CONTROL}\ninput 8x8x4\n| conv3-8 {CONTROL} |\n{CONTROL} x\n",
        f"network n\ninput 8x8x4\n| layer | op | out{CONTROL} |\n|---|---|---|\n| a | conv3-8, {CONTROL}=3 | x |\n",
    ],
    ids=["in texts", "in code", "in headers"],
)
def test_control_characters_never_reach_the_terminal(
    command: str, spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.arch").write_text(spec, "utf-8")
    assert main([command, "case.arch"]) == 1
    out, err = capsys.readouterr()
    assert err + out
    assert {c for c in out + err if not c.isprintable()} == {"\n"}


def test_control_characters_in_names_of_files_and_options_are_shown_harmlessly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["count", "no\x1b[31msuch.arch"]) == 1
    assert main(["count", "specs/\x1b[2J:D", "-p", "\x1b]0;x\x07=1"]) == 1
    assert main(["explain", "E\x1b[31m"]) == 2
    out, err = capsys.readouterr()
    assert {c for c in out + err if not c.isprintable()} == {"\n"}


def test_a_network_cannot_choose_the_folder_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in ("../../x", "/tmp/x", "a/b", "..", "con:x"):
        Path("case.arch").write_text(GOOD.replace("network n", f"network {name}"))
        assert main(["compile", "case.arch"]) == 1
    variants = GOOD.replace("network n", "network n\nvariants ../x, ..").replace("| op |", "| ../x |")
    Path("case.arch").write_text(variants)
    assert main(["compile", "case.arch"]) == 1
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["case.arch", "here"]


def test_names_of_files_are_python_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = GOOD.replace("network n", "network n\nvariants 1.5-x, a..b, 1+x").replace("| op |", "| 1.5-x | a..b | 1+x |")
    Path("case.arch").write_text(text.replace("|---|---|", "|---|---|---|---|").replace("| conv3-8 |", "| conv3-8 |"))
    assert main(["compile", "case.arch"]) == 0
    names = [p.stem for p in Path("generated").iterdir()]
    assert len(names) == 3
    assert all(name.isidentifier() for name in names)


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "x.py"
    write(path, "a\nü\n")
    assert path.read_bytes() == "a\nü\n".encode()
    write(path, "b\n")
    assert path.read_bytes() == b"b\n"
    assert [p.name for p in path.parent.iterdir()] == ["x.py"]


@pytest.mark.parametrize("target", ["folder", "file/x.py", "no\0name.py", "x" * 300])
def test_what_cannot_be_written_is_a_diagnostic_and_changes_nothing(target: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(ArchError) as caught:
        write(tmp_path / target, "text")
    assert [d.code for d in caught.value.diagnostics] == ["E0002"]
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_folder_without_permission_is_a_diagnostic(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ArchError, match="permission denied"):
        write(tmp_path / "x.py", "text")


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ArchError, match="no space left"):
        write(path, "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.py", "old")]


def json_of(text: str) -> str:
    return loads(text).to_json()


WORDS = st.sampled_from(
    [*"|:;,/()[]=x!#\"'-+*×. \t\n\r", "network n", "input 8x8x4", "every conv:", "conv3-8", "claims"]
)
TEXTS = st.lists(WORDS | st.text(max_size=3), max_size=60).map("".join)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example("|")
@example("||\n|-|")
@example("|-|\n|-|\n|-|")
@example("variants\n| |\n|-|\n||")
@example("claims\n|x|")
@example("network n\ninput 8x8x4\nclaims\n||")
@example('network n\ninput 8x8x4\n| "|')
def test_any_text_gives_a_network_or_diagnostics(text: str) -> None:
    known = explanations()
    for spec in (text, GOOD + text, GOOD.replace("conv3-8", text)):
        assert set(answers(partial(json_of, spec))) <= set(known)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_source_or_diagnostics(data: bytes) -> None:
    assert answers(lambda: decode("case.arch", data)) in ([], ["E0003"], ["E0004"], ["E0005"])
