"""
Import and export: ledgers as files that others can read. A room of floor F5.

A bundle is a whole ledger in lines (``docs/reference/format.md``). ``Ledger.export`` and ``Ledger.from_bundle`` are
the facade; a checker takes the lines from :func:`read_bundle`.
"""

from __future__ import annotations

from coop_ledger.interchange.bundle import export_bundle, import_bundle
from coop_ledger.interchange.lines import BundleEntry, BundleFooter, BundleHeader, BundleLine
from coop_ledger.interchange.reading import LIMITS, Limits, origin_of, read_bundle

__all__ = [
    "LIMITS",
    "BundleEntry",
    "BundleFooter",
    "BundleHeader",
    "BundleLine",
    "Limits",
    "export_bundle",
    "import_bundle",
    "origin_of",
    "read_bundle",
]
