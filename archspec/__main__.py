"""``python -m archspec``."""

from archspec.cli import run

run()
