"""
What is kept where a ledger contradicts what others hold: one file with both sides, for those who must decide.

Written only where the caller names a folder for it. Knows no rule.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from coop_ledger.audit.anchors import Brought
from coop_ledger.audit.report import Report
from coop_ledger.errors import CoopLedgerError, InvalidValueError
from coop_ledger.log import format_checkpoint
from coop_ledger.signing import write_whole
from coop_ledger.stores import check_path

__all__ = ["evidence_folder", "write_evidence"]


def evidence_folder(given: str | os.PathLike[str] | None) -> Path | None:
    """
    The folder for evidence, made if it is missing.

    Raises:
        InvalidValueError: No path, or no folder that can be made.
    """
    if given is None:
        return None
    try:
        folder = check_path(given)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidValueError(
            "there is no such folder, and it cannot be made", where="evidence", found=error.strerror
        ) from error
    return folder


def write_evidence(folder: Path, report: Report, brought: Iterable[Brought]) -> tuple[str | None, str | None]:
    """
    Keep what a ledger was found to be beside the checkpoints that it was compared with, each as it was brought.

    Returns:
        The path of the file, or why there is none. The same contradiction gives the same file.
    """
    own = report.checkpoint
    plain = {
        "schema": 1,
        "checkpoints": [
            one.data.decode() if one.note is not None else format_checkpoint(one.checkpoint) for one in brought
        ],
        "ledger": None if own is None else format_checkpoint(own),
        "report": report.as_plain(),
    }
    data = (json.dumps(plain, indent=2) + "\n").encode("ascii")
    path = folder / f"diverged-{hashlib.sha256(data).hexdigest()[:16]}.json"
    try:
        if not path.exists():
            write_whole(path, data, over=False)
    except (CoopLedgerError, OSError) as error:
        return None, str(error)
    return str(path), None
