"""Check a bundle, a published folder, a checkpoint or a proof, by the page of the format and nothing else.

This is a second reader of docs/reference/format.md: it shares no line with the package, needs Python 3.11 and no
more, and holds one entry at a time, so that its memory does not grow with what it reads.

    python examples/verify_bundle.py FILE_OR_FOLDER [--key VKEY]... [--checkpoint FILE] [--proof FILE --leaf FILE]

VKEY is a verifier key, or a file that holds one: that of the log, without which no signature counts, and those of
witnesses. Exit codes: 0 sound and anchored by a key or checkpoint that you gave,
10 it agrees with itself and no more, 11 sound, but what anchors it does not cover all of it, 20 undecided, 30 at odds
with a checkpoint, 40 invalid, 50 it cannot be read; 2 the command line is wrong.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import codecs
import hashlib
import json
import os
import re
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

ANCHORED, CONSISTENT, STALE, UNDECIDED, DIVERGED, INVALID, UNREADABLE = 0, 10, 11, 20, 30, 40, 50
MISUSED = 2
MOST_ENTRIES, LONGEST_FILE = 10_000_000, 1 << 36
LONGEST_LEAF, LONGEST_OPENINGS, LONGEST_HEADER, LONGEST_FOOTER, LONGEST_NOTE = 65_535, 1 << 24, 4_096, 1 << 20, 1 << 18


class RefusedError(Exception):
    """What was read breaks the format."""

    code = INVALID


class UndecidedError(RefusedError):
    """What was read is of a format, or a key of a type, that the page does not know."""

    code = UNDECIDED


class UnreadableError(Exception):
    """A file cannot be read, is not built as it must be, or is longer than this program takes."""


class UsageError(Exception):
    """What was given beside the thing to check is not what it must be."""


def refuse_if(broken: object, what: str) -> None:
    """Refuse what is read where a rule is broken."""
    if broken:
        raise RefusedError(what)


# Values, as the page says them


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if any(left >= right for left, right in pairwise(key.encode("utf-16-be") for key, _ in pairs)):
        raise RefusedError("the members of an object are out of order, or one stands twice")
    return dict(pairs)


def _integer(text: str) -> int:
    refuse_if(len(text) > 17 or abs(int(text)) >= 1 << 53, "an integer is out of range")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise RefusedError("a number is no integer")


def value_of(raw: bytes) -> Any:
    """Read a JSON value in its only form."""
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_members, parse_int=_integer, parse_float=_no_number,
            parse_constant=_no_number,
        )  # fmt: skip
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError:
        raise RefusedError("nested more than 16 deep") from None
    except ValueError:
        raise RefusedError("not UTF-8 and JSON") from None
    refuse_if(again != raw, "the JSON is not in its canonical form")
    todo = [(value, 1)]
    while todo:
        inner, depth = todo.pop()
        if isinstance(inner, dict | list):
            refuse_if(depth > 16, "nested more than 16 deep")
            todo += [(key, 0) for key in inner] if isinstance(inner, dict) else []
            todo += [(part, depth + 1) for part in (inner.values() if isinstance(inner, dict) else inner)]
        elif isinstance(inner, str) and "\0" in inner:
            raise RefusedError("a string holds U+0000")
    return value


def _is_int(value: Any, least: int = 0) -> bool:
    return type(value) is int and value >= least


def _matches(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _is_time(value: Any) -> bool:
    if not _matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")(value):
        return False
    try:
        return bool(datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")) and value[17:19] < "60"
    except ValueError:
        return False


def _is_label(value: Any, most: int) -> bool:
    if not isinstance(value, str) or re.search("[\0-\x1f\x7f]", value):
        return False
    return 1 <= len(value) <= most and value == value.strip()


def _is_once(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 3 or not _is_label(value[0], 200):
        return False
    return _is_int(value[1]) and _is_int(value[2]) and bool(value[1] < value[2])


def _are_paths(value: Any) -> bool:
    if not isinstance(value, list) or not all(_is_label(path, 200) and path[0] == "/" for path in value):
        return False
    return len(value) > 0 and len(set(value)) == len(value)


is_hash = _matches("[0-9a-f]{64}")
is_id = _matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
is_origin = _matches("[!-*,-~]{1,200}")
LEAF: dict[str, Callable[[Any], bool]] = {
    "body": lambda value: isinstance(value, dict),
    "id": is_id,
    "once": _is_once,
    "origin": is_origin,
    "position": _is_int,
    "recorded_at": _is_time,
    "recorded_clamped": lambda value: value is True,
    "recorder": _matches("[!-~]|[!-~][ -~]{0,62}[!-~]"),
    "sealed": lambda value: isinstance(value, dict) and all(map(is_hash, value.values())),
    "type": _matches("[a-z0-9.-]{1,100}"),
    "v": lambda value: _is_int(value, 1),
    "version": lambda value: _is_int(value, 1),
}
REDACTION: dict[str, Callable[[Any], bool]] = {
    "authority": lambda value: _is_label(value, 64),
    "basis": lambda value: _is_label(value, 120),
    "paths": _are_paths,
    "target": is_id,
}
HEADER: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value == "coop-ledger-bundle",
    "openings": lambda value: isinstance(value, bool),
    "origin": is_origin,
    "size": _is_int,
    "version": lambda value: _is_int(value) and value == 1,
}
FOOTER: dict[str, Callable[[Any], bool]] = {
    "checkpoint": lambda value: isinstance(value, str),
    "entries": _is_int,
    "opened": _is_int,
    "root": is_hash,
}


def _object(raw: bytes, form: dict[str, Callable[[Any], bool]], optional: Iterable[str]) -> Any:
    value = value_of(raw)
    refuse_if(not isinstance(value, dict), "not an object")
    if form is LEAF and "v" in value and not (_is_int(value["v"]) and value["v"] == 1):
        raise UndecidedError(f"the leaf is of the format {value['v']!a:.80}, which is not known here")
    for key in sorted({*value, *form}):
        if key not in form or (key not in value and key not in optional):
            raise RefusedError(f"the key {key!a} is {'missing' if key in form else 'unknown'}")
        refuse_if(key in value and not form[key](value[key]), f"the value of {key!a} is not of its form")
    return value


def leaf_of(raw: bytes) -> Any:
    """Read a leaf, as far as it can be checked by itself."""
    refuse_if(len(raw) > LONGEST_LEAF, "the leaf is too long")
    leaf = _object(raw, LEAF, ("once", "recorded_clamped"))
    for path in leaf["sealed"]:
        parts, place = path.split("/"), leaf["body"]
        refuse_if(len(parts) < 2 or parts[0] or "~" in path, f"the path {path!a} is none")
        for part in parts[1:-1]:
            if isinstance(place, list):
                fits = re.fullmatch("0|[1-9][0-9]{0,5}", part) and int(part) < len(place)
                place = place[int(part)] if fits else None
            else:
                place = place.get(part) if isinstance(place, dict) else None
        refuse_if(not isinstance(place, dict) or parts[-1] in place, f"nothing can be sealed at {path!a}")
    return leaf


TEXT = rb'"(?:[^"\\\x00-\x1f]++|\\["\\bfnrt]|\\u00(?:0[1-7bef]|1[0-9a-f]))*+"'
OPENING = re.compile(rb"(%b):\[(\"[0-9a-f]{64}\"),(%b)\]" % (TEXT, TEXT))


def openings_of(raw: bytes, leaf: Any) -> Iterator[tuple[str, bool]]:
    """
    Read the openings of a leaf where they stand: the path of each, and whether it gives its commitment.

    What is hashed are the bytes of a text as they are, in the only form, so that nothing is built of them.
    """
    utf8, found, at = codecs.getincrementaldecoder("utf-8")(), list[str](), 0
    try:
        for start in range(0, len(raw) + 1, 1 << 16):
            utf8.decode(raw[start : start + (1 << 16)], final=start + (1 << 16) > len(raw))
    except ValueError:
        raise RefusedError("the openings are not UTF-8") from None
    while at == 0 or raw[at : at + 1] == b",":
        one = OPENING.match(raw, at + 1) if raw[:1] == b"{" else None
        if one is None or len(found) == len(leaf["sealed"]):
            raise RefusedError("the openings are no object of texts in its canonical form, empty, or too many")
        path, at = value_of(one[1]), one.end()
        begun = json.dumps([leaf["origin"], leaf["id"], path], ensure_ascii=False, separators=(",", ":"))[:-1]
        hashed = hashlib.sha256(b"coop-ledger/sealed/v1\0" + begun.encode() + b",%b," % one[2])
        hashed.update(memoryview(raw)[slice(*one.span(3))])
        hashed.update(b"]")
        found.append(path)
        yield path, leaf["sealed"].get(path) == hashed.hexdigest()
    in_order = all(left.encode("utf-16-be") < right.encode("utf-16-be") for left, right in pairwise(found))
    refuse_if(raw[at:] != b"}" or not in_order, "the openings are not in their canonical form")


# The tree


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962, section 2.1."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, section 2.1."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The root in one pass, remembered at the sizes in *marks*."""

    def __init__(self, marks: Iterable[int] = ()) -> None:
        self.size, self.stack, self.marks = 0, list[tuple[int, bytes]](), set(marks)
        self.roots = {0: self.root()}

    def add(self, hashed: bytes) -> None:
        """Take the next leaf's hash."""
        height = 0
        while self.stack and self.stack[-1][0] == height:
            height, hashed = height + 1, node_hash(self.stack.pop()[1], hashed)
        self.stack.append((height, hashed))
        self.size += 1
        if self.size in self.marks:
            self.roots[self.size] = self.root()

    def root(self) -> bytes:
        """The root over what was added."""
        if not self.stack:
            return hashlib.sha256().digest()
        found = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            found = node_hash(left, found)
        return found


