"""
What is checked and compared before a store sees bytes, and what a call of ``record`` gives back.

Knows no file and no transaction. Two questions, each one function: may this be recorded at all
(:func:`check_body`), and is it what was recorded under the same key (:func:`differences`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

import attrs

from coop_ledger.domain import (
    ACT_TYPES,
    REDACTED,
    Act,
    Assertion,
    Body,
    Claim,
    Correction,
    CountryRegistry,
    Redaction,
    SubjectId,
    check_label,
    may_touch,
)
from coop_ledger.errors import EntryNotFoundError, FutureOccurrenceError, InvalidValueError
from coop_ledger.scope import Scope

__all__ = [
    "AlreadyRecorded",
    "Receipt",
    "check_body",
    "check_key",
    "check_kind",
    "check_touch",
    "differences",
    "named_body",
]


@attrs.frozen
class Receipt:
    """
    What a call of ``record`` gives: the entries are durable when it is returned.

    Args:
        positions: 0-based places of the call's entries, in its order.
        ids: Their ids, in the same order.
        recorded_at: When they were recorded.
        size: Entries of the ledger after the call.
        root: RFC 6962 root of the ledger at that size, 32 bytes.
    """

    positions: tuple[int, ...]
    ids: tuple[str, ...]
    recorded_at: datetime
    size: int
    root: bytes


@attrs.frozen
class AlreadyRecorded(Receipt):
    """
    The call was recorded before under the same key, with the same content; nothing was written now.

    Positions, ids and time are those of then; size and root are those of now.
    """

    @property
    def receipt(self) -> Receipt:
        """The same facts as a plain receipt."""
        return Receipt(self.positions, self.ids, self.recorded_at, self.size, self.root)


_KINDS: Final = (Claim, *ACT_TYPES)
_OCCURRENCES: Final = (Assertion.OCCURRED, Assertion.HOLDS)


def check_key(key: object) -> None:
    """
    Refuse what is not a ``once`` key: 1 to 200 characters, without control characters.

    Raises:
        InvalidValueError: Another type, empty, too long, or untrimmed.
    """
    check_label("once", key, 200)


def _claims_of(body: Body) -> tuple[Claim, ...]:
    if isinstance(body, Claim):
        return (body,)
    return (body.claim,) if isinstance(body, Correction) else ()


def check_kind(body: object) -> None:
    """
    Refuse what can never be recorded.

    Raises:
        InvalidValueError: Neither claim nor act, a subclass of one, or a Redaction, which a record alone does not
            carry out: the words would stay readable.
    """
    if isinstance(body, Redaction):
        raise InvalidValueError(
            "a redaction cannot be recorded: this version does not erase words yet",
            where="record",
            found=f"Redaction of {body.target}",
            hint="take the entry back with a Retraction",
        )
    if type(body) not in _KINDS:
        raise InvalidValueError(
            "only claims and acts can be recorded",
            where="record",
            expected="a Claim or an act",
            found=repr(body),
            hint="make a claim of an event with occurred(…), announced(…) and their like",
        )


def check_body(body: Claim | Act, subjects: Iterable[SubjectId], *, limit: date, countries: CountryRegistry) -> None:
    """
    Refuse a body that can never be right, whatever its source says.

    Args:
        body: What is to be recorded.
        subjects: What it is about.
        limit: The last day on which something can have happened: the day after the recording.
        countries: The registry that knows the countries in use.

    Raises:
        UnknownCountryError: A code that the registry does not list at the day the claim speaks of.
        FutureOccurrenceError: OCCURRED or HOLDS whose earliest day is after *limit*.
    """
    for claim in _claims_of(body):
        for subject in subjects:
            if subject.startswith("country:"):
                countries.check(subject[8:], claim.when)
        for code in (claim.where.country if claim.where is not None else None, claim.stated_by):
            if code is not None and ":" not in code:
                countries.check(code, claim.when)
        _check_not_ahead(claim, limit)


def _check_not_ahead(claim: Claim, limit: date) -> None:
    if claim.when is None or claim.assertion not in _OCCURRENCES:
        return
    earliest = claim.when.earliest
    if earliest is not None and earliest > limit:
        raise FutureOccurrenceError(
            "this cannot have happened yet",
            where="when",
            expected=f"a day up to {limit}",
            found=str(claim.when),
            hint="record a plan with announced(…)",
        )


def named_body(scope: Scope, act: Body, entry_id: str) -> Body:
    """
    What the entry says that an act names.

    Raises:
        EntryNotFoundError: There is none.
    """
    entry = scope.find(entry_id)
    if entry is None:
        raise EntryNotFoundError(
            "there is no such entry for the act to name", where=type(act).__name__, found=entry_id,
            hint="take the id from a receipt or from entries()",
        )  # fmt: skip
    return entry.body


def check_touch(act: Body, target: Body, entry_id: str) -> None:
    """
    Refuse an act on an entry of a kind that it cannot touch.

    Raises:
        InvalidValueError: Such an entry.
    """
    if not may_touch(act, target):
        raise InvalidValueError(
            f"a {type(act).__name__} has no effect on a {type(target).__name__}",
            where=type(act).__name__,
            expected="a claim, or a correction to correct" if isinstance(act, Correction) else "a claim",
            found=entry_id,
        )


def differences(recorded: Any, given: Any, path: str = "") -> Iterator[str]:
    """
    Yield the JSON Pointers at which two plain bodies differ; what reads *redacted* equals any text.

    Args:
        recorded: The plain body as recorded, erased texts as ``REDACTED``.
        given: The plain body of the new call.
        path: Where in the body the two stand.
    """
    if recorded is REDACTED and isinstance(given, str):
        return
    if isinstance(recorded, dict) and isinstance(given, dict):
        for key in sorted(recorded.keys() | given.keys()):
            yield from differences(recorded.get(key), given.get(key), f"{path}/{key}")
    elif isinstance(recorded, list) and isinstance(given, list) and len(recorded) == len(given):
        for index, pair in enumerate(zip(recorded, given, strict=True)):
            yield from differences(*pair, f"{path}/{index}")
    elif type(recorded) is not type(given) or recorded != given:
        yield path or "/"
