"""T57 openings in another spelling; T58 and T59 openings without measure; and no report or error that shows a word."""

from __future__ import annotations

import sqlite3
import traceback
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import CoopLedgerError, Ledger
from coop_ledger.audit import Verdict, sealed, verify
from coop_ledger.codec import MAX_OPENINGS, canonical, commitment, parse, parse_openings
from coop_ledger.errors import BundleError, CodecError, StoreDamagedError
from tests.attacks.tools import attacked, codes, convicted, honest, loosened, redact, rewrite, settle

Spell = Callable[[bytes], bytes]


def swap(old: bytes, new: bytes) -> Spell:
    return lambda blob: blob.replace(old, new, 1)


ALIKE: dict[str, Spell] = {
    "blanks": swap(b",", b", "),
    "blanks at the end": lambda blob: blob + b" ",
    "a line end": lambda blob: blob.replace(b":", b":\n", 1),
    "another order": lambda blob: b"{" + b",".join(reversed(_members(blob))) + b"}",
    "an escape that is not needed": swap(b"No. 0", b"\\u004eo. 0"),
    "an escape in a path": swap(b"/note", b"/no\\u0074e"),
    "an escaped slash": swap(b"/note", b"\\/note"),
}
"""Other spellings of what stands there."""
NONE: dict[str, Spell] = {
    "an empty object": lambda blob: b"{}",
    "blanks alone": lambda blob: b" ",
    "a list": lambda blob: b"[]",
    "nothing but a beginning": lambda blob: b"{",
    "a path twice": lambda blob: b"{" + _members(blob)[0] + b"," + blob[1:],
    "a salt in capitals": swap(b'["', b'["A'),
    "no UTF-8": swap(b"No. 0", b"\xff"),
    "no text": lambda blob: b'{"/note":7}',
    "more behind": lambda blob: blob + b"{}",
    "a mark of byte order": lambda blob: b"\xef\xbb\xbf" + blob,
    "UTF-16": lambda blob: blob.decode().encode("utf-16"),
    "10,000 levels": lambda blob: b"[" * 10_000,
}


def _members(blob: bytes) -> list[bytes]:
    return [canonical({path: opening})[1:-1] for path, opening in parse(blob).items()]


def spelled(path: Path, spell: Spell, position: int = 0) -> None:
    with attacked(path) as db:
        (blob,) = db.execute("SELECT blob FROM openings WHERE position = ?", (position,)).fetchone()
        assert spell(blob) != blob
        put(db, spell(blob), position)


def put(db: sqlite3.Connection, blob: object, position: int = 0) -> None:
    db.execute("UPDATE openings SET blob = ? WHERE position = ?", (blob, position))


@pytest.mark.parametrize("name", [*ALIKE, *NONE])
def test_t57_openings_in_another_spelling(ledger: Path, name: str) -> None:
    """Found by every pass, refused by every reader with an error of ours, and no way out of the file."""
    spelled(ledger, (ALIKE | NONE)[name])
    for quick in (False, True):
        (finding,) = convicted(ledger, "T57", quick=quick).findings
        assert (finding.position, finding.field) == (0, "openings.blob")
    with Ledger.open(ledger) as opened:
        with pytest.raises(CodecError):
            opened.entry(0)
        assert opened.entry(1) is not None
        with pytest.raises(StoreDamagedError):
            opened.export(ledger.with_suffix(".bundle"))


@pytest.mark.parametrize("name", [*ALIKE, *NONE, "nothing"])
def test_t57_openings_in_another_spelling_in_a_bundle(ledger: Path, name: str) -> None:
    path = ledger.with_suffix(".bundle")
    with Ledger.open(ledger) as opened:
        opened.export(path)
    lines = path.read_bytes().split(b"\n")
    leaf, _, blob = lines[1].partition(b"\t")
    spelling = b"" if name == "nothing" else (ALIKE | NONE)[name](blob)
    lines[1] = leaf + b"\t" + spelling
    path.write_bytes(b"\n".join(lines))
    in_frame = not any(byte < 0x20 for byte in spelling)
    for quick in (False, True):
        report = verify(path, quick=quick)
        wanted = ({"T57"}, Verdict.INVALID) if in_frame else ({"T62"}, Verdict.UNREADABLE)
        assert (codes(report), report.verdict) == wanted
    with pytest.raises(BundleError):
        Ledger.from_bundle(path)


