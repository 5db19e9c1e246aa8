"""
Files that a command is given and files that it hands out: bounded reads, and nothing written over unasked.

Knows no format.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import click

from coop_ledger.cli.options import Say
from coop_ledger.cli.output import Answer
from coop_ledger.cli.streams import while_read
from coop_ledger.domain import safe
from coop_ledger.errors import CoopLedgerError, InvalidValueError, NoteError
from coop_ledger.log import VerifierKey, parse_vkey
from coop_ledger.signing import read_guarded, write_whole
from coop_ledger.stores import check_path

__all__ = ["FILE", "Target", "check_free", "new_file", "out", "put", "read_given", "read_vkey"]


class _File(click.Path):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return check_path(cast(Path, super().convert(value, param, ctx)))


FILE: Final = _File(readable=False, path_type=Path)
"""Any path but the address of a server, which may hold a password; what else is wrong is said by what opens it."""

_LARGEST: Final = 1 << 20
"""Bytes of the largest text that is read: a proof with its checkpoint has at most half of it."""

_PUBLIC: Final = 0o644

_KEPT: Final = (b"SQLite format 3\0", b"PRIVATE+KEY+", b'{\n "format": 1,\n "witness"')
"""How files begin that exist once: ledgers, keys, and what a witness remembers."""


def read_given(path: Path) -> bytes:
    """
    The bytes of a checkpoint, proof, leaf or answer that somebody gives.

    Raises:
        KeyFileError: No such file, no regular file, larger than 1 MiB, or not readable.
    """
    return read_guarded(path, limit=_LARGEST, forbidden=0)


class Target(NamedTuple):
    """
    Where a text goes that others read.

    Attributes:
        path: The file; None for the standard output.
        force: Whether one that is there is written over.
    """

    path: Path | None
    force: bool

    def hand_out(self, say: Say, answer: Answer, text: bytes) -> None:
        """
        Give a text away, byte for byte; formats for programs say what is in it.

        Raises:
            InvalidValueError, KeyFileError: The file is there, or cannot be written.
        """
        if self.path is not None or say.form == "table":
            self.write(text)
        if say.form != "table":
            say(answer)

    def write(self, text: bytes) -> None:
        """
        Write a text, byte for byte, to the file or to the standard output.

        Raises:
            InvalidValueError, KeyFileError: The file is there, or cannot be written.
        """
        if self.path is None:
            with while_read():
                click.echo(text, nl=False)
        else:
            put(self.path, text, force=self.force)


def out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command whose answer is a text that others read; given as *target*, which is free."""

    @wraps(function)
    def command(*, path: Path | None, force: bool, **others: Any) -> None:
        if path is not None:
            check_free(path, force=force)
        function(target=Target(path, force), **others)

    forced = click.option("--force", is_flag=True, help="Write over a file that is there.")(command)
    return click.option("--out", "path", metavar="PATH", type=FILE, help="Write it into a new file.")(forced)


def put(target: Path, data: bytes, *, force: bool) -> None:
    """Write a file as a whole, and say so; refuse one that is there, unless *force*."""
    check_free(target, force=force)
    write_whole(target, data, over=force, mode=_PUBLIC)
    _tell(target)


def _tell(target: Path) -> None:
    """Say what was written, where the data does not go."""
    click.echo(safe(f"written: {target}"), err=True)


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Path]:
    """
    A name for a file that the caller makes; it becomes *target* when all went well.

    Raises:
        InvalidValueError: Something is there, and *force* is not given; or the system could not.
    """
    check_free(target, force=force)
    try:
        with tempfile.TemporaryDirectory(prefix=".part-", dir=target.parent) as folder:
            part = Path(folder, target.name)
            yield part
            if force:
                os.replace(part, target)
            else:
                os.link(part, target)  # unlike a rename, refuses a name that was taken meanwhile
    except OSError as error:
        if isinstance(error, CoopLedgerError):
            raise
        raise InvalidValueError("the file could not be written", where=str(target), found=error.strerror) from error
    _tell(target)


def check_free(target: Path, *, force: bool) -> None:
    """
    Refuse a name for a new file that is taken.

    Raises:
        InvalidValueError: Something is there, unless *force*; with it, a folder, a ledger or a private key.
    """
    if not os.path.lexists(target):
        return
    if not force:
        hint = "name a new file, or write over it with --force"
        raise InvalidValueError("something is there already", where=str(target), hint=hint)
    if not target.is_file() or _read_start(target).startswith(_KEPT):
        hint = "name a new file"
        raise InvalidValueError(
            "this is never written over: only a file that was handed out", where=str(target), hint=hint
        )


def _read_start(path: Path) -> bytes:
    """The first bytes of a file that nothing in this process has open."""
    try:
        with path.open("rb") as file:
            return file.read(max(map(len, _KEPT)))
    except OSError as error:
        raise InvalidValueError("the file cannot be read", where=str(path), found=error.strerror) from error


def read_vkey(given: str) -> VerifierKey:
    """
    A verifier key as an option gives it: itself, or a file that holds one.

    Raises:
        InvalidValueError: Neither.
    """
    path = Path(given)
    text = read_given(path).decode("utf-8", "replace") if os.path.lexists(path) else given
    try:
        return parse_vkey(text.removesuffix("\n"))
    except NoteError as error:
        raise InvalidValueError(
            "this is no verifier key", where="KEY", expected="NAME+ID+BASE64, or a file of it", found=ascii(text[:80]),
            hint="print the public half of a key with: coop-ledger key KEY",
        ) from error  # fmt: skip
