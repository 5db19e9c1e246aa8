"""
``witness``: cosigns checkpoints of somebody else's ledger, by files; and puts cosignatures under a checkpoint.

Needs the extra ``sign``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from coop_ledger.cli.handing import FILE, Target, check_free, out, read_given, read_vkey
from coop_ledger.cli.options import Say, answers
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet, text_of
from coop_ledger.domain import safe
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import MAX_REQUEST, add_cosignatures, format_vkey, parse_note, parse_reply, verify_note
from coop_ledger.signing import SigningKey, check_ed25519, read_guarded
from coop_ledger.witnessing import Witness, answer_requests

__all__ = ["witness"]

_REFUSED: Final = {403: 20, 404: 4, 409: 3, 422: 40, 503: 3}
"""Exit codes by the status of a refusal."""


@click.group()
def witness() -> None:
    """
    Cosign checkpoints of a ledger that is not yours.

    A witness compares each checkpoint with the last one that it cosigned, and
    keeps what contradicts it. FOLDER is its memory: keep it out of every
    backup. Its key is made with: coop-ledger key KEY --witness NAME

    The keeper of the ledger asks with what prove --since SIZE --checkpoint
    NOTE writes, and adds the answer to the checkpoint. Needs the extra: sign.
    """


def _folder(function: Callable[..., Any]) -> Callable[..., Any]:
    """The folder of a witness and its key."""
    keyed = click.option("--key", "key_file", metavar="KEY", type=FILE, required=True, help="The key of the witness.")
    return click.argument("folder", type=FILE)(keyed(function))


@witness.command()
@_folder
def init(folder: Path, key_file: Path) -> None:
    """
    Begin a witness in FOLDER, once in its life.

    Where the memory is lost, retire the key, and begin with a new one.
    """
    Witness.create(folder, SigningKey.load(key_file))
    click.echo(safe(f"begun: {folder}"), err=True)


@witness.command()
@_folder
@click.argument("vkey", metavar="LOG_KEY")
def watch(folder: Path, key_file: Path, vkey: str) -> None:
    """
    Watch the ledger of LOG_KEY from now on.

    LOG_KEY is its verifier key, or a file of it: from its operator, on paper or
    by telephone, never from a request.
    """
    log = read_vkey(vkey)
    Witness(folder, SigningKey.load(key_file)).watch(log)
    click.echo(safe(f"watched: {log.name}"), err=True)


@witness.command()
@_folder
@answers
def show(folder: Path, key_file: Path, say: Say) -> None:
    """List what the witness watches, and cosigned last."""
    found = Witness(folder, SigningKey.load(key_file))
    rows = [
        {"origin": origin, "size": last.size, "root": last.root.hex()} for origin, last in sorted(found.logs.items())
    ]
    sheet = Sheet("Watched", ("Origin", "Size", "Root"), [tuple(row.values()) for row in rows])
    nothing = "no ledger is watched; add one with: coop-ledger witness watch FOLDER LOG_KEY --key KEY"
    say(Answer("watched", rows, [sheet], nothing))
    for path in found.evidence:
        click.echo(safe(f"evidence: {path}"), err=True)


@witness.command()
@_folder
@click.argument("request", type=FILE)
@click.option("--out", "path", metavar="PATH", type=FILE, help="A new file for the answer, or a folder for answers.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def answer(context: click.Context, folder: Path, key_file: Path, request: Path, path: Path | None, force: bool) -> None:
    """
    Answer REQUEST: with a cosignature, or a refusal.

    REQUEST is a file, or a folder of NAME.request files; then --out names the
    folder for NAME.answer files, and what is answered already is passed over.
    A refusal of one file is an answer, too, and has its exit code: 2 it is no
    request, 3 it begins at another size than was cosigned last, or is to be
    tried later, 4 an unknown ledger, 20 another key, 40 an unproven growth.
    30: new evidence was kept, since it contradicts what was cosigned before.
    """
    found = Witness(folder, SigningKey.load(key_file))
    if request.is_dir():
        if path is None:
            raise click.UsageError("Give --out FOLDER for the answers.")
        for written in answer_requests(found, request, path):
            click.echo(safe(str(written)))
        return
    if path is not None:
        check_free(path, force=force)
    known = found.evidence
    text = found.answer(read_guarded(request, limit=MAX_REQUEST, forbidden=0))
    Target(path, force).write(text)
    status = parse_reply(text).status
    if status != 200:
        fresh = [one for one in found.evidence if one not in known]
        for one in fresh:
            click.echo(safe(f"evidence: {one}"), err=True)
        context.exit(30 if fresh else _REFUSED.get(status, 2))


@witness.command()
@click.argument("note", type=FILE)
@click.argument("answers_given", metavar="ANSWER...", type=FILE, nargs=-1, required=True)
@click.option("--key", "keys", metavar="KEY", multiple=True, required=True, help="A witness's verifier key, or file.")
@out
@answers
def add(note: Path, answers_given: tuple[Path, ...], keys: tuple[str, ...], target: Target, say: Say) -> None:
    """
    Put cosignatures under a signed checkpoint.

    Those of each ANSWER go under NOTE, and are checked on the way: each
    must be that of a --key, which comes from the witness itself.
    """
    known, text = [read_vkey(given) for given in keys], read_given(note)
    for path in answers_given:
        reply = parse_reply(read_given(path))
        if reply.status != 200:
            raise InvalidValueError(
                "the witness refused", where=str(path), expected="signature lines",
                found=f"status {reply.status}: {reply.body.decode('utf-8', 'replace').strip()}",
                hint="with 409 it says the size that it saw last: ask again with prove --since that size",
            )  # fmt: skip
        text = add_cosignatures(text, reply.body, known, check_ed25519)
    rows = [
        {"name": one.key.name, "key": format_vkey(one.key), "at": text_of(datetime.fromtimestamp(one.timestamp, UTC))}
        for one in verify_note(parse_note(text), known, check_ed25519)
        if one.timestamp is not None
    ]
    sheet = Sheet("Cosigned", ("Name", "Key", "At"), [tuple(row.values()) for row in rows])
    target.hand_out(say, Answer("cosignature", rows, [sheet]), text)
