"""Fuzz what reads and what writes: `python tools/fuzz --minutes 30` for all targets, or those that are named.

Each target has a process of its own and its share of the time. What is found is kept in `--work`, and asked once more
without atheris; so are the inputs that reached something new, under coverage.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests"), str(ROOT)]

from fuzz import targets  # noqa: E402
from fuzz.cases import drawn, kept, outcome  # noqa: E402

WORK = ROOT / "build" / "fuzz"


def main() -> int:
    """The command."""
    asked = _asked()
    warnings.simplefilter("ignore")
    if asked.replay:
        return _replay(asked.targets[0], asked.replay)
    if asked.reached:
        limits = [str(asked.keep), str(asked.inputs)]
        command = [sys.executable, str(HERE / "reached.py"), str(asked.work), *limits, *asked.targets]
        return subprocess.run(command, check=False).returncode
    if asked.count:
        return max(_random(name, asked.count, asked.seed) for name in asked.targets)
    return _campaign(asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=f"default: all of {', '.join(targets.names())}")
    parser.add_argument("--minutes", type=float, default=30, help="for all targets together; default: %(default)s")
    parser.add_argument("--work", type=Path, default=WORK, help="where inputs and findings are kept")
    parser.add_argument("--count", type=int, metavar="N", help="N random cases per target, without atheris")
    parser.add_argument("--seed", default="0", help="of the random cases; default: %(default)s")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="ask one input of one target again")
    parser.add_argument("--reached", action="store_true", help="say how much of archspec the kept inputs reach")
    parser.add_argument(
        "--keep",
        type=int,
        default=0,
        metavar="N",
        help="with --reached: keep the best N inputs per target in tools/fuzz/corpus",
    )
    parser.add_argument(
        "--inputs", type=int, default=10**9, metavar="N", help="with --reached: of N inputs per target; default: all"
    )
    found = parser.parse_args()
    wrong = _wrong(found)
    if wrong:
        parser.error(wrong)
    chosen = found.targets or targets.names()
    found.targets = [name for name in chosen if not _lacks(name)]
    return found


def _wrong(found: argparse.Namespace) -> str:
    """What cannot be done of what is asked, or nothing."""
    unknown = {*found.targets} - {*targets.names()}
    if unknown:
        return f"there is no target {', '.join(sorted(unknown))}"
    if found.replay and len(found.targets) != 1:
        return "--replay needs the one target that the input is of"
    if found.replay and not found.replay.is_file():
        return f"there is no file {found.replay}"
    needed = "" if found.replay or found.count else "coverage" if found.reached else "atheris"
    if needed and find_spec(needed) is None:
        return f"{needed} is not installed: pip install -e '.[fuzz]', or --count N for random cases without it"
    return ""


def _lacks(name: str) -> bool:
    lacking = targets.lacking(name)
    if lacking:
        print(f"{name} is left out: {', '.join(lacking)} is not installed", file=sys.stderr)
    return bool(lacking)


def _campaign(asked: argparse.Namespace) -> int:
    """All targets, one after the other; 1 where something is found that is found again without atheris."""
    each, found = asked.minutes / len(asked.targets), 0
    for name in asked.targets:
        folder = asked.work / name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log").open("w") as log:
            command = [sys.executable, str(HERE / "inside.py"), name, str(round(60 * each)), str(folder.resolve())]
            ended = subprocess.run(command, stdout=log, stderr=log, check=False)
        found += _report(name, folder, ended.returncode)
    return 1 if found else 0


def _report(name: str, folder: Path, code: int) -> int:
    """Say what came of a target; the number of its findings that are found again."""
    path = folder / "figures.json"
    figures: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"cases": 0, "seconds": 0}
    inputs = len([*(folder / "corpus").iterdir()]) if (folder / "corpus").exists() else 0
    print(f"{name}: {figures['cases']:,} cases in {figures['seconds']} s, {inputs:,} inputs kept", flush=True)
    if code:
        print(f"{name}: ended with {code}, see {folder / 'log'}", flush=True)
    again = 0
    for case in sorted(path for path in (folder / "found").glob("*") if not path.suffix):
        command = [sys.executable, str(HERE), name, "--replay", str(case)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        again += done.returncode != 0
        what = (done.stdout or f"ends with {done.returncode}").splitlines()[0] if done.returncode else "not found again"
        print(f"{name}: {what}: {case}", flush=True)
    return again + (code != 0)


def _replay(name: str, path: Path) -> int:
    found = outcome(name, path.read_bytes())
    print(str(found).encode("utf-8", "backslashreplace").decode("utf-8"))
    return 1 if found.finding else 0


def _random(name: str, count: int, seed: str) -> int:
    """The kept cases and so many random ones; 1 where one is a finding."""
    kinds: dict[str, str] = {}
    for data in [*kept(name), *(drawn(name, seed, index) for index in range(count))]:
        found = outcome(name, data)
        if found.finding:
            kinds.setdefault(found.finding.kind, str(found))
    print(f"{name}: {count:,} cases, {len(kinds)} findings")
    for said in kinds.values():
        print(said.encode("utf-8", "backslashreplace").decode("utf-8"))
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
