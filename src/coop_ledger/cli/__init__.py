"""
The command line: parses, calls the facade, renders. No rule lives here. The door of floor F6.

Needs the extra ``cli`` (click and rich), which is loaded only when a command runs; ``verify`` works without it.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """
    Run the command that the arguments name.

    Exit codes: 0 done, 2 misuse or a refused request, 3 a condition that does not hold, 4 nothing there, 5 recorded
    perhaps, 50 a file that is no readable ledger, 130 interrupted; those of ``verify`` are its verdicts (10, 20, 30,
    40, 50).
    """
    try:
        from coop_ledger.cli.streams import steady

        steady()
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


def _run() -> int:
    """Run the command, and give its exit code."""
    if sys.argv[1:2] == ["verify"]:
        from coop_ledger.cli.verify import run_verify

        return run_verify(sys.argv[2:])
    try:
        from coop_ledger.cli.app import run
    except ImportError as error:
        from coop_ledger.errors import MissingExtraError

        missing = MissingExtraError(
            f"the command line is not installed ({error.name} is missing)",
            hint="in a checkout of coop_ledger, run: pip install '.[cli]'",
        )
        sys.stderr.write(f"{missing}\n")
        return 2
    return run()
