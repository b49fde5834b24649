"""Depth along branches, parameters that blocks alone use, and networks that are another one with a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec import ArchError, load, loads
from archspec.api import variants

RESIDUAL = """
network n(classes=10, width=8)
input 32x32x3
block pair(c, stride=1) = add of
| residual | conv 3x3, c, /stride; conv 3x3, c |
| shortcut c, /stride |
block wide = concat of
| conv 1x1, width |
| conv 1x1, 4; conv 3x3, 4; conv 3x3, 4 |
| maxpool 3x3, /1, pad=1 |

| layer | op |
|-------|----|
| a | pair 8, /2 x 3 |
| b | wide x 2 |
| fc | fc classes |
"""
BASE = """
network base(classes=10)
title "Base"
input 32x32x3
block two(r, n)
| conv 1x1, r; conv 3x3, n |

| layer | op | r | n | output |
|-------|----|---|---|--------|
| a | two | 4 | 8 | 32x32x8 |
| b | maxpool | | | 16x16x8 |
| c | two | 4 | 8 | 16x16x8 |
| fc | fc classes | | | 10 |
"""
CHANGED = """
network changed like "base.arch"
title "Changed"
| layer | op | r | n | output |
|-------|----|---|---|--------|
| b | maxpool 4x4 | | | 8x8x8 |
| c | two | 2 | 16 | 8x8x16 |
"""


def test_weight_layers_are_those_on_the_longest_way() -> None:
    compiled = loads(RESIDUAL)
    # Three pairs of two, where the projection of the first is beside them; twice three; and the last one.
    assert compiled.totals.weight_layers == 3 * 2 + 2 * 3 + 1


def test_a_parameter_that_a_block_alone_uses_is_used() -> None:
    assert loads(RESIDUAL).diagnostics == ()


def test_a_network_like_another_replaces_its_title_and_rows_of_tables_with_argument_columns(tmp_path: Path) -> None:
    (tmp_path / "base.arch").write_text(BASE)
    (tmp_path / "changed.arch").write_text(CHANGED)
    compiled = load(tmp_path / "changed.arch")
    assert compiled.network.title == "Changed"
    assert [str(row.output) for row in compiled.rows] == ["32x32x8", "8x8x8", "8x8x16", "10"]
    assert compiled.rows[2].params == 8 * 2 + 2 + 9 * 2 * 16 + 16


def test_a_mistake_in_a_block_of_a_family_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "family.arch"
    path.write_text(
        "network n\ninput 8x8x4\nvariants A, B, C\n\nblock one(c)\n| conv 3x3, c/3 |\n\n"
        "| layer | A | B | C |\n|--|--|--|--|\n| a | one 6 | one 7 | one 7 |\n| b | one 8 | one 9 | one 10 |\n"
    )
    with pytest.raises(ArchError) as caught:
        variants(str(path))
    assert [(d.code, d.span.line) for d in caught.value.diagnostics if d.span] == [("E0606", 6)]


def test_a_place_gets_one_warning_whichever_variants_bring_it_up(tmp_path: Path) -> None:
    path = tmp_path / "family.arch"
    path.write_text(
        "network n\ninput 8x8x4\nvariants A, B, C\nevery conv: conv; bn; relu\n\n"
        "| layer | A | B | C |\n|--|--|--|--|\n"
        "| a | conv3-8, bias | conv3-8 | conv3-8; relu |\n| fc | fc 10 |\n"
    )
    found = [d for network in variants(str(path)) for d in network.diagnostics]
    assert [(d.code, d.span.line, d.severity) for d in found if d.span] == [
        ("E0649", 4, "warning"),
        ("E0650", 8, "warning"),
    ]
    assert [d.notes for d in found] == [("in variant `B`",), ("in variant `C`",)]
