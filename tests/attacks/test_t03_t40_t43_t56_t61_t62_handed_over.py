"""T03 rewritten without the key; T40 key swapped; T43 malformed note; T56 guessed texts; T61 names; T62 contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger, read_published
from coop_ledger.audit import Report, Verdict, verify
from coop_ledger.codec import canonical, commitment, parse
from coop_ledger.errors import InvalidValueError, PublicationError
from coop_ledger.log import Checkpoint, Frontier, format_checkpoint, leaf_hash
from coop_ledger.signing import SigningKey
from tests.attacks.agreement import told_by_the_second
from tests.attacks.signed import LOG, NOW, grow, note_of, policy, signed
from tests.attacks.tools import ORIGIN, convicted, honest, redact, root_of_file

Change = Callable[[list[bytes]], None]


@pytest.fixture
def bundle(ledger: Path, tmp_path: Path) -> Path:
    """A bundle with all that can go along."""
    return bundled(ledger, tmp_path / "ledger.jsonl", checkpoint=note_of(ledger, "one", "two"))


@pytest.fixture
def folder(ledger: Path, tmp_path: Path) -> Path:
    return published(ledger, tmp_path / "site", note_of(ledger, "one", "two"))


def bundled(ledger: Path, target: Path, **options: Any) -> Path:
    with Ledger.open(ledger, readonly=True) as opened:
        opened.export(target, **options)
    return target


def published(ledger: Path, target: Path, note: bytes | None = None) -> Path:
    with Ledger.open(ledger, readonly=True) as opened:
        opened.publish(target, checkpoint=note)
    return target


def changed(bundle: Path, change: Change) -> Path:
    """The lines of a bundle, without line feeds, changed in place."""
    lines = bundle.read_bytes().split(b"\n")[:-1]
    change(lines)
    bundle.write_bytes(b"".join(line + b"\n" for line in lines))
    return bundle


def resealed(lines: list[bytes], note: Callable[[Checkpoint], bytes] | None = None) -> None:
    """Make the footer anew after the leaves, as a thorough attacker does."""
    frontier = Frontier()
    frontier.extend(leaf_hash(line.split(b"\t")[0]) for line in lines[1:-1])
    footer = parse(lines[-1])
    footer["root"] = frontier.root().hex()
    if note is not None:
        footer["checkpoint"] = note(Checkpoint(ORIGIN, len(lines) - 2, frontier.root())).decode()
    lines[-1] = canonical(footer)


def rewritten(lines: list[bytes], position: int = 3) -> None:
    leaf, tab, openings = lines[position + 1].partition(b"\t")
    plain = parse(leaf)
    plain["recorder"] = "other"
    lines[position + 1] = canonical(plain) + tab + openings


@pytest.mark.parametrize("quick", [False, True])
def test_honest_ones(ledger: Path, bundle: Path, folder: Path, tmp_path: Path, quick: bool) -> None:
    root = root_of_file(ledger)
    bare = bundled(ledger, tmp_path / "bare.jsonl", openings=False)
    unsigned = published(ledger, tmp_path / "unsigned")
    for path in (bundle, folder, bare, unsigned):
        report = convicted(path, verdict=Verdict.SELF_CONSISTENT, quick=quick)
        assert (report.origin, report.size, report.root) == root
        report = convicted(path, verdict=Verdict.ANCHORED, checkpoint=root, quick=quick)
    assert any("sealed texts: they did not come along" in line for line in verify(folder).unchecked)
    for path in (bundle, folder):
        report = convicted(path, verdict=Verdict.WITNESSED, policy=policy(), now=NOW, quick=quick)
        assert (report.own, report.inside, report.anchor and tuple(report.anchor)) == (True, None, root)
        assert "anchor   the checkpoint that came with it" in report.as_text()
        for options in ({}, {"policy": policy(quorum="none")}):
            report = convicted(path, verdict=Verdict.SELF_CONSISTENT, now=NOW, quick=quick, **options)
            assert (report.own, report.anchor, report.inside and tuple(report.inside)) == (False, None, root)
            assert "  inside   a checkpoint that came with it, and is no anchor" in report.as_text()
            assert "  anchor" not in report.as_text()
            assert Report.from_json(report.as_json()) == report
    assert any("came along" in line for line in verify(bundle).unchecked)


def test_long_ones_and_redacted_ones(tmp_path: Path) -> None:
    path = honest(tmp_path / "long.db", more=300)
    redact(path, 0, "/note")
    convicted(bundled(path, tmp_path / "long.jsonl"), verdict=Verdict.SELF_CONSISTENT)
    convicted(published(path, tmp_path / "site"), verdict=Verdict.SELF_CONSISTENT)
    kept = root_of_file(path)
    convicted(tmp_path / "site", verdict=Verdict.ANCHORED, checkpoint=kept)


def test_the_empty_ledger(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Ledger.open(path, origin=ORIGIN).close()
    convicted(bundled(path, tmp_path / "empty.jsonl"), verdict=Verdict.SELF_CONSISTENT)


def test_t03_rewritten_and_the_checkpoint_with_it(bundle: Path) -> None:
    original = parse(bundle.read_bytes().split(b"\n")[-2])["checkpoint"].encode()

    def rewrite(lines: list[bytes]) -> None:
        rewritten(lines)
        resealed(lines, lambda made: format_checkpoint(made).encode() + b"\n" + original.partition(b"\n\n")[2])

    changed(bundle, rewrite)
    convicted(bundle, verdict=Verdict.SELF_CONSISTENT)  # nobody looked at signatures
    convicted(bundle, "T03", policy=policy(), now=NOW)


def test_t02_rewritten_under_a_signed_checkpoint(bundle: Path, tmp_path: Path) -> None:
    changed(bundle, rewritten)
    changed(bundle, resealed)
    convicted(bundle, "T62")
    folder = tmp_path / "evidence"
    convicted(bundle, "T04", verdict=Verdict.DIVERGED, policy=policy(), evidence=folder, now=NOW)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("kind", ["bundle", "folder"])
def test_t40_a_key_of_its_own(request: pytest.FixtureRequest, kind: str) -> None:
    path: Path = request.getfixturevalue(kind)
    other = SigningKey.generate(LOG.vkey.name)
    if kind == "bundle":
        changed(path, lambda lines: resealed(lines, lambda made: signed(made, other)))
    else:
        (path / "checkpoint").write_bytes(signed(Checkpoint(*root_of_file(path.with_name("ledger.db"))), other))
    convicted(path, "T40", policy=policy(), now=NOW)
    stranger = policy()._replace(logs=policy().logs[:0])
    convicted(path, "T39", verdict=Verdict.UNDECIDED, policy=stranger, now=NOW)


MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "leading zero": lambda note: note.replace(b"\n12\n", b"\n012\n"),
    "sign": lambda note: note.replace(b"\n12\n", b"\n+12\n"),
    "underscore": lambda note: note.replace(b"\n12\n", b"\n1_2\n"),
    "other digits": lambda note: note.replace(b"\n12\n", "\n١٢\n".encode()),
    "carriage return": lambda note: note.replace(b"\n12\n", b"\r\n12\r\n"),
    "short root": lambda note: b"\n".join([*note.split(b"\n")[:2], b"AAAA", *note.split(b"\n")[3:]]),
    "spare bits": lambda note: note.replace(b"=\n\n", b"=\n\n").replace(note.split(b"\n")[2], spare(note)),
    "a line more": lambda note: note.replace(b"\n\n", b"\nmore\n\n", 1),
    "no signature": lambda note: note.partition("— ".encode())[0],
}


def spare(note: bytes) -> bytes:
    """The root in a second spelling of base64."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    root = note.split(b"\n")[2]
    return root[:-2] + alphabet[alphabet.index(root[-2:-1]) + 1 :][:1] + b"="


