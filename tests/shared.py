"""Public vectors and files that lie beside a checkout; tests that read them skip visibly where they are missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ROOT", "shared_file", "shared_json"]

ROOT = Path(__file__).parents[1]
"""The checkout."""


def shared_file(name: str) -> Path:
    """A file or folder under ``../shared`` (or under COOP_LEDGER_SHARED); skips the test where it is missing."""
    folder = Path(os.environ.get("COOP_LEDGER_SHARED", ROOT.parent / "shared"))
    path = folder / name
    if not path.exists():
        pytest.skip(f"needs {name}, which lies beside the checkout")
    return path


def shared_json(name: str) -> Any:
    """The JSON value of such a file."""
    return json.loads(shared_file(name).read_text(encoding="utf-8"))
