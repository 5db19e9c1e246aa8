"""Files of claims for tests, and what is told of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from coop_ledger import Claim, Ledger
from coop_ledger.errors import ClaimFileError, RowProblem
from coop_ledger.interchange import import_claims
from coop_ledger.interchange.claims.exporting import written_claims
from coop_ledger.interchange.claims.rows import ClaimFormat

HEADER = "assertion,event,institution,when,source\n"
ROW = "planned,institution.opened,kcac-secretariat,2017,Korea.net\n"


def written(claims: Iterable[Claim], format: str) -> bytes:
    """A file of some claims."""
    kept = list(claims)

    def again() -> Iterator[Claim]:
        return iter(kept)

    return b"".join(written_claims(again, ClaimFormat(format)))


def rewritten(data: bytes, delimiter: str, order: Callable[[list[str]], Any], encoding: str = "utf-8-sig") -> bytes:
    """A table as another program would save it: other delimiter, order of columns, line ends, and a mark before it."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    places = sorted(range(len(rows[0])), key=lambda at: order([row[at] for row in rows]))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([[row[at] for at in places] for row in rows])
    return out.getvalue().encode(encoding)


def refused(source: Any, ledger: Ledger | None = None, **options: Any) -> ClaimFileError:
    """How an import refuses a file; nothing is recorded."""
    into = Ledger.in_memory() if ledger is None else ledger
    before = into.size
    try:
        import_claims(into, source, **options)
    except ClaimFileError as error:
        assert into.size == before
        return error
    raise AssertionError("it was taken")


def problems(text: str | bytes, **options: Any) -> tuple[RowProblem, ...]:
    """What is told of the rows of a file."""
    data = text if isinstance(text, bytes) else text.encode()
    return refused(io.BytesIO(data), **options).problems
