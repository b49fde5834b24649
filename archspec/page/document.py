"""The frame of a page: its style and its script inside, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from archspec.page.dark import rules
from archspec.targets.templating import template

POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
)
"""Nothing is fetched, and no script runs but the page's own: none in an attribute either."""


def document(name: str, title: str, here: str = "", **view: Any) -> str:
    """The text of a page by a template, which escapes all that it is given but its own files and HTML of this room."""
    style, script = own("style.css") + rules(), own("script.js")
    policy = POLICY.format(script=_digest(script), style=_digest(style))
    made = template(__package__ or "", f"{name}.jinja", html=True)
    return str(made.render(title=title, here=here, policy=policy, style=style, script=script, **view))


@cache
def own(name: str) -> str:
    """A file of this folder, whose text stands in every page as it is."""
    text = (files(__package__ or "") / name).read_text("utf-8")
    assert "</" not in text, f"{name} would end its element"
    return text


def data(value: Any) -> str:
    """JSON for a script to read, in which no text can end its element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
