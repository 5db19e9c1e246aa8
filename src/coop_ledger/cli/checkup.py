"""
What the doctor looks at, one line each: what is installed, and how a ledger file stands. Knows no table.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, NamedTuple

from coop_ledger import __version__
from coop_ledger.cli.options import opened
from coop_ledger.cli.tables import text_of
from coop_ledger.stores import (
    OLDEST_SQLITE,
    POSTGRES_SCHEMA_VERSION,
    SCHEMA_VERSION,
    health_of,
    is_postgres,
    sqlite_version,
)

__all__ = ["Line", "of_file", "of_installation"]

_EXTRAS: Final = {
    "cli": ("click", "rich"),
    "sign": ("cryptography",),
    "postgres": ("psycopg", "psycopg_pool"),
    "testing": ("hypothesis", "pytest"),
}
_FOR: Final = {
    "sign": "to sign and to check signatures",
    "postgres": "for ledgers in PostgreSQL",
    "testing": "to test your own projections",
}
_ROOM: Final = 64 * 1024 * 1024
"""Bytes that should be free beside two copies of the file: a journal, a backup."""

_SKEW: Final = timedelta(minutes=5)
"""By how much an entry may lie ahead of this clock."""

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_BACKUP: Final = (
    "make one after each day of work and each signature, on another disk; verify it; keep it apart from keys"
)


class Line(NamedTuple):
    """
    What was looked at.

    Attributes:
        about: What.
        attention: Whether somebody should do something.
        found: How it is.
        step: What to do; where nothing calls for attention, what is good to know.
    """

    about: str
    attention: bool
    found: str
    step: str = ""


def of_installation() -> Iterator[Line]:
    """What is installed, and in which version."""
    yield Line("coop_ledger", False, __version__)
    yield Line("Python", False, platform.python_version())
    found = sqlite_version()
    old = tuple(map(int, found.split(".")[:2])) < OLDEST_SQLITE
    needed = ".".join(map(str, OLDEST_SQLITE))
    yield Line("SQLite", old, found, f"use a Python with SQLite {needed} or later" if old else "")
    for extra, packages in _EXTRAS.items():
        versions = {name: _version(name) for name in packages}
        missing = not all(versions.values())
        step = f"only {_FOR[extra]}; in a checkout: pip install '.[{extra}]'" if missing and extra in _FOR else ""
        yield Line(f"extra {extra}", False, ", ".join(f"{name} {got or '–'}" for name, got in versions.items()), step)
    coding = sys.stdout.encoding or "unknown"
    poor = coding.casefold().replace("-", "") != "utf8"
    yield Line("letters", poor, coding, "set PYTHONUTF8=1, or a locale like C.UTF-8" if poor else "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def of_file(file: Path) -> Iterator[Line]:
    """
    How a ledger stands, in a file or in a database; nothing in it is changed.

    Raises:
        CoopLedgerError: It is none, or cannot be read.
    """
    with opened(file) as ledger:
        size = ledger.size
        yield Line("ledger", False, ledger.origin)
        yield Line("entries", False, str(size))
        if size:
            last = ledger.entry(size - 1).recorded_at
            ahead = last > datetime.now(UTC) + _SKEW
            yield Line(
                "last entry", ahead, text_of(last), "it lies ahead of this clock: set the clock" if ahead else ""
            )
    if is_postgres(file):  # opening it has looked at server and schema
        yield Line("schema", False, f"version {POSTGRES_SCHEMA_VERSION}")
        return
    yield from _on_disk(file)


def _on_disk(file: Path) -> Iterator[Line]:
    health = health_of(file)
    yield Line("schema", health.schema_version != SCHEMA_VERSION, f"version {health.schema_version}")
    other = health.journal_mode != "delete"
    step = "another program changed it; record with coop-ledger, which sets it back" if other else ""
    yield Line("journal", other, health.journal_mode, step)
    yield _writing(file, health.writing)
    yield _rights(file)
    yield _room(file)
    yield Line("backups", False, "a file does not know of them", _BACKUP)


def _writing(file: Path, writing: bool | None) -> Line:
    said = {True: "another process writes just now", False: "nobody", None: "not to be seen without the right to write"}
    left = not writing and file.with_name(f"{file.name}-journal").exists()
    step = "a writer was stopped: the next one that records sets the file right; keep the -journal beside it"
    return Line("writing", left, "a journal is left" if left else said[writing], step if left else "")


def _rights(file: Path) -> Line:
    mode = file.stat().st_mode
    found = stat.filemode(mode)
    if mode & _OTHERS_WRITE:
        return Line("rights", True, f"{found}: others may write", f"chmod go-w {file}")
    if not os.access(file, os.W_OK):
        return Line("rights", False, f"{found}: you may read only", "nothing can be recorded from here")
    if not os.access(file.absolute().parent, os.W_OK):
        return Line("rights", True, f"{found}, but not its folder", "a writer needs the right to make files beside it")
    return Line("rights", False, found)


def _room(file: Path) -> Line:
    free, needed = shutil.disk_usage(file.absolute().parent).free, 2 * file.stat().st_size + _ROOM
    step = f"make room: {needed >> 20} MiB are good to have" if free < needed else ""
    return Line("free disk", bool(step), f"{free >> 20} MiB", step)
