"""
The examiner: says of a ledger file what it shows, without trusting it or who wrote it. Part of floor F5.

    from coop_ledger.audit import verify
    print(verify("forum.db").as_text())

Never raises for what a file holds: faults are findings in a report, and a report always names the anchor that it rests
on. Reads files on a way of its own, hardened and for reading only.
"""

from __future__ import annotations

from coop_ledger.audit.anchors import read_policy
from coop_ledger.audit.findings import CODES, Code, Finding, Verdict
from coop_ledger.audit.report import Report
from coop_ledger.audit.verification import verify

__all__ = ["CODES", "Code", "Finding", "Report", "Verdict", "read_policy", "verify"]
