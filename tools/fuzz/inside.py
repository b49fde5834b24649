"""One target under atheris, in a process of its own, which ends with its time: what is found is kept in a folder.

Nothing of archspec is imported before atheris can watch it.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:1] = [str(ROOT / "tools"), str(ROOT / "tests"), str(ROOT)]

LONGEST = 4_096
"""Bytes of a case."""
FIRST = 50
"""Random cases to begin with, as bytes that are few make small programs."""
OPTIONS = ("-len_control=0", "-report_slow_units=1000", "-rss_limit_mb=0", "-verbosity=0")
"""What is too slow or too large is judged here, and not by libFuzzer."""
STUCK = 120
"""Seconds after which libFuzzer ends a process whose case even Python's signals do not end."""


class Log:
    """What was found so far, in a folder, whenever the process may end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, folder / "found"
        self.found.mkdir(parents=True, exist_ok=True)
        self.cases, self.kinds = 0, Counter[str]()
        self.started = self.written = time.monotonic()

    def add(self, data: bytes, outcome: Any) -> None:
        """Note a case; of each kind of finding the shortest is kept."""
        self.cases += 1
        if outcome.finding is not None:
            self.kinds[outcome.finding.kind] += 1
            path = self.found / sha256(outcome.finding.kind.encode()).hexdigest()[:12]
            if not path.exists() or path.stat().st_size > len(data):
                path.write_bytes(data)
                path.with_suffix(".txt").write_text(str(outcome), "utf-8", errors="backslashreplace")
        if time.monotonic() - self.written > 1:
            self.write()

    def write(self) -> None:
        """Put the figures into a file as a whole."""
        self.written = time.monotonic()
        figures = {"cases": self.cases, "seconds": round(self.written - self.started), "kinds": self.kinds}
        fresh = self.folder / "figures.new"
        fresh.write_text(json.dumps(figures, indent=1), "utf-8")
        fresh.replace(self.folder / "figures.json")


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Ask a target for so long; does not return."""
    import atheris  # not on every machine

    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["archspec"]):
        from fuzz.cases import drawn, kept, outcome
        from fuzz.judge import limit_memory
        from fuzz.targets import target

        target(name)
    corpus, log = folder / "corpus", Log(folder)
    corpus.mkdir(exist_ok=True)
    for case in [*kept(name), *(drawn(name, "first", index) for index in range(FIRST))]:
        (corpus / sha256(case).hexdigest()).write_bytes(case)
    (folder / "words").write_text(_dictionary(), "utf-8")
    limit_memory()
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={STUCK}", *OPTIONS]
    places = [f"-artifact_prefix={log.found}/", f"-dict={folder / 'words'}", str(corpus)]
    atheris.Setup([sys.argv[0], *options, *places], lambda data: log.add(data, outcome(name, data)))
    atheris.Fuzz()


def _dictionary() -> str:
    """The words of the language and the hostile ones, as libFuzzer reads them."""
    from fuzz.texts import words

    found = {word.encode("utf-8", "surrogatepass") for word in words()}
    return "".join(f'"{"".join(f"{chr(92)}x{byte:02x}" for byte in word)}"\n' for word in sorted(found))


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