def includes(index: int, size: int, hashed: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    at, last = index, size - 1
    if index >= size:
        return False
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            hashed = node_hash(sibling, hashed)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            hashed = node_hash(hashed, sibling)
        at, last = at // 2, last // 2
    return last == 0 and hashed == root


# Ed25519, RFC 8032, section 5.1.7, with each point in one spelling; only to verify

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _plus(left: Point, right: Point) -> Point:
    a, b = (left[1] - left[0]) * (right[1] - right[0]), (left[1] + left[0]) * (right[1] + right[0])
    c, d = 2 * left[3] * right[3] * D, 2 * left[2] * right[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        total = _plus(total, point) if scalar & 1 else total
        point, scalar = _plus(point, point), scalar >> 1
    return total


def _point(raw: bytes) -> Point | None:
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of *message*."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, s = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= L or _times(8, key)[0] == 0:
        return False  # a key of small order would fit what nobody signed
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    x, y, z, _ = _plus(_times(s, BASE), _times(h, (P - key[0], key[1], 1, P - key[3])))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Notes, checkpoints, proofs

CONTROLS = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))


class Key(NamedTuple):
    """A verifier key."""

    name: str
    kind: int
    public: bytes
    id: bytes


class Checkpoint(NamedTuple):
    """A checkpoint; *text* is what is signed, *lines* are names with key ids and signatures."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: list[tuple[str, bytes]]


def _base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise RefusedError(f"{text[:100]!a} is not base64") from None
    refuse_if(base64.b64encode(raw).decode() != text, "base64 in another spelling")
    return raw


def _decimal(text: str) -> int:
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise RefusedError(f"{text[:100]!a} is not a decimal below 2^63")
    return int(text)


def _is_name(name: str) -> bool:
    return name != "" and "+" not in name and not any(sign.isspace() or sign in CONTROLS for sign in name)


def key_of(text: str) -> Key:
    """Read a verifier key."""
    name, *rest = text.split("+", 2)
    refuse_if(len(rest) != 2 or not _is_name(name) or not re.fullmatch("[0-9a-f]{8}", rest[0]), "not a verifier key")
    material = _base64(rest[1])
    if material[:1] not in (b"\1", b"\4", b"\6"):
        raise UndecidedError("a verifier key of a type that is not known here")
    found = hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\n" + material).digest()[:4]
    refuse_if(found.hex() != rest[0], "the key id is that of another key")
    refuse_if(len(material) != (1313 if material[0] == 6 else 33), "a public key of another length")
    return Key(name, material[0], material[1:], found)


def note_of(raw: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Take a signed note apart: its text, and its signature lines."""
    try:
        whole = raw.decode()
    except ValueError:
        raise RefusedError("the note is not UTF-8") from None
    text, gap, signed = whole.rpartition("\n\n")
    if len(raw) > LONGEST_NOTE or not gap or not signed.endswith("\n") or (CONTROLS - {"\n"}) & set(whole):
        raise RefusedError("not a signed note")
    lines = []
    for line in signed[:-1].split("\n"):
        dash, *rest = line.split(" ")
        if dash != "\N{EM DASH}" or len(rest) != 2 or not _is_name(rest[0]) or len(_base64(rest[1])) < 5:
            raise RefusedError("a signature line is not of its form")
        lines.append((rest[0], _base64(rest[1])))
    refuse_if(len(lines) > 32, "more than 32 signature lines")
    return (text + "\n").encode(), lines


