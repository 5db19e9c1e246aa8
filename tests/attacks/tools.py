"""An honest ledger file, and what who can write it does to it: plain SQL, triggers taken away and put back."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import attrs

from coop_ledger import (
    Correction,
    Duplicate,
    Ledger,
    Merge,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.audit import Finding, Report, Verdict, verify
from coop_ledger.codec import canonical, decode, encode, encode_openings, parse, parse_openings
from coop_ledger.log import TILE_WIDTH, Frontier, completed_tiles, leaf_hash, tile_root
from coop_ledger.query import all_subjects, labels_of, named
from coop_ledger.stores import Draft, SqliteStore
from coop_ledger.stores.schema import SCHEMA
from coop_ledger.testing import ticking
from tests.attacks.agreement import agreed, agreed_on_rows

__all__ = [
    "ORIGIN",
    "SOURCE",
    "attacked",
    "codes",
    "convicted",
    "copy_of",
    "honest",
    "loosened",
    "plan",
    "raw",
    "readable",
    "redact",
    "rewrite",
    "root_of_file",
    "settle",
]

_LARGE = 4 << 20
"""Bytes of a file that is not given to the second reader as well: how much memory verify needs is measured."""

ORIGIN = "attacked.example/1"
SOURCE = Source("Korea.net", When("2016-11-18"), title="Forum held", author="Lee Hana", quote="It was held.")


def plan(number: int, *, note: str | None = None) -> Any:
    """A claim like the others, about a subject of its own."""
    return announced(
        ev.InstitutionOpened(f"office-{number}"), when="2017", sources=SOURCE, note=note or f"No. {number}"
    )


def honest(path: Path, *, origin: str = ORIGIN, more: int = 0) -> Path:
    """A ledger of 12 entries and *more*: claims, a call of three under a key, and an act of each kind but redaction."""
    with Ledger.open(path, origin=origin, recorder="desk", clock=ticking()) as ledger:
        first = ledger.record(plan(0)).ids[0]
        second = ledger.record(plan(1)).ids[0]
        batch = ledger.record(plan(2), plan(3), plan(4), once="batch")
        ledger.record(occurred(ev.PersonNamed("p-7f3a", "Alibek Bakayev"), when="2016", sources=SOURCE))
        ledger.record(Correction(first, plan(0, note="Better."), "A slip."))
        ledger.record(Retraction(second, RetractionReason.WRONG, note="Withdrawn."))
        ledger.record(Duplicate(batch.ids[1], batch.ids[0]))
        ledger.record(Merge(("institution:office-2",), "institution:office-3", "The same."))
        ledger.record(Resolution((batch.ids[0], batch.ids[2]), "Undecided.", None))
        ledger.record(plan(5), once="alone")
        if more:
            ledger.record(*(plan(number) for number in range(100, 100 + more)))
    return path


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection to a ledger file, committed at the end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        yield connection


@contextmanager
def attacked(path: Path) -> Iterator[sqlite3.Connection]:
    """As :func:`raw`, with all triggers away meanwhile, so that only what is done to rows can be found."""
    with raw(path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
        for name in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        yield connection
        for statement in SCHEMA:
            if statement.startswith("CREATE TRIGGER"):
                connection.execute(statement)


@contextmanager
def loosened(path: Path) -> Iterator[sqlite3.Connection]:
    """As :func:`attacked`, with tables that take any value meanwhile."""
    with attacked(path):  # so that triggers are made anew, once the tables are strict again
        with raw(path) as connection:
            strict = connection.execute("SELECT sql, name FROM sqlite_schema WHERE type = 'table'").fetchall()
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute("UPDATE sqlite_schema SET sql = replace(replace(sql, ' STRICT', ''), ' NOT NULL', '')")
        with raw(path) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            yield connection
        with raw(path) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", strict)


def rewrite(
    connection: sqlite3.Connection,
    position: int,
    change: Callable[[dict[str, Any]], Any] | bytes,
    *,
    with_hash: bool = True,
) -> bytes:
    """Change a leaf, and the column of hashes with it; the new leaf."""
    if isinstance(change, bytes):
        leaf = change
    else:
        (old,) = connection.execute("SELECT leaf FROM entries WHERE position = ?", (position,)).fetchone()
        plain = parse(old)
        change(plain)
        leaf = canonical(plain)
    connection.execute("UPDATE entries SET leaf = ? WHERE position = ?", (leaf, position))
    if with_hash:
        connection.execute("UPDATE entries SET hash = ? WHERE position = ?", (leaf_hash(leaf), position))
    return leaf


def settle(connection: sqlite3.Connection) -> bytes:
    """Make head, hashes and tiles anew from the leaves, as a thorough attacker does; the new root."""
    rows = connection.execute("SELECT position, leaf FROM entries ORDER BY position").fetchall()
    hashes = [leaf_hash(leaf) for _, leaf in rows]
    for (position, _), digest in zip(rows, hashes, strict=True):
        connection.execute("UPDATE entries SET hash = ? WHERE position = ?", (digest, position))
    frontier = Frontier()
    frontier.extend(hashes)
    connection.execute("DELETE FROM tiles")
    blobs: dict[tuple[int, int], bytes] = {}
    for at in range(0, len(hashes) - TILE_WIDTH + 1, TILE_WIDTH):
        for level, index, blob in completed_tiles(at, (), hashes[at : at + TILE_WIDTH], lambda *key: blobs[key]):
            blobs[level, index] = blob
            connection.execute("INSERT INTO tiles VALUES (?, ?, ?)", (level << 48 | index, tile_root(blob), blob))
    connection.execute(
        "UPDATE head SET size = ?, grows_to = ?, frontier = ?", (len(rows), len(rows), frontier.to_bytes())
    )
    if rows:
        try:
            recorded_at = parse(rows[-1][1])["recorded_at"]
        except Exception:  # a leaf that is none: the attacker leaves the time as it is
            return frontier.root()
        if isinstance(recorded_at, str):
            connection.execute("UPDATE head SET recorded_at = ?", (recorded_at,))
    return frontier.root()


def root_of_file(path: Path) -> tuple[str, int, bytes]:
    """What an auditor keeps of a ledger: origin, size, root."""
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.origin, ledger.size, ledger.root


def redact(path: Path, position: int, *paths: str, erase: bool = True, record: bool = True) -> None:
    """Erase sealed texts of an entry and record it, or only one of the two."""
    with SqliteStore.open(path, clock=ticking()) as store:
        stored = store.read(((),), after=position - 1, limit=1)[0]
        assert stored.openings is not None
        openings = parse_openings(stored.openings)
        left = encode_openings({key: value for key, value in openings.items() if not (erase and key in paths)})
        act = Redaction(stored.id, paths, "GDPR 17", "officer")
        entry_id = f"01586478-3800-7000-8000-{store.head().size:012d}"
        leaf = encode(act, origin=store.origin, entry_id=entry_id, recorder="desk", once=None, draw=os.urandom)
        target = parse_body(stored.leaf)
        labels = labels_of(act, all_subjects(act, lambda _: named(target)))
        draft = Draft(leaf.head, leaf.tail, entry_id, labels, None, leaf.openings)
        if record and erase:
            store.erase(position, stored.openings, left, draft)
        elif record:
            store.append([draft])
    if erase and not record:
        with attacked(path) as connection:
            connection.execute("UPDATE openings SET blob = ? WHERE position = ?", (left or b"", position))


def parse_body(leaf: bytes) -> Any:
    """What a leaf says."""
    return decode(leaf, None).body


def codes(report: Report) -> set[str]:
    """The codes of a report's findings."""
    return {finding.code for finding in report.findings}


