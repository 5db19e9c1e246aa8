"""
Keys that sign notes, and the signer of a log; knows neither ledgers nor stores.

Needs the extra ``sign`` (cryptography), which is loaded when a key is first used; a note can be read, and its
tree checked, without it. Source: C2SP signed-note, tlog-cosignature; RFC 8032.
"""

from __future__ import annotations

from coop_ledger.signing.ed25519 import check_ed25519
from coop_ledger.signing.files import OTHERS_WRITE, locked, read_guarded, write_whole
from coop_ledger.signing.keys import SigningKey
from coop_ledger.signing.log_signer import LogSigner, Prove

__all__ = [
    "OTHERS_WRITE",
    "LogSigner",
    "Prove",
    "SigningKey",
    "check_ed25519",
    "locked",
    "read_guarded",
    "write_whole",
]
