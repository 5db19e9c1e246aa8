"""``from coop_ledger import Ledger`` (all names) against ``import attrs, cattrs``. Run: python -m benchmarks.start"""

from __future__ import annotations

from benchmarks.load import ceiling, machine, median, process_times

MOST = 3.0
STATEMENTS = {
    "nothing": "pass",
    "attrs, cattrs": "import attrs, cattrs",
    "coop_ledger": "from coop_ledger import Ledger",
}


def main() -> None:
    """Print milliseconds, and the ratio of what the imports add to an empty process."""
    print(machine())
    times = process_times({name: ["-c", statement] for name, statement in STATEMENTS.items()})
    for name, found in times.items():
        print(f"{name:>14}: {median(found) * 1e3:6.1f} ms")
    empty = median(times["nothing"])
    whole = median(times["coop_ledger"]) / median(times["attrs, cattrs"])
    added = (median(times["coop_ledger"]) - empty) / (median(times["attrs, cattrs"]) - empty)
    print(f"whole processes: {ceiling(whole, MOST)}; imports alone: {added:.2f}")


if __name__ == "__main__":
    main()
