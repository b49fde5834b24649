"""The errata: which findings there are, how certain they are, what counts once, and the pages that links lead to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from commands import Run, runner
from hypothesis import given
from hypothesis import strategies as st
from networks import audited, whole_corpus

from archspec.diagnostics import Source
from archspec.reports.audit.equations import wrong_equations
from archspec.reports.audit.figure import Figure
from archspec.reports.audit.figures import audit
from archspec.reports.audit.findings import CERTAINTIES, CLASSES, Finding, findings
from archspec.reports.audit.page import MOST_FINDINGS, as_page, counts_by, page_of
from archspec.reports.audit.report import as_data, paper_page
from archspec.reports.audit.slugs import slugs

run = pytest.fixture(runner)
ROWS = """input 8x8x4

| layer | op         | output{head} |
|-------|------------|--------|
| a     | conv3-4    | {cell} |
| fc    | fc classes | 10     |

claims
| source | params | mult-adds |
|--------|--------|-----------|
{claims}
"""


def spec(claims: str, more: str = "", cell: str = "8x8x4", name: str = "odd") -> str:
    head = f'network {name}(classes=10)\npaper "On Oddities: A Study", arXiv:1, Table 1\n{more}'
    return head + ROWS.format(head="", cell=cell, claims=claims)


def found(text: str) -> dict[str, Finding]:
    """The findings of a spec by their prints."""
    Path("odd.arch").write_text(text)
    return {each.figure.check.printed: each for each in findings(audit(["odd.arch"]).papers)}


PARAMS = 148 + 257 * 10


@pytest.mark.parametrize(
    ("claim", "more", "kind", "certainty"),
    [
        ("| Table 1 | 2,178 ! 2,718 | |", "", "misprint", "certain"),
        ("| Table 1 | 2,713 ! 2,718 | |", "", "misprint", "certain"),
        ("| Table 1 | 2,831 ! 2,718 | |", "", "table against itself", "certain"),
        ("| Table 1 | 2,178 ! | |", "", "table against itself", "likely"),
        ("| Others (2017), Table 8 | 2,178 ! | |", "", "wrong quotation", "likely"),
        ("| Table 1 | 2,178 ? | |", "", "rule unknown", "open"),
        ("| Table 1 | 2,178 ! 2,718 | |", "taken from lecture\n", "misprint", "certain"),  # of a paper, read in one
        (
            "| Others (2017), Table 8 | 2,178 ! 2,718 | |",
            'paper "Lectures", quoted as Others\n',
            "wrong quotation",
            "certain",
        ),
        ("| Others, slide 8 | 2,178 ! 2,718 | |", 'paper "Lectures", quoted as Others\n', "wrong quotation", "certain"),
        ("| Others, slide 8 | 2,178 ! | |", 'paper "Lectures", quoted as Others\n', "lecture slip", "likely"),
        ("| Others, slide 8 | 2,178 ? | |", 'paper "Lectures", quoted as Others\n', "rule unknown", "open"),
        ("| Table 1 | 2,178 ! 2,718 | |", "taken from memory\n", "misprint", "from memory"),
        ("| Table 1 | 2,178 ? | |", "taken from memory: Table 1\n", "rule unknown", "from memory"),
    ],
)
def test_a_finding_has_a_class_and_a_certainty(run: Run, claim: str, more: str, kind: str, certainty: str) -> None:
    assert PARAMS == 2718
    finding = found(spec(claim, more))[claim.split("|")[2].split()[0]]
    assert (finding.kind, finding.certainty) == (kind, certainty)


LISTED = """network odd(n=7, classes=10)
paper "Odd"
input 8x8x4

| conv3-4 x (n - 5)          |
| conv3-8, /2; conv3-8 x 2   |
| fc classes                 |

