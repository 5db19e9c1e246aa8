"""
What is checked and compared before a store sees bytes, and what a call of ``record`` gives back.

Knows no file and no transaction. Two questions, each one function: may this be recorded at all
(:func:`check_body`), and is it what was recorded under the same key (:func:`differences`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import attrs

from coop_ledger.codec import encode
from coop_ledger.domain import (
    ACT_TYPES,
    REDACTED,
    Act,
    Assertion,
    Body,
    Claim,
    Correction,
    CountryRegistry,
    Once,
    Redaction,
    SubjectId,
    Value,
    brief,
    check_label,
    field_specs,
    may_touch,
)
from coop_ledger.errors import EntryNotFoundError, FutureOccurrenceError, InvalidValueError, UnknownCountryError
from coop_ledger.scope import Scope
from coop_ledger.stores import Draft

__all__ = [
    "AlreadyRecorded",
    "Receipt",
    "check_body",
    "check_key",
    "check_kind",
    "check_touch",
    "differences",
    "draft_of",
    "instant_now",
    "last_day",
    "named_body",
    "no_such_entry",
]


@attrs.frozen(eq=False, repr=False)
class Receipt(Value):
    """
    What a call of ``record`` gives: the entries are durable when it is returned.

    Args:
        positions: 0-based places of the call's entries, in its order.
        ids: Their ids, in the same order.
        recorded_at: When they were recorded.
        size: Entries of the ledger after the call.
        root: RFC 6962 root of the ledger at that size, 32 bytes.
        leftovers: Of a Redaction, the erased paths whose words may still stand in the store's file although no entry
            holds them: they were found there, or the file could not be searched. Empty is what it should be.
    """

    positions: tuple[int, ...]
    ids: tuple[str, ...]
    recorded_at: datetime
    size: int
    root: bytes
    leftovers: tuple[str, ...] = ()


@attrs.frozen(eq=False, repr=False)
class AlreadyRecorded(Receipt):
    """
    The call was recorded before under the same key, with the same content; nothing was written now.

    Positions, ids and time are those of then; size and root are those of now. Nothing is searched for again.
    """

    @property
    def receipt(self) -> Receipt:
        """The same facts as a plain receipt."""
        return Receipt(self.positions, self.ids, self.recorded_at, self.size, self.root)


_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_KINDS: Final = (Claim, *ACT_TYPES)
_OCCURRENCES: Final = (Assertion.OCCURRED, Assertion.HOLDS)


def instant_now(clock: Callable[[], datetime]) -> datetime:
    """
    What a clock says, in UTC: the day of a recording is that of UTC, wherever the recorder sits.

    Args:
        clock: Gives the present instant, aware.

    Raises:
        InvalidValueError: No instant, a naive one, or one outside 1970 to 9998.
    """
    now = clock()
    if isinstance(now, datetime) and now.utcoffset() is not None and _EARLIEST <= now < _LATEST:
        return now.astimezone(UTC)
    raise InvalidValueError(
        "the clock gives no instant", where="clock", expected="an aware datetime from 1970 to 9998", found=repr(now),
        hint="give clock=lambda: datetime.now(UTC)",
    )  # fmt: skip


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


def check_kind(body: object, index: int, count: int) -> None:
    """
    Refuse what can never be recorded, or not so.

    Args:
        body: What is to be recorded.
        index: Which argument of the call it is, for the message.
        count: How many there are.

    Raises:
        InvalidValueError: Neither claim nor act, a subclass of one, or a Redaction among others: what it erases goes
            with its entry or not at all.
    """
    if type(body) is Redaction and count > 1:
        raise InvalidValueError(
            "a redaction is recorded alone", where=f"/{index}", expected="one body", found=f"{count}",
            hint="make a call of its own for it",
        )  # fmt: skip
    if type(body) not in _KINDS:
        several = isinstance(body, Iterable) and not isinstance(body, str)
        raise InvalidValueError(
            "only claims and acts can be recorded",
            where=f"/{index}",
            expected="a Claim or an act",
            found=brief(body),
            hint="write record(*claims)" if several else "make a claim of an event with occurred(…), announced(…) …",
        )


def check_body(
    body: Claim | Act, subjects: Iterable[SubjectId], index: int, *, limit: date, countries: CountryRegistry
) -> None:
    """
    Refuse a body that can never be right, whatever its source says.

    Args:
        body: What is to be recorded.
        subjects: What it is about.
        index: Which argument of the call it is, for the message.
        limit: The last day on which something can have happened: the day after the recording.
        countries: The registry that knows the countries in use.

    Raises:
        UnknownCountryError: A code that the registry does not list at the day the claim speaks of.
        FutureOccurrenceError: OCCURRED or HOLDS whose earliest day is after *limit*.
    """
    for claim in _claims_of(body):
        place = f"/{index}" if claim is body else f"/{index}/claim"
        for subject in subjects:
            if subject.startswith("country:"):
                _check_country(subject[8:], claim, countries, place)
        for code in (claim.where.country if claim.where is not None else None, claim.stated_by):
            if code is not None and ":" not in code:
                _check_country(code, claim, countries, place)
        _check_not_ahead(claim, limit, place)


def _check_country(code: str, claim: Claim, countries: CountryRegistry, place: str) -> None:
    try:
        countries.check(code, claim.when)
    except UnknownCountryError as error:
        where = next(f"{place}{path}" for path, text in _references(claim) if code in _codes_in(text))
        raise UnknownCountryError(
            error.what, where=where, expected=error.expected, found=error.found, hint=error.hint
        ) from error


def _references(claim: Claim) -> Iterator[tuple[str, str]]:
    """Where a claim names countries: JSON Pointers into its plain form, with what stands there."""
    for name, spec in field_specs(type(claim.event)).items():
        text = getattr(claim.event, name)
        if spec.subject is not None and text is not None:
            yield f"/event/{name}", text
    for at, party in enumerate(claim.parties):
        yield f"/parties/{at}/party", party.party
    if claim.where is not None and claim.where.country is not None:
        yield "/where/country", claim.where.country
    if claim.stated_by is not None:
        yield "/stated_by", claim.stated_by


def _codes_in(reference: str) -> list[str]:
    """The codes that a reference names: ``KZ``, ``country:KZ``, both sides of ``KR-KZ``."""
    return reference.rpartition(":")[2].split("-")


def _check_not_ahead(claim: Claim, limit: date, place: str) -> None:
    if claim.when is None or claim.assertion not in _OCCURRENCES:
        return
    earliest = claim.when.earliest
    if earliest is not None and earliest > limit:
        raise FutureOccurrenceError(
            "this cannot have happened yet",
            where=f"{place}/when",
            expected=f"a day up to {limit}",
            found=str(claim.when),
            hint="record a plan with announced(…)",
        )


def last_day(now: datetime) -> date:
    """The last day on which something can have happened by an instant: it is a day later than in UTC somewhere."""
    return now.date() + timedelta(days=1)


def draft_of(
    body: Claim | Act,
    labels: tuple[str, ...],
    *,
    origin: str,
    entry_id: str,
    recorder: str,
    once: Once | None,
    draw: Callable[[int], bytes],
) -> Draft:
    """
    A body as a store takes it; arguments and errors of ``codec.encode``, and the *labels* under which it is found.
    """
    leaf = encode(body, origin=origin, entry_id=entry_id, recorder=recorder, once=once, draw=draw)
    place = None if once is None else (once.key, once.index, once.count)
    return Draft(leaf.head, leaf.tail, entry_id, labels, place, leaf.openings)


def named_body(scope: Scope, act: Body, entry_id: str) -> Body:
    """
    What the entry says that an act names.

    Raises:
        EntryNotFoundError: There is none.
    """
    entry = scope.find(entry_id)
    if entry is None:
        raise no_such_entry(act, entry_id)
    return entry.body


def no_such_entry(act: Body, entry_id: str) -> EntryNotFoundError:
    """What an act is told that names an entry which is not there."""
    return EntryNotFoundError(
        "there is no such entry for the act to name", where=type(act).__name__, found=entry_id,
        hint="take the id from a receipt or from entries()",
    )  # fmt: skip


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
