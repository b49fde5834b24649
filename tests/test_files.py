"""Whatever is given as a spec, archspec answers with diagnostics or a network, and writes whole files or none."""

from __future__ import annotations

import io
import os
import stat
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archspec import ArchError, load
from archspec.cli import main
from archspec.files import beside, decode, is_folder, write
from archspec.support import opening

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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("line", ['network n\ninput 8x8x3\nuse "pipe.arch"', 'network n like "link.arch"'])
def test_a_pipe_that_a_spec_names_is_not_opened(line: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.arch")
    (tmp_path / "link.arch").symlink_to("pipe.arch")
    (tmp_path / "n.arch").write_text(f"{line}\n| conv3-8 |\n")
    with pytest.raises(ArchError, match="it is a pipe or a device") as caught:
        load(tmp_path / "n.arch")
    assert caught.value.diagnostics[0].code == "E0628"
    with ThreadPoolExecutor() as pool:  # the spec itself may be a pipe
        written = pool.submit((tmp_path / "pipe.arch").write_text, GOOD)
        assert load(tmp_path / "pipe.arch").params == 224
        written.result(timeout=60)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nothing_waits_for_the_other_end_of_a_pipe_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.02)
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.arch")
    with pytest.raises(ArchError, match="nobody writes to this pipe"):
        load("pipe.arch")
    assert main(["check", "pipe.arch"]) == 1
    with pytest.raises(ArchError, match="nobody reads from this pipe"):
        write(Path("pipe.arch"), "text")
    assert stat.S_ISFIFO(Path("pipe.arch").stat().st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_waited_for_while_somebody_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.02)
    os.mkfifo(tmp_path / "pipe.arch")
    with ThreadPoolExecutor() as pool:
        read = pool.submit(load, tmp_path / "pipe.arch")
        with (tmp_path / "pipe.arch").open("w") as writer:
            for part in (GOOD[:20], GOOD[20:]):
                writer.write(part)
                writer.flush()
                time.sleep(0.06)
        assert read.result(timeout=60).params == 224


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.arch").write_text(GOOD)
    os.mkfifo("pipe")
    Path("link.py").symlink_to("pipe")
    for name in ("pipe", "link.py"):
        with ThreadPoolExecutor() as pool:
            read = pool.submit(Path("pipe").read_text, "utf-8")
            assert main(["compile", "case.arch", "-o", name]) == 0
            assert read.result(timeout=60) == load("case.arch").source()
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.arch", "link.py", "pipe"]


def test_what_is_no_file_is_written_to_and_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "device"
    path.write_text("old")
    before = path.stat().st_ino
    monkeypatch.setattr(stat, "S_ISREG", lambda mode: False)
    write(path, "a\nü\n")
    assert (path.stat().st_ino, path.read_bytes()) == (before, "a\nü\n".encode())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("old", ["mine", None])