def checkpoint_of(raw: bytes) -> Checkpoint:
    """Read a signed checkpoint; nobody's signature is checked yet."""
    text, lines = note_of(raw)
    return _checkpoint(text, lines)


def checkpoint_given(raw: bytes) -> Checkpoint:
    """A checkpoint that was brought along: signed, or its three lines alone, perhaps without the last line feed."""
    if b"\n\n" in raw:
        return checkpoint_of(raw)
    try:
        text = raw.decode()
    except ValueError:
        raise RefusedError("the checkpoint is not UTF-8") from None
    text += "" if text.endswith("\n") else "\n"
    refuse_if((CONTROLS - {"\n"}) & set(text), "the checkpoint holds control characters")
    return _checkpoint(text.encode(), [])


def _checkpoint(text: bytes, lines: list[tuple[str, bytes]]) -> Checkpoint:
    parts = text.decode().split("\n")
    refuse_if(len(parts) != 4 or not parts[0], "a checkpoint has exactly three lines")
    size, root = _decimal(parts[1]), _base64(parts[2])
    if len(root) != 32 or (size == 0 and root != hashlib.sha256().digest()):
        raise RefusedError("the checkpoint has no root of its size")
    return Checkpoint(parts[0], size, root, text, lines)


def signers(text: bytes, lines: Iterable[tuple[str, bytes]], keys: Iterable[Key]) -> dict[bytes, str]:
    """Who signed, of those who are trusted: public key to what is said of it; refuses a line that does not hold."""
    found: dict[bytes, str] = {}
    for name, signature in lines:
        for key in keys:
            if (name, signature[:4]) != (key.name, key.id) or key.kind == 6:
                continue
            signed, said, rest = text, f"signed by {name!a}", signature[4:]
            if key.kind == 4:
                at, rest = int.from_bytes(rest[:8], "big"), rest[8:]
                refuse_if(at >= 1 << 63, f"the line of {name!a} states no time")
                signed, said = b"cosignature/v1\ntime %d\n" % at + text, f"cosigned by {name!a} at {at}"
            refuse_if(not ed25519(key.public, signed, rest), f"the line of {name!a} does not hold")
            found.setdefault(key.public, said)
    return found


