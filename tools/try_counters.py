"""Random networks through the popular counters, any number of them: ``python tools/try_counters.py --count 1000``.

Each convention is compared with what its counter prints for the emitted code, and every network that differs is
printed. The networks are a function of the seed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> int:
    """The command."""
    import torch
    from counters_compared import differences
    from popular_counters import PRINTED
    from random_counted import some

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="how many networks")
    parser.add_argument("--seed", default=date.today().isoformat(), help="the day unless given")
    parser.add_argument("--only", choices=sorted(PRINTED), action="append", help="a counter; all of them unless given")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print(f"seed {asked.seed}: {asked.count:,} networks", flush=True)
    wrong: Counter[str] = Counter()
    for index, drawn in enumerate(some(asked.seed, asked.count)):
        for line in differences(drawn.text, asked.only or PRINTED):
            wrong[line.partition(" ")[0]] += 1
            print(f"\nnetwork {index}: {line}\n\n{drawn.text}", flush=True)
    print(", ".join(f"{count} with {name}" for name, count in wrong.items()) or "all agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