@pytest.mark.parametrize("how", MALFORMED)
def test_t43_malformed_notes(ledger: Path, bundle: Path, how: str) -> None:
    bad = MALFORMED[how](note_of(ledger, "one", "two"))
    with pytest.raises(InvalidValueError):
        verify(ledger, checkpoint=bad, policy=policy())

    def spoil(lines: list[bytes]) -> None:
        footer = parse(lines[-1])
        footer["checkpoint"] = bad.decode()
        lines[-1] = canonical(footer)

    (finding,) = convicted(changed(bundle, spoil), "T43").findings
    assert finding.field == "line 14"


def test_t56_sealed_texts_guessed_from_an_export(ledger: Path, tmp_path: Path) -> None:
    bare = bundled(ledger, tmp_path / "bare.jsonl", openings=False)
    data = bare.read_bytes()
    guesses = ["Lee Hana", "Alibek Bakayev", "It was held.", "Forum held", *(f"No. {number}" for number in range(6))]
    for line in data.split(b"\n")[1:-2]:
        leaf = parse(line)
        for path, found in leaf["sealed"].items():
            for guess in guesses:
                assert guess.encode() not in line
                for salt in ("", "0" * 64):  # an attacker has no salt; equal texts have other commitments
                    assert commitment(leaf["origin"], leaf["id"], path, salt, guess) != found
    sealed = [digest for line in data.split(b"\n")[1:-2] for digest in parse(line)["sealed"].values()]
    assert len(set(sealed)) == len(sealed) > 20


