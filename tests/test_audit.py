"""`archspec audit`: every printed figure once, by its paper, with the arithmetic and the author's reason."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import FAMILY, TINY, Run, runner
from networks import audited, whole_corpus

from archspec.diagnostics import Source, Span
from archspec.reports.audit.comments import comment_beside
from archspec.reports.audit.figure import Figure
from archspec.reports.audit.figures import audit
from archspec.support.limits import MOST_REASONS

run = pytest.fixture(runner)
ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "audit.schema.json").read_text("utf-8"))
ERRATA = """network odd(classes=10)
paper "On Oddities", arXiv:1, Table 1
input 8x8x4
# The table as printed.
| layer | op           | input   | output  | params | mult-adds | activations |
|-------|--------------|---------|---------|--------|-----------|-------------|
# The bias is forgotten.
| a     | conv3-4      | 9x9x4 ! | 8x8x4   | 144 !  | 9,100 !   | 255 !       |
| b     | conv3-4; bn  |         | 7x8x4 ! | 148 !  |           |             |  # The scale is forgotten.
| fc    | fc classes   |         | 9 !     | 2,570  |           |             |

# Two digits are swapped in 2,853.
claims
| source    | classes | counted | params  | mult-adds | weight layers | top-1 error |
|-----------|---------|---------|---------|-----------|---------------|-------------|
| section 1 |         | no bias | 2,853 ! |           | 4 !           | 25.6        |
| section 2 | 20      |         | 4,000 ! | 9.9K !    |               |             |
"""

TINY_BARE = "network bare\ninput 8x8x3\n\n| conv 3x3, 8 |\n"


def figures(*specs: str) -> dict[tuple[str, str, str], Figure]:
    """The figures of an audit by source, quantity and print."""
    return {(f.check.source, f.check.quantity, f.check.printed): f for f in audit(specs).figures}


def test_where_nothing_is_printed_it_is_said_what_to_do(run: Run) -> None:
    Path("bare.arch").write_text(TINY_BARE)
    Path("other.arch").write_text(TINY_BARE)
    for form in ("text", "markdown"):
        done = run("audit", "bare.arch", "--format", form)
        assert (done.code, done.err) == (0, "")
        assert done.out == (
            "`bare.arch` has no printed figures, so there is nothing to audit: write those of its source into its table, "
            "in columns such as `output` and `params`, or below `claims`.\n"
        )
    assert run("audit", "bare.arch", "other.arch").out.startswith("2 specs have no printed figures, ")
    assert json.loads(run("audit", "bare.arch", "--format", "json").out)["papers"] == []
    Path("odd.arch").write_text(ERRATA)
    assert "nothing to audit" not in run("audit", "odd.arch", "bare.arch").out


def test_every_kind_of_erratum_is_proved(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    found = figures("odd.arch")
    proofs = {(source, quantity): f.proof for (source, quantity, _), f in found.items() if f.standing == "erratum"}
    paper = "counted as paper"
    assert proofs == {
        ("a", "input"): ("of 9x9x4 the row would make 9x9x4, and it makes 8x8x4",),
        ("a", "params"): ("conv 4*(4*3*3 + 1)", paper),
        ("a", "mult-adds"): ("conv 8*8*4*4*3*3", paper),
        ("a", "activations"): ("conv 8*8*4", paper),
        ("b", "output"): ("(8 + 2*1 - 3) // 1 + 1 = 8 on each side",),
        ("b", "params"): ("conv 4*(4*3*3 + 1) + bn 2*4", paper),
        ("fc", "output"): ("`fc` gives 10",),
        ("section 1", "params"): ("2 * conv 4*4*3*3 + bn 2*4 + fc 10*256", "counted as paper, no bias"),
        ("section 1", "weight layers"): ("weight layers on the longest path: a 1 + b 1 + fc 1", "counted as paper, no bias"),
        ("section 2", "params"): ("2 * conv 4*(4*3*3 + 1) + bn 2*4 + fc 20*(256 + 1)", f"{paper}, classes=20"),
        ("section 2", "mult-adds"): ("2 * conv 8*8*4*4*3*3 + fc 20*256", f"{paper}, classes=20"),
    }  # fmt: skip


def test_a_proof_comes_to_the_value(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    for figure in figures("odd.arch").values():
        if figure.standing == "erratum" and isinstance(figure.check.value, int) and "longest" not in figure.proof[0]:
            sum = figure.proof[0]
            for op in ("conv", "bn", "fc"):
                sum = sum.replace(f"{op} ", "")
            assert eval(sum) == figure.check.value


def test_the_reason_is_the_comment_beside_the_figure(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    found = {(f.check.source, f.check.quantity): f.comment for f in audit(["odd.arch"]).papers[0].errata}
    assert found["a", "params"] == "The bias is forgotten."
    assert found["b", "params"] == "The scale is forgotten."
    assert found["fc", "output"] == "The table as printed."
    assert {found["section 1", "params"], found["section 2", "params"]} == {"Two digits are swapped in 2,853."}


@pytest.mark.parametrize(
    ("text", "line", "printed", "said"),
    [
        ("# One.\n#\n# It prints 3.14K here.\n\nclaims\n| 3.14K |", 6, "3.14K", "It prints 3.14K here."),
        ("# It prints 13.14K here.\n\n\n| 3.14K |", 4, "3.14K", ""),
        ("# 42 of them.\n\n\n| 42 |", 4, "42", ""),
        ("# Far.\n\n# Near,\n# in two lines.\n| 42 |", 5, "42", "Near, in two lines."),
        ('title "#"\n| 42 | "# no comment" |', 2, "42", ""),
        ("| a |\n# Of b.\n| b |\n| 42 |", 4, "42", ""),
        ("| 42 |", 1, "42", ""),
        ("# Above.\n\n| 42 |", 3, "42", "Above."),
        ("# Far above.\n\n\n| 42 |", 4, "42", ""),
        ("# Of claims.\n\nclaims\n| 42 |", 4, "42", "Of claims."),
        ("claims\n| 42 |", 2, "42", ""),
        ("| 7 |\n\nclaims\n| 42 |", 4, "42", ""),
    ],
)
def test_comments(text: str, line: int, printed: str, said: str) -> None:
    assert comment_beside(Span(Source("x.arch", text), line, 2, 4), printed) == said


def test_the_difference_is_that_of_the_print(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    found = figures("odd.arch")
    assert found["a", "params", "144"].difference == pytest.approx(-100 * 4 / 148)
    assert found["a", "input", "9x9x4"].difference is None
    out = run("audit", "odd.arch").out
    assert "`a` of odd: 144 params in print, 148 by arithmetic, so that the print is 2.7 % too low" in out
    assert "`fc` of odd: output 9 in print, 10 by arithmetic\n" in out


def test_what_no_rule_was_found_for_is_no_erratum(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA.replace("| 144 !", "| 144 ?").replace("4 !  ", "4 ?  "))
    found = audit(["odd.arch"]).papers[0]
    unexplained = [(f.check.source, f.check.quantity) for f in found.standing("unexplained")]
    assert unexplained == [("a", "params"), ("section 1", "weight layers")]
    assert len(found.errata) == found.counts["erratum"] == 9
    assert all(figure.proof and figure.comment for figure in found.standing("unexplained"))
    out = run("audit", "odd.arch").out
    assert "9 wrong in print, 2 that no counting rule gives, 0 disagreeing" in out
    assert out.index("\nErrata\n") < out.index("\nNo rule found\n")
    assert "`a` of odd: 144 params in print, 148 by arithmetic, 2.7 % apart\n" in out
    assert "## No rule found" in run("audit", "odd.arch", "--format", "markdown").out


def test_an_erratum_says_what_it_should_be_or_what_is_at_fault(run: Run) -> None:
    marked = ERRATA.replace("| 144 !", "| 144 ! 148").replace("| 7x8x4 !", "| 7x8x4 ! see a")
    Path("odd.arch").write_text(marked)
    out = run("audit", "odd.arch").out
    assert "144 params in print, 148 by arithmetic, so that the print is 2.7 % too low; it should be 148\n" in out
    assert "`b` of odd: output 7x8x4 in print, 8x8x4 by arithmetic; at fault is `a`\n" in out
    [figure] = [f for f in audit(["odd.arch"]).figures if f.check.at_fault]
    assert (figure.check.written, figure.check.holds) == ("7x8x4 ! see a", True)


def test_a_figure_of_several_variants_is_one(run: Run) -> None:
    Path("two.arch").write_text(FAMILY.replace("| layer | A", "| layer | output | A").replace("|---", "|---|---", 1)
                                .replace("| conv  |", "| conv | 8x8x4 |").replace("| fc    |", "| fc | 10 |"))  # fmt: skip
    [paper] = audit(["two.arch"]).papers
    assert [(f.check.source, f.names) for f in paper.figures] == [
        ("conv", "two"),
        ("fc", "two"),
        ("Table 1", "two_A"),
        ("Table 1", "two_B"),
    ]
    assert paper.networks == 2


def test_a_claim_that_two_files_of_one_network_print_is_one(run: Run) -> None:
    Path("two_B.arch").write_text(
        "network two_B\ninput 8x8x4\n| conv3-4 x 2 |\n| fc 10 |\n\nclaims\n| source | params |\n|---|---|\n| Table 1 | 2,866 |\n"
    )
    assert len(audit(["two.arch"]).figures) == 2
    assert len(audit(["two.arch", "two_B.arch"]).figures) == 2
    assert len(audit(["two_B.arch"]).figures) == 1


def test_the_cells_of_a_network_that_is_like_another_are_the_others(run: Run) -> None:
    Path("alike.arch").write_text('network alike like "two.arch"\ntitle "Alike"\n')
    Path("two.arch").write_text(FAMILY.replace("| A          |", "| output | A          |").replace("|---", "|---|---", 1)
                                .replace("| conv3-4    |", "| 8x8x4 | conv3-4    |").replace("| fc classes", "| 10 | fc classes"))  # fmt: skip
    assert [len(paper.figures) for paper in audit(["alike.arch"]).papers] == [2]
    assert [len(paper.figures) for paper in audit(["alike.arch", "two.arch"]).papers] == [4]


def test_unmarked_disagreement_and_an_invalid_spec_are_exit_code_1(run: Run) -> None:
    assert run("audit", "tiny.arch", "two.arch").code == 0
    done = run("audit", "tiny.arch", "wrong.arch")
    assert (done.code, done.err.count("error[E0302]")) == (1, 1)
    assert "1 disagree" in done.out
    done = run("audit", "tiny.arch", "broken.arch", "missing.arch")
    assert (done.code, done.err.count("error[")) == (1, 2)
    assert "broken.arch: not a valid spec" in done.out
    Path("agrees.arch").write_text(TINY.replace("148 ", "148 !"))
    assert run("audit", "agrees.arch").code == 1


def test_a_folder_stands_for_its_networks(run: Run) -> None:
    Path("specs/blocks").mkdir(parents=True)
    Path("specs/tiny.arch").write_text(TINY)
    Path("specs/blocks/basic.arch").write_text("block basic(c)\n| conv c |\n")
    done = run("audit", "--format", "json")
    assert done.code == 0
    data = json.loads(done.out)
    assert (data["papers"][0]["specs"], data["networks"]) == (["specs/tiny.arch"], 1)
    assert run("audit", "specs", "--format", "json").out == done.out


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    ("name", "reason"), [("specs", "there is no such folder"), ("empty", "no `.arch` file is there")]
)
def test_no_specs_is_a_diagnostic(run: Run, name: str, reason: str, form: str) -> None:
    Path("empty").mkdir()
    done = run("audit", *([name] if name == "empty" else []), "--format", form)
    assert (done.code, done.err.splitlines()[0]) == (1, f"error[E0009]: no specs in `{name}`: {reason}")


def test_a_claim_without_its_network_is_wrong_and_has_no_proof(run: Run) -> None:
    Path("tiny.arch").write_text(TINY.replace("| Table 2 | 20 ", "| Table 2 | 0 "))
    done = run("audit", "tiny.arch")
    assert (done.code, done.err.count("error[E0306]")) == (1, 1)


@pytest.mark.parametrize("text", [ERRATA, TINY, "", "network", "\0", "network a\ninput 3\n| relu |\n# !", "| a !"])
def test_standard_input_is_audited_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = run("audit", "-")
    assert (done.code, "error[" in done.err) in ((0, False), (1, True))


def test_markdown_is_the_same_in_tables(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    out = run("audit", "odd.arch", "--format", "markdown").out
    assert "| section 1 | odd     | params        | 2,853 !" in out.replace("  ", " ") or "2,853 !" in out
    assert "  - `conv 4*(4*3*3 + 1)`" in out
    assert "> Two digits are swapped in 2,853." in out


def test_json_follows_its_schema(run: Run) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    Path("odd.arch").write_text(ERRATA)
    for specs in (["odd.arch", "two.arch"], ["wrong.arch", "broken.arch"]):
        data: dict[str, Any] = json.loads(run("audit", *specs, "--format", "json").out)
        jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
        assert sum(data["counts"].values()) == sum(len(paper["figures"]) for paper in data["papers"])
    assert data["invalid"] == ["broken.arch"]


@pytest.mark.dear
@whole_corpus
def test_an_audit_of_the_corpus_holds() -> None:
    found = audited()
    assert found.holds
    assert all(f.proof and f.comment for f in found.figures if f.standing == "erratum")


def test_reasons_are_given_for_the_first_of_many_marks_and_no_others_are_said_to_be_tried(run: Run) -> None:
    rows = "".join(f"| Table {i} | {1000 + i} ! |\n" for i in range(MOST_REASONS + 5))
    Path("odd.arch").write_text(
        f"network odd\ninput 8x8x3\n\n| conv3-8 |\n\nclaims\n| source | params |\n|-|-|\n{rows}"
    )
    [found] = audit(["odd.arch"]).papers
    assert [figure.tried is not None for figure in found.errata] == [True] * MOST_REASONS + [False] * 5
    assert all(figure.proof for figure in found.errata[:MOST_REASONS])
    assert run("audit", "odd.arch").out.count("tried:") <= MOST_REASONS


def test_figures_of_a_network_in_json_are_those_of_its_spec(run: Run) -> None:
    Path("odd.arch").write_text(ERRATA)
    Path("odd.json").write_text(run("ir", "odd.arch").out)
    of_json, of_text = ([figure.standing for figure in audit([name]).figures] for name in ("odd.json", "odd.arch"))
    assert of_json == of_text
    assert len(of_text) > 10
