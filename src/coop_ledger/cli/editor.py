"""
A text in the editor of a person, and what was typed kept until it has served. Knows no claim.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from coop_ledger.cli.catalogue import EDITOR_VARIABLES
from coop_ledger.cli.telling import beside, complain
from coop_ledger.errors import CoopLedgerError, InvalidValueError, StoreUncertainError

__all__ = ["edited"]

_USUAL: Final = ("sensible-editor", "nano", "vim", "vi")

T = TypeVar("T")


def edited(text: str, use: Callable[[str], T], resume: str, *, again: bool = False) -> T:
    """
    Let a person edit a text, and use what she wrote; at a terminal she may edit it again where it cannot serve.

    Args:
        text: What to begin with.
        use: Takes the text; raises an error of ours, or click's Exit once it has complained.
        resume: The command that goes on with a text that was kept; ``{kept}`` stands for its file.
        again: Whether the text was written before: then it may serve as it is.

    Raises:
        InvalidValueError: No editor, one that failed, or a text that was left as it was, or emptied.

    Guarantees: what was written is kept in a file, and the file is named, unless *use* has taken it.
    """
    path, before = _written(text), "" if again else text
    try:
        while True:
            try:
                _run_editor(path)
                taken = use(_changed(path, before))
                break
            except StoreUncertainError:  # it may be recorded: nobody is asked to record it again
                raise
            except CoopLedgerError as error:
                if not _again(path, before):
                    raise
                complain(error)
            except click.exceptions.Exit:  # it has complained
                if not _again(path, before):
                    raise
            if not click.confirm("Edit it again?", default=True, err=True):
                raise click.exceptions.Exit(2)
    except CoopLedgerError as error:
        kept = _kept(path, before, resume)
        error.hint = "\n  ".join(part for part in (error.hint, kept) if part)
        raise
    except BaseException:
        kept = _kept(path, before, resume)
        if kept:
            beside(kept)
        raise
    path.unlink(missing_ok=True)
    return taken


def _written(text: str) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix="coop-ledger-", suffix=".toml")
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise InvalidValueError(
            "the text to edit cannot be written", where=tempfile.gettempdir(), found=error.strerror,
            hint="free some space, or name another folder in TMPDIR",
        ) from error  # fmt: skip
    return Path(name)


def _command() -> list[str]:
    for variable in EDITOR_VARIABLES:
        named = os.environ.get(variable, "").strip()
        if named:
            try:
                return shlex.split(named)
            except ValueError as error:
                raise InvalidValueError(
                    "the name of the editor cannot be read", where=variable, found=named[:80], hint="close its quotes"
                ) from error
    usual = next((name for name in _USUAL if shutil.which(name)), None)
    if usual is None or not sys.stdin.isatty():
        raise InvalidValueError("no editor is named", where="EDITOR", hint="name one: export EDITOR=nano")
    return [usual]


def _run_editor(path: Path) -> None:
    command = _command()
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        raise InvalidValueError(
            "the editor cannot be started; nothing was recorded", where=command[0], found=error.strerror,
            hint="name one that is installed: export EDITOR=nano",
        ) from error  # fmt: skip
    if code:
        ended = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise InvalidValueError("the editor failed; nothing was recorded", where=command[0], found=ended)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None


def _says_something(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _changed(path: Path, before: str) -> str:
    """What was written, if it is something."""
    try:
        text = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        hint = "save it as UTF-8"
        raise InvalidValueError("what the editor wrote cannot be read", where=str(path), hint=hint) from error
    if text is None or not _says_something(text):
        raise InvalidValueError("the text was emptied; nothing was recorded", hint="fill it in to record a claim")
    if text == before:
        hint = "fill it in and save it to record a claim"
        raise InvalidValueError("the text was left as it was; nothing was recorded", hint=hint)
    return text


def _worth_keeping(path: Path, before: str) -> bool:
    try:
        text = _read(path)
    except (OSError, UnicodeDecodeError):
        return True
    return text is not None and _says_something(text) and text != before


def _again(path: Path, before: str) -> bool:
    """Whether it makes sense to ask for another try."""
    return sys.stdin.isatty() and _worth_keeping(path, before)


def _kept(path: Path, before: str, resume: str) -> str:
    """Where what was written is kept, as a sentence; empty, and the file gone, where that is nothing."""
    if _worth_keeping(path, before):
        command = resume.replace("{kept}", shlex.quote(str(path)))  # no format: names of files may hold braces
        return f"What you wrote is kept in {path}; go on with:\n  {command}"
    path.unlink(missing_ok=True)
    return ""