claims
| source | weight layers | params |
|--------|---------------|--------|
| text   | {claim} |
"""
"""Six layers."""


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("3 ! 6 |", "the table lists 3 convolutions, where a repetition is listed once"),
        ("4 ! 6 |", "the table lists 4 layers with weights, where a repetition is listed once"),
        ("4 ? |", "the table lists 4 layers with weights, where a repetition is listed once"),
        ("7 ? |", "7 is `n`, a number in the names of this paper's networks"),
        ("7 ! 6 |", "7 is `n`, a number in the names of this paper's networks"),
        ("10 ! 6 |", ""),
        ("| 4 !", ""),
    ],
)
def test_what_lists_or_names_layers_is_no_number_of_them(run: Run, claim: str, label: str) -> None:
    [finding] = found(LISTED.format(claim=claim)).values()
    assert isinstance(finding.figure, Figure)
    assert finding.figure.label == label
    assert (finding.kind == "label taken for a count") == bool(label)
    assert finding.certainty == ("certain" if "6" in claim else "likely" if label or "!" in claim else "open")


def test_a_lecture_slips_in_an_example_of_its_own(run: Run) -> None:
    text = spec("| Table 1 | 2,178 ! 2,718 | |").replace("arXiv:1", "lecture 3")
    assert [each.kind for each in found(text).values()] == ["lecture slip"]


def test_a_figure_stands_on_the_page_of_the_paper_that_prints_it(run: Run) -> None:
    text = spec(
        "| Table 1 | 2,718 | |\n| Others (2017), Table 8 | 2,178 ! | |", 'paper "Others", quoted as Others (2017)\n'
    )
    Path("odd.arch").write_text(text)
    own, other = audit(["odd.arch"]).papers
    assert (own.title, own.networks, len(own.figures)) == ("On Oddities: A Study", 1, 3)
    assert (other.title, other.networks, claims_of(other.figures)) == ("Others", 0, [("Others (2017), Table 8", ())])
    out = run("audit", "odd.arch").out
    assert "Others\nodd.arch: 1 wrong in print." in out
    assert "Others: Table 8, on odd" in as_page(audit(["odd.arch"]))


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["On Nets", "On: Nets"], ["on-nets", "on-nets-2"]),
        (["On Nets", "On Nets 2", "On: Nets"], ["on-nets", "on-nets-2", "on-nets-3"]),
        (["Réseaux résiduels"], ["reseaux-residuels"]),
    ],
)
def test_pages_are_called_by_titles(titles: list[str], names: list[str]) -> None:
    assert slugs(titles) == names


@given(st.lists(st.one_of(st.text(), st.sampled_from(["网络", "网格", "сеть", "A: B", "A B", "!", ""])), unique=True))
def test_every_title_has_a_name_of_its_own(titles: list[str]) -> None:
    made = slugs(titles)
    assert len({*made}) == len(titles)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in made)


def test_the_worst_finding_comes_first(run: Run) -> None:
    claims = "| Table 1 | 2,800 ! | |\n| Table 2 | 5,000 ! | 9,216 ? |\n| Table 3 | 2,701 ! 2,718 | |"
    assert [*found(spec(claims, cell="9x8x4 !"))] == ["2,701", "5,000", "9x8x4", "2,800", "9,216"]


def test_what_nobody_prints_is_counted_apart(run: Run) -> None:
    claims = "| Table 1 | 2,718 | |\n| torchvision 0.28.0, odd | 2,718 | |"
    Path("odd.arch").write_text(spec(claims, "taken from author: output\ntaken from program: torchvision\n"))
    out = run("audit", "odd.arch").out
    assert out.startswith("1 printed figure of 1 network of 1 paper: 1 agree; 0 wrong in print")
    assert "Apart from these, the specs check 1 count of programs and 2 checks that their authors added.\n" in out


def test_a_print_counts_once_however_many_specs_quote_it(run: Run) -> None:
    Path("a_other.arch").write_text(
        spec("| Oddities (2017), Table 1 | 2,718 | |\n| Table 1 | 2.7K | |", name="other").replace(
            "Oddities: A", "Others: B"
        )
    )
    Path("odd.arch").write_text(spec("| Table 1, the whole | 2,718 | |"))
    papers = {paper.title: paper for paper in audit(["a_other.arch", "odd.arch"]).papers}
    assert claims_of(papers["On Oddities: A Study"].figures) == [("Table 1, the whole", ("a_other.arch",))]
    assert claims_of(papers["On Others: B Study"].figures) == [("Table 1", ())]


def claims_of(figures: tuple[Figure, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(figure.check.source, figure.copies) for figure in figures if not figure.of_row]


def test_a_paper_says_by_which_rules_it_counts(run: Run) -> None:
    Path("odd.arch").write_text(
        spec(
            "| Table 1 | 2,718 | |\n| Table 2, a | 2,718 | |\n| X (2017), Table 3 | 2,718 | |\n| text | 1 ? | |"
        ).replace("input 8", "counted no bn\ninput 8")
    )
    assert counts_by(audit(["odd.arch"]).papers[0]) == "`paper, no bn`: params of Table 1 and Table 2"


def test_arithmetic_is_counted_by_no_rule(run: Run) -> None:
    arithmetic = (
        "\n\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n| text | 2*9 | params | 18 |\n"
    )
    Path("odd.arch").write_text(spec("| Table 1 | 2,718 | |") + arithmetic)
    assert counts_by(audit(["odd.arch"]).papers[0]) == "`paper`: params of Table 1"


def test_what_was_tried_stands_beside_the_derivation(run: Run) -> None:
    Path("odd.arch").write_text(spec("| Table 1 | 2,704 ? | 1 ? |"))
    out = run("audit", "odd.arch").out
    assert "tried: `no bias` in the column `counted` gives 2,704\n" in out
    assert "tried: one other rule at a time; none gives it and keeps the other figures\n" in out
    assert re.search(r"odd\.arch:\d+: `archspec audit odd\.arch --finding odd-table-1-params-2-704`", out)


def test_one_finding_is_shown_alone(run: Run) -> None:
    Path("odd.arch").write_text(spec("# Two digits changed places.\n| Table 1 | 2,178 ! 2,718 | 1 ? |"))
    name = "odd-table-1-params-2-178"
    done = run("audit", "odd.arch", "--finding", name)
    assert done.code == 0
    assert done.out.startswith(
        "On Oddities: A Study: misprint, certain\n  odd (Table 1): 2,178 params in print, 2,718 by"
    )
    assert "conv 4*(4*3*3 + 1) + fc 10*(256 + 1)" in done.out
    assert done.out.endswith("\n  # Two digits changed places.\n")
    assert "mult-adds" not in done.out
    assert "> Two digits" in run("audit", "odd.arch", "--finding", name, "--format", "markdown").out
    data = json.loads(run("audit", "odd.arch", "--finding", name, "--format", "json").out)
    assert [figure["anchor"] for paper in data["papers"] for figure in paper["figures"]] == [name]
    wrong = run("audit", "odd.arch", "--finding", "odd-table-1-params-2-17")
    assert (wrong.code, wrong.err) == (
        2, "archspec: no finding is called `odd-table-1-params-2-17`; is `odd-table-1-params-2-178` meant?\n"
    )  # fmt: skip
    assert run("audit", "odd.arch", "--finding", "").err.endswith(" cites the names of its findings\n")
    Path("odd.arch").write_text(spec("| Table 1 | 2,718 | |"))
    assert (
        run("audit", "odd.arch", "--finding", name).err == f"archspec: no finding is called `{name}`: there is none\n"
    )


def test_a_setting_that_is_quoted_wrong_is_not_said_to_be_worked_out(run: Run) -> None:
    setting = (
        "\n\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
        "| Others, slide 3 | 1/10^4 | weight decay | 0.00001 ! 0.0001 |\n"
    )
    text = spec("| Table 1 | 2,718 | |", 'paper "Lectures", quoted as Others\n') + setting
    [finding] = found(text).values()
    assert finding.kind == "wrong quotation"
    said = (
        '0.00001 (weight decay) in print, quoted from "On Oddities: A Study", which has 1/10^4; it should be 0.0001\n'
    )
    assert said in run("audit", "odd.arch").out


def test_lines_of_a_reason_that_are_indented_stay_lines(run: Run) -> None:
    reason = "# Far.\n#\n# It prints:\n#   2,178 twice\n#   * once\n# And so on."
    Path("odd.arch").write_text(spec(f"{reason}\n| Table 1 | 2,178 ! 2,718 | |"))
    out = run("audit", "odd.arch").out
    assert "\n  # It prints:\n  #   2,178 twice\n  #   * once\n  # And so on.\n" in out
    assert "Far" not in out
    markdown = run("audit", "odd.arch", "--format", "markdown").out
    assert "  > It prints:\n  >\n  >     2,178 twice\n  >     * once\n  >\n  > And so on.\n" in markdown


def test_rows_at_fault_are_one_or_several(run: Run) -> None:
    text = spec("| Table 1 | 2,800 ! see a | |", cell="9x9x4 !")
    Path("odd.arch").write_text(text)
    assert "; at fault is `a`\n" in run("audit", "odd.arch").out
    Path("odd.arch").write_text(text.replace("see a", "see a, fc").replace("| 10     |", "| 11 ! |"))
    assert "; at fault are `a`, `fc`\n" in run("audit", "odd.arch").out


def test_no_rule_is_said_to_be_tried_on_a_ratio(run: Run) -> None:
    ratio = (
        "\n\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n| text | {} | params | 3 times ? |\n"
    )
    for figure in ("ratio to this with classes=1", "2*4"):
        Path("odd.arch").write_text(spec("| Table 1 | 2,718 | |") + ratio.format(figure))
        out = run("audit", "odd.arch").out
        assert "No rule found" in out
        assert "tried" not in out


def test_a_cell_of_rows_counts_once_however_specs_call_its_row(run: Run) -> None:
    other = spec("| Table 1 | 2,718 | |", name="other").replace("| a     |", "| first |").replace("8x8x4", "8×8×4")
    Path("odd.arch").write_text(spec("| Table 1 | 2,718 | |"))
    Path("other.arch").write_text(other)
    [paper] = audit(["odd.arch", "other.arch"]).papers
    assert [(f.spec, f.check.source) for f in paper.figures if f.of_row] == [("odd.arch", "a"), ("odd.arch", "fc")]


def test_a_cell_is_counted_where_it_is_written_before_a_network_like_it(run: Run) -> None:
    Path("odd.arch").write_text(spec("| Table 1 | | |"))
    Path("copy.arch").write_text('network copy like "odd.arch"\n')
    [paper] = audit(["copy.arch", "odd.arch"]).papers
    assert [(f.spec, f.check.source) for f in paper.figures if f.of_row] == [("odd.arch", "a"), ("odd.arch", "fc")]


@pytest.mark.parametrize("more", ["", "| b | bn | 8x8x4 |\n"])
def test_cells_of_other_tables_and_further_rows_count_too(run: Run, more: str) -> None:
    other = spec("| Table 1 | | |", name="other").replace("| fc    |", f"{more}| fc    |")
    Path("odd.arch").write_text(spec("| Table 1 | | |"))
    Path("other.arch").write_text(other if more else other.replace("arXiv:1, Table 1", "arXiv:1, Tables 2 and 3"))
    [paper] = audit(["odd.arch", "other.arch"]).papers
    found = [(f.spec, f.check.source) for f in paper.figures if f.of_row and f.spec == "other.arch"]
    assert found == ([("other.arch", "b")] if more else [("other.arch", "a"), ("other.arch", "fc")])


@pytest.mark.parametrize(
    ("claim", "cell", "certainty"),
    [("| Table 1 | 2,041 | |", "8x8", "likely"), ("| Table 1 | 2,041 | |", "8x8x3", "certain")],
)
def test_counts_alone_do_not_tell_which_is_wrong(run: Run, claim: str, cell: str, certainty: str) -> None:
    text = spec(claim, cell=cell).replace("| a     | conv3-4    |", "| a     | conv3-4 ! conv3-3 |")
    assert 4 * 27 + 3 + 193 * 10 == 2041
    assert found(text)["conv3-4"].certainty == certainty


@whole_corpus
def test_every_link_of_the_errata_leads_to_a_derivation() -> None:
    corpus = audited()
    page = as_page(corpus)
    pages = {page_of(paper.page): paper_page(paper) for paper in corpus.papers}
    table = page.partition("## Findings")[2].partition("## How each paper counts")[0]
    links = re.findall(r"\((audit/[\w-]+\.md)#([\w-]+)\)", table)
    assert 0 < len(links) <= MOST_FINDINGS
    assert all(f'<a id="{anchor}"></a>' in pages[name] for name, anchor in links)
    every = findings(corpus.papers)
    assert len({(each.paper, each.anchor) for each in every}) == len(every)
    assert len(pages) == len(corpus.papers)


@whole_corpus
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet", "resnet", "wrn_blocks"])
def test_a_finding_has_the_same_name_in_an_audit_of_its_spec_alone(name: str) -> None:
    spec = next(spec for paper in audited().papers for spec in paper.specs if spec.endswith(f"/{name}.arch"))
    cited = {each.anchor for each in findings(audited().papers) if each.figure.spec == spec}
    assert cited
    assert cited <= {each.anchor for each in findings(audit([spec]).papers)}


@whole_corpus
def test_no_reason_speaks_of_the_marks_or_the_files_of_specs() -> None:
    reasons = [each.figure.comment for each in findings(audited().papers)]
    assert all(reasons)
    assert [each for each in reasons if ".arch" in each or "is marked" in each] == []


@whole_corpus
def test_every_spec_of_the_corpus_says_from_where_its_figures_are() -> None:
    assert [f"{f.spec}: {f.check.source}" for f in audited().figures if f.check.taken_from is None] == []


@whole_corpus
def test_the_audit_of_the_corpus_is_of_its_schema_and_has_every_class() -> None:
    schema = json.loads((Path(__file__).parent.parent / "docs" / "audit.schema.json").read_text("utf-8"))
    data = json.loads(json.dumps(as_data(audited())))
    jsonschema.validate(data, schema)
    found = {each["class"] for paper in data["papers"] for each in (*paper["figures"], *paper["misprints"])}
    assert found == {*CLASSES, None}
    properties = [schema["$defs"][name]["properties"] for name in ("figure", "misprint")]
    for each in properties:
        assert {*each["class"]["enum"]} <= {*CLASSES, None}
        assert {*each["certainty"]["enum"]} <= {*CERTAINTIES, None}


def wrong(comment: str) -> list[str]:
    return [d.message for d in wrong_equations(Source("x.arch", f"network x\n{comment}\n"))]


@pytest.mark.parametrize(
    ("comment", "made"),
    [
        ("# 7*7*3*64 + 64 = 9,472", None),
        ("# 7*7*3*64 + 64 = 9,473", "9,472"),
        ("| a |  # 2*3 = 7", "6"),
        ("# 11,288,993,792 + 2*13,146,112 =\n# 11.315G", None),
        ("# 11,288,993,792 + 2*13,146,112 =\n# 11.316G.", "11,315,286,016"),
        ("# (224 - 11) / 4 + 1 = 54.25; (224 - 11)/(4 + 1) = 54.25", "42.6"),
        ("# 568.74M + 0.48M = 569.22M, 94.86% + 3.06% + 1.19% + 0.18% = 99.29%", None),
        ("# 568.74M + 0.48M = 569.25M", "569,225,000"),
        ("# 2 = 2 = 3", "2"),
        ("# 49*24 + 24*64 = 2,712, times 112*112 = 34.0M; r = 16; 2*r = 3; 3x3 = 7; a 5 = 6*1", "5"),
        ("# 1 / 0 = 2; = 3; 4 =; (1 + 2 = 3; 1,23 = 4; 1.2.3 = 4; v2 = 3; -1 = 1 - 2", None),
        ("# 64 = 2 x 32\n#\n# 5 = 2·2 + 1; 3·3·64 = 576; 14 × 14 = 196; 14 x 14 = 196; 2^6 = 64", None),
        ("# 1,200,000 = 1.2 million; 9,472 = 9.472 thousand; 2*48,758,784 = 93 MiB; 1 - 0.5 = 50 %", None),
        ("# Table 1 = 9,472; 64 = 2 groups of 32; 12 = 24 halved; 33 % of 300 = 99; 2*3*4 mod 5 = 4; 6 = 3!", None),
        ("# 3:4 = 1 - 0.25; 16 ^ 0.5 = 2*2; £3 = 2*2; 5 -> 2 = 1 + 1", None),
        ("# In short: 2*3 = 5: no", "6"),
        ('# 3*3 = 8, "4"', "9"),
        (f"# {'9' * 5000} + 1 = 2; {'9' * 400}.5 + 1 = 2; {'9' * 4000}*{'9' * 4000} = 2", None),
        (f"# {'*'.join(['9' * 30] * 20)} / 17 = 2", f"{(10**30 - 1) ** 20 // 17:,}"),
        ('title "2*2 = 5"', None),
    ],
)
def test_equations_in_comments_come_out(comment: str, made: str | None) -> None:
    assert wrong(comment) == ([] if made is None else [f"the arithmetic before this `=` gives {made}"])


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(1, 10**6)), min_size=1, max_size=6), st.integers(1, 99))
def test_an_equation_that_is_true_is_never_doubted(terms: list[tuple[str, int]], first: int) -> None:
    text = f"{first}" + "".join(f" {sign} {number:,}" for sign, number in terms)
    value = eval(text.replace(",", ""))
    prints = [f"{value:,}", f"{value // 1000:,}.{value // 100 % 10}K"] if value > 0 else []
    assert [found for printed in prints for found in wrong(f"# It has {text} = {printed}.")] == []
    assert value <= 0 or wrong(f"# It has {text} = {value + 1:,}") != []


def test_an_audit_says_which_equations_fail(run: Run) -> None:
    Path("odd.arch").write_text("# 2*3 = 7\n" + spec("| Table 1 | 2,718 | |"))
    done = run("audit", "odd.arch")
    assert done.code == 0
    assert "warning[E0317]: the arithmetic before this `=` gives 6\n --> odd.arch:1:9\n" in done.err


def test_two_papers_that_print_one_figure_print_two(run: Run) -> None:
    for name, title in (("a", "On Others: B"), ("b", "On Oddities: A")):
        Path(f"{name}.arch").write_text(spec("| Table 1 | 2,718 | |", name=name).replace("On Oddities: A", title))
    assert [len(claims_of(paper.figures)) for paper in audit(["a.arch", "b.arch"]).papers] == [1, 1]