def test_the_row_that_an_erasure_leaves_empty_is_no_other_spelling(ledger: Path) -> None:
    redact(ledger, 5, "/event/name", "/sources/0/author", "/sources/0/quote", "/sources/0/title")
    with attacked(ledger) as db:
        assert db.execute("SELECT blob FROM openings WHERE position = 5").fetchone() == (b"",)
    for quick in (False, True):
        convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=quick)
    with attacked(ledger) as db:
        put(db, b"{}", 5)
    assert codes(convicted(ledger, "T55", "T57")) == {"T55", "T57"}


def no_blobs(kind: str) -> Any:
    return {"a text": "{}", "a text that is none": b"\xffKemelova", "a number": 7}[kind]


@pytest.mark.parametrize("kind", ["a text", "a text that is none", "a number"])
def test_openings_of_another_type_are_refused_and_not_shown(ledger: Path, kind: str) -> None:
    """A database says of a text that is no UTF-8 what stands in it."""
    with loosened(ledger) as db:
        put(db, no_blobs(kind))
        if kind == "a text that is none":
            db.execute("UPDATE openings SET blob = CAST(blob AS TEXT) WHERE position = 0")
    assert "T31" in codes(verify(ledger))
    with Ledger.open(ledger) as opened:
        with pytest.raises(CoopLedgerError) as caught:
            opened.entry(0)
        assert "Kemelova" not in _told(caught.value)
        with pytest.raises(CoopLedgerError) as caught:
            opened.sealed(0)
        assert "Kemelova" not in _told(caught.value)


