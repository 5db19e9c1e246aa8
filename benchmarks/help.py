"""``coop-ledger --help`` against ``import click, attrs, cattrs``, whole processes. Run: python -m benchmarks.help"""

from __future__ import annotations

import compileall
import subprocess
import sys
from functools import partial

import coop_ledger
from benchmarks.load import ceiling, machine, median, timed

MOST = 2.0
COMMANDS = {
    "click, attrs, cattrs": ["-c", "import click, attrs, cattrs"],
    "coop-ledger --help": ["-m", "coop_ledger", "--help"],
}


def main() -> None:
    """Print milliseconds, and the ratio."""
    print(machine())
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    # an import reads byte code that stands beside its source, also where the environment writes none
    compileall.compile_dir(next(iter(coop_ledger.__path__)), quiet=1)
    for _ in range(15):
        for name, arguments in COMMANDS.items():
            run = partial(subprocess.run, [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times[name].append(timed(run))
    for name, found in times.items():
        print(f"{name:>20}: {median(found) * 1e3:6.1f} ms")
    whole = median(times["coop-ledger --help"]) / median(times["click, attrs, cattrs"])
    print(f"whole processes: {ceiling(whole, MOST)}")


if __name__ == "__main__":
    main()
