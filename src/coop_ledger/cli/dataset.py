"""
The record of November 2016, as it is shipped: claims in their plain form, their sources named once.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from coop_ledger.codec import claim_from_plain, parse
from coop_ledger.domain import Claim
from coop_ledger.errors import CodecError

__all__ = ["NAME", "claims_in", "load_dataset"]

NAME = "korea-central-asia-2016.json"

_MAX_BYTES = 4 * 1024 * 1024


def _data() -> bytes:
    packed = files("coop_ledger.cli").joinpath(NAME)  # in a wheel
    checkout = Path(__file__).parents[3] / "examples" / NAME  # in a checkout
    return packed.read_bytes() if packed.is_file() else checkout.read_bytes()


def claims_in(document: Any) -> list[Claim]:
    """
    The claims of a document: ``sources`` by key, and ``claims`` that name them; ``fact`` is for readers.

    Raises:
        CodecError: Not such a document, or a source key that it does not hold.
        MalformedEventError: A claim that is none.
    """
    if not isinstance(document, dict) or not {"sources", "claims"} <= document.keys():
        raise CodecError("this is no document of claims", expected="an object with sources and claims")
    claims = []
    for at, row in enumerate(document["claims"]):
        plain = {name: value for name, value in row.items() if name != "fact"}
        strange = [key for key in plain["sources"] if key not in document["sources"]]
        if strange:
            raise CodecError("a claim names an unknown source", where=f"/claims/{at}/sources", found=", ".join(strange))
        claims.append(claim_from_plain({**plain, "sources": [document["sources"][key] for key in plain["sources"]]}))
    return claims


def load_dataset() -> tuple[str, list[Claim]]:
    """The title of the shipped record, and its claims in order."""
    document = parse(_data(), max_bytes=_MAX_BYTES)
    return document["title"], claims_in(document)
