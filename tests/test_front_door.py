"""What meets whoever comes to the project: the workflows, the forms of issues, the citation and the versions agree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
SCHEMAS = {
    "vendor.github-workflows": sorted((GITHUB / "workflows").glob("*.yml")),
    "vendor.github-issue-forms": [GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml" for name in ("cannot_say", "wrong_figure")],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SESSIONS = set(re.findall(r"^@nox\.session\ndef (\w+)\(", (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE))
BOUND = re.compile(r"^(?P<name>[\w-]+)(?:>=(?P<least>[\d.]+))")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def checked(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """What check-jsonschema says of files; the schemas come with it."""
    if find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_are_as_their_schema_says(schema: str) -> None:
    assert SCHEMAS[schema]
    done = checked(schema, *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout


def test_a_slip_in_a_workflow_is_found(tmp_path: Path) -> None:
    slip = tmp_path / "tests.yml"
    slip.write_text(text(".github/workflows/tests.yml").replace("runs-on:", "run-on:"), "utf-8")
    assert checked("vendor.github-workflows", slip).returncode == 1


def test_every_file_has_a_schema() -> None:
    files = {path for path in GITHUB.rglob("*") if path.is_file()}
    assert files <= {path for paths in SCHEMAS.values() for path in paths}


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", *(f".github/workflows/{p.name}" for p in SCHEMAS["vendor.github-workflows"])]
)
def test_sessions_that_are_named_are_there(name: str) -> None:
    named = set(re.findall(r"\bnox -s (\w+)", text(name)))
    assert named
    assert named <= SESSIONS


def test_contributing_lists_every_session() -> None:
    assert set(re.findall(r"\bnox -s (\w+)", text("CONTRIBUTING.md"))) == SESSIONS


def test_workflows_test_the_versions_of_python_that_the_package_names() -> None:
    (matrix,) = re.findall(r"python: \[(.*)\]", text(".github/workflows/tests.yml"))
    named = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert re.findall(r"[\d.]+", matrix) == named
    assert PROJECT["project"]["requires-python"] == f">={named[0]}"


def lower_bounds(requirements: list[str]) -> dict[str, str]:
    found = [BOUND.match(line) for line in requirements]
    assert all(found), requirements
    return {match["name"]: match["least"] for match in found if match}


def test_the_lowest_versions_that_are_tested_are_those_that_are_allowed() -> None:
    allowed = lower_bounds(PROJECT["project"]["dependencies"])
    assert dict(re.findall(r"^([\w-]+)==(.*)$", text("constraints-lowest.txt"), re.MULTILINE)) == allowed
    assert lower_bounds(PROJECT["build-system"]["requires"])["lark"] == allowed["lark"]


def test_the_citation_says_what_the_package_says() -> None:
    project, citation = PROJECT["project"], text("CITATION.cff")
    assert f"\nlicense: {project['license']}\n" in citation
    assert re.findall(r"^  - (\S.*)$", citation.partition("keywords:")[2], re.MULTILINE) == project["keywords"]
    (holder,) = re.findall(r"^Copyright \(c\) \d+ (.*)$", text("LICENSE"), re.MULTILINE)
    assert f"- name: {holder}\n" in citation


def test_the_source_distribution_has_what_the_tests_read() -> None:
    packed = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    needed = {"CONTRIBUTING.md", "CITATION.cff", ".github", "constraints-lowest.txt", "noxfile.py", "LICENSE", "tests"}
    assert needed <= set(packed)
    assert [name for name in packed if not (ROOT / name).exists()] == []
