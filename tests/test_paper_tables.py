"""Tables as TeX, Typst and HTML: they compile as they stand, say what the counts say, and take no markup from a spec."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from commands import FAMILY, TINY, Run, runner

from archspec import ArchError, load, loads
from archspec.ir.network import Paper
from archspec.render.cells import Stack, laid, lines_of, multiplied
from archspec.render.citation import is_key, key_of
from archspec.render.columns import EVERY
from archspec.render.tex_text import GREEK, PLAIN, SIGNS, escaped

run = pytest.fixture(runner)
SPECS = Path(__file__).parent.parent / "specs"
HOSTILE = [
    r"\input{/etc/passwd}",
    r"\write18{touch x}\end{document}",
    '#read("x")',
    "#panic() $1/0$ @key <label> // /* `raw` ~ = - + _a_ *b* [c] \\u{41}",
    "<script>alert(1)</script><img src=x onerror=y>&amp;</table>",
    "100 % & $x$ _ ^ ~ { } \\ # `` '' -- --- ,, ?` !` << >> |",
    "^^5cinput ^^M",
    "3×3 ² α ≤ → é Å ł 中 ✓ 😀 \u202e",
    "[1pt] *",
    '}\\relax{ "',
    "\\begin{tabular}",
]
FORMATS = ("latex", "typst", "html")
WORDS = """
begin end centering small footnotesize setlength tabcolsep sisetup caption label cite toprule midrule bottomrule
addlinespace multicolumn num quad left right times textbackslash textasciitilde textasciicircum textasciigrave
textless textgreater textbar char texttt ldots alpha leq rightarrow surd l textbullet
"""
MACROS = frozenset(WORDS.split()) | frozenset("\\{}#$%&_'`^~=.\"urHvc")
"""What a table may call."""


def hostile(what: str) -> str:
    """A spec that says something in each place that takes a text."""
    quoted = what.replace('"', "")
    row = what.replace("|", "").strip()
    reference = row.replace('"', "").replace(" #", "#").replace(",", "")
    return f"""network n(classes=10)