def proof_of(raw: bytes) -> tuple[int, list[bytes], Checkpoint]:
    """Read a proof file."""
    head, gap, rest = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except ValueError:
        raise RefusedError("not a proof file") from None
    refuse_if(not gap or lines.pop(0) != "c2sp.org/tlog-proof@v1" or len(lines) > 65, "not a proof file")
    if lines and lines[0].startswith("extra "):
        _base64(lines.pop(0)[6:])
    refuse_if(not lines or not lines[0].startswith("index "), "the proof has no index")
    index, hashes = _decimal(lines[0][6:]), [_base64(line) for line in lines[1:]]
    refuse_if(any(len(hashed) != 32 for hashed in hashes), "a hash of the proof has not 32 bytes")
    return index, hashes, checkpoint_of(rest)


# What is said, and what is kept while reading


class Report:
    """Says each finding as it comes; holds what the verdict needs."""

    def __init__(self) -> None:
        self.found, self.worst, self.anchored, self.beyond = 0, ANCHORED, 0, 0

    def say(self, where: str, what: object) -> None:
        """Say what was checked, or what is worth knowing and breaks no rule."""
        print(f"{where}: {what}".encode("ascii", "backslashreplace").decode(), flush=True)

    def refuse(self, where: str, what: object, code: int = INVALID) -> None:
        """Say a finding; *code* is the exit code that it leads to at least."""
        code = what.code if isinstance(what, RefusedError) else code
        self.found, self.worst = self.found + 1, max(self.worst, code)
        self.say(f"{NAMES[code].upper()} {where}", what)

    def code(self) -> int:
        """The exit code."""
        return self.worst or (STALE if self.beyond else ANCHORED if self.anchored else CONSISTENT)


NAMES = {
    ANCHORED: "anchored",
    CONSISTENT: "self-consistent",
    STALE: "stale",
    UNDECIDED: "undecided",
    DIVERGED: "diverged",
    INVALID: "invalid",
    UNREADABLE: "unreadable",
}
SAID = {
    ANCHORED: "sound, and anchored by what you gave",
    CONSISTENT: "agrees with itself; nothing anchors it",
    STALE: "sound, but what anchors it does not cover all of it",
    UNDECIDED: "undecided: something in it is not known here, or nobody whom you trust signed it",
    DIVERGED: "consistent in itself, but not the ledger of the checkpoint",
    INVALID: "invalid",
    UNREADABLE: "not read",
}


