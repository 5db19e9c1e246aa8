"""``import coop_ledger`` against ``import attrs, cattrs``, whole processes. Run: python -m benchmarks.start"""

from __future__ import annotations

import compileall
import subprocess
import sys
from functools import partial

import coop_ledger
from benchmarks.load import ceiling, machine, median, timed

MOST = 3.0
STATEMENTS = {"nothing": "pass", "attrs, cattrs": "import attrs, cattrs", "coop_ledger": "import coop_ledger"}


def main() -> None:
    """Print milliseconds, and the ratio of what the imports add to an empty process."""
    print(machine())
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    # an import reads byte code that stands beside its source, also where the environment writes none
    compileall.compile_dir(next(iter(coop_ledger.__path__)), quiet=1)
    for _ in range(15):
        for name, statement in STATEMENTS.items():
            times[name].append(timed(partial(subprocess.run, [sys.executable, "-c", statement], check=True)))
    for name, found in times.items():
        print(f"{name:>14}: {median(found) * 1e3:6.1f} ms")
    empty = median(times["nothing"])
    whole = median(times["coop_ledger"]) / median(times["attrs, cattrs"])
    added = (median(times["coop_ledger"]) - empty) / (median(times["attrs, cattrs"]) - empty)
    print(f"whole processes: {ceiling(whole, MOST)}; imports alone: {added:.2f}")


if __name__ == "__main__":
    main()
