"""Fuzzing of all that reads what others wrote, and of all that writes: `docs/fuzzing.md` says how it is run.

A reader or a writer is a file of ``targets/``. What it is given is decided by bytes (``choices.py``), which atheris
changes by what they reach of the compiler; where it is not installed they are random. It ends in diagnostics or a
result within bounds, or it is a finding (``judge.py``).
"""