def convicted(path: Path, *expected: str, verdict: Verdict = Verdict.INVALID, **options: Any) -> Report:
    """Verify a file, and assert that exactly these findings lead to that verdict."""
    report = verify(path, **options)
    assert (codes(report), report.verdict) == (set(expected), verdict), list(map(str, report.findings[:10]))
    assert report.exit_code == verdict.exit_code
    _agreed(path, report, **options)
    return report


_PYTHON = re.compile(
    r"""(?x) (?<![^\s(\[,:=])b['"] | [(\[]\(* (?:b?'|None|True|False) | \[\( | ,\) | \{'
    | \b(?:None|True|False)\b | <[\w.]+ (?:object|\ \w+) | \w+\([\w]+= | \bText\("""
)


def readable(finding: Finding) -> None:
    """Assert that a finding is in words, and holds nothing as only Python writes it; JSON gives back the same."""
    for text in (finding.message, finding.field, finding.expected, finding.found, finding.where, finding.hint):
        assert text is None or not _PYTHON.search(text), finding
    plain = attrs.asdict(finding, value_serializer=lambda _, __, value: getattr(value, "value", value))
    assert json.loads(json.dumps(plain)) == plain


def _agreed(
    path: Path, report: Report, *, checkpoint: Any = None, policy: Any = None, quick: bool = False, **_: Any
) -> None:
    """Ask the second reader, too, of the same file, or of what stands in it."""
    if quick or isinstance(checkpoint, list) or os.path.islink(path):  # of paths that are too long as well
        return
    if os.path.isfile(path) and path.stat().st_size > _LARGE:
        return
    if os.path.isdir(path) or _begins_as_a_bundle(path):
        agreed(path, checkpoint=checkpoint, policy=policy)
    elif report.verdict is not Verdict.UNREADABLE:  # else reading its rows might have no end
        agreed_on_rows(path)


def _begins_as_a_bundle(path: Path) -> bool:
    if not os.path.isfile(path):
        return False
    with path.open("rb") as file:
        return file.read(1) == b"{"


def copy_of(path: Path, target: Path) -> Path:
    """A plain copy of a file that nobody writes."""
    shutil.copyfile(path, target)
    return target
