"""Classes for what recurs: the uses of one `every` rule become one class, whose arguments are what varies.

Uses that call the same torch modules in the same order are compared argument by argument. What is the same in all
is written in the class; what varies becomes an argument; what varies together becomes one argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archspec.expressions.symbols import Symbol, value_of
from archspec.op import Call
from archspec.recipe.part import Code
from archspec.targets.torch.layout import Bracket, Doc, Named, flat, lines, literal
from archspec.targets.torch.names import Names

WIDTHS = frozenset(
    {
        "in_channels",
        "out_channels",
        "num_features",
        "num_parameters",
        "channels",
        "in_features",
        "out_features",
        "groups",
    }
)
"""The arguments that hold a number of channels or features, and so may be one argument of a class.

A depthwise convolution has as many groups as channels.
"""

MODULE = "type[nn.Module]"
"""The type of an argument that holds the class of a module."""

TARGET = "target"

Use = tuple[Call, ...]
"""The torch modules of one use of a rule, in order."""


class Argument(Code):
    """What an argument of the class holds at the place where it stands, which is not a number."""

    kind: str
    """Its type, as code."""


class Target(str):
    """An argument of the class, which holds the class of a module, in the place of a torch module."""


class Slot(NamedTuple):
    """One argument of one call of a rule: its values over all uses, and the target's own default."""

    call: int
    name: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    default: Any
    kind: str
    """How the target takes it: ``positional``, ``named``, ``optional`` where it has a default, ``target`` as such."""

    @property
    def required(self) -> bool:
        return self.kind != "optional"

    @property
    def varies(self) -> bool:
        """Whether it must be an argument: a symbol is a name of the network's, which the class does not know."""
        return len(set(self.texts)) > 1 or isinstance(self.values[0], Symbol | Argument)

    def goes_with(self, other: Slot) -> bool:
        """Whether both are one argument: a kernel that happens to be as large as the channels is its own."""
        return self.texts == other.texts and (self.name == other.name or {self.name, other.name} <= WIDTHS)


class ClassView(NamedTuple):
    """A class as text."""

    name: str
    base: str
    doc: list[str]
    signature: str
    body: str
    forward: list[str]

    @property
    def constructor(self) -> list[str]:
        """What makes its modules."""
        return [self.body]


