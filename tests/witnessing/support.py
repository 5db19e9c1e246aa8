"""Logs of made leaves, with the notes and requests that their operator could make, honest or not."""

from __future__ import annotations

import os

from coop_ledger.log import (
    AddCheckpoint,
    Checkpoint,
    Note,
    format_add_checkpoint,
    format_checkpoint,
    format_note,
    leaf_hash,
    prove_consistency,
    reader_over,
    root_of,
)
from coop_ledger.signing import SigningKey
from tests.shared import ROOT

__all__ = ["MadeLog", "environment"]


def environment() -> dict[str, str]:
    """For processes that are killed or starved: nothing in them may write what it measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return {**kept, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class MadeLog:
    """A log whose leaves from *fork* on are its own: two of them with one key are a split view."""

    def __init__(self, key: SigningKey, branch: str = "", fork: int = 0, most: int = 64) -> None:
        self.key = key
        self.hashes = [leaf_hash(f"{at}{branch if at >= fork else ''}".encode()) for at in range(most)]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.key.vkey.name, size, root_of(self.hashes[:size]))

    def note(self, size: int) -> bytes:
        text = format_checkpoint(self.checkpoint(size))
        return format_note(Note(text, (self.key.sign_note(text),)))

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return prove_consistency(old, size, reader_over(self.hashes)) if old <= size else ()

    def request(self, old: int, size: int) -> bytes:
        return format_add_checkpoint(AddCheckpoint(old, self.proof(old, size), self.note(size)))
