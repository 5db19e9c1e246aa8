"""
``key`` and ``checkpoint``: who vouches for a ledger, and for what.

Signing needs the extra ``sign``, which is loaded when a key is made or read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coop_ledger.cli.handing import FILE, Target, out
from coop_ledger.cli.options import LEDGER, LEDGER_PATH, LedgerCommand, Say, answers, opened
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet
from coop_ledger.errors import InvalidValueError, KeyFileError
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    format_checkpoint,
    format_vkey,
    parse_checkpoint,
    parse_note,
)
from coop_ledger.signing import LogSigner, SigningKey

__all__ = ["checkpoint", "key", "memory_of"]

_KINDS = {ED25519: "log", COSIGNATURE: "witness"}


def memory_of(key_file: Path, state: Path | None) -> Path:
    """Where the last checkpoint that a key signed is remembered: beside the key, if nothing else is said."""
    return key_file.with_name(f"{key_file.name}.last") if state is None else state


@click.command()
@click.argument("key_file", metavar="KEY", type=FILE)
@click.option("--for", "ledger", metavar="FILE", type=LEDGER_PATH, help="Make the key of this ledger.")
@click.option("--witness", metavar="NAME", help="Make the key of a witness, like witness.example.org.")
@click.option("--state", metavar="PATH", type=FILE, help="Where to remember what was signed last. [default: KEY.last]")
@answers
def key(key_file: Path, ledger: Path | None, witness: str | None, state: Path | None, say: Say) -> None:
    """
    Make a key that signs, or print the public half of one.

    KEY is the file of the key; with --for or --witness it is made, else it is
    read. What is printed is the verifier key, one line for those who check:
    hand it out where it cannot be taken back. Keep KEY to yourself: who can
    read it can sign as you.

    A ledger's key remembers what it signed last in a file of its own, made
    together with it. Keep both on another disk than the ledger, and out of
    the backups that would bring both back at once. Needs the extra: sign.
    """
    if ledger is not None and witness is not None:
        raise click.UsageError("--for and --witness make two kinds of keys: give one of them.")
    if state is not None and ledger is None:
        raise click.UsageError("--state goes with --for.")
    if ledger is not None:
        made = _made_for(ledger, key_file, memory_of(key_file, state))
    elif witness is not None:
        made = SigningKey.generate(witness, kind=COSIGNATURE)
        made.save(key_file)
    else:
        made = SigningKey.load(key_file)
    public, kind = format_vkey(made.vkey), _KINDS[made.vkey.kind]
    item = {"name": made.vkey.name, "of": kind, "key": public}
    sheet = Sheet("Key", ("Name", "Of", "Key"), [tuple(item.values())])
    say(Answer("key", [item], [sheet], text=lambda _: click.echo(public)))


def _made_for(ledger: Path, key_file: Path, state: Path) -> SigningKey:
    """A new key of a ledger, whose memory begins with it: both files are there, or none."""
    with opened(ledger) as found:
        made = SigningKey.generate(found.origin)
    made.save(key_file)
    try:
        LogSigner.begin(made, state)
    except BaseException:
        key_file.unlink()
        raise
    return made


@click.command(cls=LedgerCommand)
@LEDGER
@click.option("--key", "key_file", metavar="KEY", type=FILE, help="Sign it with the key of the ledger.")
@click.option("--state", metavar="PATH", type=FILE, help="What the key signed last. [default: KEY.last]")
@out
@answers
def checkpoint(file: Path, key_file: Path | None, state: Path | None, target: Target, say: Say) -> None:
    """
    Say what FILE is now: its origin, size and root.

    These three lines are what verify --checkpoint takes. With --key they are
    signed, once the key has seen that FILE only grew since it signed last;
    a ledger that is shorter, or was rewritten, is refused. Give the checkpoint
    to people whom you do not control. Signing needs the extra: sign.
    """
    if state is not None and key_file is None:
        raise click.UsageError("--state goes with --key.")
    if key_file is None:
        with opened(file) as ledger:
            basis = ledger.at().basis
        text = format_checkpoint(Checkpoint(basis.origin, basis.size, basis.root)).encode()
    else:
        memory = memory_of(key_file, state)
        if target.path is not None and target.path.resolve() == memory.resolve():
            raise InvalidValueError("this is where the key remembers", where=str(memory), hint="name a new file")
        signer = _signer(key_file, memory)
        with opened(file) as ledger:
            text = ledger.checkpoint(signer)
    item = _item(text, signed=key_file is not None)
    sheet = Sheet("Checkpoint", ("Origin", "Size", "Root"), [(item["origin"], item["size"], item["root"])])
    target.hand_out(say, Answer("checkpoint", [item], [sheet]), text)


def _item(text: bytes, *, signed: bool) -> dict[str, Any]:
    said = parse_checkpoint(parse_note(text).text if signed else text.decode())
    return {"origin": said.origin, "size": said.size, "root": said.root.hex(), "signed": signed, "text": text.decode()}


def _signer(key_file: Path, state: Path) -> LogSigner:
    loaded = SigningKey.load(key_file)
    try:
        return LogSigner(loaded, state)
    except KeyFileError as error:
        if error.where == str(state) and not state.exists():
            error.hint = "find it, or name it with --state; if it is lost, the key can sign no more"
        raise
    except InvalidValueError as error:
        error.hint = "make one with: coop-ledger key KEY --for FILE"
        raise