MUCH = MAX_OPENINGS - 100
MEASURELESS: dict[str, tuple[bytes, str]] = {
    "tiny arrays": (b'{"/note":[' + b"[]," * (MUCH // 3) + b"[]]}", "T57"),
    "many": (b"{" + b",".join(b'"/%06d":["%b",""]' % (at, b"5a" * 32) for at in range(100_000)) + b"}", "T58"),
    "too large": (b'{"/note":["%b","%b"]}' % (b"5a" * 32, b"x" * MAX_OPENINGS), "T58"),
    "one text": (b'{"/note":["%b","%b"]}' % (b"5a" * 32, b"x" * MUCH), "T51 T52"),
}


@pytest.mark.parametrize("name", MEASURELESS)
def test_t58_openings_without_measure(ledger: Path, name: str) -> None:
    blob, expected = MEASURELESS[name]
    with attacked(ledger) as db:
        put(db, blob)
    for quick in (False, True):
        tracemalloc.start()
        try:
            report = convicted(ledger, *expected.split(), quick=quick)
            assert tracemalloc.get_traced_memory()[1] < 128 << 20
        finally:
            tracemalloc.stop()
        assert len(report.as_json()) < 10_000


def test_t59_openings_beyond_all_measure(ledger: Path) -> None:
    with attacked(ledger) as db:
        put(db, b"x" * (18 << 20))
    convicted(ledger, "T59", verdict=Verdict.UNREADABLE)


class Counted:
    """How much is hashed to find where wrong texts belong."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = self.characters = 0
        monkeypatch.setattr(sealed, "commitment", self)

    def __call__(self, *parts: str) -> str:
        self.calls += 1
        self.characters += sum(map(len, parts))
        return commitment(*parts)


@pytest.mark.parametrize("length", [5, 40_000, 1_000_000])
def test_t58_the_home_of_wrong_texts_is_looked_for_within_bounds(
    ledger: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of many wrong texts, in front of many commitments: all are told, none is looked for without end."""
    many = {f"/x/{at:03}": f"{at:064x}" for at in range(800)}
    wrong = {path: ["5a" * 32, "y" * length] for path in [*many][:10]}
    with attacked(ledger) as db:
        for position in range(6):
            rewrite(db, position, lambda leaf: leaf.update(sealed=many))
            db.execute("INSERT OR REPLACE INTO openings VALUES (?, ?)", (position, canonical(wrong)))
        settle(db)
    counted = Counted(monkeypatch)
    report = verify(ledger, quick=True)
    told = report.more + len(report.findings)
    assert (report.verdict, codes(report) >= {"T52"}, told >= 60) == (Verdict.INVALID, True, True)
    read_once = 60 * (length + 1_000)
    assert counted.characters < read_once + (48 << 20)
    assert counted.calls < 250_000


def test_a_moved_text_is_still_found_among_others(ledger: Path) -> None:
    """The bound is far beyond what an honest ledger's accidents need."""
    with attacked(ledger) as db:
        blobs = [parse(blob) for (blob,) in db.execute("SELECT blob FROM openings WHERE position < 3")]
        for position, blob in enumerate((*blobs[1:], blobs[0])):
            put(db, canonical(blob), position)
    report = convicted(ledger, "T53")
    assert {finding.found for finding in report.findings} == {
        f"the text of {path} of position {position}"
        for position in range(3)
        for path in ("/note", "/sources/0/author", "/sources/0/quote", "/sources/0/title")
    }


def test_t58_large_openings_are_read_once_however_often_they_are_redacted(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with attacked(ledger) as db:
        put(db, b'{"/note":["%b","%b"]}' % (b"5a" * 32, b"x" * 100_000))
    for _ in range(5):
        redact(ledger, 0, "/note", erase=False)
    read: list[int] = []

    def counting(blob: bytes | None) -> Any:
        read.append(len(blob or b""))
        return parse_openings(blob)

    monkeypatch.setattr(sealed, "parse_openings", counting)
    report = convicted(ledger, "T51", "T52", "T55", quick=True)
    assert sum(finding.code == "T55" for finding in report.findings) == 5
    assert sum(size > 100_000 for size in read) == 1


# what is said of damaged openings says nothing of what they hold

MARK, SALT = "Kemelova", "5a5b5c5d"


def _told(error: BaseException) -> str:
    """All that a program may print of an error, and of those that led to it."""
    parts = traceback.format_exception(error, limit=0)
    seen: BaseException | None = error
    while seen is not None:
        parts += [repr(seen), str(seen), *getattr(seen, "__notes__", ())]
        seen = seen.__cause__ or seen.__context__
    return "".join(parts)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A ledger whose first entry has openings full of marks, and a bundle of it."""
    path = honest(tmp_path_factory.mktemp("marked") / "marked.db")
    blob = canonical(
        {name: [SALT * 8, f'{MARK} "said"\n – {MARK}'] for name in ("/note", "/sources/0/author", "/sources/0/title")}
    )
    with Ledger.open(path) as opened:
        opened.export(path.with_suffix(".bundle"))
    with attacked(path) as db:
        put(db, blob)
    return path, blob


@settings(max_examples=40)
@given(st.data())
def test_nothing_that_is_said_of_damaged_openings_shows_them(marked: tuple[Path, bytes], data: st.DataObject) -> None:
    path, blob = marked
    places = st.integers(0, len(blob))
    start, end = sorted((data.draw(places), data.draw(places)))
    put_in = data.draw(st.sampled_from((b"", b'"', b"\\", b"\xff", b"]}", b'":["', b"\t", b"\n", blob[start:end] * 2)))
    damaged = blob[:start] + put_in + blob[data.draw(st.sampled_from((start, min(start + 1, end), end))) :]
    with attacked(path) as db:
        put(db, damaged)
    told = [form for quick in (False, True) for report in [verify(path, quick=quick)] for form in _forms(report)]
    with Ledger.open(path, readonly=True) as opened:
        for ask in (lambda: opened.entry(0), lambda: opened.sealed(0), lambda: list(opened.entries())):
            try:
                ask()
            except CoopLedgerError as error:
                told.append(_told(error))
    bundle = path.with_suffix(".damaged")
    first, rest = path.with_suffix(".bundle").read_bytes().split(b"\t", 1)
    for tab in (b"\t", b"", b"\n", b"x"):
        bundle.write_bytes(first + tab + damaged + b"\n" + rest.split(b"\n", 1)[1])
        told += _forms(verify(bundle))
        try:
            Ledger.from_bundle(bundle)
        except CoopLedgerError as error:
            told.append(_told(error))
    assert not [one for one in told if MARK in one or SALT in one]


def _forms(report: Any) -> list[str]:
    return [report.as_text(), report.as_json(), repr(report)]
