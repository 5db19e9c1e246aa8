"""
Claims as people keep them: tables and JSON in, tables and JSON out. A corridor of interchange.
"""

from __future__ import annotations

from coop_ledger.interchange.claims.exporting import export_claims
from coop_ledger.interchange.claims.importing import Imported, Progress, import_claims
from coop_ledger.interchange.claims.rows import BadRow, ClaimFormat, ClaimRow, Row, load_claims, read_claims

__all__ = [
    "BadRow",
    "ClaimFormat",
    "ClaimRow",
    "Imported",
    "Progress",
    "Row",
    "export_claims",
    "import_claims",
    "load_claims",
    "read_claims",
]
