"""
What a person at a terminal means by a subject or an entry, and what there is to show of it. Knows no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import Final, NamedTuple

from coop_ledger.domain import Entry, SubjectKind, check_subject
from coop_ledger.errors import CoopLedgerError, EntryNotFoundError, InvalidValueError
from coop_ledger.ledger import Ledger
from coop_ledger.projections import Collected
from coop_ledger.query import about
from coop_ledger.reader import Reader

__all__ = [
    "Known",
    "kind_of",
    "known_of",
    "known_subject",
    "near_hint",
    "read_entry",
    "read_subject",
    "state_known",
    "there",
]

_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f]{1,8}(-?[0-9a-f]{1,12}){0,4}", re.ASCII)
_FIND: Final = "look for it with: coop-ledger find FILE NAME; a part of the name will do"
_LIST: Final = "list what there is with: coop-ledger log FILE"
_CODES: Final = re.compile(r"[A-Za-z]{2}(-[A-Za-z]{2})?", re.ASCII)


class Known(NamedTuple):
    """
    What there is to show of a subject.

    Args:
        subject: Its full id.
        state: Its state; for a kind without a state of its own its names, or None where no name is recorded.
        entries: The entries about it, where the state does not tell what they say.
    """

    subject: str
    state: Collected | None
    entries: tuple[Entry, ...] = ()


def kind_of(given: str) -> SubjectKind | None:
    """The kind of subjects that somebody means, also in the plural; None: it is no kind."""
    word = given.casefold()
    plural = {f"{kind.removesuffix('y')}ies" if kind.endswith("y") else f"{kind}s": kind for kind in SubjectKind}
    return {**plural, **{kind.value: kind for kind in SubjectKind}}.get(word)


def read_subject(ledger: Reader, given: str) -> str:
    """
    The full id that somebody means: an id, a pair of countries, one country, or a recorded name.

    Raises:
        InvalidValueError: None of them, or several go by that name; the hint names what may be meant.
    """
    if ":" in given:
        return given
    if _CODES.fullmatch(given) and given.isupper():
        return f"relationship:{given}" if "-" in given else f"country:{given}"
    named = ledger.subjects(name=given)
    if len(named) == 1:
        return named[0]
    expected = "kind:slug, two countries like KR-KZ, one like KR, or a recorded name"
    what, where = "this does not name a subject", "SUBJECT"
    if named:
        what, hint = "several subjects go by this name", f"choose {' or '.join(named)}"
    else:
        hint = f"write {given.upper()}" if _CODES.fullmatch(given) else near_hint(ledger, given)
    raise InvalidValueError(what, where=where, expected=expected, found=given, hint=hint)


def near_hint(ledger: Reader, given: str, otherwise: str = _FIND) -> str:
    """What to try next: the subjects of that slug, else those whose id or slug is close to it, else *otherwise*."""
    subjects = ledger.subjects()
    near: list[str] = [subject for subject in subjects if subject.partition(":")[2] == given]
    if not near:
        by_name = {name: subject for subject in subjects for name in (subject.partition(":")[2], subject)}
        near = list(dict.fromkeys(by_name[name] for name in get_close_matches(given, by_name, 3)))
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def known_of(ledger: Reader, given: str) -> Known:
    """
    What a ledger knows of a subject.

    Args:
        ledger: The ledger.
        given: What somebody wrote: a full id, a pair of countries, or one country.

    Raises:
        InvalidValueError: It names no subject.
        EntryNotFoundError: No entry is about it.
    """
    subject = read_subject(ledger, given)
    with there(ledger, subject):
        return state_known(ledger, subject)


@contextmanager
def there(ledger: Reader, subject: str) -> Iterator[None]:
    """Say of a subject that no entry is about what else may be meant."""
    try:
        yield
    except EntryNotFoundError as error:
        hint = near_hint(ledger, subject)
        raise EntryNotFoundError(error.what, where="SUBJECT", found=subject, hint=hint) from error


def known_subject(ledger: Reader, given: str, where: str) -> str:
    """
    The full id of a subject about which something is recorded.

    Raises:
        InvalidValueError: It names no subject.
        EntryNotFoundError: Nothing is recorded about it; the hint names what may be meant.
    """
    try:
        subject = read_subject(ledger, given)
    except CoopLedgerError as error:
        error.where = where
        raise
    if next(ledger.entries(about(subject)), None) is None:
        hint = near_hint(ledger, subject, "list what there is with: coop-ledger show FILE KIND")
        raise EntryNotFoundError("nothing is recorded about this subject", where=where, found=subject, hint=hint)
    return subject


def state_known(ledger: Reader, subject: str) -> Known:
    """
    What a ledger knows of a subject that is given by its full id.

    Raises:
        InvalidValueError: It is no id.
        EntryNotFoundError: No entry is about it.
    """
    kind, _, slug = subject.partition(":")
    codes = slug.split("-")
    if kind == SubjectKind.RELATIONSHIP and len(codes) == 2:  # in any order
        return Known(subject, ledger.relationship(*codes))
    check_subject("SUBJECT", subject)
    readers: dict[str, Callable[[str], Collected]] = {
        SubjectKind.INITIATIVE: ledger.initiative,
        SubjectKind.AGREEMENT: ledger.agreement,
        SubjectKind.INSTITUTION: ledger.institution,
        SubjectKind.MEETING: ledger.meeting,
        SubjectKind.SERIES: ledger.series,
        SubjectKind.VISIT: ledger.visit,
    }
    if kind in readers:
        return Known(subject, readers[kind](slug))
    entries = tuple(ledger.entries(about(subject)))
    try:
        names: Collected | None = ledger.name(subject)
    except EntryNotFoundError:  # no name: only an error where there is no entry at all
        if not entries:
            raise
        names = None
    return Known(subject, names if names is not None and names.claims else None, entries)


def read_entry(ledger: Ledger, given: str, where: str = "ENTRY") -> Entry:
    """
    The entry that somebody means: its position, its id, or the beginning of its id.

    Args:
        ledger: The ledger.
        given: What somebody wrote.
        where: What it was given for, for the message.

    Raises:
        EntryNotFoundError: There is none.
        InvalidValueError: Neither a position nor an id, or the beginning of several ids.
    """
    text = given.strip().casefold()
    if _POSITION.fullmatch(text):
        if int(text) < ledger.size:
            return ledger.entry(int(text))
        found = f"the ledger has {ledger.size:,} entries, from 0" if ledger.size else "the ledger is empty"
        raise EntryNotFoundError(
            "there is no entry at this position", where=where, found=given, hint=f"{found}; see: coop-ledger log FILE"
        )
    if not _ID.fullmatch(text):
        raise InvalidValueError(
            "this names no entry", where=where, expected="a position like 12, or an id or its beginning",
            found=given[:80], hint=_LIST,
        )  # fmt: skip
    with suppress(EntryNotFoundError):  # a whole id needs no reading of all entries
        return ledger.entry(text)
    named = [entry for entry in ledger.entries() if entry.id.startswith(text)]
    if not named:
        raise EntryNotFoundError("no entry has this id", where=where, found=given, hint=_LIST)
    if len(named) > 1:
        positions = ", ".join(str(entry.position) for entry in named[:6]) + (" …" if len(named) > 6 else "")
        raise InvalidValueError(
            "several ids begin so", where=where, found=given, expected="one entry",
            hint=f"write more of it, or one of the positions {positions}",
        )  # fmt: skip
    return named[0]
