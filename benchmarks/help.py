"""``coop-ledger --help`` against ``import click, attrs, cattrs``, whole processes. Run: python -m benchmarks.help"""

from __future__ import annotations

from benchmarks.load import ceiling, machine, median, process_times

MOST = 2.0
COMMANDS = {
    "click, attrs, cattrs": ["-c", "import click, attrs, cattrs"],
    "coop-ledger --help": ["-m", "coop_ledger", "--help"],
}


def main() -> None:
    """Print milliseconds, and the ratio."""
    print(machine())
    times = process_times(COMMANDS)
    for name, found in times.items():
        print(f"{name:>20}: {median(found) * 1e3:6.1f} ms")
    whole = median(times["coop-ledger --help"]) / median(times["click, attrs, cattrs"])
    print(f"whole processes: {ceiling(whole, MOST)}")


if __name__ == "__main__":
    main()
