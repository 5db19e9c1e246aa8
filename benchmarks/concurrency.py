"""
Eight processes that record single claims, against one that does: all together in as many seconds, how long the
slowest call took, and whether anything is lost or doubled. Run: python -m benchmarks.concurrency
"""

from __future__ import annotations

from benchmarks import concurrency_sqlite
from benchmarks.load import machine


def main() -> None:
    """Print what each store makes of it."""
    print(machine())
    concurrency_sqlite.main()


if __name__ == "__main__":
    main()