class History:
    """The rules over leaves; what must be looked up again lies in a temporary file, not in memory."""

    def __init__(self, report: Report, tree: Tree, origin: str | None) -> None:
        self.report, self.tree, self.origin = report, tree, origin
        self.time, self.latest = "", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%S.%fZ}"
        self.next: tuple[str, int, int] | None = None  # what the last once key goes on with
        self.known = True  # whether the leaf before was read
        self.later = False  # whether a leaf so far is of a later format
        self.kept = sqlite3.connect("", isolation_level=None)
        self.kept.executescript(
            """PRAGMA journal_mode = OFF; BEGIN;
            CREATE TABLE ids(id TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE keys(key TEXT, i INTEGER, PRIMARY KEY(key, i)) WITHOUT ROWID;
            CREATE TABLE texts(id TEXT, path TEXT, at INTEGER, place TEXT, open INTEGER, erased INTEGER DEFAULT 0,
            PRIMARY KEY(id, path)) WITHOUT ROWID;"""
        )

    def __del__(self) -> None:
        self.kept.close()

    def take(self, raw: bytes, openings: bytes | None, where: str) -> None:
        """Check the next leaf, with its openings."""
        at = self.tree.size
        self.tree.add(leaf_hash(raw))
        try:
            leaf = leaf_of(raw)
        except RefusedError as refused:
            self.next, self.known = None, False
            self.later = self.later or isinstance(refused, UndecidedError)
            return self.report.refuse(where, refused)
        opened = self._open(leaf, openings, where)
        if at == 0 and self.origin is None:
            self.origin = leaf["origin"]
        self._order(leaf, at, where)
        self._follow(leaf.get("once", ("", 0, 0)), where)
        if not self.kept.execute("INSERT OR IGNORE INTO ids VALUES (?)", (leaf["id"],)).rowcount:
            return self.report.refuse(where, "its id stands twice")
        if (leaf["type"], leaf["version"]) == ("act.redaction", 1):
            self._redact(leaf, where)
        for path in leaf["sealed"]:
            self.kept.execute(
                "INSERT INTO texts VALUES (?, ?, ?, ?, ?, 0)", (leaf["id"], path, at, where, opened[path])
            )

    def _open(self, leaf: Any, openings: bytes | None, where: str) -> dict[str, bool | None]:
        """Whether each text is there, right or wrong; None where the openings break off before that shows."""
        there: dict[str, bool | None] = dict.fromkeys(leaf["sealed"], False)
        if openings is None:
            return there
        try:
            for path, fits in openings_of(openings, leaf):
                there[path] = True
                if path not in leaf["sealed"]:  # it may be words of a text that was moved here
                    self.report.refuse(where, "an opening is of no path that is sealed")
                elif not fits:
                    self.report.refuse(where, f"the opening of {path!a} does not give its commitment")
        except RefusedError as refused:
            self.report.refuse(where, refused)
            there = {path: held or None for path, held in there.items()}
        return there

    def _order(self, leaf: Any, at: int, where: str) -> None:
        before, self.time = self.time, leaf["recorded_at"]
        if leaf["position"] != at:
            self.report.refuse(where, f"the position is {leaf['position']}, not {at}")
        if self.origin is not None and leaf["origin"] != self.origin:
            self.report.refuse(where, f"the origin is {leaf['origin']!a}, not {self.origin!a}")
        if self.time < before:
            self.report.refuse(where, "recorded before the entry before it")
        if self.time > self.latest:
            self.report.refuse(where, "recorded in the future, or the clock of this computer is wrong")
        if "recorded_clamped" in leaf and self.time != before:
            self.report.refuse(where, "the clamped time is not that of the entry before it")

    def _follow(self, once: Any, where: str) -> None:
        key, index, total = once
        expected, self.next = self.next, (key, index + 1, total) if index + 1 < total else None
        known, self.known = self.known, True
        if expected is not None and (key, index, total) != expected:
            self.report.refuse(where, f"the group of the once key {expected[0]!a} breaks off")
        elif expected is None and index and known:
            self.report.refuse(where, f"the group of the once key {key!a} does not begin at 0")
        if total and not self.kept.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (key, index)).rowcount:
            self.report.refuse(where, f"the once key {key!a} is used again")

    def _redact(self, leaf: Any, where: str) -> None:
        body = leaf["body"]
        if (
            leaf["sealed"]
            or body.keys() != REDACTION.keys()
            or not all(fits(body[key]) for key, fits in REDACTION.items())
        ):
            return self.report.refuse(where, "the redaction is not of its form")
        asked = "SELECT 1 FROM ids WHERE id = ?"
        if self.later and self.kept.execute(asked, (body["target"],)).fetchone() is None:
            return None  # perhaps it names an entry of a later format
        for path in body["paths"]:
            erase = "UPDATE texts SET erased = 1 WHERE id = ? AND path = ?"
            if not self.kept.execute(erase, (body["target"], path)).rowcount:
                self.report.refuse(where, f"it redacts {path!a}, which is sealed in no entry of that id before it")

    def close(self, openings: bool) -> None:
        """Check what can be said only at the end."""
        if self.next is not None:
            self.report.refuse("end", f"the group of the once key {self.next[0]!a} breaks off")
        asked = "SELECT place, path, open FROM texts WHERE open = erased ORDER BY at, path"
        for place, path, held in self.kept.execute(asked):
            if held:
                self.report.refuse(place, f"the text {path!a} is there, though a redaction erased it")
            elif openings:
                self.report.refuse(place, f"the text {path!a} is missing, and no redaction names it")


# Files and folders

TILE = re.compile("tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:[.]p/([1-9][0-9]{0,2}))?")
DEEPEST = 9  # parts of the longest name


def opened(path: Path) -> BinaryIO:
    """Open a regular file to read; nothing else, and no link, since what is checked may lead anywhere."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise UnreadableError(f"{str(path)!a} is no regular file")
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{str(path)!a}: {getattr(error, 'strerror', None) or 'no such name'}") from None


def content(path: Path, most: int) -> bytes:
    """The bytes of a small file."""
    with opened(path) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise UnreadableError(f"{str(path)!a} is too long")
    return raw


def given(path: Path, most: int) -> bytes:
    """The bytes of a file of the caller's own, which a link may lead to."""
    try:
        return content(Path(os.path.realpath(path)), most)
    except (UnreadableError, ValueError, OSError) as error:
        raise UsageError(f"{str(path)!a} cannot be read: {error}") from None


def key_given(text: str) -> Key:
    """A verifier key, or that in a file."""
    try:
        return key_of(text)
    except UndecidedError:
        raise
    except RefusedError as refused:
        if text.count("+") > 1:
            raise UsageError(f"--key {text[:100]!a}: {refused}") from None
    try:
        return key_of(given(Path(text), LONGEST_NOTE).decode("utf-8").removesuffix("\n"))
    except UndecidedError:
        raise
    except (RefusedError, ValueError):
        raise UsageError(f"--key {text[:100]!a}: the file holds no verifier key") from None
    except UsageError as error:
        raise UsageError(f"--key: neither a verifier key nor a file with one: {error}") from None


