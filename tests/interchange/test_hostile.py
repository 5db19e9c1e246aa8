"""Files that are no bundle, or one that somebody changed: refused with the line, and nothing is kept of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import Ledger
from coop_ledger.codec import canonical
from coop_ledger.errors import BundleError, CoopLedgerError
from coop_ledger.interchange import import_bundle, read_bundle
from coop_ledger.log import leaf_hash, root_of
from coop_ledger.stores import MemoryStore
from coop_ledger.testing import ticking
from tests.codec.leaves import changed
from tests.interchange.support import ORIGIN, as_bundle, edited, entries_of, small

LATE = ticking(datetime(2031, 1, 1, tzinfo=UTC))
Lines = list[bytes]
Pairs = list[tuple[bytes, bytes | None]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of three entries from one call."""
    return as_bundle(small(once="import 7"), tmp_path_factory.mktemp("whole"))


def refused(path: Path, folder: Path, **options: Any) -> BundleError:
    """How a bundle is refused, by both stores, which keep nothing."""
    memory = MemoryStore(ORIGIN, clock=LATE)
    with pytest.raises(BundleError) as caught:
        import_bundle(path, memory, **options)
    assert memory.head().size == 0
    with pytest.raises(BundleError) as again:
        import_bundle(path, folder / "copy.ledger", **options)
    assert str(again.value) == str(caught.value)
    assert not list(folder.glob("copy.ledger*"))
    return caught.value


# the frame


def header(lines: Lines, **keys: Any) -> Lines:
    return [changed(lines[0], **keys) + b"\n", *lines[1:]]


def footer(lines: Lines, **keys: Any) -> Lines:
    return [*lines[:-1], changed(lines[-1], **keys) + b"\n"]


def line(at: int, change: Callable[[bytes], bytes]) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[:at], change(lines[at]), *lines[at + 1 :]]


