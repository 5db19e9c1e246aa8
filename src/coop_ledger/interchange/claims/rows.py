"""
Rows of a file of claims, each as a claim or as what is wrong with it; read one by one. Knows no ledger.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from datetime import date
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Final, NamedTuple

from coop_ledger.codec import Fault, claim_from_plain, faults_of
from coop_ledger.domain import ISO_COUNTRIES, Claim, CountryRegistry, SubjectId, subjects_of
from coop_ledger.errors import ClaimFileError, CoopLedgerError, InvalidValueError, RowProblem, UnknownEventTypeError
from coop_ledger.interchange.claims.documents import json_rows, line_rows
from coop_ledger.interchange.claims.files import ClaimSource, OpenFile, open_source
from coop_ledger.interchange.claims.given import Given
from coop_ledger.interchange.claims.table import table_rows
from coop_ledger.recording import check_body

__all__ = [
    "MAX_PROBLEMS",
    "BadRow",
    "ClaimFormat",
    "ClaimRow",
    "Row",
    "checked_rows",
    "format_of",
    "named_format",
    "read_claims",
]

MAX_PROBLEMS: Final = 1_000
"""So many faults are listed; the rest is counted."""


class ClaimFormat(enum.StrEnum):
    """How claims are spelled in a file."""

    CSV = "csv"
    """A table: the first line names the columns, each further row is a claim."""
    JSON = "json"
    """One list of claims, or an object with ``claims``, and ``sources`` that they name."""
    LINES = "ndjson"
    """JSON Lines: a claim on each line."""


class ClaimRow(NamedTuple):
    """
    A row that is a claim.

    Args:
        line: Where it begins, from 1.
        claim: What it says; a text that stands as erased is ``REDACTED``, and cannot be recorded anew.
        text: The row as it stands in the file.
        subjects: What it is about.
    """

    line: int
    claim: Claim
    text: str
    subjects: tuple[SubjectId, ...]


class BadRow(NamedTuple):
    """
    A row that is no claim.

    Args:
        line: Where it begins, from 1.
        problems: All that is wrong with it, at least one.
        text: The row as it stands in the file, as far as it could be read.
    """

    line: int
    problems: tuple[RowProblem, ...]
    text: str


Row = ClaimRow | BadRow


def read_claims(
    source: ClaimSource,
    *,
    format: str | None = None,
    countries: CountryRegistry = ISO_COUNTRIES,
    latest: date = date.max,
) -> Iterator[Row]:
    """
    Yield the rows of a file of claims, in their order, each as a claim or as what is wrong with it.

    Args:
        source: A path, or a stream of bytes or text.
        format: ``csv``, ``json`` or ``ndjson``; None: told from the beginning of the file.
        countries: The registry that knows the countries in use.
        latest: The last day on which something can have happened.

    Raises:
        ClaimFileError: The file cannot be read, is of another kind, holds no row, its first line names no such
            columns, or its JSON is broken, so that what follows cannot be told into rows.
        InvalidValueError: No such format, or neither a path nor a stream.

    Guarantees: a bad row never hides those after it; holds one row at a time.
    Source: ``docs/reference/claims.md``.

    >>> import io
    >>> text = "assertion,event,institution,when,source\\nplanned,institution.opened,kcac-secretariat,2017,Korea.net\\n"
    >>> [str(row.claim.when) for row in read_claims(io.StringIO(text))]
    ['2017']
    """
    with open_source(source) as file:
        yield from checked_rows(file, format_of(file, format), countries, latest)


class Faults:
    """
    What is wrong in a file: the first faults, and the number of all.

    Args:
        name: What to call the file.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._listed: list[RowProblem] = []
        self.count = 0
        self.rows = 0
        """Rows that were looked at."""

    def note(self, *problems: RowProblem) -> None:
        """Add some."""
        self.count += len(problems)
        self._listed += problems[: MAX_PROBLEMS - len(self._listed)]

    def check(self) -> None:
        """
        Refuse the file if there are any.

        Raises:
            ClaimFileError: There are.
        """
        if self.count:
            faults = "1 fault" if self.count == 1 else f"{self.count:,} faults"
            rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
            raise ClaimFileError(
                f"{faults} in {rows}: nothing was recorded", where=self._name, hint="mend them, and try again",
                problems=tuple(self._listed), count=self.count,
            )  # fmt: skip


def load_claims(
    source: ClaimSource,
    *,
    format: str | None = None,
    countries: CountryRegistry = ISO_COUNTRIES,
    latest: date = date.max,
) -> list[Claim]:
    """
    All claims of a file; arguments and errors of :func:`read_claims`.

    Raises:
        ClaimFileError: Also where any row is no claim; its problems say what is wrong.
    """
    claims = []
    with open_source(source) as file:
        faults = Faults(file.name)
        for row in checked_rows(file, format_of(file, format), countries, latest):
            faults.rows += 1
            if isinstance(row, ClaimRow):
                claims.append(row.claim)
            else:
                faults.note(*row.problems)
        faults.check()
    return claims


