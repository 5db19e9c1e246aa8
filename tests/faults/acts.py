"""
What is broken off in the middle: each thing that a ledger does to files, how it is prepared, done and judged.

An act is prepared once, in a folder that is copied for each fault; a child does it in the copy; then the copy is
judged. An act that had its effect, or none, is as it should be; half of one is torn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from coop_ledger import Ledger, Redaction, SealedState, restore_backup
from coop_ledger.errors import CoopLedgerError
from coop_ledger.interchange import import_bundle
from coop_ledger.log import parse_checkpoint, parse_note, verify_note
from coop_ledger.publication import read_published
from coop_ledger.signing import LogSigner, SigningKey, check_ed25519
from tests.faults.broken import STORES, spoil
from tests.faults.harness import ORIGIN, Acknowledged, Verdict, judge, opened, record_one, seeded, told
from tests.faults.nest import Line
from tests.faults.points import die_at, points_of

__all__ = ["ACTS", "REFUSABLE", "WORDS", "Act", "act_in_child", "judged", "redaction_in"]

WORDS = "these words are to be erased"
"""What a redaction erases."""

_REFUSED = "refused"
ERASED = "erased-0"
"""The key of the entry whose words go."""


class Act(NamedTuple):
    """
    Something that is broken off.

    Attributes:
        prepare: Makes what is there before, in a folder.
        run: Does it there, with a store of a name; says a line when it is done.
        check: The sentences on what is there by half. It gets the folder, and whether the act had been acknowledged.
    """

    prepare: Callable[[Path], None]
    run: Callable[[Line, Path, str], None]
    check: Callable[[Path, bool], Iterator[str]]


def act_in_child(line: Line, name: str, folder: str, how: str, point: str | None) -> None:
    """
    The work of a child: an act that is killed at a point.

    Args:
        line: Where it is told to go on, and says what it acknowledges, or that it was refused.
        name: The act.
        folder: Where.
        how: ``ours``, or what is broken in it.
        point: The point; "" says all points instead; None waits for strace.
    """
    spoil(how)
    store = how if how in STORES else "ours"

    def work() -> None:
        try:
            ACTS[name].run(line, Path(folder), store)
        except CoopLedgerError as error:
            line.say(_REFUSED, type(error).__name__, error)

    if point is None:
        line.wait()
        work()
    elif point:
        die_at(work, point)
    else:
        line.say("\t".join(points_of(work, Path(folder))))


def judged(name: str, folder: Path, said: Sequence[str]) -> Verdict:
    """What is left after an act that was broken off, and of the ledger that it was about."""
    done = [line for line in said if not line.startswith(_REFUSED)]
    torn = list(_sentences(ACTS[name], folder, bool(done)))
    acknowledged = [Acknowledged.heard(line) for line in done if name in ("append", "fill")]
    verdict = judge(folder / "ledger.db", acknowledged) if name != "create" else Verdict(0, 0)
    return verdict._replace(torn=(*torn, *verdict.torn))


def _sentences(act: Act, folder: Path, done: bool) -> Iterator[str]:
    try:
        yield from act.check(folder, done)
    except (CoopLedgerError, AssertionError) as error:
        yield f"{type(error).__name__}: {error}"


def _ledger(folder: Path, store: str = "ours") -> Ledger:
    return opened(folder / "ledger.db", store)


def _prepare(folder: Path, entries: int = 3) -> None:
    seeded(folder / "ledger.db", entries)


def _prepare_near_tile(folder: Path) -> None:
    _prepare(folder, 255)  # so that the call fills a tile


def _append(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        record_one(line, ledger, "w", 2)


def _check_append(folder: Path, _: bool) -> Iterator[str]:
    with _ledger(folder) as ledger:
        if ledger.size not in (3, 6, 255, 258):
            yield f"some of the call: {ledger.size} entries"


def _create(line: Line, folder: Path, store: str) -> None:
    _ledger(folder, store).close()
    line.say("made")


def _check_create(folder: Path, done: bool) -> Iterator[str]:
    with _ledger(folder) as ledger:
        if (ledger.size, ledger.origin) != (0, ORIGIN):
            yield "the ledger is not as it was made"
        ledger.record(*told("next", 0))


def _prepare_words(folder: Path) -> None:
    _prepare(folder)
    with _ledger(folder) as ledger:
        ledger.record(*told("erased", 0, WORDS), once=ERASED)


def redaction_in(ledger: Ledger) -> Redaction:
    """What erases the words."""
    (target,) = [entry for entry in ledger.entries() if entry.once is not None and entry.once.key == ERASED]
    return Redaction(target.id, ("/note",), "law", "office")


def _redact(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        leftovers = ledger.record(redaction_in(ledger)).leftovers
        line.say("erased", *leftovers)


def _check_redact(folder: Path, done: bool) -> Iterator[str]:
    with _ledger(folder) as ledger:
        act = redaction_in(ledger)
        recorded = act.target in [one.target for one in ledger.redactions()]
        state = ledger.sealed(act.target)["/note"]
    if state is not (SealedState.REDACTED if recorded else SealedState.OPEN):
        yield f"the redaction is {'' if recorded else 'not '}recorded, and its words are {state.name}"
    if done and not recorded:
        yield "an acknowledged redaction is lost"
    if recorded:
        yield from (f"words in {file.name}" for file in folder.iterdir() if WORDS.encode() in file.read_bytes())


def _prepare_unsorted(folder: Path) -> None:
    """Tables that grew in turn, so that to rewrite the file moves their pages."""
    _prepare(folder)
    with _ledger(folder) as ledger:
        for number in range(25):
            ledger.record(*told("w", number), once=f"w/{number}")


def _vacuum(line: Line, folder: Path, store: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode={'OFF' if store == 'unjournalled' else 'DELETE'}")
        connection.execute("VACUUM")
    line.say("vacuumed")


def _nothing(folder: Path, done: bool) -> Iterator[str]:
    return iter(())


def _backup(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        ledger.backup(folder / "backup.db")
        line.say("copied")


def _check_backup(folder: Path, done: bool) -> Iterator[str]:
    yield from _only(folder, "ledger.db", "backup.db")
    if not (folder / "backup.db").exists():
        if done:
            yield "an acknowledged backup is lost"
        return
    with _ledger(folder) as ledger, opened(folder / "backup.db") as copy:
        if (copy.size, copy.root) != (ledger.size, ledger.root):
            yield "the backup is another ledger"
    yield from judge(folder / "backup.db", ()).torn


def _only(folder: Path, *names: str) -> Iterator[str]:
    """Nothing under another name but what begins with a dot, which is nobody's file."""
    there = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    for name in there - set(names) - {f"{one}-journal" for one in names}:
        yield f"{name} is left"


