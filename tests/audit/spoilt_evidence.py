"""Bundles, published folders, checkpoints and policies beside a ledger file, honest and not."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from coop_ledger import Ledger
from coop_ledger.codec import canonical, parse
from coop_ledger.log import (
    ML_DSA_44,
    Checkpoint,
    Frontier,
    Limits,
    Note,
    VerifierKey,
    format_note,
    format_vkey,
    leaf_hash,
    parse_note,
    parse_policy,
)
from coop_ledger.signing import SigningKey
from tests.attacks.signed import DAY, LOG, NOON, NOW, cosigned, grow, note_of, policy, policy_text, respelled, signed
from tests.attacks.tools import ORIGIN, attacked, copy_of, raw, redact, rewrite, root_of_file, settle

__all__ = ["EVIDENCE"]

Given = tuple[Path, dict[str, Any]]
Lines = Callable[[list[bytes]], None]

OTHER: Final = SigningKey.generate(ORIGIN)
NEW: Final = VerifierKey("new.example/w", ML_DSA_44, bytes(1312))
STRANGER: Final = SigningKey.generate("stranger.example/1")


def with_checkpoint(make: Callable[[Path], Any], *, more: bool = False, **options: Any) -> Callable[[Path], Given]:
    """The file as it is, or grown by one entry after that, against checkpoints of it."""

    def given(path: Path) -> Given:
        checkpoint = make(path)
        if more:
            grow(path, 60)
        return path, {"checkpoint": checkpoint, "now": NOW, **options}

    return given


def changed(path: Path) -> None:
    with attacked(path) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
        settle(db)


def rewritten(make: Callable[[Path], Any], **options: Any) -> Callable[[Path], Given]:
    """The file rewritten after the checkpoint was made."""

    def given(path: Path) -> Given:
        checkpoint = make(path)
        changed(path)
        return path, {"checkpoint": checkpoint, "now": NOW, **options}

    return given


def recorded_in(year: int) -> Callable[[Path], Given]:
    """All recorded in another year, and witnessed afterwards."""

    def given(path: Path) -> Given:
        with attacked(path) as db:
            for position in range(12):
                rewrite(db, position, lambda leaf: leaf.update(recorded_at=f"{year}-01-01T00:00:00.000000Z"))
            settle(db)
        return path, {"checkpoint": note_of(path, "one", "two"), "policy": QUORUM, "now": NOW}

    return given


def unreadable_first(path: Path) -> Given:
    """No first leaf, under a checkpoint of the file as it is."""
    with attacked(path) as db:
        rewrite(db, 0, b"{}")
        root = settle(db)
    note = cosigned(signed(at(12, root)), {"one": NOON, "two": NOON})
    return path, {"checkpoint": note, "policy": policy(Limits(delay_s=3_600, skew_s=300)), "now": NOW}


def kept(path: Path) -> Checkpoint:
    return Checkpoint(*root_of_file(path))


def at(size: int, root: bytes = bytes(32), origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, root)


def empty() -> Checkpoint:
    return Checkpoint(ORIGIN, 0, Frontier().root())


def beside(path: Path) -> bytes:
    """A second line under the log's key that does not hold."""
    note = parse_note(note_of(path, "one", "two"))
    line = note.signatures[0]
    return format_note(Note(note.text, (*note.signatures, line._replace(blob=bytes(len(line.blob))))))


def dated(path: Path, **times: int) -> bytes:
    return cosigned(signed(kept(path)), times)


def spoiled_witness(path: Path) -> bytes:
    note = note_of(path, "one", "two")
    blob = parse_note(note).signatures[2].blob
    return respelled(note, 2, blob=blob[:-1] + bytes([blob[-1] ^ 1]))


