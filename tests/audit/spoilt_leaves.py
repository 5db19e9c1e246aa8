"""Ledger files in which leaves, openings and redactions were changed, with all hashes made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from coop_ledger.codec import canonical, parse
from tests.attacks.tools import attacked, redact, rewrite, settle

__all__ = ["LEAVES"]

Change = Callable[[Path], None]


def leaf(*changes: tuple[int, dict[str, Any]], settled: bool = True) -> Change:
    """Other values under keys of leaves; a key is taken away by ``...``."""

    def change(path: Path) -> None:
        with attacked(path) as db:
            for position, changed in changes:
                rewrite(db, position, partial(_other, changed))
            if settled:
                settle(db)

    return change


def _other(changed: dict[str, Any], plain: dict[str, Any]) -> None:
    for key, value in changed.items():
        if value is ...:
            del plain[key]
        else:
            plain[key] = value(plain[key]) if callable(value) else value


def data(*changes: tuple[int, bytes]) -> Change:
    """Other bytes in place of leaves."""

    def change(path: Path) -> None:
        with attacked(path) as db:
            for position, changed in changes:
                rewrite(db, position, changed)
            settle(db)

    return change


def swap(position: int, old: bytes, new: bytes) -> Change:
    """Other bytes within a leaf."""

    def change(path: Path) -> None:
        with attacked(path) as db:
            (found,) = db.execute("SELECT leaf FROM entries WHERE position = ?", (position,)).fetchone()
            assert old in found
            rewrite(db, position, found.replace(old, new))
            settle(db)

    return change


def openings(position: int, change: Callable[[dict[str, Any]], Any], *, emptied: int | None = None) -> Change:
    """Other openings of an entry."""

    def changed(path: Path) -> None:
        with attacked(path) as db:
            found = _openings(db, position)
            db.execute("UPDATE openings SET blob = ? WHERE position = ?", (canonical(change(found)), position))
            if emptied is not None:
                db.execute("UPDATE openings SET blob = x'' WHERE position = ?", (emptied,))

    return changed


def _openings(db: sqlite3.Connection, position: int) -> dict[str, Any]:
    return dict(parse(db.execute("SELECT blob FROM openings WHERE position = ?", (position,)).fetchone()[0]))


def other_text(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "/note": [found["/note"][0], "Another."]}


def swapped(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "/note": found["/sources/0/title"], "/sources/0/title": found["/note"]}


def moved(path: Path) -> None:
    with attacked(path) as db:
        first, second = _openings(db, 0), _openings(db, 1)
        for position, found in ((0, second), (1, first)):
            db.execute("UPDATE openings SET blob = ? WHERE position = ?", (canonical(found), position))


def respelled(path: Path) -> None:
    """Openings that a lenient reader takes: a key twice."""
    with attacked(path) as db:
        (found,) = db.execute("SELECT blob FROM openings WHERE position = 0").fetchone()
        db.execute(
            "UPDATE openings SET blob = ? WHERE position = 0", (found.replace(b'{"/note":', b'{"/note":1,"/note":', 1),)
        )


def redacted(*paths: str, position: int = 0, then: Change | None = None, **how: bool) -> Change:
    def change(path: Path) -> None:
        redact(path, position, *paths, **how)
        if then is not None:
            then(path)

    return change


def both(*changes: Change) -> Change:
    def change(path: Path) -> None:
        for one in changes:
            one(path)

    return change


def same_ids(path: Path) -> None:
    """One id in three leaves, and openings of none of them."""
    with attacked(path) as db:
        (first,) = db.execute("SELECT id FROM entries WHERE position = 1").fetchone()
        for position in (5, 11):
            rewrite(db, position, partial(_other, {"id": first, "sealed": {}}))
            db.execute("DELETE FROM openings WHERE position = ?", (position,))
        settle(db)


def all_ids_twice(path: Path) -> None:
    """The later half of the entries has the ids of the other one, and nothing sealed."""
    with attacked(path) as db:
        ids = [found for (found,) in db.execute("SELECT id FROM entries ORDER BY position")]
        for position in range(6, 12):
            rewrite(db, position, partial(_other, {"id": ids[position - 6], "sealed": {}}))
            db.execute("DELETE FROM openings WHERE position = ?", (position,))
        settle(db)


def exchanged(path: Path) -> None:
    with attacked(path) as db:
        for old, new in ((5, 99), (11, 5), (99, 11)):
            for table in ("entries", "openings", "once", "labelled"):
                db.execute(f"UPDATE {table} SET position = ? WHERE position = ?", (new, old))
        settle(db)


def moved_up(path: Path) -> None:
    with attacked(path) as db:
        for table in ("entries", "openings", "once", "labelled"):
            db.execute(f"DELETE FROM {table} WHERE position = 5")
            for position in range(6, 12):
                db.execute(f"UPDATE {table} SET position = ? WHERE position = ?", (position - 1, position))
        settle(db)


def moved_down(path: Path) -> None:
    with attacked(path) as db:
        for position in range(11, 4, -1):
            for table in ("entries", "openings", "once", "labelled"):
                db.execute(f"UPDATE {table} SET position = ? WHERE position = ?", (position + 1, position))
        db.execute("INSERT INTO entries SELECT 5, hash, 'an id', leaf FROM entries WHERE position = 4")
        settle(db)


EARLY: Final = "2016-11-14T09:00:00.000000Z"
LATE: Final = "2999-11-14T09:00:00.000000Z"

LEAVES: Final[dict[str, Change]] = {
    # places, ledgers, ids, times
    "exchanged": exchanged,
    "moved up": moved_up,
    "moved down": moved_down,
    "position of another": leaf((5, {"position": 7})),
    "positions of others": leaf((5, {"position": 4}), (6, {"position": 3})),
    "another ledger": leaf((5, {"origin": "other.example/1"})),
    "one id in three": same_ids,
    "every id twice": all_ids_twice,
    "hashes kept": leaf((5, {"recorder": "other"}), settled=False),
    "dated back": leaf((11, {"recorded_at": EARLY})),
    "dated back in the middle": leaf((5, {"recorded_at": EARLY})),
    "dated in the future": leaf((11, {"recorded_at": LATE})),
    "dated a day ahead": leaf((11, {"recorded_at": "2016-11-21T09:00:00.000000Z"})),
    "dated more than a day ahead": leaf((11, {"recorded_at": "2016-11-21T09:00:00.000001Z"})),
    "marked at the beginning": leaf((0, {"recorded_clamped": True})),
    "marked in the middle": leaf((5, {"recorded_clamped": True})),
    "marked rightly": leaf((5, {"recorded_clamped": True}), (4, {"recorded_at": lambda at: at})),
    "marked in a call": leaf((3, {"recorded_clamped": True}), (4, {"recorded_clamped": True})),
    "dated never": leaf((5, {"recorded_at": "2016-11-31T09:00:00.000000Z"})),
    "dated off its shape": leaf((5, {"recorded_at": "then"})),
    "dated never at the end": leaf((11, {"recorded_at": "2016-11-31T09:00:00.000000Z"})),
    # calls
    "call of four": leaf((3, {"once": ["batch", 1, 4]})),
    "call out of order": leaf((3, {"once": ["batch", 2, 3]})),
    "call of another key": leaf((3, {"once": ["other", 1, 3]})),
    "call with a gap": leaf((3, {"once": ...})),
    "call without an end": leaf((11, {"once": ["alone", 0, 3]})),
    "call without a beginning at the beginning": leaf((0, {"once": ["new", 1, 2]})),
    "call without a beginning": leaf((6, {"once": ["new", 1, 2]})),
    "key used again": leaf((6, {"once": ["alone", 0, 1]})),
    "key that is none": leaf((11, {"once": ["alone", 1, 1]})),
    "key of another kind": leaf((11, {"once": 7})),
    "call that cannot be read in its middle": data((3, b"[]")),
    "call that cannot be read and one without a beginning": both(data((5, b"{}")), leaf((7, {"once": ["new", 1, 2]}))),
    # spelling and limits
    "no object": data((5, b"[]")),
    "no leaf at the end": data((11, b"{}")),
    "no leaf at the beginning": data((0, b"{}")),
    "no leaf at all": data(*((position, b"{}") for position in range(12))),
    "body respelled": swap(5, b'"event":{', b'"event": {'),
    "leaf respelled": swap(5, b'"v":1', b'"v": 1'),
    "too large": data((5, b" " * 65_536)),
    "largest": data((5, b" " * 65_535)),
    "too deep": data((5, b'{"body":' * 20 + b"1" + b"}" * 20)),
    "too great a number": data((5, b'{"body":{"a":9007199254740992}}')),
    "greatest number": leaf((5, {"version": 2**53 - 1})),
    "another format": leaf((5, {"v": 2})),
    "another type": leaf((5, {"type": "institution.teleported"})),
    "another version": leaf((5, {"version": 7})),
    "target of another version": leaf((0, {"version": 7})),
    "target without a body": leaf((0, {"body": {}})),
    "act without a body": leaf((6, {"body": {}})),
    "act on nothing": leaf((7, {"body": lambda body: {**body, "target": "01586478-3800-7000-8000-999999999999"}})),
    "act on itself": leaf((6, {"id": "01586478-3800-7000-8000-999999999999",
                               "body": lambda body: {**body, "target": "01586478-3800-7000-8000-999999999999"}})),
    "body of another type": leaf((5, {"body": {"assertion": "PLANNED"}})),
    # sealed texts
    "commitment off its shape": leaf((5, {"sealed": lambda sealed: {**sealed, "/event/name": "0" * 63}})),
    "commitment a number": leaf((5, {"sealed": lambda sealed: {**sealed, "/event/name": 7}})),
    "commitment another": leaf((5, {"sealed": lambda sealed: {**sealed, "/event/name": "0" * 64}})),
    "commitment more": leaf((5, {"sealed": lambda sealed: {**sealed, "/x": "0" * 64}})),
    "nothing sealed": leaf((5, {"sealed": {}})),
    "text another": openings(0, other_text),
    "text another, others gone": openings(0, lambda found: {"/note": other_text(found)["/note"]}),
    "text exchanged": openings(0, swapped),
    "texts moved": moved,
    "text too many": openings(0, lambda found: {**found, "/where": ["0" * 64, "here"]}),
    "text in place of another": openings(
        0, lambda found: {"/where": found["/note"], **{key: one for key, one in found.items() if key != "/note"}}
    ),
    "text moved to an entry without": openings(6, lambda found: {**found, "/x": ["0" * 64, "x"]}, emptied=0),
    "text gone": openings(0, lambda found: {key: one for key, one in found.items() if key != "/note"}),
    "texts respelled": respelled,
    "salt off its shape": openings(0, lambda found: {**found, "/note": ["00", "text"]}),
    # redactions
    "redacted": redacted("/note", "/sources/0/title"),
    "redacted and more gone": redacted("/note", then=redacted("/sources/0/title", record=False)),
    "redacted twice": redacted("/note", then=redacted("/note", "/sources/0/title", position=1)),
    "redacted and still there": redacted("/note", erase=False),
    "redacted and respelled": redacted("/sources/0/title", then=respelled),
    "redacted and unreadable": redacted("/event/name", position=5, then=data((5, b"[]"))),
    "redaction of what is not sealed": redacted("/note", then=leaf((12, {"body": lambda body: {
        **body, "paths": ["/note", "/event/institution"]}}))),
    "redaction of nothing": redacted("/note", then=leaf((12, {"body": lambda body: {
        **body, "target": "01586478-3800-7000-8000-999999999999"}}))),
    "redaction without paths": redacted("/note", then=leaf((12, {"body": lambda body: {**body, "paths": []}}))),
    "redaction of another version": redacted("/note", then=leaf((12, {"version": 7}))),
    "redaction of itself": redacted("/note", then=leaf((12, {"body": lambda body: {
        **body, "target": "01586478-3800-7000-8000-000000000012"}}))),
}  # fmt: skip
"""Each changes the file in place."""
