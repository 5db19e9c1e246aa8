"""Check a bundle, a published folder, a checkpoint or a proof, by the page of the format and nothing else.

This is a second reader of docs/reference/format.md: it shares no line with the package, needs Python 3.11 and no
more, and holds one entry at a time, so that its memory does not grow with what it reads.

    python examples/verify_bundle.py FILE_OR_FOLDER [--key VKEY]... [--checkpoint FILE] [--proof FILE --leaf FILE]

Exit codes: 0 sound and anchored by a key or checkpoint that you gave, 10 it agrees with itself and no more,
11 sound and partly anchored, since entries stand after the newest anchor, 40 invalid, 50 it cannot be read, or is of
a format that the page does not know.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

ANCHORED, CONSISTENT, PARTLY, INVALID, UNREADABLE = 0, 10, 11, 40, 50
MOST_ENTRIES, LONGEST_FILE = 10_000_000, 1 << 36
LONGEST_LEAF, LONGEST_OPENINGS, LONGEST_HEADER, LONGEST_FOOTER, LONGEST_NOTE = 65_535, 1 << 24, 4_096, 1 << 20, 1 << 18


class RefusedError(Exception):
    """What was read breaks the format."""


class UndecidedError(RefusedError):
    """What was read is of a format that the page does not know."""


class UnreadableError(Exception):
    """A file cannot be read, or is longer than this program takes."""


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


def _is_once(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        return False
    return 1 <= len(value[0]) <= 200 and _is_int(value[1]) and _is_int(value[2]) and bool(value[1] < value[2])


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
HEADER: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value == "coop-ledger-bundle",
    "openings": lambda value: isinstance(value, bool),
    "origin": is_origin,
    "size": _is_int,
    "version": lambda value: _is_int(value, 1),
}
FOOTER: dict[str, Callable[[Any], bool]] = {
    "checkpoint": lambda value: isinstance(value, str),
    "entries": _is_int,
    "opened": _is_int,
    "root": is_hash,
}


def _object(raw: bytes, form: dict[str, Callable[[Any], bool]], optional: Iterable[str], version: str) -> Any:
    value = value_of(raw)
    refuse_if(not isinstance(value, dict), "not an object")
    if _is_int(value.get(version), -(1 << 53)) and value[version] != 1:
        raise UndecidedError(f"{version!r} is {value[version]}, which is not known here")
    for key in sorted({*value, *form}):
        if key not in form or (key not in value and key not in optional):
            raise RefusedError(f"the key {key!a} is {'missing' if key in form else 'unknown'}")
        refuse_if(key in value and not form[key](value[key]), f"the value of {key!a} is not of its form")
    return value


def leaf_of(raw: bytes) -> Any:
    """Read a leaf, as far as it can be checked by itself."""
    refuse_if(len(raw) > LONGEST_LEAF, "the leaf is too long")
    leaf = _object(raw, LEAF, ("once", "recorded_clamped"), "v")
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


def openings_of(raw: bytes, leaf: Any) -> Any:
    """Read the openings of a leaf and compare each with its commitment."""
    openings = value_of(raw)
    if not isinstance(openings, dict) or not openings or len(raw) > LONGEST_OPENINGS:
        raise RefusedError("the openings are no object, or empty, or too long")
    for path, opening in openings.items():
        if not (
            isinstance(opening, list) and len(opening) == 2 and is_hash(opening[0]) and isinstance(opening[1], str)
        ):
            raise RefusedError(f"the opening of {path!a} is not of its form")
        hashed = json.dumps([leaf["origin"], leaf["id"], path, *opening], ensure_ascii=False, separators=(",", ":"))
        if leaf["sealed"].get(path) != hashlib.sha256(b"coop-ledger/sealed/v1\0" + hashed.encode()).hexdigest():
            raise RefusedError(f"the opening of {path!a} does not give its commitment")
    return openings


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
    return name != "" and "+" not in name and not any(sign.isspace() for sign in name)


def key_of(text: str) -> Key:
    """Read a verifier key."""
    name, *rest = text.split("+", 2)
    refuse_if(len(rest) != 2 or not _is_name(name) or not re.fullmatch("[0-9a-f]{8}", rest[0]), "not a verifier key")
    material = _base64(rest[1])
    found = hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\n" + material).digest()[:4]
    if material[:1] not in (b"\1", b"\4", b"\6") or len(material) != (1313 if material[0] == 6 else 33):
        raise RefusedError("a verifier key of an unknown type or another length")
    refuse_if(found.hex() != rest[0], "the key id is that of another key")
    return Key(name, material[0], material[1:], found)


def note_of(raw: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Take a signed note apart: its text, and its signature lines."""
    try:
        whole = raw.decode()
    except ValueError:
        raise RefusedError("the note is not UTF-8") from None
    text, gap, signed = whole.rpartition("\n\n")
    if len(raw) > LONGEST_NOTE or not gap or not signed.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f]", whole):
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
        self.found = self.unknown = self.anchored = self.beyond = 0

    def say(self, where: str, what: object) -> None:
        """Say what was checked, or what is odd and breaks no rule."""
        print(f"{where}: {what}".encode("ascii", "backslashreplace").decode(), flush=True)

    def refuse(self, where: str, what: object) -> None:
        """Say a finding, or that something is of an unknown format."""
        unknown = isinstance(what, UndecidedError)
        self.unknown, self.found = self.unknown + unknown, self.found + (not unknown)
        self.say(f"{'UNDECIDED' if unknown else 'INVALID'} {where}", what)

    def code(self) -> int:
        """The exit code."""
        sound = CONSISTENT if not self.anchored else PARTLY if self.beyond else ANCHORED
        return INVALID if self.found else UNREADABLE if self.unknown else sound