def test_a_link_is_followed_and_stays_one(old: str | None, tmp_path: Path) -> None:
    real, link = tmp_path / "there" / "real.py", tmp_path / "link.py"
    real.parent.mkdir()
    if old is not None:
        real.write_text(old)
    link.symlink_to("there/real.py")
    write(link, "new")
    assert link.is_symlink()
    assert [(p.name, p.read_text(), p.is_symlink()) for p in real.parent.iterdir()] == [("real.py", "new", False)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.py", "there"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_to_itself_is_a_diagnostic_and_stays_one(tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to("link.py")
    assert answers(lambda: write(link, "new")) == ["E0002"]
    assert link.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_name_without_a_suffix_is_a_folder_only_where_it_is_new(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "nowhere").symlink_to("gone")
    names = ["new", "new.py/", "folder.py", "new.py", "file", "nowhere", "x\0y.py"]
    assert [is_folder(str(tmp_path) + "/" + name) for name in names] == [True, True, True, False, False, False, False]


def test_a_closed_standard_input_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert answers(lambda: load("-")) == ["E0001"]


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


def test_a_spec_names_files_of_its_own_folder_alone(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "blocks").mkdir(parents=True)
    block = "block one(c)\n| conv3-c |\n"
    for path in (tmp_path / "out.arch", inside / "in.arch", inside / "blocks" / "deep.arch"):
        path.write_text(block)
    (inside / "link.arch").symlink_to(tmp_path / "out.arch")
    read = beside(str(inside / "spec.arch"))
    spec = decode(str(inside / "spec.arch"), b"network n\n")
    assert read(spec, "in.arch").text == read(spec, "blocks/../in.arch").text == block
    assert read(read(spec, "blocks/deep.arch"), "../in.arch").text == block
    for name in (
        "../out.arch",
        str(tmp_path / "out.arch"),
        str(inside / "in.arch"),
        "link.arch",
        "in.txt",
        "blocks",
        "",
    ):
        with pytest.raises(ArchError) as caught:
            read(spec, name)
        assert [d.code for d in caught.value.diagnostics] == ["E0008"]
    with pytest.raises(ArchError) as caught:
        read(spec, "no.arch")
    assert [d.code for d in caught.value.diagnostics] == ["E0001"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("in_folders", [True, False])
def test_links_inside_the_folder_are_followed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_folders: bool
) -> None:
    if in_folders and not opening.IN_FOLDERS:
        pytest.skip("no files are opened relative to a folder here")
    monkeypatch.setattr(opening, "IN_FOLDERS", in_folders)
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside / "real", outside):
        folder.mkdir(parents=True)
        (folder / "x.arch").write_text(f"block {folder.name}(c)\n| conv3-c |\n")
    links = {
        "link": ("real", True),
        "chain": ("link", True),
        "up": ("real/../real", True),
        "whole": (str(inside / "real"), True),
        "out": ("../outside", False),
        "back": ("../inside/real", in_folders is False),  # which leaves the folder on its way
        "far": (str(outside), False),
    }
    read, spec = beside(str(inside / "spec.arch")), decode(str(inside / "spec.arch"), b"network n\n")
    for name, (target, good) in links.items():
        (inside / name).symlink_to(target)
        (inside / f"{name}.arch").symlink_to(f"{target}/x.arch")
        for path in (f"{name}/x.arch", f"{name}.arch"):
            if good:
                assert "block real" in read(spec, path).text
            else:
                with pytest.raises(ArchError, match="leads out of the folder"):
                    read(spec, path)
    (inside / "loop.arch").symlink_to("loop.arch")
    with pytest.raises(ArchError, match=r"cannot read `loop\.arch`"):
        read(spec, "loop.arch")


@pytest.mark.skipif(not opening.IN_FOLDERS, reason="no files are opened relative to a folder here")
@pytest.mark.parametrize("flipped", ["folder", "file.arch"])
def test_a_link_that_is_flipped_while_it_is_read_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flipped: str
) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.arch").write_text("block secret(c)\n| conv3-c |\n")
    at = tmp_path / "inside" / flipped
    target = tmp_path / "secret" if flipped == "folder" else tmp_path / "secret" / "x.arch"
    if flipped == "folder":
        at.mkdir()
        (at / "x.arch").write_text("block own(c)\n| conv3-c |\n")
    else:
        at.write_text("block own(c)\n| conv3-c |\n")
    link = opening._link

    def flip(name: str, folder: int) -> str | None:
        found = link(name, folder)
        if name == flipped and not at.is_symlink():  # it was none when it was asked
            at.rename(tmp_path / "aside")
            at.symlink_to(target)
        return found

    monkeypatch.setattr(opening, "_link", flip)
    read, spec = (
        beside(str(tmp_path / "inside" / "n.arch")),
        decode(str(tmp_path / "inside" / "n.arch"), b"network n\n"),
    )
    with pytest.raises(ArchError) as caught:
        read(spec, "folder/x.arch" if flipped == "folder" else flipped)
    assert [d.code for d in caught.value.diagnostics] == ["E0001"]


def test_a_file_that_another_names_is_said_as_that_does_and_is_never_itself_suggested(tmp_path: Path) -> None:
    (tmp_path / "se_net.arch").write_text('network se_net like "net.arch"\n')
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "blocks.arch").write_text("")
    with pytest.raises(ArchError) as caught:
        load(tmp_path / "se_net.arch")
    [first, *_] = caught.value.diagnostics
    assert first.message == "`net.arch` cannot be used: no such file or directory"
    assert first.help is None
    (tmp_path / "uses.arch").write_text('network uses\ninput 8x8x3\nuse "below/blcks.arch"\n| conv3-8 |\n')
    with pytest.raises(ArchError) as caught:
        load(tmp_path / "uses.arch")
    [first, *_] = caught.value.diagnostics
    assert first.message == "`below/blcks.arch` cannot be used: no such file or directory"
    assert first.help == "did you mean `below/blocks.arch`?"