def dating(recorded: int, at_second: int = NOON + DAY, **limits: int) -> Callable[[Path], Given]:
    """Twelve old entries that witnesses saw at NOON, then one dated so many seconds after that, seen later."""

    def given(path: Path) -> Given:
        first = note_of(path, "one", "two")
        grow(path, 60, at=NOON + recorded)
        newest = note_of(path, "one", "two", at=at_second)
        rules = policy(Limits(**{"delay_s": 3_600, "skew_s": 300, **limits}))
        return path, {"policy": rules, "checkpoint": [first, newest], "now": NOW + timedelta(days=1)}

    return given


def bundled(change: Lines | None = None, note: Callable[[Path], bytes] | None = None, **options: Any) -> Any:
    """A bundle of the ledger, its lines changed."""
    export = {name: options.pop(name) for name in ("openings",) if name in options}

    def given(path: Path) -> Given:
        target = path.with_name("ledger.jsonl")
        with Ledger.open(path, readonly=True) as ledger:
            ledger.export(target, checkpoint=None if note is None else note(path), **export)
        if change is not None:
            lines = target.read_bytes().split(b"\n")[:-1]
            change(lines)
            target.write_bytes(b"".join(line + b"\n" for line in lines))
        return target, {"now": NOW, **options}

    return given


def footer(**changes: Any) -> Lines:
    def change(lines: list[bytes]) -> None:
        lines[-1] = canonical({**parse(lines[-1]), **changes})

    return change


def leaf(position: int, /, **changes: Any) -> Lines:
    def change(lines: list[bytes]) -> None:
        found, tab, openings = lines[position + 1].partition(b"\t")
        lines[position + 1] = canonical({**parse(found), **changes}) + tab + openings
        frontier = Frontier()
        frontier.extend(leaf_hash(line.split(b"\t")[0]) for line in lines[1:-1])
        footer(root=frontier.root().hex())(lines)

    return change


def replaced(old: bytes, new: bytes, at: int) -> Lines:
    def change(lines: list[bytes]) -> None:
        assert old in lines[at]
        lines[at] = lines[at].replace(old, new, 1)

    return change


def surrogate(lines: list[bytes]) -> None:
    """No Unicode in the place of the checkpoint."""
    footer(checkpoint="x")(lines)
    replaced(b'"x"', b'"\\ud800"', -1)(lines)


def less(lines: list[bytes]) -> None:
    """No openings of the first entry."""
    lines[1] = lines[1].partition(b"\t")[0]
    footer(opened=parse(lines[-1])["opened"] - 1)(lines)


def published(
    change: Callable[[Path], None] | None = None, note: Callable[[Path], bytes] | None = None, **options: Any
) -> Any:
    """A published folder of the ledger, its files changed."""

    def given(path: Path) -> Given:
        target = path.with_name("site")
        with Ledger.open(path, readonly=True) as ledger:
            ledger.publish(target, checkpoint=None if note is None else note(path))
        if change is not None:
            change(target)
        return target, {"now": NOW, **options}

    return given


