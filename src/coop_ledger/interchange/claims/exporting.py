"""
The claims of a ledger or view as a file that :func:`import_claims` reads. Knows neither store nor entry.

Claims stand as they count: as corrected and merged, without those taken back or repeated. The file is for people and
programs; evidence is the bundle.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from coop_ledger.codec import Plain, claim_to_plain
from coop_ledger.domain import REDACTED, Claim, Source, Where, field_specs
from coop_ledger.interchange.claims import documents
from coop_ledger.interchange.claims.cells import Writer, writer_of
from coop_ledger.interchange.claims.columns import (
    CLAIM_COLUMNS,
    COLUMNS,
    EVENTS,
    REQUIRED,
    SOURCE_COLUMNS,
    WHERE_COLUMNS,
    numbered_column,
    shown,
)
from coop_ledger.interchange.claims.rows import ClaimFormat, named_format
from coop_ledger.reader import Reader

__all__ = ["export_claims", "written_claims"]

_write_json: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False).encode


def _writers(cls: type) -> dict[str, Writer]:
    return {name: writer_of(spec) for name, spec in field_specs(cls).items()}


_CLAIM: Final = {name: write for name, write in _writers(Claim).items() if name in CLAIM_COLUMNS}
_WHERE: Final = _writers(Where)
_SOURCE: Final = _writers(Source)
_EVENT: Final = {name: _writers(cls) for name, cls in EVENTS.items()}


def export_claims(reader: Reader, format: str = ClaimFormat.CSV) -> Iterator[bytes]:
    """
    Yield a file of the claims of a ledger or view, piece by piece.

    Args:
        reader: A ledger, or a view of one; of a ledger, what is recorded by the first step.
        format: ``csv``, ``json`` or ``ndjson``.

    Raises:
        InvalidValueError: No such format.

    Guarantees: equal views give equal bytes, UTF-8 with line feeds. Importing the file into an empty ledger gives
    the same claims, but for those with a text that was erased: that stands as erased, and is never read as text.
    Cells that a spreadsheet would take for a formula begin with an apostrophe, which the import takes off.

    >>> from coop_ledger import Ledger, Source, announced, events as ev
    >>> ledger = Ledger.in_memory()
    >>> opening = ev.InstitutionOpened("kcac-secretariat")
    >>> receipt = ledger.record(announced(opening, when="2017", sources=Source("Korea.net")))
    >>> print(b"".join(export_claims(ledger)).decode(), end="")
    assertion,event,when,institution,source,source kind
    PLANNED,institution.opened,2017,kcac-secretariat,Korea.net,press
    """
    kind = named_format(format)
    scope = reader._scope()  # pinned: a table is gone through twice
    effects = scope.effects()

    def claims() -> Iterator[Claim]:
        for entry in scope.entries(((),)):
            counting = effects.apply(entry)
            if counting is not None:
                yield counting.claim

    return written_claims(claims, kind)


def written_claims(claims: Any, format: ClaimFormat) -> Iterator[bytes]:
    """
    Yield a file of some claims.

    Args:
        claims: Gives them when it is called, each time the same.
        format: The format.
    """
    return {ClaimFormat.CSV: _table, ClaimFormat.JSON: _document, ClaimFormat.LINES: _lines}[format](claims)


def _lines(claims: Any) -> Iterator[bytes]:
    return (f"{_shown(claim)}\n".encode() for claim in claims())


def _document(claims: Any) -> Iterator[bytes]:
    before = "[\n"
    for claim in claims():
        yield f"{before}{_shown(claim)}".encode()
        before = ",\n"
    yield b"\n]\n" if before == ",\n" else b"[]\n"


def _shown(claim: Claim) -> str:
    plain = claim_to_plain(claim)
    for holder in (plain, plain["event"], *plain["sources"]):
        for key, value in holder.items():
            if value is REDACTED:
                holder[key] = documents.ERASED
    return _write_json(plain)


def _table(claims: Any) -> Iterator[bytes]:
    """A table with the columns that some claim fills, in their order."""
    used, most = set(REQUIRED), 1
    for claim in claims():
        cells = _cells(claim)
        used.update(cells)
        most = max(most, len(claim.sources))
    further = [numbered_column(field, number).name for number in range(2, most + 1) for field in SOURCE_COLUMNS]
    columns = [name for name in (*COLUMNS, *further) if name in used]
    yield _row([shown(name) for name in columns])
    for claim in claims():
        cells = _cells(claim)
        yield _row([cells.get(name, "") for name in columns])


def _row(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _cells(claim: Claim) -> dict[str, str]:
    """The cells of a claim by the names of their columns."""
    plain = claim_to_plain(claim)
    event: Plain = plain["event"]
    name = event["type"]
    found = {field: write(plain[field]) for field, write in _CLAIM.items() if field in plain and field != "event"}
    found["event"] = name
    found |= {field: write(event[field]) for field, write in _EVENT[name].items() if field in event}
    where: Plain = plain.get("where", {})
    found |= {WHERE_COLUMNS[field]: write(where[field]) for field, write in _WHERE.items() if field in where}
    for number, source in enumerate(plain["sources"], 1):
        found |= {
            numbered_column(field, number).name: write(source[field])
            for field, write in _SOURCE.items()
            if field in source
        }
    return found
