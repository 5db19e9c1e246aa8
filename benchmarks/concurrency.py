"""
Eight processes that record single claims: into a file, against one that does; into PostgreSQL, against the peer. How
many in as many seconds, how long the slowest call took, and whether anything is lost, doubled or missed.
Run: python -m benchmarks.concurrency
"""

from __future__ import annotations

from benchmarks import concurrency_postgres, concurrency_sqlite
from benchmarks.load import machine


def main() -> None:
    """Print what each store makes of it."""
    print(machine())
    concurrency_sqlite.main()
    concurrency_postgres.main()


if __name__ == "__main__":
    main()