@pytest.mark.parametrize("place", ["tile/0/../000", "tile/entries/0 1", "tile/readme", "tile/0/000.p/012"])
def test_t61_names_that_no_log_has(folder: Path, place: str) -> None:
    target = folder / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"x")
    convicted(folder, "T61", verdict=Verdict.UNREADABLE)


@pytest.mark.parametrize("name", ["0", "300", "012", "x"])
def test_t61_folders_where_files_belong(folder: Path, name: str) -> None:
    (folder / "tile" / "0" / "000.p" / name).mkdir(parents=True)
    convicted(folder, "T62")
    with pytest.raises(PublicationError):
        read_published(folder)


def test_t61_a_link_in_the_place_of_all_tiles(folder: Path, tmp_path: Path) -> None:
    (folder / "tile").rename(tmp_path / "elsewhere")
    (folder / "tile").symlink_to(tmp_path / "elsewhere")
    convicted(folder, "T61", verdict=Verdict.UNREADABLE)


def test_t61_links_and_pipes(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (folder / "tile" / "1").symlink_to(secret)
    convicted(folder, "T61", verdict=Verdict.UNREADABLE)
    (folder / "tile" / "1").unlink()
    note = folder / "checkpoint"
    kept = note.read_bytes()
    note.unlink()
    note.symlink_to("/dev/zero")
    convicted(folder, "T61", verdict=Verdict.UNREADABLE)
    note.unlink()
    os.mkfifo(note)
    convicted(folder, "T61", verdict=Verdict.UNREADABLE)
    note.unlink()
    note.write_bytes(kept)
    (file,) = (folder / "tile" / "entries").rglob("12")
    file.unlink()
    file.symlink_to("/dev/zero")
    convicted(folder, "T62")


@pytest.fixture
def nested(folder: Path) -> Iterator[Callable[[str, int], None]]:
    """A way to put folders into each other, as many as no walk that calls itself comes through."""
    made: list[Path] = []

    def nest(name: str, depth: int) -> None:
        place = folder / "tile"
        for _ in range(depth):
            place /= name
            place.mkdir()
            made.append(place)

    yield nest
    for place in reversed(made):  # nor does the one that clears up after tests
        place.rmdir()


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize(("name", "depth"), [("a", 1_000), (".a", 1_000), ("000", 9)])
def test_t61_folders_in_each_other_without_end(
    ledger: Path, folder: Path, nested: Callable[[str, int], None], name: str, depth: int, limited: bool
) -> None:
    nested(name, depth)
    (finding,) = convicted(folder, "T61", verdict=Verdict.UNREADABLE, limited=limited).findings
    assert finding.field == "/".join(["tile", *[name] * 9])
    with pytest.raises(PublicationError, match="no file of a published log"):
        read_published(folder)
    with Ledger.open(ledger) as opened, pytest.raises(PublicationError, match="no file of a published log"):
        opened.publish(folder)


def test_t61_empty_folders_that_a_name_could_lead_through(ledger: Path, folder: Path) -> None:
    (folder / "tile").joinpath(*["x000"] * 8).mkdir(parents=True)
    assert verify(folder).verdict is Verdict.SELF_CONSISTENT
    assert told_by_the_second(folder)[0] == Verdict.SELF_CONSISTENT.exit_code
    with Ledger.open(ledger) as opened:
        assert opened.publish(folder) == ()


def test_t62_files_that_disagree(folder: Path) -> None:
    (file,) = (folder / "tile" / "0").rglob("12")
    whole = file.read_bytes()
    for data in (whole[:-1], whole + b"x", whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(data)
        convicted(folder, "T62")
    file.unlink()
    report = convicted(folder, "T62")
    assert any("not as they were published" in line for line in report.unchecked)


@pytest.mark.parametrize("kind", ["0", "entries"])
def test_t62_the_file_that_was_changed_is_named(tmp_path: Path, kind: str) -> None:
    ledger = honest(tmp_path / "long.db", more=300)
    for note in (signed(Checkpoint(*root_of_file(ledger))), None):
        folder = published(ledger, tmp_path / f"site {note is None}", note)
        file = folder / "tile" / kind / "000"
        data = file.read_bytes()
        file.write_bytes(data.replace(b'"position":7,', b'"position":8,') if kind == "entries" else data[::-1])
        (finding,) = convicted(folder, "T62").findings
        named = f"tile/{kind}/000" if note is not None else "tile/entries/000 and tile/0/000"
        assert finding.field == named


def test_t62_a_folder_of_the_leaves_of_others(ledger: Path, tmp_path: Path) -> None:
    other = published(honest(tmp_path / "other.db", origin="other.example/1"), tmp_path / "site")
    note = signed(Checkpoint(ORIGIN, *root_of_file(tmp_path / "other.db")[1:]))
    (other / "checkpoint").write_bytes(note)
    assert {finding.code for finding in verify(other).findings} == {"T20"}


FRAMES: dict[str, Change] = {
    "an entry less": lambda lines: lines.__delitem__(5),
    "an entry twice": lambda lines: lines.insert(5, lines[5]),
    "another size": lambda lines: lines.__setitem__(0, lines[0].replace(b'"size":12', b'"size":11')),
    "another count": lambda lines: lines.__setitem__(-1, lines[-1].replace(b'"entries":12', b'"entries":13')),
    "something behind": lambda lines: lines.append(b"{}"),
    "no footer": lambda lines: lines.__delitem__(-1),
    "another key": lambda lines: lines.__setitem__(0, lines[0].replace(b"{", b'{"a":1,', 1)),
    "an unknown version": lambda lines: lines.__setitem__(0, lines[0].replace(b'"version":1', b'"version":2')),
}


@pytest.mark.parametrize("how", FRAMES)
def test_t62_counts_and_lines(bundle: Path, how: str) -> None:
    report = convicted(changed(bundle, FRAMES[how]), "T62", verdict=Verdict.UNREADABLE)
    assert (report.findings[0].field or "").startswith("line ")


def test_t62_the_root_that_a_bundle_states(bundle: Path) -> None:
    changed(bundle, rewritten)
    convicted(bundle, "T62")
    convicted(changed(bundle, resealed), "T62")  # the checkpoint is another's


def test_t59_lines_without_end(bundle: Path) -> None:
    with bundle.open("r+b") as file:
        file.truncate(40 * 1024 * 1024)
    data = bundle.read_bytes().replace(b"\x00", b"x")
    bundle.write_bytes(data)
    convicted(bundle, "T62", verdict=Verdict.UNREADABLE)
    bundle.write_bytes(b'{"' + b"x" * 100_000)
    convicted(bundle, "T59", verdict=Verdict.UNREADABLE)


def leaf_change(at: int, **changes: Any) -> Change:
    def change(lines: list[bytes]) -> None:
        leaf, tab, openings = lines[at + 1].partition(b"\t")
        lines[at + 1] = canonical({**parse(leaf), **changes}) + tab + openings
        resealed(lines)

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (leaf_change(3, position=4), "T06"),
        (leaf_change(3, origin="other.example/1"), "T20"),
        (leaf_change(11, recorded_at="2016-11-14T09:00:00.000000Z"), "T15"),
        (leaf_change(11, recorded_at="2999-11-14T09:00:00.000000Z"), "T16"),
        (leaf_change(11, once=None), "T57"),
        (leaf_change(11, once=["batch", 0, 1]), "T21"),
        (leaf_change(0, v=2), "T24"),
        (leaf_change(0, type="claim.unheard"), "T24"),
    ],
)
def test_what_leaves_say_is_judged_as_in_a_ledger_file(ledger: Path, tmp_path: Path, change: Change, code: str) -> None:
    path = changed(bundled(ledger, tmp_path / "plain.jsonl"), change)
    report = verify(path)
    assert code in {finding.code for finding in report.findings}, list(map(str, report.findings))
    placed = [finding for finding in report.findings if finding.position is not None]
    assert placed
    assert all(finding.where == f"line {(finding.position or 0) + 2}" for finding in placed)
    assert "(line " in report.as_text()