class History:
    """The rules over leaves; what must be looked up again lies in a temporary file, not in memory."""

    def __init__(self, report: Report, tree: Tree, origin: str) -> None:
        self.report, self.tree, self.origin = report, tree, origin
        self.time, self.group = "", ("", 0, 0)
        self.kept = sqlite3.connect("", isolation_level=None)
        self.kept.executescript(
            """PRAGMA journal_mode = OFF; BEGIN;
            CREATE TABLE ids(id TEXT PRIMARY KEY, at INTEGER, place TEXT) WITHOUT ROWID;
            CREATE TABLE keys(key TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE texts(id TEXT, path TEXT, open INTEGER, erased INTEGER DEFAULT 0, PRIMARY KEY(id, path))
            WITHOUT ROWID;"""
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
            return self.report.refuse(where, refused)
        opened: Any = {}
        if openings is not None:
            try:
                opened = openings_of(openings, leaf)
            except RefusedError as refused:
                self.report.refuse(where, refused)
        self._order(leaf, at, where)
        if not self.kept.execute("INSERT OR IGNORE INTO ids VALUES (?, ?, ?)", (leaf["id"], at, where)).rowcount:
            return self.report.refuse(where, "its id stands twice")
        if (leaf["type"], leaf["version"]) == ("act.redaction", 1):
            self._redact(leaf["body"], where)
        for path in leaf["sealed"]:
            self.kept.execute("INSERT INTO texts VALUES (?, ?, ?, 0)", (leaf["id"], path, path in opened))

    def _order(self, leaf: Any, at: int, where: str) -> None:
        before, self.time = self.time, leaf["recorded_at"]
        if leaf["position"] != at:
            self.report.refuse(where, f"the position is {leaf['position']}, not {at}")
        if leaf["origin"] != self.origin:
            self.report.refuse(where, f"the origin is {leaf['origin']!a}, not {self.origin!a}")
        if self.time < before:
            self.report.refuse(where, "recorded before the entry before it")
        if "recorded_clamped" in leaf and self.time != before:
            self.report.refuse(where, "the clamped time is not that of the entry before it")
        (key, done, number), (new, index, total) = self.group, leaf.get("once", ("", 0, 0))
        if done < number and (new, index, total) != (key, done, number):
            self.report.refuse(where, f"the group of the once key {key!a} breaks off")
        elif done == number and total and (index or not self._is_new(new)):
            self.report.refuse(where, f"the once key {new!a} is used again, or does not begin at 0")
        self.group = (new, index + 1, total) if total else ("", 0, 0)

    def _is_new(self, key: str) -> bool:
        return self.kept.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,)).rowcount == 1

    def _redact(self, body: Any, where: str) -> None:
        target, paths, texts = body.get("target"), body.get("paths"), (body.get("basis"), body.get("authority"))
        if not (is_id(target) and isinstance(paths, list) and all(isinstance(text, str) for text in (*texts, *paths))):
            return self.report.say("ODD " + where, "the redaction is void: it is not of its form")
        sealed = "SELECT open FROM texts WHERE id = ? AND path = ?"
        if not paths or any(self.kept.execute(sealed, (target, path)).fetchone() is None for path in paths):
            return self.report.say("ODD " + where, "the redaction is void: nothing of that kind is sealed before it")
        for path in paths:
            self.kept.execute("UPDATE texts SET erased = 1 WHERE id = ? AND path = ?", (target, path))

    def close(self, openings: bool) -> None:
        """Check what can be said only at the end."""
        if self.group[1] < self.group[2]:
            self.report.refuse("end", f"the group of the once key {self.group[0]!a} breaks off")
        asked = "SELECT place, path, open FROM texts JOIN ids USING (id) WHERE open = erased ORDER BY at, path"
        for place, path, held in self.kept.execute(asked):
            if held:
                self.report.refuse(place, f"the text {path!a} is there, though a redaction erased it")
            elif openings:
                self.report.say("ODD " + place, f"the text {path!a} is missing, and no redaction names it")


