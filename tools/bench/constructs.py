"""Specs of any size, one kind for each construct of the language and for each kind of mistake: `files(n)` of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

Files = Mapping[str, str]
"""The texts of a spec by the names of its files; `a.arch` is the one that is asked for."""
TOP = "network n(k=1, classes=10)\ninput 32x32x3\n"
HEAD = "| layer | op |\n|---|---|\n"
LINE = 19_000
"""Characters of the longest line that is made; the language reads 20,000."""


def spec(*parts: str | Iterable[str], top: str = TOP) -> Files:
    """One file of a top and of parts, each a text or lines."""
    return {"a.arch": top + "".join(p if isinstance(p, str) else "".join(f"{line}\n" for line in p) for p in parts)}


def table(rows: Iterable[str], head: str = HEAD) -> str:
    """A table of layers whose rows are given by their cells."""
    return "\n" + head + "".join(f"| {row} |\n" for row in rows)


def lines(n: int, each: Callable[[int], str]) -> list[str]:
    """Lines by their numbers."""
    return [each(i) for i in range(n)]


def joined(n: int, each: Callable[[int], str], between: str = "; ", head: str = "", first: int = 0) -> list[str]:
    """Parts with something between them, in as few lines as are short enough; each starts with a head."""
    found: list[str] = []
    line = ""
    for i in range(first, first + n):
        part = each(i)
        if line and len(line) + len(part) > LINE:
            found.append(head + line)
            line = ""
        line += between * bool(line) + part
    return [*found, head + line]


def rows(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv3-8")))


def rows_that_differ(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv 1x1, {i + 1}")))


def unnamed_rows(n: int) -> Files:
    return spec("\n", lines(n, lambda i: "| relu |"))


def tables(n: int) -> Files:
    return spec(*(table([f"r{i} | relu"]) for i in range(n)))


def chains(n: int) -> Files:
    return spec(table(f"r{i} | {chain}" for i, chain in enumerate(joined(n, lambda i: "relu"))))


def arguments(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv 3x3, 8, stride=1, pad=1, groups=1, dilation=1, no bias")))


def columns_of_arguments(n: int) -> Files:
    head = "| layer | op | kernel | channels | stride | repeat |\n|---|---|---|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv | 3x3 | 8 | 1 | 2"), head))


def columns_of_checks(n: int) -> Files:
    head = "| layer | op | output | params | receptive field |\n|---|---|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv1-3 | 32x32x3 | 12 | 1"), head))


def empty_cells(n: int) -> Files:
    return spec("\n", joined(n, lambda i: "|", "", head="|"))


def repetitions(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | [conv 1x1, in + 1; relu] x 9")))


def long_repetition(n: int) -> Files:
    return spec(table([f"r | [conv 1x1, in + 1; relu] x {n}"]))


def brackets(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | {'[' * 9}relu{'] x 2' * 9}")))


def residual_brackets(n: int) -> Files:
    return spec("brackets: residual(shortcut=B)\n", table(lines(n, lambda i: f"r{i} | [conv 3x3, 8; relu] x 2")))


def strides_at(n: int) -> Files:
    said = joined(n, lambda i: f"r{i}", ", ", "stride 1 at ")
    return spec(said, table(lines(n, lambda i: f"r{i} | [conv3-8; relu] x 2")))


def strides_from(n: int) -> Files:
    head = "| layer | op | resolution |\n|---|---|---|\n"
    return spec("strides from resolution\n", table(lines(n, lambda i: f"r{i} | conv3-8; maxpool /1 | 32x32"), head))


def strides_at_nothing(n: int) -> Files:
    said = joined(n, lambda i: f"r{i}", ", ", "stride 2 at ")
    return spec(said, table(lines(n, lambda i: f"s{i} | relu")))


def dense_brackets(n: int) -> Files:
    return spec("brackets: dense(growth=8)\n", table(lines(n, lambda i: f"r{i} | [1x1; relu; 3x3] x 2; conv1-8")))


def spanned_columns(n: int) -> Files:
    head = "| layer | op | channels |\n| | | A | B |\n|---|---|---|---|\n"
    return spec("variants A, B\n", table(lines(n, lambda i: f"r{i} | conv 3x3 | 8 | 9"), head))


def rows_called_after_layers(n: int) -> Files:
    head = "| layer | size/stride | channels |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"conv{i} | 3x3/1 | 8"), head))


def rows_called_after_nothing(n: int) -> Files:
    head = "| layer | size/stride | channels |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"conv{i} | 3x3/1 | 8" if i == 0 else f"cnov{i} | 3x3/1 | 8"), head))


def conditions(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | relu if k == {i}; conv3-8")))


def expressions(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | fc round_to((k + {i}) * 3 / 4 + 8, 8) + (3 if k > 2 else 4)")))


def deep_expressions(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | fc {'(1 + ' * 30}1{')' * 30}")))


def lets(n: int) -> Files:
    return spec(lines(n, lambda i: f"let a{i} = k + {i}"), table(["r | fc a0"]))


def lets_of_lets(n: int) -> Files:
    return spec(lines(n, lambda i: f"let a{i} = {f'a{i - 1} + 0' if i % 9 else 'k'}"), table(["r | fc a0"]))


def choices(n: int) -> Files:
    return spec(lines(n, lambda i: f"choose c{i} = one of 1, 2, 3"), table(lines(n, lambda i: f"r{i} | fc c{i}")))


def choices_by_row(n: int) -> Files:
    return spec(
        "choose k by row = one of 1, 2\nchoose e by row = one of 3, 4\n", table(lines(n, lambda i: f"r{i} | fc k*e"))
    )


def parameters(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"p{i}=1", ", ")
    return spec(table(lines(n, lambda i: f"r{i} | fc p{i % 1_500}")), top=f"network n({names[0]})\ninput 8\n")


def variants(n: int) -> Files:
    head = "variants\n| variant | k |\n|---|---|\n"
    return spec(head, lines(n, lambda i: f"| v{i} | {i} |"), table(["r | fc k"]))


def variants_of_many_rows(n: int) -> Files:
    head = "variants\n| variant | k |\n|---|---|\n"
    return spec(head, lines(100, lambda i: f"| v{i} | {i} |"), table(lines(n, lambda i: f"r{i} | conv 1x1, k + {i}")))


def variants_by_columns(n: int) -> Files:
    names = lines(100, lambda i: f"v{i}")
    head = f"| layer | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    row = " | ".join(["relu"] * len(names))
    return spec(f"variants {', '.join(names)}\n", table(lines(max(n // 100, 1), lambda i: f"r{i} | {row}"), head))


def variants_by_columns_and_rows(n: int) -> Files:
    names = lines(max(int(n**0.5), 1), lambda i: f"v{i}")
    head = f"| layer | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    rows = lines(10, lambda i: f"r{i} | {' | '.join(f'conv1-{j + i}' for j, _ in enumerate(names))}")
    return spec(f"variants {', '.join(names)}\n", table(rows, head))


def wide_families(n: int) -> Files:
    names = lines(min(n, 3_000), lambda i: f"v{i}")
    head = f"| layer | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    row = " | ".join(["fc 1"] * len(names))
    return spec(f"variants {', '.join(names)}\n", table(lines(max(n // 3_000, 1), lambda i: f"r{i} | {row}"), head))


def claims(n: int) -> Files:
    head = "\nclaims\n| source | params |\n|---|---|\n"
    return spec(table(["r | fc 1"]), head, lines(n, lambda i: f"| Table {i} | 3073 |"))


def claims_with_settings(n: int) -> Files:
    head = "\nclaims\n| source | k | params |\n|---|---|---|\n"
    return spec(table(["r | fc k"]), head, lines(n, lambda i: f"| Table {i} | {i + 1} | {3073 * (i + 1)} |"))


def claims_with_rules(n: int) -> Files:
    head = "\nclaims\n| source | counted | params |\n|---|---|---|\n"
    return spec(table(["r | fc 1"]), head, lines(n, lambda i: f"| Table {i} | no bias, with statistics | 3072 |"))


def shares_of_rows(n: int) -> Files:
    head = "\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
    shares = lines(max(n // 9, 1), lambda i: f"| t | share of row r{i} | params | 1 % |")
    return spec(table(lines(n, lambda i: f"r{i} | fc 1")), head, shares)


def shares_of_unknown_rows(n: int) -> Files:
    head = "\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
    shares = lines(n, lambda i: f"| t | share of row rwo_{i} | params | 33 % |")
    return spec(table(lines(n, lambda i: f"row_{i} | relu")), head, shares)


def formulas_of_unknown_names(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"p{i}=1", ", ")[0]
    head = "\nclaims\n| source | figure | quantity | printed |\n|---|---|---|---|\n"
    figures = lines(n, lambda i: f"| t | z{i}*2/2 | params | 3073 |")
    return spec(table(["r | fc 1"]), head, figures, top=f"network n({names})\ninput 8\n")


def equations(n: int) -> Files:
    return spec(table(["r | relu"]), lines(n, lambda i: "# 1+1=3 2*3=7 (1+2)=4 1=2=3"))


def unknown_beside_long_names(n: int) -> Files:
    long = min(n, 18_000)
    found = (f"block {letter * long}\n| relu |\n\n" for letter in "abcdefghijkl")
    return spec(found, table(lines(n, lambda i: f"r{i} | zz{i}")))


def claims_of_variants(n: int) -> Files:
    head = "\nclaims\n| source | quantity | a | b |\n|---|---|---|---|\n"
    figures = lines(n, lambda i: f"| Table {i} | params | 3073 | 3073 |")
    return spec("variants a, b\n", table(["r | fc 1 | fc 1"], "| layer | a | b |\n|---|---|---|\n"), head, figures)


def rules(n: int) -> Files:
    blocks = (f"block b{i}\n| relu |\n\nevery b{i}: b{i}; bn\n" for i in range(n))
    return spec(blocks, table(lines(n, lambda i: f"r{i} | b{i}")))


def long_rules(n: int) -> Files:
    chain = joined(min(n // 4, 3_000), lambda i: "relu")[0]
    return spec(f"every conv: conv; {chain}\n", table(lines(n, lambda i: f"r{i} | conv3-8")))


def blocks(n: int) -> Files:
    return spec((f"block b{i}(c)\n| conv 3x3, c |\n" for i in range(n)), table(lines(n, lambda i: f"r{i} | b{i} 8")))


def uses(n: int) -> Files:
    return spec("block b(c)\n| conv 1x1, c; relu |\n", table(lines(n, lambda i: f"r{i} | b {i + 1}")))


def uses_in_blocks(n: int) -> Files:
    return spec(
        "block b(c)\n| conv 1x1, c; relu |\n\nblock a\n", lines(n, lambda i: f"| b {i + 1} |"), table(["r | a"])
    )


def uses_by_size(n: int) -> Files:
    return spec("block b(s)\n| conv s, 8; relu |\n", table(lines(n, lambda i: f"r{i} | b {i + 1}x1")))


def rows_of_a_block(n: int) -> Files:
    return spec("block b\n", lines(n, lambda i: "| conv 1x1, 8; relu |"), table(["r | b"]))


def large_block_of_many_sizes(n: int) -> Files:
    body = lines(n, lambda i: "| conv s, 8; relu |")
    return spec("block b(s)\n", body, table(lines(n, lambda i: f"r{i} | b {i + 1}x1")))


def blocks_in_blocks(n: int) -> Files:
    deep = 12
    found = []
    for i in range(max(n // deep, 1)):
        names = [f"b{i}_{j}" for j in range(deep)]
        found += [f"block {a}(c)\n| {b} c + 1; {b} c + 2 |\n" for a, b in pairwise(names)]
        found.append(f"block {names[-1]}(c)\n| conv 1x1, c |\n")
    return spec(found, table(["r | b0_0 1"]))


def blocks_of_a_kind(n: int) -> Files:
    body = (f"block b{i}\n| conv 1x1, in + {i + 1} x {n} |\n" for i in range(min(n, 90)))
    return spec(body, table([f"r | {'; '.join(f'b{i}' for i in range(min(n, 90)))}"]))


def formals(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"p{i}=1", ", ")
    head = f"block b({names[0]})\n"
    body = lines(n, lambda i: f"| conv 1x1, p{i % 1_500} |")
    return spec(head, body, table(["r | b"]))


def branches(n: int) -> Files:
    return spec("block b = concat of\n", lines(n, lambda i: "| conv 1x1, 8 |"), table(["r | b"]))


def named_branches(n: int) -> Files:
    found = (f"block b{i} = add of\n| x{i} | conv 1x1, 8 |\n| y{i} | conv 1x1, 8 |\n" for i in range(n))
    return spec(found, table(lines(n, lambda i: f"r{i} | b{i}")))


def graphs(n: int) -> Files:
    head = "| layer | op | from |\n|---|---|---|\n"
    return spec(table(["r0 | conv1-3 | "] + [f"r{i} | add | r{i - 1}, in" for i in range(1, n)], head))


def wide_joins(n: int) -> Files:
    head = "| layer | op | from |\n|---|---|---|\n"
    ends = joined(n, lambda i: f"r{i}", ", ")
    branching = lines(n, lambda i: f"r{i} | conv 1x1, 1 | in")
    return spec(table([*branching, *(f"c{i} | concat | {end}" for i, end in enumerate(ends))], head))


def heads(n: int) -> Files:
    found = (f"head h{i} from r, weight=0.3\n| fc 10 |\n" for i in range(n))
    return spec(found, table(["r | conv3-8"]))


def heads_of_rows(n: int) -> Files:
    found = (f"head h{i} from r{i}, weight=0.3\n| fc 10 |\n" for i in range(n))
    return spec(found, table(lines(n, lambda i: f"r{i} | conv3-8")))


def recipes(n: int) -> Files:
    head = "\ntrain\n| setting | value | source |\n|---|---|---|\n"
    steps = joined(n, lambda i: f"{i + 1}k", ", ", head="| lr | 0.1, divide by 10 at ")
    return spec(table(["r | fc 10"]), head, (f"{line} iterations | Table |" for line in steps[:1]))


def settings_of_recipes(n: int) -> Files:
    head = "\ntrain\n| setting | value | source |\n|---|---|---|\n"
    return spec(table(["r | fc 10"]), head, lines(n, lambda i: "| momentum | 0.9 | Table |"))


def comments(n: int) -> Files:
    return spec(table(["r | relu"]), lines(n, lambda i: "# x"))


def blank_lines(n: int) -> Files:
    return spec(table(["r | relu"]), lines(n, lambda i: ""))


def papers(n: int) -> Files:
    return spec(lines(n, lambda i: f'paper "P{i}", arXiv:1409.4842'), table(["r | relu"]))


def units(n: int) -> Files:
    return spec(lines(n, lambda i: f"units u{i}=1024"), table(["r | relu"]))


def taken_from(n: int) -> Files:
    return spec(joined(n, lambda i: f"Table {i}", ", ", head="taken from paper: "), table(["r | relu"]))


def taken_from_many_words(n: int) -> Files:
    return spec(joined(n, lambda i: "a", " ", head="taken from "), table(["r | relu"]))


def bad_lines(n: int) -> Files:
    return spec(lines(n, lambda i: f"bad{i}"))


def bad_statements(n: int) -> Files:
    return spec(lines(n, lambda i: "every x"))


def bad_cells(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv + 1")))


def open_rows(n: int) -> Files:
    return spec(HEAD, lines(n, lambda i: f"| r{i} | relu"))


def short_rows(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i}")))


def said_twice(n: int) -> Files:
    return spec(lines(n, lambda i: "input 32x32x3"), table(["r | relu"]))


def second_rules(n: int) -> Files:
    return spec(lines(n, lambda i: "every conv: conv; relu"), table(["r | conv3-8"]))


def second_blocks(n: int) -> Files:
    return spec(lines(n, lambda i: "block b\n| relu |\n"), table(["r | b"]))


def second_names(n: int) -> Files:
    return spec(lines(n, lambda i: "let a = 1"), table(["r | fc a"]))


def unused_blocks(n: int) -> Files:
    return spec(lines(n, lambda i: f"block b{i}\n| relu |\n"), table(["r | relu"]))


def unused_rules(n: int) -> Files:
    return spec(lines(n, lambda i: f"block b{i}\n| relu |\n\nevery b{i}: b{i}; bn\n"), table(["r | relu"]))


def unknown_layers(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | cnov{i}")))


def unknown_blocks(n: int) -> Files:
    found = lines(n, lambda i: f"block block_{i}\n| relu |\n")
    return spec(found, table(lines(n, lambda i: f"r{i} | blok_{i}")))


def unknown_arguments(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv3-8, strid{i}=2")))


def unknown_names(n: int) -> Files:
    return spec(lines(n, lambda i: f"let name_{i} = {i}"), table(lines(n, lambda i: f"r{i} | fc nane_{i}")))


def unknown_rows(n: int) -> Files:
    head = "| layer | op | from |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"row_{i} | relu | rwo_{i}"), head))


def unknown_columns(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"chanels{i}", " | ")[0]
    count = names.count("|") + 1
    head = f"| layer | op | {names} |\n|---|---|{'---|' * count}\n"
    return spec(table(lines(max(n // 2_000, 1), lambda i: f"r{i} | relu | {'|' * (count - 1)}"), head))


def unknown_sources_of_heads(n: int) -> Files:
    found = (f"head h{i} from rwo_{i}, weight=0.3\n| fc 10 |\n" for i in range(n))
    return spec(found, table(lines(n, lambda i: f"row_{i} | conv3-8")))


def unknown_functions(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | fc rond_to{i}(k, 8)")))


def unknown_quantities(n: int) -> Files:
    head = "\nclaims\n| source | quantity | a |\n|---|---|---|\n"
    figures = lines(n, lambda i: f"| Table {i} | parms{i} | 3073 |")
    return spec("variants a\n", table(["r | fc 1"], "| layer | a |\n|---|---|\n"), head, figures)


def unknown_rules(n: int) -> Files:
    return spec(joined(n, lambda i: f"pap{i}", ", ", head="counted "), table(["r | fc 1"]))


def unknown_settings(n: int) -> Files:
    head = "\ntrain\n| setting | value | source |\n|---|---|---|\n"
    return spec(table(["r | fc 10"]), head, lines(n, lambda i: f"| momentun{i} | 0.9 | Table |"))


def unknown_targets_of_rules(n: int) -> Files:
    return spec(lines(n, lambda i: f"every cnov{i}: cnov{i}; relu"), table(["r | relu"]))


def unknown_arguments_of_blocks(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"p{i}=1", ", ")
    return spec(f"block b({names[0]})\n| fc p0 |\n", table(lines(n, lambda i: f"r{i} | b q{i}=2")))


def many_arguments(n: int) -> Files:
    names = joined(min(n, 1_500), lambda i: f"p{i}", ", ")[0]
    given = joined(min(n, 1_500), lambda i: f"p{i}=1", ", ")[0]
    return spec(f"block b({names})\n| fc p0 |\n", table(lines(max(n // 1_500, 1), lambda i: f"r{i} | b {given}")))


def spare_arguments(n: int) -> Files:
    names = joined(min(n, 2_000), lambda i: f"p{i}=1", ", ")
    return spec(f"block b({names[0]})\n| fc p0 |\n", table(lines(n, lambda i: f"r{i} | b 3, /2")))


def columns_of_blocks(n: int) -> Files:
    names = lines(min(n, 1_500), lambda i: f"p{i}")
    head = f"| op | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    body = table(lines(max(n // 1_500, 1), lambda i: f"b | {' | '.join('1' for _ in names)}"), head)
    return spec(f"block b({', '.join(names)})\n| fc p0 |\n", body)


def steps_left_out(n: int) -> Files:
    chain = joined(min(n, 2_000), lambda i: "relu")[0]
    without = joined(min(n, 1_500), lambda i: "no relu", ", ")[0]
    return spec(
        f"every conv: conv; {chain}\n", table(lines(max(n // 1_500, 1), lambda i: f"r{i} | conv3-8, {without}"))
    )


def long_lines(n: int) -> Files:
    return spec(table(["r | relu"]), lines(max(n // 20_000, 1), lambda i: "# " + "x" * min(n, 20_100)))


def wide_characters(n: int) -> Files:
    return spec(table(lines(max(n // 300, 1), lambda i: f"{'語' * min(n, 300)}{i} | relu")))


def quantities_in_columns(n: int) -> Files:
    names = lines(min(n, 2_000), lambda i: f"q{i} error")
    head = f"\nclaims\n| source | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    figures = lines(max(n // 2_000, 1), lambda i: f"| t | {' | '.join('1' for _ in names)} |")
    return spec(table(["r | fc 1"]), head, figures)


def ends_of_blocks(n: int) -> Files:
    chain = joined(n, lambda i: "relu", head="then ")
    return spec(
        (f"block b{i} = add of\n| identity |\n| identity |\n{then}\n\n" for i, then in enumerate(chain)),
        table(["r | b0"]),
    )


def missing_arguments(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv 3x3")))


def wrong_arguments(n: int) -> Files:
    return spec(table(lines(n, lambda i: f"r{i} | conv 3x3, 8.5")))


def refused_layers(n: int) -> Files:
    head = "| layer | op | output |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv3-8, groups=5 | 32x32x3"), head))


def wrong_outputs(n: int) -> Files:
    head = "| layer | op | output |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv1-8 | 31x32x{i + 9}"), head))


def wrong_figures(n: int) -> Files:
    head = "| layer | op | params |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv1-8 | {i}9"), head))


def no_figures(n: int) -> Files:
    head = "| layer | op | params |\n|---|---|---|\n"
    return spec(table(lines(n, lambda i: f"r{i} | conv1-8 | many"), head))


def wrong_claims(n: int) -> Files:
    head = "\nclaims\n| source | params |\n|---|---|\n"
    return spec(table(["r | fc 1"]), head, lines(n, lambda i: f"| Table {i} | {i} |"))


def wrong_settings(n: int) -> Files:
    head = "\nclaims\n| source | k | params |\n|---|---|---|\n"
    return spec(table(["r | conv3-8, groups=k"]), head, lines(n, lambda i: f"| Table {i} | {i + 9} | 3073 |"))


def mistakes_of_variants(n: int) -> Files:
    head = "variants\n| variant | k |\n|---|---|\n"
    return spec(head, lines(100, lambda i: f"| v{i} | {i} |"), table(lines(n, lambda i: f"r{i} | cnov{i}")))


def missing_files(n: int) -> Files:
    return spec(lines(n, lambda i: f'use "missing{i}.arch"'), table(["r | relu"]))


def libraries(n: int) -> Files:
    many = 90
    texts = [("b.arch" if i == 0 else f"b{i}.arch") for i in range(many)]
    each = max(n // many, 1)
    libs = {
        name: "".join(f"block b{i}_{j}\n| conv3-8; relu |\n\n" for j in range(each)) for i, name in enumerate(texts)
    }
    return {**spec((f'use "{name}"' for name in texts), table(lines(many, lambda i: f"r{i} | b{i}_0"))), **libs}


def libraries_of_libraries(n: int) -> Files:
    deep = 60
    each = max(n // deep, 1)
    libs = {
        f"b{i}.arch": (f'use "b{i + 1}.arch"\n' if i < deep - 1 else "")
        + "".join(f"block b{i}_{j}\n| conv3-8; relu |\n\n" for j in range(each))
        for i in range(deep)
    }
    return {**spec('use "b0.arch"\n', table(["r | b0_0"])), **libs}


def likenesses(n: int) -> Files:
    deep = 60
    each = max(n // deep, 1)
    files = {f"b{deep}.arch": TOP + table(lines(each, lambda i: f"r{i} | conv3-8"))}
    for i in range(deep):
        rows = table(lines(each, lambda j: f"r{j} | conv3-9"))
        files["a.arch" if i == 0 else f"b{i}.arch"] = f'network n{i} like "b{i + 1}.arch"\n' + rows
    return files


def rows_replaced(n: int) -> Files:
    rows = table(lines(n, lambda i: f"r{i} | conv3-8"))
    return {"a.arch": 'network n like "b.arch"\n' + rows, "b.arch": TOP + rows}


def rows_that_replace_nothing(n: int) -> Files:
    known, new = (table(lines(n, lambda i, name=name: f"{name}{i} | conv3-8")) for name in ("row_", "rwo_"))  # type: ignore[misc]
    return {"a.arch": 'network n like "b.arch"\n' + new, "b.arch": TOP + known}


CONSTRUCTS: dict[str, Callable[[int], Files]] = {
    name.replace("_", " "): made
    for name, made in list(globals().items())
    if callable(made)
    and getattr(made, "__module__", None) == __name__
    and made.__annotations__ == {"n": "int", "return": "Files"}
}
"""Every construct by its name."""


def of_size(name: str, size: int) -> tuple[int, Files]:
    """The largest spec of a construct that has at most so many characters, with its number."""
    make, n = CONSTRUCTS[name], 1
    while n < 2**20 and length(make(2 * n)) <= size:
        n *= 2
    n = max(n, min(int(n * size / length(make(n))), 2 * n - 1) - 1)
    while n > 1 and length(make(n)) > size:
        n = n * 99 // 100
    return n, make(n)


def length(files: Files) -> int:
    """The characters of all files together."""
    return sum(map(len, files.values()))