title "{quoted}"
paper "{quoted}", r{reference}
input 8x8x4
variants A, B
| layer | A | B |
|---|---|---|
| a{row} | [conv 3x3, 8; conv 1x1, 8] x 2; relu | [conv 3x3, 8; conv 1x1, 4] x 3 |
| fc | fc classes | fc classes |
"""


def corpus() -> Iterator[tuple[str, dict[str, object]]]:
    yield str(SPECS / "vgg_D.arch"), {}
    yield str(SPECS / "lenet5.arch"), {"units": "auto"}
    yield f"{SPECS / 'resnet_printed.arch'}:50-layer", {"side_by_side": True, "units": "M"}
    yield f"{SPECS / 'vgg.arch'}:E", {"side_by_side": True}
    yield str(SPECS / "googlenet.arch"), {"columns": "layer, op, receptive field, activations, %, mult-adds %"}
    yield str(SPECS / "mobilenet_v3_large.arch"), {"units": "K", "cite": "howard2019searching"}


@cache
def tables() -> dict[str, list[str]]:
    """Tables of the corpus and of hostile specs in each format."""
    made: dict[str, list[str]] = {name: [] for name in FORMATS}
    nets = [(load(spec), options) for spec, options in corpus()]
    for what in HOSTILE:
        net = loads(hostile(what), "A")
        nets += [(net, {}), (net, {"side_by_side": True})]
    for net, options in nets:
        made["latex"].append(net.to_latex(**options))  # type: ignore[arg-type]
        made["typst"].append(net.to_typst(**{k: v for k, v in options.items() if k != "cite"}))  # type: ignore[arg-type]
        made["html"].append(net.to_html(**{k: v for k, v in options.items() if k != "cite"}))  # type: ignore[arg-type]
    return made


# TeX.


def check_tex(text: str) -> None:
    """Balanced braces and environments, known macros alone, and in each row of a table as many cells as it has columns."""
    body = "\n".join(line for line in text.split("\n") if not line.startswith("%"))
    assert body.isascii()
    assert not re.search(r"(?<!\\)%", body)
    assert "^^" not in body
    for macro in re.findall(r"\\([A-Za-z]+|.)", body):
        assert macro in MACROS, macro
    depth = 0
    for brace in re.findall(r"\\.|[{}]", body):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0
    inner = re.compile(r"\\begin\{tabular\}\{@\{\}[lc]@\{\}\}(?:(?!\\begin|\\end).)*\\end\{tabular\}")
    while inner.search(body):
        body = inner.sub("STACK", body)
    table = re.fullmatch(
        r"\\begin\{(table\*?)\}\[t\]\n.*\\begin\{tabular\}\{@\{\}((?:[lr]|S\[table-format=[\d.]+\])+)@\{\}\}\n(.*)\\end\{tabular\}\n"
        r"\\end\{\1\}",
        body,
        re.DOTALL,
    )
    assert table, body
    columns = len(re.findall(r"[lr]|S\[[^]]*\]", table[2]))
    for line in table[3].strip().split("\n"):
        if line.endswith(r" \\"):
            wide = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", line))
            assert len(re.findall(r"(?<!\\)&", line)) + 1 + wide == columns, line
        else:
            assert line in (r"\toprule", r"\midrule", r"\bottomrule", r"\addlinespace"), line


@pytest.mark.parametrize("i", range(6 + 2 * len(HOSTILE)))
def test_tex_is_balanced_and_calls_what_is_known(i: int) -> None:
    check_tex(tables()["latex"][i])


@pytest.mark.parametrize("wrong", [r"\input{x}", "}", "a & b \\\\\n", "a%", "é"])
def test_the_check_of_tex_finds_what_is_wrong(wrong: str) -> None:
    text = tables()["latex"][0]
    with pytest.raises(AssertionError):
        check_tex(text.replace("\\midrule\n", f"\\midrule\n{wrong}"))


def has_tex() -> bool:
    found = shutil.which("pdflatex") and shutil.which("kpsewhich")
    names = ["booktabs.sty", "siunitx.sty"]
    return bool(found) and not subprocess.run(["kpsewhich", *names], capture_output=True, check=False).returncode


@pytest.mark.dear
@pytest.mark.skipif(not has_tex(), reason="needs pdflatex with booktabs and siunitx")
def test_tex_compiles(tmp_path: Path) -> None:
    packages = r"\documentclass{article}\usepackage{booktabs}\usepackage{siunitx}\begin{document}"
    text = "\n\\clearpage\n".join(tables()["latex"])
    (tmp_path / "a.tex").write_text(f"{packages}\n{text}\n\\end{{document}}\n", "utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    said = done.stdout.decode("latin-1")
    assert done.returncode == 0, said[-2000:]
    assert "root:" not in said
    assert f"({6 + 2 * len(HOSTILE)} pages" in said.replace("\n", "")


def test_tex_says_what_the_counts_say() -> None:
    net = load(SPECS / "vgg_D.arch")
    text = net.to_latex()
    assert [int(n) for n in re.findall(r"^total & .*", text, re.MULTILINE)[0].replace("\\", "").split("&")[3::2]] == [
        net.params,
        net.mult_adds,
    ]
    for row in net.rows:
        assert f" & {row.params} & " in text
        assert f" & {row.mult_adds} & " in text
    assert r"\caption{VGG-D~\cite{verydeepconvolutional2014}. Input 224$\times$224$\times$3." in text
    assert "Counting rule: paper (mult-adds: multiply-accumulates of convolutions" in text
    assert r"\label{tab:vgg-D}" in text


def test_a_family_is_one_table_with_its_counts_below() -> None:
    lines = load(f"{SPECS / 'resnet_printed.arch'}:50-layer").to_latex(side_by_side=True, units="auto").split("\n")
    assert r"{layer} & {output} & {18-layer} & {34-layer} & {50-layer} & {101-layer} & {152-layer} \\" in lines
    assert r"conv1 & 112$\times$112$\times$64 & \multicolumn{5}{c@{}}{7$\times$7, 64, stride 2} \\" in lines
    [conv2] = [line for line in lines if line.startswith(r"conv2\_x")]
    stack = r"$\left[\begin{tabular}{@{}c@{}}3$\times$3, 64 \\ 3$\times$3, 64\end{tabular}\right]$~$\times$~"
    assert f"& {stack}2 & {stack}3 &" in conv2
    assert r"params &  & 11.7M & 21.8M & 25.6M & 44.5M & 60.2M \\" in lines
    assert r"mult-adds &  & 1.81G & 3.66G & 3.86G & 7.57G & 11.3G \\" in lines
    [caption] = [line for line in lines if line.startswith(r"\caption")]
    assert r"With stride=2: conv3\_x, conv4\_x, conv5\_x." in caption


def test_figures_in_one_unit_stand_in_columns_of_numbers() -> None:
    text = load(SPECS / "vgg_D.arch").to_latex("layer, params, mult-adds", units="M")
    assert "@{}lS[table-format=3.2]S[table-format=5.2]@{}" in text
    assert r"{layer} & {params (M)} & {mult-adds (M)} \\" in text
    assert r"total & 138 & 15470 \\" in text


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a_b%c&d$e#f", r"a\_b\%c\&d\$e\#f"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("a--b ``q'' ?`", r"a-{}-b \textasciigrave{}\textasciigrave{}q'{}' ?{}\textasciigrave{}"),
        ("[1] * ^ ~", r"{[}1{]} {*} \textasciicircum{} \textasciitilde{}"),
        ("3×3, m² and x₁₀, 10⁻³", r"3$\times$3, m$^{2}$ and x$_{10}$, 10$^{-3}$"),
        ("é ï Å ł ﬁ", r"\'{e} \"{\i} \r{A} \l{} fi"),
        ("Bąk", r"B\texttt{U+0105}k"),
        ("α≤Ω", r"$\alpha$$\leq$$\Omega$"),
        ("中😀", r"\texttt{U+4E2D}\texttt{U+1F600}"),
        ("a\nb\x1b[2J", "a\\texttt{U+FFFD}b\\texttt{U+FFFD}{[}2J"),
    ],
)
def test_text_is_taken_literally_by_tex(text: str, tex: str) -> None:
    assert escaped(text) == tex


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs TeX")
def test_every_letter_is_set_by_the_oldest_fonts(tmp_path: Path) -> None:
    letters = [chr(i) for i in range(0xA0, 0x180)] + [*SIGNS, *GREEK, *PLAIN, "\u01ce", "\u01eb", "\u1e6b"]
    lines = [r"\documentclass{article}\begin{document}", *map(escaped, letters), r"\end{document}"]
    (tmp_path / "a.tex").write_text("\n".join(lines), "ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-500:]


# Typst.


def test_typst_compiles(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    (tmp_path / "x").write_text("secret")
    text = "#set page(width: auto, height: auto)\n" + "\n#pagebreak()\n".join(tables()["typst"])
    (tmp_path / "a.typ").write_text(text, "utf-8")
    pages = typst.compile(str(tmp_path / "a.typ"), format="svg")
    assert len(pages) == 6 + 2 * len(HOSTILE)
    cited = load(SPECS / "vgg_D.arch").to_typst(cite="simonyan2015very")
    (tmp_path / "a.bib").write_text("@misc{simonyan2015very, title={Very}, author={Simonyan, K.}, year={2015}}")
    (tmp_path / "b.typ").write_text(f'{cited}\n@tab:vgg-D\n#bibliography("a.bib")\n')
    assert typst.compile(str(tmp_path / "b.typ"), format="pdf")


@pytest.mark.parametrize("i", range(6 + 2 * len(HOSTILE)))
def test_typst_has_text_of_specs_in_strings_alone(i: int) -> None:
    code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', tables()["typst"][i])
    words = {*re.findall(r"[A-Za-z]\w*", code)}
    known = "figure kind table caption position top columns stroke none inset x y align left right center horizon hline header"
    known += " label cell colspan pad stack spacing grid column gutter math equation block true numbering lr body"
    assert words <= {*known.split(), "pt", "em", "h", "5em", "3em", "0", "false"}, words - {*known.split()}
    assert not {"\\", "@", "<", ">"} & {*code}
    for a, b in ("()", "[]"):
        assert code.count(a) == code.count(b)


# HTML.


class Page(HTMLParser):
    """The tags of a page, the words of its cells, and what stands open."""

    ALLOWED = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "b", "cite", "span", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.ALLOWED
        assert {name for name, _ in attrs} <= {"id", "style", "scope", "colspan"}
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "tr" in self.open:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("i", range(6 + 2 * len(HOSTILE)))
def test_html_is_a_table_and_no_markup_of_a_spec(i: int) -> None:
    text = tables()["html"][i]
    page = Page(text)
    assert page.open == []
    assert text.isascii()
    if i >= 6:
        said = HOSTILE[(i - 6) // 2].replace('"', "").replace("\u202e", "\ufffd").strip()
        assert said in page.text.replace("\n", " ")


@pytest.mark.parametrize("form", ["to_latex", "to_typst", "to_html"])
def test_no_control_character_of_a_spec_is_in_a_table(form: str) -> None:
    text = getattr(loads(hostile("x\x1b[31m\x07\u202ey"), "A"), form)()
    assert not [c for c in html.unescape(text) if c != "\n" and not c.isprintable()]


def test_html_has_headers_with_scopes() -> None:
    net = load(SPECS / "vgg_D.arch")
    text = net.to_html()
    assert text.count('scope="col"') == 7
    assert text.count('scope="row"') == len(net.rows) + 1
    page = Page(text)
    assert page.rows[-1][0] == "total"
    assert page.rows[-1][3] == f"{net.params:,}"
    assert net._repr_html_().startswith(text)


# Columns.


@pytest.mark.parametrize("form", ["text", "markdown", "csv", *FORMATS])
def test_columns_are_those_that_are_asked_for(run: Run, form: str) -> None:
    done = run("count", "tiny.arch", "--format", form, "--columns", "layer,Mult_Adds,%,kept for backward")
    assert (done.code, done.err) == (0, "")
    whole = run("count", "tiny.arch", "--format", form).out
    assert "conv3-4" in whole
    assert "conv3-4" not in done.out
    assert "2,560" in done.out or "2560" in done.out
    assert "20.0" not in whole or form != "csv"
    assert "21.7" in done.out


def test_columns_have_their_names_in_csv(run: Run) -> None:
    out = run("count", "tiny.arch", "--format", "csv", "--columns", "network,params,mult-adds %,receptive field").out
    assert out.splitlines() == [
        "network,params,mult_adds_share,receptive_field",
        "tiny,148,78.3,3",
        "tiny,2570,21.7,10",
    ]


def test_a_share_apart_from_its_count_has_its_name(run: Run) -> None:
    out = run("count", "tiny.arch", "--columns", "mult-adds %,layer,params,%").out.split("\n\n")[1]
    assert re.split(r"\s{2,}", out.splitlines()[0]) == ["mult-adds %", "layer", "params", "%"]


def test_every_column_is_shown_in_every_format(run: Run) -> None:
    names = ",".join(column.name for column in EVERY)
    for form in ("text", "markdown", "csv", *FORMATS):
        assert run("count", "tiny.arch", "--format", form, "--columns", names).code == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("layer,parms", "error[E0014]: there is no column `parms`"),
        ("layer,parms", "help: did you mean `params`?"),
        ("layer,parms", "the columns are `network`, `layer`, `op`"),
        ("colour", "help: the columns are `network`"),
        ("layer,,op", "a name of a column is empty"),
        ("", "a name of a column is empty"),
        ("layer,%", "`%` is the share of the count before it, and there is none"),
        ("params,%,%", "`%` is the share of the count before it, and there is none"),
        ("op,params,OP", "error[E0015]: the column `op` stands there already"),
    ],
)
def test_columns_that_are_none_are_said(run: Run, asked: str, said: str) -> None:
    done = run("count", "tiny.arch", "--columns", asked)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    with pytest.raises(ArchError) as error:
        loads(TINY).to_latex(asked)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        ["--columns", "layer", "--format", "json"],
        ["--columns", "layer", "--side-by-side"],
        ["--columns", "layer", "--details"],
        ["--columns", "layer,activations", "--depth", "2"],
        ["--cite", "key"],
        ["--cite", "key", "--format", "html"],
        ["--cite", "a}b", "--format", "latex"],
        ["--details", "--format", "latex"],
    ],
)
def test_options_without_effect_are_refused(run: Run, options: list[str]) -> None:
    done = run("count", "tiny.arch", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("archspec: ")


def test_python_says_what_the_command_says(run: Run) -> None:
    net, two = loads(TINY), loads(FAMILY, "B")
    assert run("count", "tiny.arch", "--format", "latex").out == net.to_latex() + "\n"
    assert run("count", "tiny.arch", "--format", "typst", "--units", "K").out == net.to_typst(units="K") + "\n"
    asked = ("--format", "html", "--columns", "layer,params")
    assert run("compile", "tiny.arch", "-o", "-", *asked).err.startswith(net.to_html(["layer", "params"]))
    together = run("count", "two.arch", "--side-by-side", "--format", "latex", "--cite", "he2016deep").out
    assert together == two.to_latex(side_by_side=True, cite="he2016deep") + "\n"
    assert "~\\cite{he2016deep}" in together
    apart = run("count", "two.arch", "--format", "latex").out
    assert apart == f"{two(variant='A').to_latex()}\n\n{two.to_latex()}\n"


def test_options_of_python_are_checked() -> None:
    net = loads(TINY)
    with pytest.raises(ArchError, match=r"error\[E0016\]: there is no unit `B`"):
        net.to_html(units="B")
    for key in ("", "a,b", "}"):
        with pytest.raises(ArchError, match=r"E0017.*not a key"):
            net.to_latex(cite=key)
        with pytest.raises(ArchError, match="not a key"):
            net.to_typst(cite=key)


def test_opened_rows_are_moved_in(run: Run) -> None:
    Path("deep.arch").write_text(
        "network deep\ninput 8x8x4\nevery conv: conv; relu\n| layer | op |\n|---|---|\n| a | conv3-8; conv3-8 |\n| b | fc 10 |\n"
    )
    tex = run("count", "deep.arch", "--depth", "2", "--format", "latex").out
    check_tex(tex.strip())
    assert tex.count("\n & \\quad conv 3$\\times$3, 8; relu & ") == 2
    assert "padding-left: 1.2em" in run("count", "deep.arch", "--depth", "2", "--format", "html").out
    assert "pad(left: 1.2em" in run("count", "deep.arch", "--depth", "2", "--format", "typst").out


def test_parameters_that_are_set_stand_in_the_caption() -> None:
    assert "Input 8$\\times$8$\\times$4; classes=20." in loads(TINY, classes=20).to_latex()


# Cells and keys.


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("conv3-64", [("conv3-64",)]),
        ("[1x1, 64; 3x3, 64] x 3", [(Stack(("1x1, 64", "3x3, 64"), "3"),)]),
        ("[3×3, 64; 3×3, 64] ×2", [(Stack(("3×3, 64", "3×3, 64"), "2"),)]),
        ("[3x3, 8] x n if k > 1; relu", [(Stack(("3x3, 8",), "n if k > 1"),), ("relu",)]),
        ("[3x3, 8]; pool", [(Stack(("3x3, 8",)),), ("pool",)]),
        ("[3x3, 8] if k", [(Stack(("3x3, 8",)), "if k")]),
        ("[a; [b; c] x 2] x 3", [(Stack(("a", "[b; c] x 2"), "3"),)]),
        ('conv maps="0; [1"; relu', [('conv maps="0; [1"',), ("relu",)]),
        ("conv (a; b", [("conv (a; b",)]),
        ("[a; b", [(Stack(("a", "b")),)]),
        ("", []),
    ],
)
def test_brackets_are_stacks(text: str, steps: list[tuple[str | Stack, ...]]) -> None:
    assert [*laid(text).steps] == steps


def test_long_cells_go_on_below() -> None:
    assert laid("conv 3x3, 64; maxpool").apart is False
    assert laid("conv 3x3, 64, no bias; maxpool 3x3, /2, pad=1").apart is True
    assert lines_of("a, bb, ccc, dddd", 8) == ["a, bb,", "ccc,", "dddd"]
    assert lines_of("a" * 50) == ["a" * 50]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3x3, 64 x 2", "3×3, 64 × 2"),
        ("conv1x1 x n", "conv1×1 × n"),
        ("max x, exp_size", "max x, exp_size"),
        ("7 x 7", "7 × 7"),
        ("0x3x", "0×3x"),
    ],
)
def test_the_sign_of_sizes_and_repetitions(text: str, said: str) -> None:
    assert multiplied(text, "×") == said


@pytest.mark.parametrize(
    ("title", "references", "key"),
    [
        ("Deep Residual Learning", ("He et al. (2016)", "arXiv:1512.03385"), "he2016deep"),
        (
            "Very Deep Convolutional Networks",
            ("Karen Simonyan and Andrew Zisserman", "arXiv:1409.1556"),
            "simonyan2014very",
        ),
        ("Very Deep Convolutional Networks", ("arXiv:1409.1556", "Table 1"), "verydeepconvolutional2014"),
        ("The Art of the Net", ("NIPS 2012", "section 3.5 and Figure 2"), "artnet2012"),
        ("Über Größe", (), "ubergroe"),
        ("Gradient-Based Learning", ("Proceedings of the IEEE 86(11) 1998",), "gradientbasedlearning1998"),
        ("学习", ("arXiv:1409.1556",), "2014"),
        (r"\input{x} #read", ("}{",), "inputxread"),
        ("Nets", ("Müller & Sons, 2001",), "muller2001nets"),
    ],
)
def test_keys_of_papers(title: str, references: tuple[str, ...], key: str) -> None:
    assert key_of(Paper(title=title, references=references)) == key
    assert is_key(key)
