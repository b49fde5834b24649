"""The sentences of a table, ``every conv: conv no bias; bn; relu``: what mostly stands around a layer is said once.

Each weight layer gets the rule under which all bodies together are shortest, if there is one that makes them shorter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archspec import ops
from archspec.importing.fold.tokens import Written
from archspec.importing.fold.words import said
from archspec.importing.fold.words import step as step_said
from archspec.op import Activation, Op, Weighted

MOST = 4
"""How many layers a rule may put on either side."""
TRIED = 12
"""How many forms of a rule are tried: the most frequent."""


class Rule(NamedTuple):
    """What one kind of layer has everywhere: switches and numbers of its own, and layers before and after it."""

    name: str
    own: tuple[tuple[str, str], ...]
    before: tuple[Written, ...]
    after: tuple[Written, ...]

    def __str__(self) -> str:
        own = step_said(Written(self.name, dict(self.own)))
        return f"every {self.name}: " + "; ".join([*map(step_said, self.before), own, *map(step_said, self.after)])


def found(chains: Sequence[Sequence[Written]]) -> dict[str, Rule]:
    """The rules that make these chains shortest, by the names of their layers."""
    rules: dict[str, Rule] = {}
    names = Counter(each.name for chain in chains for each in chain if _is_weighted(each))
    for name, count in names.most_common():
        if count > 1:
            rule = _best(name, chains, rules)
            if rule is not None:
                rules[name] = rule
    return rules


def _best(name: str, chains: Sequence[Sequence[Written]], others: dict[str, Rule]) -> Rule | None:
    forms = [
        form for chain in chains for at, each in enumerate(chain) if each.name == name for form in _forms(chain, at)
    ]
    by_text = {str(form): form for form in forms}
    tried = [by_text[text] for text, _ in Counter(map(str, forms)).most_common(TRIED)]
    concerned = [chain for chain in chains if any(each.name == name for each in chain)]

    def cost(rule: Rule | None) -> int:
        rules = others | {name: rule} if rule is not None else others
        line = len(rule.before) + len(rule.after) + len(rule.own) + 1 if rule is not None else 0
        return line + sum(len(_parts(text)) for chain in concerned for text in applied(chain, rules))

    longest = sorted(tried, key=lambda rule: -len(rule.after) - len(rule.before))
    return min([None, *longest], key=cost)


def _parts(text: str) -> list[str]:
    return text.split(",")


def _forms(chain: Sequence[Written], at: int) -> Iterable[Rule]:
    """The rules that say some of what stands around one layer."""
    each = chain[at]
    kind = ops.find(each.name)
    own = tuple((name, text) for name, text in each.args.items() if kind and _is_shared(kind, name, text))
    after = _attached(chain[at + 1 :], each)
    before = tuple(reversed(_attached(list(reversed(chain[:at])), each)))
    for many in range(len(after) + 1):
        yield Rule(each.name, own, (), after[:many])
    for many in range(1, len(before) + 1):
        yield Rule(each.name, own, before[len(before) - many :], ())


def _is_shared(kind: type[Op], name: str, text: str) -> bool:
    """Whether a rule may say an argument for all uses: a switch, or a number that is no count."""
    argument = kind.arguments[name]
    return (argument.is_switch and text in ("yes", "no")) or (argument.numeric is float and _is_plain(text))


def _attached(steps: Sequence[Written], to: Written) -> tuple[Written, ...]:
    held: list[Written] = []
    for step in steps[:MOST]:
        kind = ops.find(step.name)
        fits = kind is not None and (kind.normalises or issubclass(kind, Activation))
        known = fits and all(_is_plain(text) for text in step.args.values())
        if not known or step.condition != to.condition or step.name in [each.name for each in held]:
            break
        held.append(step._replace(condition=None))
    return tuple(held)


def _is_plain(text: str) -> bool:
    """Whether a text is a value, and no parameter of a block."""
    return text in ("yes", "no") or not text[:1].isalpha()


def applied(chain: Sequence[Written], rules: dict[str, Rule]) -> list[str]:
    """The steps of a chain as a spec with these rules writes them."""
    texts: list[str] = []
    open_steps: list[Written] = []
    at = 0
    while at < len(chain):
        each = chain[at]
        rule = rules.get(each.name)
        if rule is None or each.of_block:
            open_steps.append(each)
            at += 1
            continue
        missing = [step.name for step in rule.before]
        held = _held([*reversed(rule.before)], [*reversed(open_steps)], each)
        for _ in held:
            open_steps.pop()
        missing = [step.name for step in rule.before if step not in held]
        after = _held(rule.after, chain[at + 1 :], each)
        missing += [step.name for step in rule.after if step not in after]
        texts += map(step_said, open_steps)
        open_steps = []
        texts.append(_under(rule, each, missing))
        at += 1 + len(after)
    return texts + [step_said(step) for step in open_steps]


def _held(wanted: Sequence[Written], there: Sequence[Written], by: Written) -> list[Written]:
    """The layers of a rule that stand where it puts them."""
    held: list[Written] = []
    for step in wanted:
        at = len(held)
        if at < len(there) and there[at]._replace(condition=None) == step and there[at].condition == by.condition:
            held.append(step)
    return held


def _under(rule: Rule, each: Written, missing: Sequence[str]) -> str:
    """A layer without what its rule says, and with ``no STEP`` for what it lacks."""
    own = dict(rule.own)
    args = {k: v for k, v in each.args.items() if own.get(k) != v}
    kind = ops.find(each.name)
    for name, value in own.items():
        usual = said(kind.arguments[name].default) if kind is not None else value
        if name not in each.args and usual != value:
            args[name] = usual
    text = step_said(each._replace(args=args, condition=None))
    given = "".join(f"{', ' if i or args else ' '}no {name}" for i, name in enumerate(missing))
    return f"{text}{given}" + (f" if {each.condition}" if each.condition else "")


def _is_weighted(written: Written) -> bool:
    kind = ops.find(written.name)
    return kind is not None and not written.of_block and issubclass(kind, Weighted)
