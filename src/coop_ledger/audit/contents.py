"""
What the entries say, and what they are found under: bodies that the format allows, labels that follow from them.

Judges no history: what is irregular in it is an anomaly of the record, and no sign of tampering. A quick pass reads
redactions only, since these say which sealed texts may be gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.labels import Labels
from coop_ledger.audit.naming import LATER, Naming
from coop_ledger.audit.opening import Copy
from coop_ledger.audit.sealed import SealedFields
from coop_ledger.codec import Openings, decode, decode_body, wire_name
from coop_ledger.domain import Body, Claim, Redaction, UnknownEvent, subjects_of
from coop_ledger.errors import CoopLedgerError
from coop_ledger.query import labels_of

__all__ = ["Contents", "tell_malformed"]

_REDACTION: Final = wire_name(Redaction)


def tell_malformed(findings: Findings, position: int, error: CoopLedgerError) -> None:
    """Say what is wrong with a leaf, or with what it says: not of this format, or of a later one."""
    if error.where == LATER:
        code, what = "T24", "the leaf is of a format that this program does not know: use a later version"
    else:
        limits = error.expected is not None and ("at most" in error.expected or "2**53" in error.expected)
        code, what = "T58" if limits else "T57", error.what
    field = "leaf" if error.where is None else f"leaf {error.where}"
    findings.add(code, what, position=position, field=field, expected=error.expected, found=error.found)


class Contents:
    """
    What the entries of a file say, as they come.

    Args:
        copy: The file.
        findings: Where faults go.
        quick: Whether to read redactions only.
        labelled: The positions of which labels are read, the first and the first behind; None for all.
    """

    def __init__(self, copy: Copy, findings: Findings, *, quick: bool, labelled: tuple[int, int] | None = None) -> None:
        self._copy = copy
        self._findings = findings
        self._quick = quick
        self._naming = Naming(copy)
        self._labels = None if quick or copy.bare else Labels(copy, findings, labelled)

    def look(
        self,
        rows: Sequence[tuple[Any, ...]],
        leaves: Sequence[dict[str, Any] | None],
        openings: Sequence[Openings | None],
        sealed: SealedFields,
    ) -> None:
        """
        Look at what the next few entries say.

        Args:
            rows: Their rows: the position first, the leaf fourth.
            leaves: The keys of each leaf; None where it cannot be read.
            openings: The openings of each that fit.
            sealed: Takes redactions.
        """
        labels = self._labels
        if self._quick:
            for row, keys in zip(rows, leaves, strict=True):
                if keys is not None and keys["type"] == _REDACTION:
                    self._redaction(row[0], row[3], sealed)
            return
        bodies = [self._body(row[0], *entry) for row, *entry in zip(rows, leaves, openings, strict=True)]
        for row, body in zip(rows, bodies, strict=True):
            if isinstance(body, Redaction):
                sealed.redact(row[0], body)
        if labels is None:
            return
        said = zip(rows, bodies, strict=True)
        wanted = [None if body is None else self._wanted(row[0], row[3], body) for row, body in said]
        for row, found in zip(rows, wanted, strict=True):
            labels.compare(row[0], found)

    def _body(self, position: int, keys: dict[str, Any] | None, openings: Openings | None) -> Body | None:
        """What an entry says, if that can be read."""
        if keys is None or openings is None:
            return None
        try:
            body = decode_body(keys, openings)
        except CoopLedgerError as error:
            tell_malformed(self._findings, position, error)
            return None
        if isinstance(body, UnknownEvent):
            what = "this program does not know that type or version: use a later version"
            told = f"{body.type} version {body.version}"
            self._findings.add("T24", what, position=position, field="type", found=told)
            return None
        return body

    def _redaction(self, position: int, leaf: bytes, sealed: SealedFields) -> None:
        try:
            body = decode(leaf, None).body
        except CoopLedgerError as error:
            tell_malformed(self._findings, position, error)
        else:
            if isinstance(body, Redaction):
                sealed.redact(position, body)

    def _wanted(self, position: int, leaf: bytes, body: Any) -> set[str] | None:
        """The labels of an entry; None where it acts on one that says what this program does not know."""
        if isinstance(body, Claim):
            return set(labels_of(body, subjects_of(body)))
        subjects = self._naming.subjects(position, leaf, body)
        return None if subjects is None else set(labels_of(body, subjects))

    def go_to(self, position: int | None) -> None:
        """Begin, or go on behind what was seen elsewhere; None: nothing was."""
        if self._labels is not None:
            self._labels.go_to(position)

    def finish(self) -> None:
        """Look at the labels that are left."""
        if self._labels is not None:
            self._labels.finish()
