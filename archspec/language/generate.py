"""The tables of a grammar, which lark works out, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

import lark

from archspec.language.automaton import Rule, Tables, Words


def generated(grammar: str, starts: list[str]) -> Tables:
    """The tables of a grammar by some rules to start with: the same for the same grammar, whatever hashes are."""
    made = lark.Lark(grammar, parser="lalr", lexer="contextual", start=starts, maybe_placeholders=True)
    frontend: Any = made.parser
    table = frontend.parser._parse_table
    order = _order(table)
    rules = sorted(made.rules, key=lambda rule: (str(rule.origin.name), [symbol.name for symbol in rule.expansion]))
    numbers = {rule: number - len(rules) for number, rule in enumerate(rules)}
    lexers = [frontend.lexer.lexers[state] for state in order]
    distinct = list(dict.fromkeys(lexers))
    return Tables(
        states=tuple(_actions(table.states[state], order, numbers) for state in order),
        starts={_name(name): order[state] for name, state in sorted(table.start_states.items())},
        ends={_name(name): order[state] for name, state in sorted(table.end_states.items())},
        rules=tuple(map(_rule, rules)),
        lexers=tuple(map(_words, distinct)),
        lexer_of=tuple(map(distinct.index, lexers)),
        everywhere=_words(frontend.lexer.root_lexer),
        ignored=frozenset(map(_name, made.ignore_tokens)),
    )


def _order(table: Any) -> dict[int, int]:
    """Numbers of states as they are met from the first: lark numbers them in the order of hashes."""
    met = [state for _, state in sorted(table.start_states.items())]
    order: dict[int, int] = {}
    for state in met:  # grows below
        if state not in order:
            order[state] = len(order)
            met += (to for _, (_, to) in sorted(table.states[state].items()) if isinstance(to, int))
    return order


def _name(text: str) -> str:
    """A text as one object wherever it stands, so that tables are stored in the same bytes each time."""
    return intern(str(text))


def _actions(actions: Mapping[str, Any], order: Mapping[int, int], rules: Mapping[Any, int]) -> dict[str, int]:
    return {_name(kind): order[to] if isinstance(to, int) else rules[to] for kind, (_, to) in sorted(actions.items())}


def _words(lexer: Any) -> Words:
    lexer.scanner  # noqa: B018  works out the two that are read here
    pattern = "|".join(f"(?P<{word.name}>{word.pattern.to_regexp()})" for word in lexer.scanner.terminals)
    spelled = {
        _name(kind): {_name(word.pattern.value): _name(word.name) for word in found.scanner.terminals}
        for kind, found in sorted(lexer.callback.items())
    }
    return Words(pattern, spelled)


def _rule(rule: Any) -> Rule:
    kept, absent = _kept(rule)
    size = len(rule.expansion)
    plain = not absent and kept == [(number, False, 0) for number in range(size)]
    return Rule(
        _name(rule.origin.name),
        size,
        _name(rule.alias or rule.origin.name),
        lone=rule.options.expand1 and not rule.alias,
        kept=None if plain else tuple(kept),
        absent=absent,
    )


def _kept(rule: Any) -> tuple[list[tuple[int, bool, int]], int]:
    """Which symbols of a rule are children of its tree, and how many absent parts stand before each and at the end."""
    kept: list[tuple[int, bool, int]] = []
    absent = 0
    symbols = iter(enumerate(rule.expansion))
    for missing in rule.options.empty_indices or [False] * len(rule.expansion):
        if missing:
            absent += 1
            continue
        number, symbol = next(symbols)
        if rule.options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            kept.append((number, not symbol.is_term and symbol.name.startswith("_"), absent))
            absent = 0
    return kept, absent