def format_of(file: OpenFile, given: str | None) -> ClaimFormat:
    """
    The format of a file, as given or told from its beginning.

    Raises:
        ClaimFileError: The file is empty, or of another kind.
        InvalidValueError: No such format.
    """
    start = file.check_kind()
    if not start:
        raise ClaimFileError(
            "the file is empty", where=file.name, expected="claims", hint="begin with a line that names the columns"
        )
    if given is not None:
        return named_format(given)
    if start.startswith(b"["):
        return ClaimFormat.JSON
    if not start.startswith(b"{"):
        return ClaimFormat.CSV
    # an object alone on its line that has an event is a claim: one on each line
    line, end, _ = start.partition(b"\n")
    is_claim = b'"event"' in line and (not end or line.rstrip().endswith(b"}")) and b'"claims"' not in line
    return ClaimFormat.LINES if is_claim else ClaimFormat.JSON


def named_format(given: str) -> ClaimFormat:
    """
    The format of that name.

    Raises:
        InvalidValueError: There is none.
    """
    try:
        return ClaimFormat(given)
    except ValueError as error:
        near = get_close_matches(str(given), list(ClaimFormat), 1)
        hint = f"did you mean {near[0]!r}?" if near else None
        raise InvalidValueError(
            "there is no such format of claims", where="format", expected=", ".join(ClaimFormat),
            found=repr(given)[:80], hint=hint,
        ) from error  # fmt: skip


_MISSING: Final = "this field is missing"
_STAND_IN: Final = {"type": "institution.opened", "institution": "any"}
_READERS: Final[dict[ClaimFormat, Callable[[OpenFile], Iterator[Given]]]] = {
    ClaimFormat.CSV: table_rows,
    ClaimFormat.JSON: json_rows,
    ClaimFormat.LINES: line_rows,
}


def checked_rows(
    file: OpenFile,
    format: ClaimFormat,
    countries: CountryRegistry,
    latest: date,
) -> Iterator[Row]:
    """The rows of an open file; arguments and errors of :func:`read_claims`."""
    check, found = partial(_check, countries=countries, latest=latest), False
    for given in _READERS[format](file):
        found = True
        yield _row(given, check, countries)
    file.check_same()
    if not found:
        raise ClaimFileError("there is no claim in the file", where=file.name, expected="at least one row")


def _check(claim: Claim, *, countries: CountryRegistry, latest: date) -> tuple[SubjectId, ...]:
    about = subjects_of(claim)
    check_body(claim, about, 0, limit=latest, countries=countries)
    return about


def _row(given: Given, check: Callable[[Claim], tuple[SubjectId, ...]], countries: CountryRegistry) -> Row:
    problems = given.problems
    if given.plain is not None or given.claim is not None:
        try:
            claim = given.claim or claim_from_plain(given.plain)
            about = check(claim)
            if not problems:
                return ClaimRow(given.line, claim, given.text, about)
        except CoopLedgerError as error:  # what else is wrong is told in the same breath
            told = {problem.column for problem in problems}
            more = _problems(given, error, countries)
            problems = (*problems, *(problem for problem in more if problem.column not in told))
    return BadRow(given.line, problems, given.text)


def _problems(given: Given, error: CoopLedgerError, countries: CountryRegistry) -> tuple[RowProblem, ...]:
    found = []
    faults = [*faults_of(error)]
    if isinstance(error, UnknownEventTypeError):  # it hides what else is wrong: look at the rest beside another event
        try:
            claim_from_plain({**given.plain, "event": _STAND_IN})
        except CoopLedgerError as further:
            faults += faults_of(further)
    for fault in faults:
        path = fault.path.removeprefix("/0") if fault.path.startswith("/0/") else fault.path
        column, value, text = given.place(path)
        hint = _hint(fault, text, countries)
        if hint is None and path.startswith("/event/") and fault.what == _MISSING:
            hint = f"{given.plain['event']['type']} must say it"
        found.append(RowProblem(given.line, column, value, fault.what, hint))
    return tuple(dict.fromkeys(found))


def _hint(fault: Fault, text: str | None, countries: CountryRegistry) -> str | None:
    """The next step; where a country's name stands for its code, the code."""
    if fault.hint is None and text is not None and "off the grammar" in fault.what:
        code = _codes(countries).get(text.strip().casefold().removeprefix("country:"))
        if code is not None:
            return f"did you mean {code!r}?"
    return fault.hint


@lru_cache(maxsize=8)
def _codes(countries: CountryRegistry) -> dict[str, str]:
    """Names and codes of countries, casefolded → code."""
    found = {}
    for country in countries:
        if country.until is None:
            found[country.code.casefold()] = found[country.name.casefold()] = country.code
            if country.alpha3 is not None:
                found[country.alpha3.casefold()] = country.code
    return found
