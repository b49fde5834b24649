"""The one way from a spec's names and texts into Python: identifiers, class names, strings, docstrings."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import unicodedata
from collections.abc import Iterable

MODULE_ATTRIBUTES = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "head_weights",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "predict",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "reset_parameters",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)
"""What ``nn.Module`` itself defines, which a test compares with torch, and what classes of emitted code do."""
USED = frozenset({"self", "x", "torch", "nn", "Tensor", "model", "output", "parameters", "near", "math", "_"})


class Names:
    """Hands out identifiers, each once."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def identifier(self, text: str, otherwise: str = "layer") -> str:
        """A Python name like the text: ASCII, no keyword, no builtin, not taken yet."""
        name = re.sub(r"\W+", "_", _ascii(text)).strip("_") or otherwise
        if name[0].isdigit():
            name = f"{otherwise}{name}"
        return self._unused(f"{name}_" if _special(name) else name)

    def class_name(self, text: str, otherwise: str = "Net") -> str:
        """The text as a class name, ``VGG-D`` as ``VGGD``, ``vgg_D`` as ``VggD``; with one more word if it is taken."""
        words = re.findall(r"[A-Za-z0-9]+", _ascii(text))
        name = "".join(word[0].upper() + word[1:] for word in words) or "Network"
        name = f"Net{name}" if name[0].isdigit() else name
        return self._unused(f"{name}{otherwise}" if name in self._taken or _special(name) else name)

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names from being handed out."""
        self._taken.update(names)

    def _unused(self, name: str) -> str:
        free = name
        while free in self._taken:
            self._counts[name] = self._counts.get(name, 1) + 1
            free = f"{name}_{self._counts[name]}"
        self._taken.add(free)
        return free


def string(text: str) -> str:
    """A text as a Python string literal in double quotes, in ASCII."""
    # JSON writes a character beyond the first 65,536 as two; Python has \U for it.
    return json.dumps(text, ensure_ascii=False).encode("ascii", "backslashreplace").decode()


def doc(text: str) -> str:
    """A text for inside a docstring: it can neither end the string nor escape a character."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"').strip()


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _special(name: str) -> bool:
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