FRAMES: dict[str, tuple[Callable[[Lines], Lines], int, str]] = {
    "empty": (lambda lines: [], 1, "ends too early"),
    "header-only": (lambda lines: lines[:1], 2, "ends too early"),
    "footer-missing": (lambda lines: lines[:-1], 5, "ends too early"),
    "no-last-line-feed": (line(4, lambda text: text[:-1]), 5, "ends within a line"),
    "cut-in-an-entry": (lambda lines: [*lines[:2], lines[2][:90]], 3, "ends within a line"),
    "byte-order-mark": (line(0, lambda text: b"\xef\xbb\xbf" + text), 1, "byte order mark"),
    "utf-16": (lambda lines: [b"".join(lines).decode().encode("utf-16")], 1, "UTF-16"),
    "utf-16-without-mark": (lambda lines: [b"".join(lines).decode().encode("utf-16-le")], 1, "no line holds"),
    "carriage-returns": (lambda lines: [text[:-1] + b"\r\n" for text in lines], 1, "no line holds"),
    "a-carriage-return": (line(2, lambda text: text[:-1] + b"\r\n"), 3, "no line holds"),
    "nul": (line(2, lambda text: text.replace(b"2017", b"20\x007")), 3, "no line holds"),
    "two-tabs": (line(2, lambda text: text[:-1] + b"\t{}\n"), 3, "a second tab"),
    "an-empty-line": (lambda lines: [*lines[:2], b"\n", *lines[2:]], 3, "this is no leaf"),
    "blanks-before-a-leaf": (line(2, lambda text: b" " + text), 3, "this is no leaf"),
    "another-format": (lambda lines: header(lines, format="other"), 1, "no bundle of a ledger"),
    "no-format": (lambda lines: header(lines, format=...), 1, "no bundle of a ledger"),
    "header-is-a-list": (line(0, lambda text: b"[]\n"), 1, "this line is an object"),
    "header-is-no-json": (line(0, lambda text: b"{\n"), 1, "not JSON"),
    "header-not-canonical": (line(0, lambda text: text.replace(b",", b", ")), 1, "not the canonical form"),
    "header-key-twice": (line(0, lambda text: text.replace(b"{", b'{"format":"x",')), 1, "stands twice"),
    "header-too-long": (lambda lines: header(lines, origin="x" * 5_000), 1, "the line is too long"),
    "header-nested": (lambda lines: header(lines, origin=[[[[]]]]), 1, "another type"),
    "header-too-deep": (line(0, lambda text: b"[" * 2_000 + b"]" * 2_000 + b"\n"), 1, "nested too deep"),
    "a-key-more": (lambda lines: header(lines, more=1), 1, "missing or strange"),
    "a-key-less": (lambda lines: header(lines, openings=...), 1, "missing or strange"),
    "a-checkpoint-in-the-header": (lambda lines: header(lines, checkpoint="x"), 1, "missing or strange"),
    "a-later-version": (lambda lines: header(lines, version=2, more=1), 1, "no such version"),
    "version-true": (lambda lines: header(lines, version=True), 1, "another type"),
    "openings-one": (lambda lines: header(lines, openings=1), 1, "another type"),
    "size-text": (lambda lines: header(lines, size="3"), 1, "another type"),
    "size-negative": (lambda lines: header(lines, size=-1), 1, "too large"),
    "size-enormous": (lambda lines: header(lines, size=2**53 - 1), 1, "too large"),
    "size-beyond-numbers": (line(0, lambda text: text.replace(b":3,", b":99999999999999999999,")), 1, "too large"),
    "size-a-fraction": (line(0, lambda text: text.replace(b":3,", b":3.0,")), 1, "fraction"),
    "no-origin": (lambda lines: header(lines, origin="a b"), 1, "an origin is"),
    "one-more-than-said": (lambda lines: header(lines, size=2), 4, "more entries than the header says"),
    "one-less-than-said": (lambda lines: header(lines, size=4), 5, "this is no leaf"),
    "sealed-with-openings": (lambda lines: header(lines, openings=False), 2, "openings in a bundle without"),
    "a-leaf-too-long": (line(2, lambda text: b'{"body":' + b"x" * 65_528 + b"\n"), 3, "the line is too long"),
    "a-line-without-end": (line(2, lambda text: b'{"body":' + b"x" * 17_000_000), 3, "the line is too long"),
    "openings-too-long": (line(2, lambda text: text[:-2] + b" " * 16_777_216 + b"}\n"), 3, "the line is too long"),
    "footer-counts-more": (lambda lines: footer(lines, entries=4), 5, "counts otherwise"),
    "footer-counts-less": (lambda lines: footer(lines, entries=2), 5, "counts otherwise"),
    "footer-counts-openings": (lambda lines: footer(lines, opened=2), 5, "counts otherwise"),
    "footer-is-text": (line(4, lambda text: b'"entries"\n'), 5, "this line is an object"),
    "footer-without-root": (lambda lines: footer(lines, root=...), 5, "missing or strange"),
    "footer-with-more": (lambda lines: footer(lines, more=None), 5, "missing or strange"),
    "footer-root-a-number": (lambda lines: footer(lines, root=1), 5, "another type"),
    "footer-root-short": (lambda lines: footer(lines, root="00"), 5, "64 hex digits"),
    "footer-root-in-capitals": (lambda lines: footer(lines, root="A" * 64), 5, "64 hex digits"),
    "footer-checkpoint-null": (lambda lines: footer(lines, checkpoint=None), 5, "another type"),
    "footer-too-long": (lambda lines: footer(lines, checkpoint="x" * 1_048_576), 5, "the line is too long"),
    "a-line-after-the-footer": (lambda lines: [*lines, b"{}\n"], 6, "something follows the footer"),
    "a-line-feed-after-the-footer": (lambda lines: [*lines, b"\n"], 6, "something follows the footer"),
    "a-byte-after-the-footer": (lambda lines: [*lines, b"\x00"], 6, "something follows the footer"),
    "a-bundle-after-the-bundle": (lambda lines: lines + lines, 6, "something follows the footer"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_that_does_not_hold(whole: Path, tmp_path: Path, name: str) -> None:
    """T62."""
    change, at, why = FRAMES[name]
    path = edited(whole, change, f"{name}.bundle")
    with pytest.raises(BundleError, match=why) as caught:
        list(read_bundle(path))
    assert f"{path}, line {at}" in str(caught.value)
    error = refused(path, tmp_path)
    assert f"{path}, line {at}" in str(error)
    assert why in str(error)
    assert len(str(error)) < 1_000
    path.unlink()


def test_a_checkpoint_is_left_to_who_takes_the_lines(whole: Path, tmp_path: Path) -> None:
    path = edited(whole, lambda lines: footer(lines, checkpoint="x"))
    assert len(list(read_bundle(path))) == 5
    assert "line 5" in str(refused(path, tmp_path))


# what the lines say: frames, counts and root are right in all of these


def forged(path: Path, pairs: Sequence[tuple[bytes, bytes | None]], *, openings: bool = True) -> Path:
    """A bundle of any leaves, whose counts and root fit."""
    head = {"format": "coop-ledger-bundle", "openings": openings, "origin": ORIGIN, "size": len(pairs), "version": 1}
    root = root_of(leaf_hash(leaf) for leaf, _ in pairs).hex()
    foot = {"entries": len(pairs), "opened": sum(blob is not None for _, blob in pairs), "root": root}
    body = [leaf if blob is None else leaf + b"\t" + blob for leaf, blob in pairs]
    path.write_bytes(b"".join(text + b"\n" for text in (canonical(head), *body, canonical(foot))))
    return path


def leaf(at: int, **keys: Any) -> Callable[[Pairs], Pairs]:
    return lambda pairs: [
        (changed(text, **keys), blob) if place == at else (text, blob) for place, (text, blob) in enumerate(pairs)
    ]


def leaves(**keys: Sequence[Any]) -> Callable[[Pairs], Pairs]:
    """All leaves with other keys, one value for each leaf."""
    return lambda pairs: [
        (changed(text, **{key: values[at] for key, values in keys.items()}), blob)
        for at, (text, blob) in enumerate(pairs)
    ]


def opening(at: int, change: Callable[[bytes], bytes | None]) -> Callable[[Pairs], Pairs]:
    return lambda pairs: [
        (text, change(blob or b"")) if place == at else (text, blob) for place, (text, blob) in enumerate(pairs)
    ]


TIMES = ["2016-11-20T09:00:00.000000Z", "2016-11-20T10:00:00.000000Z"]

_ONE_FORM = "the openings are not in the one form that they can have"

CONTENTS: dict[str, tuple[Callable[[Pairs], Pairs], int, str]] = {
    "swapped": (lambda pairs: [pairs[1], pairs[0], pairs[2]], 2, "not the one that should stand here"),
    "removed": (lambda pairs: [pairs[0], pairs[2]], 3, "not the one that should stand here"),
    "doubled": (lambda pairs: [*pairs, pairs[2]], 5, "not the one that should stand here"),
    "renumbered": (lambda pairs: leaf(1, position=1)([pairs[0], pairs[2]]), 3, "one after the other"),
    "of-another-ledger": (leaf(1, origin="other.example/1"), 3, "not the one that should stand here"),
    "cut-within-a-call": (lambda pairs: pairs[:2], 4, "one after the other"),
    "begun-within-a-call": (lambda pairs: leaf(0, position=0)(pairs[1:2]), 2, "one after the other"),
    "a-call-counted-anew": (leaf(1, once=["import 7", 1, 4]), 3, "one after the other"),
    "a-call-under-two-keys": (leaf(1, once=["import 8", 1, 3]), 3, "one after the other"),
    "a-call-within-a-call": (leaf(1, once=...), 3, "one after the other"),
    "time-goes-back": (leaves(recorded_at=[TIMES[1], TIMES[0], TIMES[1]]), 3, "goes back"),
    "clamped-first": (leaf(0, recorded_clamped=True), 2, "a clamped time"),
    "clamped-to-another": (
        leaves(recorded_at=[*TIMES, TIMES[1]], recorded_clamped=[..., True, True]),
        3,
        "a clamped time",
    ),
    "no-such-time": (leaf(1, recorded_at="2016-02-30T09:00:00.000000Z"), 3, "time of recording"),
    "another-leaf-format": (leaf(1, v=2), 3, "no such format"),
    "a-strange-key": (leaf(1, zebra=1), 3, "exactly its keys"),
    "a-body-off-its-type": (leaf(1, body={"assertion": "PLANNED", "event": {}}), 3, "sealed path leads nowhere"),
    "not-canonical": (lambda pairs: [(pairs[0][0].replace(b'{"body":', b'{"body": '), None)], 2, "canonical form"),
    "not-utf-8": (lambda pairs: [(pairs[0][0].replace(b"2017", b"20\xff7"), None)], 2, "not UTF-8"),
    "a-key-twice": (lambda pairs: [(b'{"body":{},"body":{}}', None)], 2, "stands twice"),
    "too-deep": (lambda pairs: [(b'{"body":' + b"[" * 9_000 + b"]" * 9_000 + b"}", None)], 2, "nested too deep"),
    "a-huge-number": (lambda pairs: [(b'{"body":' + b"9" * 5_000 + b"}", None)], 2, "too large"),
    "only-the-beginning": (lambda pairs: [(b'{"body":', None)], 2, "not JSON"),
    "a-text-changed": (opening(1, lambda blob: blob.replace(b"note 1", b"note 9")), 3, "does not fit its commitment"),
    "a-salt-changed": (opening(1, lambda blob: blob.replace(b'["', b'["0', 1)), 3, _ONE_FORM),
    "of-another-entry": (lambda pairs: [(pairs[0][0], pairs[1][1]), *pairs[1:]], 2, "does not fit its commitment"),
    "of-another-field": (
        opening(1, lambda blob: blob.replace(b"/note", b"/sources/0/note")), 3, "belongs to no commitment",
    ),
    "openings-empty": (opening(1, lambda blob: b""), 3, _ONE_FORM),
    "openings-none": (opening(1, lambda blob: b"{}"), 3, _ONE_FORM),
    "openings-a-list": (opening(1, lambda blob: b"[]"), 3, _ONE_FORM),
    "openings-with-blanks": (opening(1, lambda blob: blob.replace(b",", b", ")), 3, _ONE_FORM),
    "openings-twice": (opening(1, lambda blob: blob[:-1] + b"," + blob[1:]), 3, _ONE_FORM),
    "openings-not-utf-8": (opening(1, lambda blob: blob.replace(b"note", b"\xff")), 3, _ONE_FORM),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
def test_what_cannot_stand_in_a_ledger(whole: Path, tmp_path: Path, name: str) -> None:
    change, at, why = CONTENTS[name]
    pairs = [(entry.leaf, entry.openings) for entry in entries_of(whole)]
    path = forged(tmp_path / "forged.bundle", change(pairs))
    assert len(list(read_bundle(path))) == len(change(pairs)) + 2  # the frame holds
    error = refused(path, tmp_path)
    assert f"{path}, line {at}" in str(error)
    assert why in str(error)


def test_a_forged_bundle_that_breaks_no_rule_is_one(whole: Path, tmp_path: Path) -> None:
    """So that what is refused above is refused for the reason named; and a root is no evidence."""
    pairs = [(entry.leaf, entry.openings) for entry in entries_of(whole)]
    assert forged(tmp_path / "same", pairs).read_bytes() == whole.read_bytes()
    path = forged(tmp_path / "other", leaf(1, recorder="somebody else")(pairs))
    assert Ledger.from_bundle(path).size == 3
    assert Ledger.from_bundle(forged(tmp_path / "none", [])).size == 0


@pytest.mark.parametrize("apart", [1, 1_000])
@pytest.mark.parametrize("what", ["id", "once"])
def test_an_entry_that_stands_twice_is_named(tmp_path: Path, what: str, apart: int) -> None:
    """Within one page of a store, and across pages."""
    template = entries_of(as_bundle(small(1), tmp_path, "one"))[0].leaf
    made = []
    for at in range(apart + 1):
        keys: dict[str, Any] = {"id": f"01586478-3800-7000-8000-{at:012x}", "sealed": {}, "position": at}
        if at in (0, apart):
            keys[what] = {"id": "01586478-3800-7000-8000-ffffffffffff", "once": ["import 7", 0, 1]}[what]
        made.append((changed(template, **keys), None))
    path = forged(tmp_path / "forged", made, openings=False)
    error = refused(path, tmp_path)
    assert f"line {apart + 2}" in str(error)
    assert error.expected == "another than on line 2"


def test_a_root_that_is_another(whole: Path, tmp_path: Path) -> None:
    path = edited(whole, lambda lines: footer(lines, root="0" * 64))
    error = refused(path, tmp_path)
    assert "line 5" in str(error)
    assert error.what == "the leaves give another root"


# any change at all


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    data = as_bundle(small(2), tmp_path).read_bytes()
    path = tmp_path / "flipped"
    for at in range(len(data)):
        for flip in (0x01, 0x80):
            path.write_bytes(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])
            memory = MemoryStore(ORIGIN, clock=LATE)
            with pytest.raises(CoopLedgerError) as caught:
                import_bundle(path, memory)
            assert isinstance(caught.value, BundleError) or caught.value.where == "line 1"  # another origin
            assert memory.head().size == 0


@cache
def three() -> tuple[bytes, ...]:
    """The lines of a bundle of three entries."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(as_bundle(small(), Path(folder)).read_bytes().splitlines(keepends=True))


def import_bytes(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        import_bundle(file.name, MemoryStore(ORIGIN, clock=LATE))


@given(st.lists(st.integers(0, 4), max_size=7))
def test_lines_that_are_moved_dropped_or_doubled_are_found(order: list[int]) -> None:
    if order != [0, 1, 2, 3, 4]:
        with pytest.raises(BundleError):
            import_bytes(b"".join(three()[at] for at in order))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_lead_to_another_error(data: bytes) -> None:
    lines = three()
    for found in (data, lines[0] + data, b"".join(lines[:-1]) + data, b"".join(lines) + data):
        if found != b"".join(lines):
            with pytest.raises(BundleError):
                import_bytes(found)


@given(st.integers(1, 3), st.integers(0, 800), st.integers(0, 60), st.binary(max_size=60))
def test_no_bytes_within_an_entry_lead_to_another_error(at: int, start: int, length: int, data: bytes) -> None:
    lines = list(three())
    lines[at] = lines[at][:start] + data + lines[at][start + length :]
    if lines[at] != three()[at]:
        with pytest.raises(BundleError):
            import_bytes(b"".join(lines))