def _export(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        ledger.export(folder / "out.bundle")
        line.say("written")


def _check_export(folder: Path, done: bool) -> Iterator[str]:
    yield from _only(folder, "ledger.db", "out.bundle")
    if (folder / "out.bundle").exists():
        with _ledger(folder) as ledger, Ledger.from_bundle(folder / "out.bundle") as copy:
            if (copy.size, copy.root) != (ledger.size, ledger.root):
                yield "the bundle is of another ledger"
    elif done:
        yield "an acknowledged bundle is lost"


def _prepare_bundle(folder: Path) -> None:
    _prepare(folder)
    with _ledger(folder) as ledger:
        ledger.export(folder / "in.bundle")


def _import(line: Line, folder: Path, store: str) -> None:
    with STORES[store](folder / "new.db", ORIGIN) as new:
        import_bundle(folder / "in.bundle", new)
    line.say("read")


def _check_import(folder: Path, done: bool) -> Iterator[str]:
    with _ledger(folder) as ledger, opened(folder / "new.db") as copy:
        if copy.size not in (0, ledger.size) or (done and not copy.size):
            yield f"{copy.size} entries were read"
        if not copy.size:
            import_bundle(folder / "in.bundle", copy._store)
        if copy.root != ledger.root:
            yield "another ledger was read"
    yield from judge(folder / "new.db", ()).torn


def _prepare_key(folder: Path) -> None:
    """A log with a key; the first checkpoint is signed, and published, and the log has grown since."""
    _prepare(folder)
    key = SigningKey.generate(ORIGIN)
    key.save(folder / "key")
    with _ledger(folder) as ledger:
        note = ledger.checkpoint(LogSigner.begin(key, folder / "signed"))
        ledger.publish(folder / "site", checkpoint=note)
        ledger.record(*told("w", 2))


def _signer(folder: Path) -> LogSigner:
    return LogSigner(SigningKey.load(folder / "key"), folder / "signed")


def _sign(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        note = ledger.checkpoint(_signer(folder))
        line.say("signed", parse_checkpoint(parse_note(note).text).size)


def _check_sign(folder: Path, done: bool) -> Iterator[str]:
    yield from _only(folder, "ledger.db", "key", "signed", "signed.lock", "site")
    signer = _signer(folder)
    last = parse_checkpoint(parse_note(signer.last).text)
    if last.size not in ((6,) if done else (3, 6)):
        yield f"size {last.size} was signed last"
    with _ledger(folder) as ledger:
        if parse_checkpoint(parse_note(ledger.checkpoint(signer)).text).root != ledger.root:
            yield "what is signed next is another root"


def _publish(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder, store) as ledger:
        ledger.publish(folder / "site", checkpoint=ledger.checkpoint(_signer(folder)))
        line.say("published")


def _check_publish(folder: Path, done: bool) -> Iterator[str]:
    published = read_published(folder / "site")
    assert published.checkpoint is not None
    verify_note(parse_note(published.checkpoint), [SigningKey.load(folder / "key").vkey], check_ed25519)
    if published.size not in ((6,) if done else (3, 6)):
        yield f"size {published.size} is published"
    with _ledger(folder) as ledger:
        ledger.publish(folder / "site", checkpoint=ledger.checkpoint(_signer(folder)))
        if read_published(folder / "site").root != ledger.root:
            yield "what is published next is another root"


def _prepare_backup(folder: Path) -> None:
    """A backup with the words, of a ledger that has erased them since."""
    _prepare_words(folder)
    with _ledger(folder) as ledger:
        ledger.backup(folder / "backup.db")
        ledger.record(redaction_in(ledger))


def _restore(line: Line, folder: Path, store: str) -> None:
    with _ledger(folder) as ledger:
        redactions = ledger.redactions()
    restore_backup(folder / "backup.db", folder / "restored.db", redactions=redactions)
    line.say("restored")


def _check_restore(folder: Path, done: bool) -> Iterator[str]:
    yield from _only(folder, "ledger.db", "backup.db", "restored.db")
    restored = folder / "restored.db"
    if restored.exists():
        if WORDS.encode() in restored.read_bytes():
            yield "erased words are back"
        yield from judge(restored, ()).torn
    elif done:
        yield "an acknowledged restoration is lost"


ACTS = {
    "append": Act(_prepare, _append, _check_append),
    "fill": Act(_prepare_near_tile, _append, _check_append),
    "create": Act(lambda folder: None, _create, _check_create),
    "redact": Act(_prepare_words, _redact, _check_redact),
    "vacuum": Act(_prepare_unsorted, _vacuum, _nothing),
    "backup": Act(_prepare, _backup, _check_backup),
    "export": Act(_prepare, _export, _check_export),
    "import": Act(_prepare_bundle, _import, _check_import),
    "sign": Act(_prepare_key, _sign, _check_sign),
    "publish": Act(_prepare_key, _publish, _check_publish),
    "restore": Act(_prepare_backup, _restore, _check_restore),
}
"""By name. ``vacuum`` is what people do to a file with other programs; the rest is ours."""

REFUSABLE = sorted(ACTS.keys() - {"vacuum", "fill"})
"""Those that are ours to refuse; ``fill`` refuses as ``append`` does."""
