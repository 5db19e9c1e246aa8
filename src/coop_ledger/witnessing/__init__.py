"""
A witness that works by files: request in, cosignature out; knows no ledger, no store and no network.

Its rules are those of ``coop_ledger.log.decide``; here are its memory, its evidence and its mailbox. Needs the
extra ``sign``. Source: C2SP tlog-witness, tlog-cosignature.
"""

from __future__ import annotations

from coop_ledger.witnessing.mailbox import answer_requests
from coop_ledger.witnessing.witness import Witness

__all__ = ["Witness", "answer_requests"]
