"""
``prove`` and ``check``: that an entry is in the log, or that the log only grew; and whether it is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from coop_ledger.audit import Verdict
from coop_ledger.cli.handing import FILE, Target, check_free, out, put, read_given, read_vkey
from coop_ledger.cli.options import LEDGER, LedgerCommand, Say, answers, given_as, opened
from coop_ledger.cli.output import Answer
from coop_ledger.cli.subject import read_entry
from coop_ledger.cli.tables import Sheet
from coop_ledger.errors import (
    CodecError,
    ConsistencyError,
    InvalidValueError,
    SplitViewError,
    UntrustedNoteError,
    VerificationError,
)
from coop_ledger.evidence import Proof, check_checkpoint, signed_checkpoint
from coop_ledger.log import (
    AddCheckpoint,
    Checkpoint,
    VerifierKey,
    format_add_checkpoint,
    parse_add_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_proof,
    verify_consistency,
    verify_note,
)
from coop_ledger.signing import check_ed25519

__all__ = ["check", "prove"]

_REQUEST: Final = b"old "
"""How a proof of growth begins, with the checkpoint that it leads to: what a witness is asked with."""


class _Asked(NamedTuple):
    """At which size something is proved, and the signed checkpoint that goes with it."""

    size: int | None
    note: bytes | None


def _or_since(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """ENTRY may be left out only beside --since; said while the arguments are read, so that FILE may be, too."""
    if value is None and context.params.get("since") is None:
        raise click.MissingParameter(ctx=context, param=parameter)
    return value


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("entry", required=False, callback=_or_since)
@click.option(
    "--since",
    metavar="SIZE",
    type=int,
    is_eager=True,
    help="Prove instead that FILE only grew since it had SIZE entries.",
)
@click.option("--checkpoint", "note", metavar="PATH", type=FILE, help="The signed checkpoint to prove it under.")
@click.option("--size", metavar="SIZE", type=int, help="Prove it of the first SIZE entries. [default: all]")
@click.option("--leaf", metavar="PATH", type=FILE, help="Write the proved bytes of ENTRY into a new file.")
@out
@answers
def prove(
    file: Path, entry: str | None, since: int | None, note: Path | None, size: int | None, leaf: Path | None,
    target: Target, say: Say,
) -> None:  # fmt: skip
    """
    Prove that ENTRY is in FILE, or that FILE only grew.

    ENTRY is a position or an id. With --checkpoint the proof
    goes together with it into one text, which is a receipt for ever: of an
    entry a .tlog-proof, to be kept beside its --leaf; of growth the request
    that a witness answers. coop-ledger check reads both. Without a
    checkpoint the proof is shown; it is worth what its root is worth.
    """
    if entry is not None and since is not None:
        raise click.UsageError("Give either ENTRY or --since SIZE.")
    if note is not None and size is not None:
        raise click.UsageError("--checkpoint has a size of its own: leave out --size.")
    if note is None and target.path is not None:
        raise click.UsageError("--out needs a signed checkpoint: give --checkpoint, too.")
    if leaf is not None:
        if entry is None:
            raise click.UsageError("--leaf goes with ENTRY.")
        check_free(leaf, force=target.force)
    asked = _asked(size, note)
    answer, text, proved = _entry(file, entry, asked) if entry is not None else _growth(file, since or 0, asked)
    if leaf is not None:
        put(leaf, proved, force=target.force)
    if text is None:
        say(answer)
    else:
        target.hand_out(say, answer, text)


def _asked(size: int | None, note: Path | None) -> _Asked:
    if note is None:
        return _Asked(size, None)
    data = read_given(note)
    try:
        return _Asked(signed_checkpoint(data).size, data)
    except CodecError as error:
        error.hint = "give a signed checkpoint, as checkpoint FILE --key KEY makes it"
        raise


def _entry(file: Path, entry: str, asked: _Asked) -> tuple[Answer, bytes | None, bytes]:
    with opened(file) as ledger:
        position = read_entry(ledger, entry).position
        with given_as(size="--size"):
            proof = ledger.prove(position, size=asked.size)
    text = None if asked.note is None else proof.text(asked.note)
    fields = {
        "index": proof.index,
        "size": proof.size,
        "leaf_hash": proof.leaf_hash.hex(),
        "root": proof.root.hex(),
        "hashes": [one.hex() for one in proof.hashes],
    }
    item = {"origin": proof.origin, **fields, "leaf": proof.leaf.decode()}
    return _answer("proof", "Proof of an entry", item, {"origin": proof.origin, **fields}), text, proof.leaf


def _growth(file: Path, since: int, asked: _Asked) -> tuple[Answer, bytes | None, bytes]:
    with opened(file) as ledger, given_as(size="--size", size_old="--since"):
        proof = ledger.prove_consistency(since, asked.size)
    text = None
    if asked.note is not None:
        check_checkpoint(signed_checkpoint(asked.note), proof.origin, proof.root)
        text = format_add_checkpoint(AddCheckpoint(since, proof.hashes, asked.note))
    fields = {
        "origin": proof.origin,
        "size_old": proof.size_old,
        "size": proof.size,
        "root_old": proof.root_old.hex(),
        "root": proof.root.hex(),
        "hashes": [one.hex() for one in proof.hashes],
    }
    return _answer("growth", "Proof of growth", fields, fields), text, b""


def _answer(kind: str, title: str, item: dict[str, Any], shown: dict[str, Any]) -> Answer:
    rows = [(name.replace("_", " "), value) for name, value in shown.items()]
    return Answer(kind, [item], [Sheet(title, ("Field", "Value"), rows)])


@click.command()
@click.argument("proof", type=FILE)
@click.option("--leaf", metavar="PATH", type=FILE, help="The bytes of the entry that the proof is shown for.")
@click.option("--key", "keys", metavar="KEY", multiple=True, help="A verifier key that you know, or a file of one.")
@click.option("--checkpoint", metavar="PATH", type=FILE, help="What you knew of the log: origin, size, root.")
@answers
def check(proof: Path, leaf: Path | None, keys: tuple[str, ...], checkpoint: Path | None, say: Say) -> None:
    """
    Check a proof, without the ledger.

    PROOF is a text that prove made: of an entry, to be checked with the
    --leaf that you were shown; or of growth, to be checked with the
    --checkpoint that you kept. Each --key is one that you know from
    elsewhere, never from who shows the proof; signatures need the extra sign.

    The exit code is the verdict, as that of verify:

    \b
     0  ANCHORED         proved under what a key of yours signed, or you kept
    10  SELF-CONSISTENT  it fits, but nothing that you brought vouches for it
    11  STALE            it grew from what you kept; who signed it is not known
    20  UNDECIDED        no key of yours signed it
    30  DIVERGED         it contradicts the checkpoint that you kept
    40  INVALID          it does not prove what it is shown for
    50  UNREADABLE       it is no proof
    """
    known = [read_vkey(text) for text in keys]
    kept = None if checkpoint is None else _kept(read_given(checkpoint))
    data = read_given(proof)
    if data.startswith(_REQUEST):
        if leaf is not None or kept is None:
            raise click.UsageError("A proof of growth is checked with --checkpoint, and without --leaf.")
        note, proves = _checked_growth(data, kept), f"only grew from {kept.size} entries"
    else:
        if leaf is None:
            raise click.UsageError("A proof of an entry is checked with --leaf.")
        found = Proof.from_text(data, leaf=read_given(leaf))
        note, proves = parse_proof(data).checkpoint, f"holds the leaf as entry {found.index}"
    stated = signed_checkpoint(note)
    if leaf is not None and kept is not None:
        _check_same(stated, kept)
    signers = _signers(note, stated, known) if known else []
    verdict = _verdict(stated, kept, signers)
    item = {
        "verdict": verdict.value, "origin": stated.origin, "size": stated.size, "root": stated.root.hex(),
        "proves": proves, "signed_by": signers,
    }  # fmt: skip
    say(_answer("check", "Check of a proof", item, item))
    click.get_current_context().exit(verdict.exit_code)


def _verdict(stated: Checkpoint, kept: Checkpoint | None, signers: list[str]) -> Verdict:
    """By what the checkpoint of a proof is confirmed."""
    if signers:
        return Verdict.ANCHORED
    if kept is None:
        return Verdict.SELF_CONSISTENT
    return Verdict.ANCHORED if stated.size == kept.size else Verdict.STALE


def _checked_growth(data: bytes, kept: Checkpoint) -> bytes:
    """The signed checkpoint that the log was shown to have grown to, from the one that was kept."""
    request = parse_add_checkpoint(data)
    stated = signed_checkpoint(request.checkpoint)
    if stated.size == kept.size:
        _check_same(stated, kept)
    check_checkpoint(stated, kept.origin, stated.root)
    if stated.size < kept.size:
        raise SplitViewError(
            "the log is shorter than the checkpoint that was kept", where=stated.origin,
            expected=f"at least {kept.size} entries", found=str(stated.size), hint="keep both: entries are missing",
        )  # fmt: skip
    if request.old != kept.size:
        raise InvalidValueError(
            "the proof begins at another size", where="PROOF", expected=str(kept.size), found=str(request.old),
            hint=f"ask for one made by: coop-ledger prove FILE --since {kept.size} --checkpoint NOTE",
        )  # fmt: skip
    try:
        verify_consistency(kept.size, stated.size, kept.root, stated.root, request.proof)
    except ConsistencyError as error:
        raise VerificationError(
            "the proof does not show that the log only grew", where="PROOF", expected=error.expected,
            found=error.found or error.what, hint="ask for another one; if there is none, the log was rewritten",
        ) from error  # fmt: skip
    return request.checkpoint


def _check_same(stated: Checkpoint, kept: Checkpoint) -> None:
    """Refuse a checkpoint that is not the one that was kept."""
    check_checkpoint(stated, kept.origin, kept.root if stated.size == kept.size else stated.root)
    if stated.size != kept.size:
        raise InvalidValueError(
            "the proof is of another size than the checkpoint", where="--checkpoint", expected=str(stated.size),
            found=str(kept.size), hint="give --key in its place, or ask for a proof under your checkpoint",
        )  # fmt: skip


def _signers(note: bytes, stated: Checkpoint, known: Sequence[VerifierKey]) -> list[str]:
    """Who of the known keys signed: the log itself, for its own checkpoints, and witnesses."""
    verified = verify_note(parse_note(note), known, check_ed25519)
    names = [one.key.name for one in verified if one.timestamp is not None or one.key.name == stated.origin]
    if not names:
        raise UntrustedNoteError(
            "the key that signed this is that of another log", where=stated.origin, found=verified[0].key.name,
            hint="give the verifier key of this log, or of a witness",
        )  # fmt: skip
    return names


def _kept(data: bytes) -> Checkpoint:
    """A checkpoint that somebody kept: signed, or the three lines alone."""
    if b"\n\n" in data:
        return signed_checkpoint(data)
    text = data.decode("utf-8", "replace")
    return parse_checkpoint(text if text.endswith("\n") else f"{text}\n")