class Anchors(NamedTuple):
    """What is trusted: keys, and checkpoints that were brought along, each with its name."""

    keys: list[Key]
    brought: list[tuple[str, Checkpoint]]

    def judge(self, report: Report, where: str, one: Checkpoint) -> tuple[bool, bool]:
        """Say who signed; whether what it states counts, and whether a witness vouches for it."""
        if not self.keys or not one.lines:
            report.say(where, f"size {one.size}, {'signatures unchecked' if one.lines else 'without signatures'}")
            return True, False
        logs = [key for key in self.keys if key.kind == 1]
        try:
            by = signers(one.text, one.lines, logs)
            if by.keys() & {key.public for key in logs if key.name == one.origin}:
                by |= signers(one.text, one.lines, self.keys)
            else:
                by = {}  # the name of a log's key is its origin: another log's key says nothing of this one
        except RefusedError as refused:
            report.refuse(where, refused)
            return False, False
        for said in by.values():
            report.say(where, f"size {one.size}, {said}")
        if by:
            witnesses = {key.public for key in self.keys if key.kind == 4} - {key.public for key in logs}
            return True, not witnesses.isdisjoint(by)
        names, ids = {key.name for key in logs}, {key.id for key in logs}
        if any((name in names) != (signature[:4] in ids) for name, signature in one.lines):
            report.refuse(where, "a line has the name or the key id of a log that you trust, but not both")
        else:
            report.refuse(where, f"size {one.size}, no log whose key you gave signed it", UNDECIDED)
        return False, False

    def compare(self, report: Report, tree: Tree, origin: str | None) -> None:
        """Hold a ledger against the checkpoints that were brought along."""
        for where, one in self.brought:
            if one.origin != origin:
                report.refuse(where, f"speaks of {one.origin!a}, not of {origin!a}", DIVERGED)
            elif one.size > tree.size:
                report.refuse(where, f"speaks of {one.size} entries, of which {tree.size} are here", DIVERGED)
            elif tree.roots[one.size] != one.root:
                report.refuse(where, f"another root over the first {one.size} entries", DIVERGED)
            elif one.lines or not self.keys:
                report.anchored = max(report.anchored, one.size)
        report.say("checked", f"{tree.size} entries of {origin!a}, root {tree.root().hex()}")
        if report.anchored < tree.size and report.anchored:
            report.beyond = tree.size - report.anchored
            report.say("note", f"only the first {report.anchored} of {tree.size} entries are anchored")


def _frame_if(broken: object, what: str) -> None:
    if broken:
        raise UnreadableError(what)


def _line(file: BinaryIO, most: int) -> bytes:
    raw = file.readline(most + 1)
    _frame_if(not raw.endswith(b"\n"), "the line is too long" if len(raw) > most else "the file breaks off")
    return raw[:-1]


def _header(file: BinaryIO) -> Any:
    start = file.read(16)
    _frame_if(not start, "the file is empty: no bundle, and no published folder")
    _frame_if(
        start == b"SQLite format 3\0",
        "a ledger file; this program reads bundles and published folders: make one with Ledger.export or .publish",
    )
    _frame_if(not start.startswith(b'{"'), "no bundle: it does not begin with a header")
    _frame_if(os.fstat(file.fileno()).st_size > LONGEST_FILE, "the file is longer than this program takes")
    file.seek(0)
    header = _object(_line(file, LONGEST_HEADER), HEADER, ())
    _frame_if(header["size"] > MOST_ENTRIES, "more entries than this program takes")
    return header


def _entry(file: BinaryIO, openings: bool) -> tuple[bytes, bytes | None]:
    line = _line(file, LONGEST_LEAF + 1 + LONGEST_OPENINGS)
    leaf, tab, rest = line.partition(b"\t")
    _frame_if(re.search(rb"[\x00-\x08\x0b-\x1f]|\t[^\t]*\t", line), "the line holds a byte that no line holds")
    _frame_if(not leaf.startswith(b'{"body":'), "the line is no entry")
    _frame_if(len(leaf) > LONGEST_LEAF or len(rest) > LONGEST_OPENINGS, "the line is too long")
    _frame_if(tab and not openings, "openings in a bundle without openings")
    return leaf, rest if tab else None


def check_bundle(path: Path, report: Report, anchors: Anchors) -> None:
    """Check a bundle, line by line."""
    with opened(path) as file:
        number = 1
        try:
            header = _header(file)
            tree = Tree(one.size for _, one in anchors.brought)
            history, with_openings = History(report, tree, header["origin"]), 0
            for number in range(2, header["size"] + 2):
                leaf, openings = _entry(file, header["openings"])
                with_openings += openings is not None
                history.take(leaf, openings, f"line {number}")
            number = header["size"] + 2
            footer = _object(_line(file, LONGEST_FOOTER), FOOTER, ("checkpoint",))
            for key, found in (("entries", tree.size), ("opened", with_openings)):
                _frame_if(footer[key] != found, f"{key} is {footer[key]}, but {found} was found")
            _frame_if(file.read(1), "something follows the footer")
        except (RefusedError, UnreadableError) as broken:
            raise UnreadableError(f"line {number}: {broken}") from None
        history.close(header["openings"])
        if footer["root"] != tree.root().hex():
            report.refuse(f"line {number}", f"root is {footer['root']}, but {tree.root().hex()} was found")
        if "checkpoint" in footer:
            try:
                one = checkpoint_of(footer["checkpoint"].encode())
            except RefusedError as refused:
                report.refuse(f"line {number}", refused)
            else:
                _inner(file, one, header["origin"], tree, report, anchors)
    anchors.compare(report, tree, header["origin"])