def test_openings_of_a_bundle(ledger: Path, tmp_path: Path) -> None:
    def less(lines: list[bytes]) -> None:
        lines[1] = lines[1].partition(b"\t")[0]
        lines[-1] = canonical({**parse(lines[-1]), "opened": parse(lines[-1])["opened"] - 1})

    convicted(changed(bundled(ledger, tmp_path / "less.jsonl"), less), "T51")

    def other(lines: list[bytes]) -> None:
        lines[1] = lines[1].replace(b"No. 0", b"No. 9")

    convicted(changed(bundled(ledger, tmp_path / "other.jsonl"), other), "T52")


def test_a_checkpoint_that_somebody_kept_confirms_more_than_a_newer_one_that_came_along(
    ledger: Path, tmp_path: Path
) -> None:
    kept = Checkpoint(*root_of_file(ledger))
    grow(ledger, 90)
    forged = signed(Checkpoint(*root_of_file(ledger)), SigningKey.generate(ORIGIN))
    for handed in (bundled(ledger, tmp_path / "x.jsonl", checkpoint=forged), published(ledger, tmp_path / "y", forged)):
        report = convicted(handed, verdict=Verdict.STALE, checkpoint=kept, now=NOW)
        assert (report.anchor, report.own) == (kept, False)
        assert f"The 1 recorded since then rest on the {report.kind} alone" in report.as_text()
        assert report.kind in ("bundle", "folder")
