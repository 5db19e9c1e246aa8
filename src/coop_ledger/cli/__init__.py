"""
The command line: parses, calls the facade, renders. No rule lives here. The door of floor F6.

Needs the extra ``cli`` (click and rich), which is loaded only when a command runs.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """
    Run the command that the arguments name.

    Exit codes: 0 done, 2 misuse or a refused request, 3 a condition that does not hold, 4 nothing there,
    50 a file that is no readable ledger, 130 interrupted.
    """
    try:
        from coop_ledger.cli.app import run
    except ImportError as error:
        from coop_ledger.errors import MissingExtraError

        missing = MissingExtraError(
            f"the command line is not installed ({error.name} is missing)", hint="run: pip install 'coop_ledger[cli]'"
        )
        sys.stderr.write(f"{missing}\n")
        sys.exit(2)
    sys.exit(run())