# Files and folders


def opened(path: Path) -> BinaryIO:
    """Open a regular file to read; nothing else, since a pipe could let us wait for ever."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError(f"{str(path)!a} is no file")
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


class Anchors(NamedTuple):
    """What is trusted: keys, and checkpoints that were brought along, each with its name."""

    keys: list[Key]
    brought: list[tuple[str, Checkpoint]]

    def signers_of(self, report: Report, where: str, found: Checkpoint) -> bool:
        """Say who signed; whether one of them vouches for this log."""
        try:
            by = signers(found.text, found.lines, self.keys)
        except RefusedError as refused:
            report.refuse(where, refused)
            return False
        for said in by.values():
            report.say(where, f"size {found.size}, {said}")
        if not by:
            report.say(where, f"size {found.size}, {'nobody whom you trust signed it' if self.keys else 'unchecked'}")
        return bool(by)

    def compare(self, report: Report, tree: Tree, origin: str) -> None:
        """Hold a ledger against the checkpoints that were brought along."""
        for where, one in self.brought:
            if one.origin != origin:
                report.refuse(where, f"speaks of {one.origin!a}, not of {origin!a}")
            elif one.size > tree.size:
                report.refuse(where, f"speaks of {one.size} entries, of which {tree.size} are here")
            elif tree.roots[one.size] != one.root:
                report.refuse(where, f"another root over the first {one.size} entries")
            else:
                report.anchored = max(report.anchored, one.size)


def _line(file: BinaryIO, most: int) -> bytes:
    raw = file.readline(most + 1)
    refuse_if(not raw.endswith(b"\n"), "the line is too long" if len(raw) > most else "the file breaks off")
    return raw[:-1]


def check_bundle(path: Path, report: Report, anchors: Anchors) -> None:
    """Check a bundle, line by line."""
    with opened(path) as file:
        number = 1
        try:
            if os.fstat(file.fileno()).st_size > LONGEST_FILE:
                raise UnreadableError("the file is longer than this program takes")
            header = _object(_line(file, LONGEST_HEADER), HEADER, (), "version")
            if header["size"] > MOST_ENTRIES:
                raise UnreadableError("more entries than this program takes")
            tree = Tree(one.size for _, one in anchors.brought)
            history, with_openings = History(report, tree, header["origin"]), 0
            for number in range(2, header["size"] + 2):
                leaf, tab, openings = _line(file, LONGEST_LEAF + 1 + LONGEST_OPENINGS).partition(b"\t")
                if tab and not header["openings"]:
                    report.refuse(f"line {number}", "openings in a bundle without openings")
                with_openings += bool(tab)
                history.take(leaf, openings if tab else None, f"line {number}")
            history.close(header["openings"])
            number = header["size"] + 2
            footer = _object(_line(file, LONGEST_FOOTER), FOOTER, ("checkpoint",), "")
            for key, found in (("entries", tree.size), ("opened", with_openings), ("root", tree.root().hex())):
                if footer[key] != found:
                    report.refuse(f"line {number}", f"{key} is {footer[key]}, but {found} was found")
            if file.read(1):
                report.refuse(f"line {number + 1}", "something follows the footer")
            if "checkpoint" in footer:
                _inner(file, footer["checkpoint"], header, tree, report, anchors)
        except RefusedError as refused:
            return report.refuse(f"line {number}", refused)
    anchors.compare(report, tree, header["origin"])
    say_tree(report, tree, header["origin"])


def say_tree(report: Report, tree: Tree, origin: str) -> None:
    """Say what was read."""
    report.say("checked", f"{tree.size} entries of {origin!a}, root {tree.root().hex()}")
    report.beyond = tree.size - report.anchored
    if report.beyond and report.anchored:
        report.say("ODD", f"only the first {report.anchored} of {tree.size} entries are anchored")


def _inner(file: BinaryIO, text: str, header: Any, tree: Tree, report: Report, anchors: Anchors) -> None:
    one, again = checkpoint_of(text.encode()), Tree()
    if one.origin != header["origin"] or one.size > tree.size:
        raise RefusedError("the checkpoint is of another log, or of more entries than are here")
    if one.size < tree.size:  # it was not known while the leaves passed
        file.seek(0)
        _line(file, LONGEST_HEADER)
        while again.size < one.size:
            again.add(leaf_hash(_line(file, LONGEST_LEAF + 1 + LONGEST_OPENINGS).partition(b"\t")[0]))
    if one.root != (again if one.size < tree.size else tree).root():
        raise RefusedError("the checkpoint has another root over its entries")
    if anchors.signers_of(report, "checkpoint in the bundle", one):
        report.anchored = max(report.anchored, one.size)


def _tile(folder: Path, level: str, index: int, width: int, report: Report, most: int) -> tuple[str, bytes | None]:
    groups = f"{index:0{(len(str(index)) + 2) // 3 * 3}}"
    parts = [groups[at : at + 3] for at in range(0, len(groups), 3)]
    name = "/".join(["tile", level, *("x" + part for part in parts[:-1]), parts[-1]])
    name += "" if width == 256 else f".p/{width}"
    try:
        return name, content(folder / name, most)
    except UnreadableError as error:
        report.refuse(name, error)
        return name, None


def check_folder(folder: Path, report: Report, anchors: Anchors) -> None:
    """Check a published ledger: 256 leaves at a time, and one tile of each level."""
    try:
        told = checkpoint_of(content(folder / "checkpoint", LONGEST_NOTE))
    except RefusedError as refused:
        return report.refuse("checkpoint", refused)
    if told.size > MOST_ENTRIES:
        raise UnreadableError("more entries than this program takes")
    tree, levels = Tree(one.size for _, one in anchors.brought), list[list[bytes]]()
    history = History(report, tree, told.origin)

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
        name, raw = _tile(folder, str(level), index, len(levels[level]), report, 8_192)
        if raw is not None and raw != b"".join(levels[level]):
            report.refuse(name, "other hashes than those of what is below")

    for index in range(-(-told.size // 256)):
        width = min(256, told.size - index * 256)
        name, raw = _tile(folder, "entries", index, width, report, 256 * (LONGEST_LEAF + 2))
        if raw is None:
            return None
        at = 0
        for number in range(width):
            length = int.from_bytes(raw[at : at + 2], "big")
            leaf, at = raw[at + 2 : at + 2 + length], at + 2 + length
            if at > len(raw) or at < 2:
                return report.refuse(name, f"breaks off in leaf {number}")
            history.take(leaf, None, f"{name} leaf {number}")
            carry(0, leaf_hash(leaf))
        if at != len(raw):
            report.refuse(name, "something follows the last leaf")
    history.close(False)
    for level, hashes in enumerate(levels):
        if hashes:
            compare(level, tree.size // 256 ** (level + 1))
    if tree.root() != told.root:
        report.refuse("checkpoint", "another root than that of the entries")
    if anchors.signers_of(report, "checkpoint", told):
        report.anchored = max(report.anchored, told.size)
    anchors.compare(report, tree, told.origin)
    say_tree(report, tree, told.origin)


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
    signed = anchors.signers_of(report, "checkpoint in the proof", told)
    for where, one in anchors.brought:
        if (one.origin, one.size) == (told.origin, told.size) and one.root != told.root:
            report.refuse(where, "another root than that in the proof")
        signed = signed or one[:3] == told[:3]
    report.anchored = int(signed)
    return report.say("checked", f"the leaf is entry {index} of {told.size} of {told.origin!a}")


def check(arguments: argparse.Namespace) -> int:
    """Check what was asked for; the exit code, the worst where two things were asked for."""
    keys = list(dict.fromkeys(key_of(text) for text in arguments.key))
    refuse_if(len({(key.name, key.id) for key in keys}) < len(keys), "two of the keys have one name and key id")
    report, anchors, proof = Report(), Anchors(keys, []), Report()
    for key in keys:
        if key.kind == 6:
            report.say("ODD key", f"signatures by {key.name!a} are of a type that is not checked here")
    if arguments.checkpoint is not None:
        where = "checkpoint that you gave"
        one = checkpoint_of(content(arguments.checkpoint, LONGEST_NOTE))
        if anchors.signers_of(report, where, one) or not keys:
            anchors.brought.append((where, one))
    if arguments.proof is not None:
        check_proof(content(arguments.proof, LONGEST_NOTE * 2), content(arguments.leaf, LONGEST_LEAF), proof, anchors)
    if arguments.target is not None:
        (check_folder if arguments.target.is_dir() else check_bundle)(arguments.target, report, anchors)
    elif arguments.proof is None:
        report.anchored = bool(keys) and len(anchors.brought)
    asked = [report] if arguments.target or report.found or not arguments.proof else []
    codes = [one.code() for one in ([*asked, proof] if arguments.proof else asked)]
    code = INVALID if INVALID in codes else max(codes)
    names = {ANCHORED: "sound, and anchored by what you gave", CONSISTENT: "agrees with itself; nothing anchors it",
             PARTLY: "sound, and anchored in part", INVALID: "invalid",
             UNREADABLE: "undecided: of a format that is not known here"}  # fmt: skip
    report.say("verdict", f"{names[code]} ({report.found + proof.found} findings)")
    return code


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
    except RefusedError as refused:
        Report().refuse("key or checkpoint that you gave", refused)
        return INVALID
    except (UnreadableError, OSError, sqlite3.Error, MemoryError) as error:
        try:
            Report().say("UNREADABLE", error)
        except OSError:  # nobody reads what we say
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