def written(place: str, data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(data)

    return change


def flipped(part: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (file,) = (folder / "tile" / part).rglob("12")
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    return change


def linked(folder: Path) -> None:
    (folder / "tile" / "1").symlink_to(folder.parent)


def emptied(folder: Path) -> None:
    (folder / "checkpoint").unlink(missing_ok=True)
    (folder / "tile").rename(folder / "other")


def tiles_away(folder: Path) -> None:
    (folder / "tile").rename(folder / "other")


def foreign_checkpoint(folder: Path) -> None:
    found = kept(folder.with_name("ledger.db"))
    (folder / "checkpoint").write_bytes(signed(found._replace(origin="other.example/1")))


def packed(make: Callable[[bytes], bytes], name: str = "packed") -> Callable[[Path], Given]:
    """Another file, made of the bytes of the ledger."""

    def given(path: Path) -> Given:
        target = path.with_name(name)
        target.write_bytes(make(path.read_bytes()))
        return target, {}

    return given


def beside_it(ending: str, data: bytes = b"") -> Callable[[Path], Given]:
    def given(path: Path) -> Given:
        path.with_name(path.name + ending).write_bytes(data)
        return path, {}

    return given


def instead(make: Callable[[Path, Path], object]) -> Callable[[Path], Given]:
    """Something that is no file, at a path beside the ledger."""

    def given(path: Path) -> Given:
        target = path.with_name("strange")
        make(target, path)
        return target, {}

    return given


def zeroed(table: str) -> Callable[[Path], Given]:
    """The first page of a table holds nothing."""

    def given(path: Path) -> Given:
        with raw(path) as db:
            (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        whole = path.read_bytes()
        path.write_bytes(whole[: (page - 1) * 4096] + bytes(4096) + whole[page * 4096 :])
        return path, {"now": NOW}

    return given


def ahead(seconds: int, skew_s: int) -> Callable[[Path], Given]:
    """An entry so many seconds ahead, where the policy allows others."""

    def given(path: Path) -> Given:
        grow(path, 60, at=NOON + seconds)
        return path, {"policy": policy(Limits(skew_s=skew_s)), "now": NOW}

    return given


def of_nothing(hand: Callable[[Path], Given]) -> Callable[[Path], Given]:
    """The same of a ledger without entries."""

    def given(path: Path) -> Given:
        path.unlink()
        Ledger.open(path, origin=ORIGIN).close()
        return hand(path)

    return given


def redacted_bundle(path: Path) -> Given:
    redact(path, 0, "/note")
    return bundled(openings=False)(path)  # type: ignore[no-any-return]


def outgrown(policy: Any = None, *, signed_one: bool = False) -> Callable[[Path], Given]:
    """A bundle with a checkpoint of today's, against an older one that somebody kept."""

    def given(path: Path) -> Given:
        older = note_of(path) if signed_one else kept(path)
        grow(path, 60)
        return bundled(note=note_of, policy=policy, checkpoint=older)(path)  # type: ignore[no-any-return]

    return given


def of_a_new_kind(path: Path) -> bytes:
    """A line of a witness whose kind of key cannot be checked."""
    note = parse_note(note_of(path, "one", "two"))
    line = note.signatures[0]._replace(name=NEW.name, key_id=NEW.key_id, blob=bytes(2428))
    return format_note(Note(note.text, (*note.signatures, line)))


def twin_notes(path: Path) -> list[bytes]:
    """Signed checkpoints of two histories, of one size."""
    twin = copy_of(path, path.with_name("twin.db"))
    grow(path, 60)
    grow(twin, 61)
    return [note_of(path, "one", "two"), note_of(twin, "one", "two")]


def then_grown(path: Path, first: tuple[str, ...], second: tuple[str, ...]) -> list[bytes]:
    """A checkpoint, and one of the ledger grown by an entry, each cosigned by some."""
    notes = [note_of(path, *first)]
    grow(path, 70)
    return [*notes, note_of(path, *second)]


QUORUM: Final = policy()
ALONE: Final = policy(quorum="none")
STRANGE: Final = QUORUM._replace(logs=QUORUM.logs[:0])
NEWER: Final = parse_policy(policy_text().replace("\ngroup", f"\nwitness four {format_vkey(NEW)}\ngroup"))
AGED: Final = policy(Limits(max_age_s=DAY))

EVIDENCE: Final[dict[str, Callable[[Path], Given]]] = {
    # checkpoints without a policy
    "its checkpoint": with_checkpoint(kept),
    "its checkpoint, as it grew": with_checkpoint(kept, more=True),
    "the checkpoint of nothing": with_checkpoint(lambda _: empty()),
    "checkpoints of nothing and of it": with_checkpoint(lambda path: [empty(), kept(path)]),
    "checkpoints, the later first": with_checkpoint(lambda path: [kept(path), empty(), note_of(path)], more=True),
    "a checkpoint of others": with_checkpoint(lambda _: at(12, origin="other.example/1")),
    "a later checkpoint": with_checkpoint(lambda _: at(13)),
    "an earlier checkpoint of another root": with_checkpoint(lambda _: at(5)),
    "another root": with_checkpoint(lambda _: at(12)),
    "two roots": with_checkpoint(lambda path: [at(12), kept(path), at(12, origin="other.example/1"), at(11)]),
    "a signed one without a policy": with_checkpoint(lambda path: note_of(path, "one")),
    "rewritten": rewritten(kept),
    # under a policy
    "witnessed": with_checkpoint(lambda path: note_of(path, "one", "three"), policy=QUORUM),
    "witnessed and plain": with_checkpoint(lambda path: [kept(path), note_of(path, "one", "two")], policy=QUORUM),
    "plain under a policy": with_checkpoint(kept, policy=QUORUM),
    "nothing under a policy": with_checkpoint(lambda _: None, policy=QUORUM),
    "witnessed, as it grew": with_checkpoint(lambda path: note_of(path, "one", "two"), more=True, policy=QUORUM),
    "log alone": with_checkpoint(note_of, policy=ALONE),
    "log alone, as it grew": with_checkpoint(note_of, more=True, policy=ALONE),
    "log alone, plain": with_checkpoint(kept, policy=ALONE),
    "rewritten under a policy": rewritten(lambda path: note_of(path, "one", "two"), policy=QUORUM),
    "no quorum": with_checkpoint(lambda path: note_of(path, "one"), policy=QUORUM),
    "no witness": with_checkpoint(note_of, policy=QUORUM),
    "no quorum, and an enough older": with_checkpoint(
        lambda path: then_grown(path, ("one", "two"), ("one",)), policy=QUORUM
    ),
    "no quorum on two": with_checkpoint(
        lambda path: then_grown(path, ("one",), ("two",)), policy=QUORUM
    ),
    "no quorum on two of one size": with_checkpoint(
        lambda path: [dated(path, one=NOON), dated(path, two=NOON - 60)], policy=QUORUM
    ),
    "no quorum, seen in 1970": with_checkpoint(lambda path: [dated(path, one=0), note_of(path)], policy=QUORUM),
    "witnessed when it was empty": with_checkpoint(
        lambda _: cosigned(signed(empty()), {"one": NOON, "two": NOON}), policy=QUORUM
    ),
    "a witness of a new kind": with_checkpoint(of_a_new_kind, policy=NEWER),
    "a log of a new kind": with_checkpoint(
        note_of, policy=policy_text().replace(format_vkey(LOG.vkey), "example.org/log+29cf2b6e+BwABAgM=")
    ),
    "witnesses of the future": with_checkpoint(lambda path: dated(path, one=NOON, two=NOON + 301), policy=QUORUM),
    "witnesses ahead within skew": with_checkpoint(lambda path: dated(path, one=NOON, two=NOON + 300), policy=QUORUM),
    "witnesses of no calendar": with_checkpoint(lambda path: dated(path, one=2**62, two=2**62), policy=QUORUM),
    "two roots signed": with_checkpoint(lambda path: [note_of(path, "one", "two"), signed(at(12))], policy=QUORUM),
    "two roots, one of a stranger": with_checkpoint(
        lambda path: [note_of(path, "one", "two"), signed(at(12), STRANGER)], policy=QUORUM
    ),
    "two histories": with_checkpoint(twin_notes, policy=QUORUM),
    "a stranger's": with_checkpoint(lambda path: signed(kept(path), STRANGER), policy=QUORUM),
    "another key's": with_checkpoint(lambda path: signed(kept(path), OTHER), policy=QUORUM),
    "another name's": with_checkpoint(lambda path: respelled(note_of(path), 0, name="other.example/1"), policy=QUORUM),
    "a stolen ID's": with_checkpoint(
        lambda path: respelled(signed(kept(path), OTHER), 0, key_id=LOG.vkey.key_id), policy=QUORUM
    ),
    "a line that does not hold": with_checkpoint(beside, policy=QUORUM),
    "a size that was changed": with_checkpoint(
        lambda path: note_of(path, "one", "two").replace(b"\n12\n", b"\n11\n"), policy=QUORUM
    ),
    "a witness that does not hold": with_checkpoint(spoiled_witness, policy=QUORUM),
    "old": with_checkpoint(lambda path: dated(path, one=NOON - DAY - 1, two=NOON - DAY - 1), policy=AGED),
    "nearly old": with_checkpoint(lambda path: dated(path, one=NOON - DAY, two=NOON - DAY), policy=AGED),
    "old and newer": with_checkpoint(
        lambda path: [dated(path, one=NOON - 2 * DAY, two=NOON - 2 * DAY), note_of(path, "two", "three")], policy=AGED
    ),
    "old and newer, by other witnesses": with_checkpoint(
        lambda path: [dated(path, two=NOON - 2 * DAY, three=NOON - 2 * DAY), note_of(path, "one", "three")], policy=AGED
    ),
    "older than now": with_checkpoint(
        lambda path: dated(path, one=NOON - 1, two=NOON - 1), policy=policy(Limits(max_age_s=0))
    ),
    "of no age": with_checkpoint(note_of, policy=policy(Limits(max_age_s=DAY), quorum="none")),
    "dated rightly": dating(0),
    "dated as early as may be": dating(-3_900),
    "dated too early": dating(-3_901),
    "dated too late": dating(DAY + 301),
    "dated as late as may be": dating(DAY + 300),
    "dated without delay agreed": dating(-DAY, delay_s=None),  # type: ignore[arg-type]
    "witnessed before it was recorded": with_checkpoint(
        lambda path: dated(path, one=0, two=0), policy=policy(Limits(delay_s=3_600, skew_s=300))
    ),
    "recorded in 1950": recorded_in(1950),
    "witnessed, and the first leaf none": unreadable_first,
    "now, without skew": ahead(0, 0),
    "ahead, without skew": ahead(1, 0),
    "now, with less than no skew": ahead(0, -5),
    "ahead within skew": ahead(5, 5),
    "ahead beyond skew": ahead(6, 5),
    "at the end of time": lambda path: (path, {"now": datetime.max.replace(tzinfo=NOW.tzinfo)}),
    # bundles
    "bundle": bundled(),
    "bundle, checkpoint": bundled(note=lambda path: note_of(path, "one", "two")),
    "bundle, witnessed": bundled(note=lambda path: note_of(path, "one", "two"), policy=QUORUM),
    "bundle, no quorum": bundled(note=note_of, policy=QUORUM),
    "bundle, log alone": bundled(note=note_of, policy=ALONE),
    "bundle, no checkpoint, policy": bundled(policy=QUORUM),
    "bundle, another key": bundled(note=lambda path: signed(kept(path), OTHER), policy=QUORUM),
    "bundle, a policy without logs": bundled(note=note_of, policy=STRANGE),
    "bundle, outgrown": outgrown(),
    "bundle, outgrown, log alone": outgrown(ALONE, signed_one=True),
    "bundle, a line that does not hold": bundled(note=beside, policy=QUORUM),
    "bundle without openings": bundled(openings=False),
    "bundle without openings, redacted": redacted_bundle,
    "bundle, openings less": bundled(less),
    "bundle, text another": bundled(replaced(b"No. 0", b"No. 9", 1)),
    "bundle, another root": bundled(footer(root="00" * 32)),
    "bundle, another root, checkpoint": bundled(footer(root="00" * 32), note_of, policy=QUORUM),
    "bundle, rewritten under a checkpoint": bundled(leaf(3, recorder="other"), note_of),
    "bundle, rewritten under a policy": bundled(leaf(3, recorder="other"), note_of, policy=QUORUM),
    "bundle, checkpoint none": bundled(footer(checkpoint="no note\n"), note_of),
    "bundle, checkpoint with a surrogate": bundled(surrogate, note_of),
    "bundle, checkpoint a number": bundled(footer(checkpoint=7), note_of),
    "bundle, entry less": bundled(lambda lines: lines.__delitem__(5)),
    "bundle, size": bundled(replaced(b'"size":12', b'"size":11', 0)),
    "bundle, no footer": bundled(lambda lines: lines.__delitem__(-1)),
    "bundle, something behind": bundled(lambda lines: lines.append(b"{}")),
    "bundle, version": bundled(replaced(b'"version":1', b'"version":2', 0)),
    "bundle, a line without end": bundled(lambda lines: lines.__setitem__(3, b'{"' + b"x" * 100_000)),
    "bundle, nothing but a brace": packed(lambda _: b'{"'),
    "bundle, nothing that ends": packed(lambda _: b'{"' + b"x" * 100_000),
    "bundle of nothing": of_nothing(bundled()),
    "bundle of nothing, checkpoint": of_nothing(bundled(note=note_of)),
    "bundle, moved": bundled(leaf(3, position=4)),
    "bundle, another ledger": bundled(leaf(3, origin="other.example/1")),
    "bundle, one id": bundled(leaf(5, id="01586478-3800-7000-8000-000000000001")),
    "bundle, key used again": bundled(leaf(6, once=["alone", 0, 1])),
    "bundle, key none": bundled(leaf(6, once=None)),
    "bundle, leaf none": bundled(lambda lines: lines.__setitem__(3, b"{}")),
    "bundle, dated in the future": bundled(leaf(11, recorded_at="2999-11-14T09:00:00.000000Z")),
    "bundle, another format": bundled(leaf(0, v=2)),
    # published folders
    "folder": published(),
    "folder, checkpoint": published(note=lambda path: note_of(path, "one", "two")),
    "folder, witnessed": published(note=lambda path: note_of(path, "one", "two"), policy=QUORUM),
    "folder, another key": published(note=lambda path: signed(kept(path), OTHER), policy=QUORUM),
    "folder, of others": published(foreign_checkpoint),
    "folder, checkpoint none": published(written("checkpoint", b"no note\n")),
    "folder, checkpoint too long": published(written("checkpoint", b"x" * 20_000_000)),
    "folder, strange name": published(written("tile/readme", b"x")),
    "folder, link": published(linked),
    "folder, tile flipped": published(flipped("0")),
    "folder, entries flipped": published(flipped("entries")),
    "folder, no tiles": published(tiles_away, note_of),
    "folder of nothing": of_nothing(published()),
    "folder of nothing, checkpoint": of_nothing(published(note=note_of)),
    "folder, nothing": published(emptied),
    # what is no ledger
    "gzip": packed(gzip.compress),
    "zip": packed(lambda data: b"PK\x03\x04" + data),
    "bzip2": packed(lambda data: b"BZh9" + data),
    "xz": packed(lambda data: b"\xfd7zXZ\x00" + data),
    "zstd": packed(lambda data: b"\x28\xb5\x2f\xfd" + data),
    "7z": packed(lambda data: b"7z\xbc\xaf" + data),
    "rar": packed(lambda data: b"Rar!" + data),
    "tar": packed(lambda data: bytes(257) + b"ustar" + data),
    "plain text": packed(lambda _: b"plain text " * 1_000),
    "no bytes": packed(lambda _: b""),
    "zeros": packed(lambda _: bytes(5_000)),
    "plain text against a checkpoint": lambda path: (
        packed(lambda _: b"plain text")(path)[0], {"checkpoint": [at(12), at(13)]}
    ),
    "entries zeroed": zeroed("entries"),
    "openings zeroed": zeroed("openings"),
    "labels zeroed": zeroed("labels"),
    "cut short": packed(lambda data: data[: len(data) * 6 // 10]),
    "a header alone": packed(lambda data: data[:4096]),
    "a log beside it": beside_it("-wal"),
    "shared memory beside it": beside_it("-shm"),
    "a journal of nothing beside it": beside_it("-journal", bytes(512)),
    "a link": instead(lambda target, path: target.symlink_to(path)),
    "a folder of nothing": instead(lambda target, _: target.mkdir()),
    "a path to nothing": instead(lambda *_: None),
}  # fmt: skip
"""Name → a function from the ledger file to what is verified, and with which options."""
