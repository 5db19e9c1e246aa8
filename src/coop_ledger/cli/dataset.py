"""
The record of November 2016, as it is shipped: a file of claims in JSON.
"""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

from coop_ledger.codec import parse
from coop_ledger.domain import Claim
from coop_ledger.interchange import load_claims

__all__ = ["NAME", "load_dataset"]

NAME = "korea-central-asia-2016.json"

_MAX_BYTES = 4 * 1024 * 1024


def _data() -> bytes:
    packed = files("coop_ledger.cli").joinpath(NAME)  # in a wheel
    checkout = Path(__file__).parents[3] / "examples" / NAME  # in a checkout
    return packed.read_bytes() if packed.is_file() else checkout.read_bytes()


def load_dataset() -> tuple[str, list[Claim]]:
    """The title of the shipped record, and its claims in order."""
    data = _data()
    return parse(data, max_bytes=_MAX_BYTES)["title"], load_claims(io.BytesIO(data))
