"""Diagnostics as other programs read them: SARIF by its schema, GitHub's annotations as its runner takes them apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import TINY, Run, runner
from test_cases import CASES, Case

from archspec.diagnostics import Diagnostic, Source, Span
from archspec.render.diagnosed import Found, formats, written

run = pytest.fixture(runner)
SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0.json"
VALIDATOR = jsonschema.Draft7Validator(
    json.loads(SCHEMA.read_text("utf-8")), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
)
COMMAND = re.compile(r"::(error|warning) (.*?)::(.*)")
ODD = "50%, a:b\r\nnext \x1b[31m"
SPECS = ["broken.arch", "wrong.arch", "two.arch", "no.arch"]


def results(text: str) -> list[dict[str, Any]]:
    """The results of a log, which is valid."""
    log = json.loads(text)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    [found] = log["runs"]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert len({*rules}) == len(rules)
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in found["results"])
    return [*found["results"]]


def region(result: dict[str, Any]) -> tuple[str, int, int, int]:
    where = result["locations"][0]["physicalLocation"]
    return (
        where["artifactLocation"]["uri"],
        *(where["region"][name] for name in ("startLine", "startColumn", "endColumn")),
    )


def annotation(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    match = COMMAND.fullmatch(line)
    assert match, line
    escapes = {"%0D": "\r", "%0A": "\n", "%25": "%"}
    data = re.sub("%0D|%0A|%25", lambda found: escapes[found[0]], match[3])
    pairs = (pair.split("=", 1) for pair in match[2].split(","))
    escapes |= {"%3A": ":", "%2C": ","}
    return match[1], {k: re.sub("%0D|%0A|%25|%3A|%2C", lambda found: escapes[found[0]], v) for k, v in pairs}, data


def test_formats_are_these() -> None:
    assert formats() == ("github", "sarif")


@pytest.mark.parametrize("command", ["check", "compile"])
def test_sarif_has_a_result_for_each_diagnostic(run: Run, command: str) -> None:
    done = run(command, *SPECS, "--format", "sarif")
    assert done.code == 1
    found = {result["ruleId"]: result for result in results(done.out)}
    assert region(found["E0601"]) == ("broken.arch", 5, 11, 18)
    assert region(found["E0302"]) == ("wrong.arch", 5, 33, 36)
    assert found["E0001"]["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "no.arch"}}}]
    assert found["E0601"]["message"]["text"].split("\n") == [
        "there is no layer `cnov3-4`",
        "cnov3-4: unknown layer",
        "help: did you mean `conv3-4`?",
    ]
    assert all(result["level"] == "error" for result in found.values())


@pytest.mark.parametrize("command", ["check", "compile"])
def test_annotations_stand_where_the_diagnostics_do(run: Run, command: str) -> None:
    done = run(command, *SPECS, "--format", "github")
    assert done.code == 1
    found = {about["title"]: (level, about, text) for level, about, text in map(annotation, done.out.splitlines())}
    level, about, text = found["E0601"]
    assert (level, about) == (
        "error",
        {"file": "broken.arch", "line": "5", "col": "11", "endColumn": "18", "title": "E0601"},
    )
    assert text.startswith("there is no layer `cnov3-4`\n")
    assert found["E0001"][1] == {"file": "no.arch", "title": "E0001"}


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_the_text_of_a_spec_breaks_no_format(form: str) -> None:
    source = Source(f"a,b:{ODD}.arch", f"| é😀 {ODD.splitlines()[0]} |")
    wrong = Diagnostic(
        "E0601", ODD, Span(source, 1, 2, 4), ODD, notes=(ODD,), help=ODD, second=(Span(source, 1, 0, 1), ODD)
    )
    text = written(form, [Found("a.arch", wrong), Found("a.arch", wrong)], "1.0")
    assert "\x1b" not in text
    if form == "sarif":
        [result] = results(text)
        assert region(result)[1:] == (1, 3, 5)
        assert unquote(region(result)[0]) == source.name
        assert result["message"]["text"].startswith(ODD)
        assert result["relatedLocations"][0]["message"]["text"] == ODD
    else:
        _, about, said = annotation(text)
        assert about["file"].startswith("a,b:50%, a:b")
        assert said.startswith("50%, a:b")


def diagnostics_of_cases() -> Iterator[Found]:
    """Those of all cases, which have every code of the language."""
    for path in sorted(CASES.glob("errors/*.md")):
        for part in re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, text = part.partition("\n")
            if "too many" not in title and "too much" not in title:
                yield from (Found("case.arch", each) for each in Case(path, title, 0, text).outcome[1])


@pytest.mark.slow
def test_every_diagnostic_of_the_cases_has_both_forms() -> None:
    found = [*dict.fromkeys(diagnostics_of_cases())]
    assert len({each.diagnostic.code for each in found}) > 100
    assert len(results(written("sarif", found, "1.0"))) == len(found)
    assert len([*map(annotation, written("github", found, "1.0").split("\n"))]) == len(found)


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_what_holds_has_no_result(run: Run, form: str) -> None:
    done = run("check", "tiny.arch", "--format", form)
    assert (done.code, done.err) == (0, "")
    assert results(done.out) == [] if form == "sarif" else done.out == "\n"


def test_compile_writes_its_code_and_says_so_elsewhere(run: Run) -> None:
    done = run("compile", "tiny.arch", "--format", "sarif", "-o", "out/")
    assert (done.code, results(done.out)) == (0, [])
    assert "wrote out/tiny.py" in done.err
    again = run("compile", "tiny.arch", "--format", "sarif", "-o", "-")
    assert again.out == Path("out/tiny.py").read_text()
    assert results(again.err) == []


def test_what_is_wrong_with_a_recipe_or_an_output_is_a_result_too(run: Run) -> None:
    done = run("compile", "tiny.arch", "--train", "--format", "sarif", "-o", "out/")
    assert [result["ruleId"] for result in results(done.out)] == ["E1008"]
    Path("file").write_text("")
    done = run("compile", "tiny.arch", "--format", "sarif", "-o", "file/x.py")
    assert [result["ruleId"] for result in results(done.out)] == ["E0002"]


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_what_stands_in_no_file_has_no_file(run: Run, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("compile", "tiny.arch", "-p", "classes=", "--format", form)
    assert done.code == 2
    if form == "sarif":
        assert [result["locations"] for result in results(done.out)] == [[]]
    else:
        assert annotation(done.out.strip())[1].keys() == {"title"}


def test_a_variant_is_of_its_file(run: Run) -> None:
    Path("two.arch").write_text(Path("two.arch").read_text().replace("2,866", "2,867"))
    [result] = results(run("check", "two.arch:B", "--format", "sarif").out)
    assert region(result)[0] == "two.arch"


def test_columns_are_of_tables(run: Run) -> None:
    done = run("compile", "tiny.arch", "--format", "github", "--columns", "layer")
    assert (done.code, done.out) == (2, "")
    assert "`--format github` prints no table" in done.err


def test_an_absolute_path_is_a_url(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a b.arch").write_text(TINY.replace("148", "149"))
    [result] = results(run("check", str(tmp_path / "a b.arch"), "--format", "sarif").out)
    assert region(result)[0] == (tmp_path / "a b.arch").as_uri()