class Rule:
    """One class for several uses of the same calls."""

    def __init__(self, name: str, doc: list[str], uses: Sequence[Use]) -> None:
        self.name, self.doc, self.uses = name, doc, list(uses)
        self._slots = list(_slots(self.uses))
        self._place = {id(use): i for i, use in enumerate(uses)}  # by identity: equal numbers may be different symbols
        self._arguments = self._varying()

    def instance(self, use: Use) -> Doc:
        """The call that makes one use: ``ConvReLU(3, 64)``."""
        i = self._place[id(use)]
        items: list[Doc] = []
        for name, slot in self._arguments.items():
            value = literal(slot.values[i])
            if slot.required:
                items.append(value)
            elif flat(value) != flat(literal(slot.default)):
                items.append(Named(name, value))
        return Bracket(f"{self.name}(", items, ")")

    def view(self) -> ClassView:
        """The class as text."""
        arguments = [
            f"{name}: {_type(slot)}" + ("" if slot.required else f" = {flat(literal(slot.default))}")
            for name, slot in self._arguments.items()
        ]
        signature = lines("def ", Bracket("__init__(", ["self", *arguments], ")"), " -> None:", 4)
        calls = Bracket("super().__init__(", [self._call(i) for i in range(len(self.uses[0]))], ")")
        body = [
            "        super().__init__(",
            *(line for item in calls.items for line in lines("", item, ",", 12)),
            "        )",
        ]
        return ClassView(self.name, "nn.Sequential", self.doc, "\n".join(signature), "\n".join(body), [])

    def _varying(self) -> dict[str, Slot]:
        """The arguments of the class, by name: slots that vary, one for those that vary together."""
        names = Names()
        arguments: dict[str, Slot] = {}
        for slot in sorted(self._slots, key=lambda slot: not slot.required):
            known = any(slot.goes_with(argument) for argument in arguments.values())
            if slot.varies and not known and not self._halves(slot):
                arguments[names.identifier(self._called(slot))] = slot
        return arguments

    def _called(self, slot: Slot) -> str:
        """The name of an argument that several slots share: channels are called after those of a convolution."""
        alike = {other.name for other in self._slots if other.goes_with(slot)}
        if {"in_channels", "out_channels"} <= alike:
            return "channels"
        return next((name for name in ("in_channels", "out_channels", "in_features") if name in alike), slot.name)

    def _call(self, i: int) -> Doc:
        call = self.uses[0][i]
        items: list[Doc] = []
        for slot in self._slots:
            if slot.call != i or slot.kind == TARGET:
                continue
            text = self._text(slot)
            if slot.kind == "positional":
                items.append(text)
            elif slot.kind == "named" or text != flat(literal(slot.default)):
                items.append(f"{slot.name}={text}")
        called = next((s for s in self._slots if s.call == i and s.kind == TARGET), None)
        return Bracket(f"{self._text(called) if called else call.target}(", items, ")")

    def _text(self, slot: Slot) -> str:
        """What stands for a slot in the class: its one value, or an argument."""
        if not slot.varies:
            return slot.texts[0]
        kernel = self._halves(slot)
        if kernel:
            return f"{self._text(kernel)} // 2"
        return next(name for name, argument in self._arguments.items() if slot.goes_with(argument))

    def _halves(self, slot: Slot) -> Slot | None:
        """The kernel for ``kernel_size // 2``, where every use pads half of its square kernel."""
        if slot.name != "padding":
            return None
        kernel = next((s for s in self._slots if s.call == slot.call and s.name == "kernel_size"), None)
        if kernel is None or not kernel.varies:
            return None
        halves = all(_is_half(p, k) for k, p in zip(kernel.values, slot.values, strict=True))
        return kernel if halves else None


def _is_half(padding: Any, kernel: Any) -> bool:
    if isinstance(kernel, Symbol):
        return isinstance(padding, Symbol) and padding.text == (kernel // 2).text
    return type(kernel) is int and type(padding) is int and padding == kernel // 2


def signature_of(use: Use) -> tuple[str, ...]:
    """What uses must have in common to share a class."""
    return tuple(call.target for call in use)


def call_doc(call: Call) -> Doc:
    """One call written out: ``nn.Conv2d(3, 64, 3, padding=1)``."""
    items = [literal(value) for value in call.args.values()]
    items += [Named(name, literal(value)) for name, value in call.spoken.items()]
    return Bracket(f"{call.target}(", items, ")")


def _slots(uses: Sequence[Use]) -> list[Slot]:
    slots: list[Slot] = []
    for i, call in enumerate(uses[0]):
        if isinstance(call.target, Target):
            targets = tuple(Argument(use[i].target, MODULE) for use in uses)
            slots.append(Slot(i, call.target, targets, tuple(map(str, targets)), None, TARGET))
        for name in call.args:
            slots.append(_slot(i, name, [use[i].args[name] for use in uses], None, "positional"))
        for name in call.options:
            kind = "optional" if name in call.defaults else "named"
            slots.append(_slot(i, name, [use[i].options[name] for use in uses], call.defaults.get(name), kind))
    return slots


def _slot(call: int, name: str, values: list[Any], default: Any, kind: str) -> Slot:
    return Slot(call, name, tuple(values), tuple(flat(literal(value)) for value in values), default, kind)


def _type(slot: Slot) -> str:
    kinds = {_kind(value) for value in slot.values} | ({_kind(slot.default)} if not slot.required else set())
    if {"int", "float"} <= kinds:
        kinds.discard("int")
    return " | ".join(sorted(kinds))


def _kind(value: Any) -> str:
    if isinstance(value, Argument):
        return value.kind
    value = value_of(value)
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_kind(item) for item in value)}]"
    if isinstance(value, list):
        return f"list[{_kind(value[0])}]"
    return next(kind.__name__ for kind in (int, float, str) if isinstance(value, kind))
