"""
Import and export: ledgers as files that others can read. A room of floor F5.

A bundle is a whole ledger in lines (``docs/reference/format.md``). ``Ledger.export`` and ``Ledger.from_bundle`` are
the facade; a checker takes the lines from :func:`read_bundle`. A file of claims (``docs/reference/claims.md``) is what
people keep in a spreadsheet or write by hand: :func:`import_claims` takes it in, :func:`export_claims` gives it out.
"""

from __future__ import annotations

from coop_ledger.interchange.bundle import export_bundle, import_bundle
from coop_ledger.interchange.claims import (
    BadRow,
    ClaimColumn,
    ClaimFormat,
    ClaimRow,
    Imported,
    Progress,
    Row,
    TypedClaim,
    claim_columns,
    export_claims,
    import_claims,
    load_claims,
    read_claims,
    read_typed,
    typed_claim,
)
from coop_ledger.interchange.copying import copy_ledger
from coop_ledger.interchange.lines import BundleEntry, BundleFooter, BundleHeader, BundleLine
from coop_ledger.interchange.reading import LIMITS, Limits, origin_of, read_bundle

__all__ = [
    "LIMITS",
    "BadRow",
    "BundleEntry",
    "BundleFooter",
    "BundleHeader",
    "BundleLine",
    "ClaimColumn",
    "ClaimFormat",
    "ClaimRow",
    "Imported",
    "Limits",
    "Progress",
    "Row",
    "TypedClaim",
    "claim_columns",
    "copy_ledger",
    "export_bundle",
    "export_claims",
    "import_bundle",
    "import_claims",
    "load_claims",
    "origin_of",
    "read_bundle",
    "read_claims",
    "read_typed",
    "typed_claim",
]