def _inner(file: BinaryIO, one: Checkpoint, origin: str, tree: Tree, report: Report, anchors: Anchors) -> None:
    where, again = "checkpoint in the bundle", Tree()
    counts, vouched = anchors.judge(report, where, one)
    if not counts:
        return
    if one.size < tree.size:  # it was not known while the leaves passed
        file.seek(0)
        _line(file, LONGEST_HEADER)
        while again.size < one.size:
            again.add(leaf_hash(_line(file, LONGEST_LEAF + 1 + LONGEST_OPENINGS).partition(b"\t")[0]))
    root = (again if one.size < tree.size else tree).root()
    if one.origin != origin or one.size > tree.size or one.root != root:
        code = DIVERGED if anchors.keys else INVALID
        report.refuse(where, "of another log, of more entries than are here, or with another root over them", code)
    elif vouched:
        report.anchored = max(report.anchored, one.size)


class Folder:
    """
    A published ledger: the files of which it consists by their names, and how far they reach.

    Names that no published ledger has, links, and folders deeper than its names go are refused before anything else is
    read.
    """

    def __init__(self, path: Path, report: Report) -> None:
        self.path, self.report, self.reach = path, report, 0
        _frame_if((path / "tile").is_symlink(), "'tile' is a link")
        folders = ["tile"]
        while folders:
            folder = folders.pop()
            for name, is_folder in self._inside(folder):
                inside = f"{folder}/{name}"
                if is_folder and inside.count("/") < DEEPEST:
                    folders.append(inside)
                elif is_folder or not name.startswith("."):
                    self.reach = max(self.reach, self._reach(inside))

    def _inside(self, folder: str) -> list[tuple[str, bool]]:
        """What is in a folder, and what of it is a folder."""
        try:
            with os.scandir(self.path / folder) as found:
                return [(one.name, one.is_dir(follow_symlinks=False)) for one in found]
        except (FileNotFoundError, NotADirectoryError):
            return []

    @staticmethod
    def _reach(name: str) -> int:
        """How many leaves a file speaks of, with those before it."""
        found = TILE.fullmatch(name)
        width = int(found[3] or 256) if found else 0
        if found is None or found[2].startswith("x000") or (found[3] and width > 255):
            raise UnreadableError(f"{name!a} is no name in a published ledger")
        index, level = int(re.sub("[x/]", "", found[2])), 0 if found[1] == "entries" else int(found[1])
        return (index * 256 + width) << 8 * level

    def tile(self, level: str, index: int, width: int) -> tuple[str, bytes | None, list[tuple[str, int, bytes]]]:
        """A file's name and bytes; and the narrower ones beside it, which earlier publications left."""
        groups = f"{index:0{(len(str(index)) + 2) // 3 * 3}}"
        parts = [groups[at : at + 3] for at in range(0, len(groups), 3)]
        full = "/".join(["tile", level, *("x" + part for part in parts[:-1]), parts[-1]])
        name = full if width == 256 else f"{full}.p/{width}"
        most, earlier = 8_192 if level != "entries" else 256 * (LONGEST_LEAF + 2), []
        try:
            whole = content(self.path / name, most)
            beside = os.listdir(self.path / f"{full}.p") if (self.path / f"{full}.p").is_dir() else []
            for one in (one for one in sorted(beside) if not one.startswith(".")):
                other = f"{full}.p/{one}"
                self._reach(other)
                if int(one) < width:
                    earlier.append((other, int(one), content(self.path / other, most)))
        except (UnreadableError, OSError) as error:
            self.report.refuse(name, error)
            return name, None, []
        return name, whole, earlier


def _leaves(raw: bytes, count: int) -> list[bytes] | None:
    """The leaves in a file of so many; None if it holds more or fewer."""
    leaves, at = [], 0
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(raw[at:start], "big")
        leaves.append(raw[start:at])
        if at > len(raw):
            return None
    return leaves if at == len(raw) else None


def check_folder(path: Path, report: Report, anchors: Anchors) -> None:
    """Check a published ledger: 256 leaves at a time, and one tile of each level."""
    folder, told = Folder(path, report), None
    if os.path.lexists(path / "checkpoint"):
        try:
            told = checkpoint_of(content(path / "checkpoint", LONGEST_NOTE))
        except RefusedError as refused:
            return report.refuse("checkpoint", refused)
    elif not folder.reach:
        raise UnreadableError(f"{str(path)!a} is no published ledger: it has neither 'checkpoint' nor files in 'tile'")
    size = folder.reach if told is None else told.size
    tree = Tree(one.size for _, one in anchors.brought)
    history = History(report, tree, None if told is None else told.origin)
    if not _read_folder(folder, size, history):
        return None
    history.close(False)
    if told is not None:
        if tree.root() != told.root:
            report.refuse("checkpoint", "another root than that of the entries")
        if anchors.judge(report, "checkpoint", told)[1]:
            report.anchored = max(report.anchored, told.size)
    return anchors.compare(report, tree, history.origin)


