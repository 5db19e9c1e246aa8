"""Drafts and files of the tests of stores."""

from __future__ import annotations

from pathlib import Path

from coop_ledger.stores import Draft, SqliteStore
from coop_ledger.testing import ticking

__all__ = ["ORIGIN", "draft", "opened"]

ORIGIN = "test.example/1"


def draft(number: int, **fields: bytes | None) -> Draft:
    openings = fields.get("openings", b"{an opening}")
    return Draft(f'{{"n":{number},'.encode(), b'"v":1}', f"id-{number:06d}", ("a:1", "b:1"), openings=openings)


def opened(path: Path, **options: object) -> SqliteStore:
    return SqliteStore.open(path, origin=ORIGIN, clock=ticking(), **options)  # type: ignore[arg-type]