def _read_folder(folder: Folder, size: int, history: History) -> bool:
    """Read the entries and compare all tiles; whether nothing was missing."""
    tree, report, levels = history.tree, folder.report, list[list[bytes]]()

    def carry(level: int, hashed: bytes) -> None:
        if level == len(levels):
            levels.append([])
        levels[level].append(hashed)
        if len(levels[level]) == 256:
            compare(level, tree.size // 256 ** (level + 1) - 1)
            over = Tree()
            for one in levels[level]:
                over.add(one)
            levels[level] = []
            carry(level + 1, over.root())

    def compare(level: int, index: int) -> None:
        name, raw, earlier = folder.tile(str(level), index, len(levels[level]))
        if raw is not None:
            for other, width, held in [(name, len(levels[level]), raw), *earlier]:
                if held != b"".join(levels[level][:width]):
                    report.refuse(other, "other hashes than those of what is below")

    for index in range(-(-size // 256)):
        width = min(256, size - index * 256)
        name, raw, earlier = folder.tile("entries", index, width)
        leaves = None if raw is None else _leaves(raw, width)
        if leaves is None:
            if raw is not None:
                report.refuse(name, f"does not hold {width} leaves")
            return False
        for other, narrow, held in earlier:
            if _leaves(held, narrow) != leaves[:narrow]:
                report.refuse(other, "other leaves than in the file that followed it")
        for number, leaf in enumerate(leaves):
            history.take(leaf, None, f"{name} leaf {number}")
            carry(0, leaf_hash(leaf))
    for level, hashes in enumerate(levels):
        if hashes:
            compare(level, tree.size // 256 ** (level + 1))
    return True


def check_proof(raw: bytes, leaf: bytes, report: Report, anchors: Anchors) -> None:
    """Check a proof file against a leaf."""
    try:
        index, hashes, told = proof_of(raw)
        entry = leaf_of(leaf)
        if not includes(index, told.size, leaf_hash(leaf), hashes, told.root):
            raise RefusedError("the proof is not of this leaf under its checkpoint")
        if (entry["position"], entry["origin"]) != (index, told.origin):
            raise RefusedError("the leaf has another position or origin than the proof")
    except RefusedError as refused:
        return report.refuse("proof", refused)
    signed = anchors.judge(report, "checkpoint in the proof", told)[0] and bool(anchors.keys)
    for where, one in anchors.brought:
        if (one.origin, one.size) == (told.origin, told.size) and one.root != told.root:
            report.refuse(where, "another root than that in the proof", DIVERGED)
        signed = signed or (one[:3] == told[:3] and bool(one.lines or not anchors.keys))
    report.anchored = int(signed)
    return report.say("checked", f"the leaf is entry {index} of {told.size} of {told.origin!a}")


def check(arguments: argparse.Namespace) -> int:
    """Check what was asked for; the exit code, the worst where two things were asked for."""
    keys = list(dict.fromkeys(key_given(text) for text in arguments.key))
    if len({(key.name, key.id) for key in keys}) < len(keys):
        raise UsageError("two of the keys have one name and key id")
    report, anchors, proof = Report(), Anchors(keys, []), Report()
    for key in keys:
        if key.kind == 6:
            report.say("note", f"signatures by {key.name!a} are of a type that is not checked here")
    if arguments.checkpoint is not None:
        _bring(arguments, report, anchors)
    if arguments.proof is not None:
        check_proof(given(arguments.proof, LONGEST_NOTE * 2), given(arguments.leaf, LONGEST_LEAF), proof, anchors)
    if arguments.target is not None:
        folder = arguments.target.is_dir() and not arguments.target.is_symlink()
        (check_folder if folder else check_bundle)(arguments.target, report, anchors)
    elif arguments.proof is None:
        report.anchored = bool(keys) and any(one.lines for _, one in anchors.brought)
    asked = [report] if arguments.target or report.found or not arguments.proof else []
    code = max(one.code() for one in ([*asked, proof] if arguments.proof else asked))
    found = report.found + proof.found
    report.say("verdict", f"{SAID[code]} ({found} finding{'' if found == 1 else 's'})")
    return code


def _bring(arguments: argparse.Namespace, report: Report, anchors: Anchors) -> None:
    where = "checkpoint that you gave"
    try:
        one = checkpoint_given(given(arguments.checkpoint, LONGEST_NOTE))
    except RefusedError as refused:
        if arguments.target or arguments.proof:
            raise UsageError(f"{str(arguments.checkpoint)!a} holds no checkpoint: {refused}") from None
        return report.refuse(where, refused)  # it is itself what is checked
    if anchors.judge(report, where, one)[0]:
        anchors.brought.append((where, one))
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Check a bundle, a published folder, a checkpoint or a proof.")
    parser.add_argument("target", nargs="?", type=Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY")
    for name in ("checkpoint", "proof", "leaf"):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    if (asked.proof is None) != (asked.leaf is None) or (asked.target or asked.proof or asked.checkpoint) is None:
        parser.error("give a file or folder, or --checkpoint, or --proof with --leaf")
    try:
        return check(asked)
    except UsageError as error:
        print(f"{parser.prog}: error: {error}".encode("ascii", "backslashreplace").decode(), file=sys.stderr)
        return MISUSED
    except UndecidedError as undecided:
        Report().refuse("key", undecided)
        return UNDECIDED
    except (UnreadableError, OSError, sqlite3.Error, MemoryError) as error:
        try:
            Report().say("UNREADABLE", error)
        except OSError:  # nobody reads what we say
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
