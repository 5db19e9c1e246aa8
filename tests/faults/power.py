"""
What a power failure leaves: a disk on which only what was synced is sure, and of the rest any part, in pieces.

An act is done once, and its system calls are written down. Of their beginning, cut anywhere, follow the states in
which the disk may be: changes of a folder come to rest in their order, as file systems keep it; changes of a file come
to rest in any order, each sector of 512 bytes for itself, and where a file grew before its bytes came, anything may
stand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import attrs

from tests.faults.acts import act_in_child
from tests.faults.nest import Nest
from tests.faults.system_calls import traced

__all__ = ["Cut", "States", "cuts", "written_down"]

CALLS = (
    "openat", "write", "pwrite64", "ftruncate", "lseek", "fsync", "fdatasync", "unlink", "rename", "link", "mkdir",
    "sendto",
)  # fmt: skip
UNKNOWN = ("unlinkat", "renameat", "renameat2", "linkat", "mkdirat", "truncate", "writev", "pwritev", "sendfile",
           "copy_file_range", "fallocate")  # fmt: skip
"""Calls by which files change as well; where an act makes one, it would be wrong to go on without it."""

_SECTOR = 512
_JUNK = b"\xa5"
_LINE = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)(?:<((?:\\x[0-9a-f]{2})*)>)?")
_FD = re.compile(r"^(\d+)(?:<((?:\\x[0-9a-f]{2})*)>)?(?:\(deleted\))?$")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


class Change(NamedTuple):
    """A change of a file: bytes at a place, or, without bytes, a new size."""

    at: int
    data: bytes | None

    def on(self, before: bytes, sectors: Callable[[], bool] = lambda: True) -> bytes:
        """The file after it; *sectors* is asked for each sector whether it came to rest."""
        if self.data is None:
            return before[: self.at].ljust(self.at, b"\0")
        after, start = bytearray(before.ljust(self.at + len(self.data), _JUNK)), self.at
        while start < self.at + len(self.data):
            end = min(self.at + len(self.data), start - start % _SECTOR + _SECTOR)
            if sectors():
                after[start:end] = self.data[start - self.at : end - self.at]
            start = end
        return bytes(after)


@attrs.define(eq=False)
class File:
    """A file: what is at rest, and the changes since."""

    rest: bytes = b""
    since: list[Change] = attrs.field(factory=list)

    def now(self) -> bytes:
        """As programs see it."""
        content = self.rest
        for change in self.since:
            content = change.on(content)
        return content


@attrs.define(eq=False)
class Folder:
    """A folder: the names at rest, and the changes since, each of one or two names; None takes a name away."""

    rest: dict[str, File | Folder] = attrs.field(factory=dict)
    since: list[dict[str, File | Folder | None]] = attrs.field(factory=list)

    def after(self, changes: int | None = None) -> dict[str, File | Folder]:
        """The names after so many of the changes, or all."""
        names: dict[str, File | Folder | None] = dict(self.rest)
        for change in self.since[:changes]:
            names.update(change)
        return {name: node for name, node in names.items() if node is not None}


class Disk:
    """
    A folder on a disk, and what system calls do to it.

    Args:
        folder: As it is at the beginning, all at rest.
        place: Where the calls say that it is.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self.root = self._read(folder)
        self._place = str(place)
        self._offsets: dict[int, int] = {}

    def _read(self, folder: Path) -> Folder:
        return Folder(
            {one.name: self._read(one) if one.is_dir() else File(one.read_bytes()) for one in folder.iterdir()}
        )

    def _parts(self, path: bytes) -> list[str] | None:
        text = path.decode()
        inside = text == self._place or text.startswith(f"{self._place}/")
        return [part for part in text[len(self._place) :].split("/") if part] if inside else None

    def _node(self, parts: Sequence[str]) -> File | Folder | None:
        node: File | Folder | None = self.root
        for part in parts:
            node = node.after().get(part) if isinstance(node, Folder) else None
        return node

    def _folder(self, parts: Sequence[str]) -> Folder:
        node = self._node(parts[:-1])
        assert isinstance(node, Folder)
        return node

    def do(self, line: str) -> str | None:
        """Do a call as strace wrote it down; what it says, if it says something to the test."""
        found = _LINE.match(line)
        if found is None or found[3].startswith("-"):
            assert found is not None or "unfinished" not in line, line
            return None
        call, told, code = found[1], found[2], int(found[3])
        assert call not in UNKNOWN or self._place.encode().hex() not in told.replace("\\x", ""), line
        arguments = told.split(", ")
        if call == "sendto":
            return _bytes(arguments[1].strip('"')).decode()
        if call == "openat":
            self._open(code, found[4] or "", arguments[2])
        elif call in ("unlink", "rename", "link", "mkdir"):
            self._names(call, [self._parts(_bytes(one.strip('"'))) for one in arguments if one.startswith('"')])
        else:
            self._change(call, arguments, code)
        return None

    def _open(self, descriptor: int, path: str, flags: str) -> None:
        parts = self._parts(_bytes(path))
        if parts is None or not parts:
            return
        if self._node(parts) is None and "O_CREAT" in flags:
            self._folder(parts).since.append({parts[-1]: File()})
        node = self._node(parts)
        if isinstance(node, File):
            if "O_TRUNC" in flags:
                node.since.append(Change(0, None))
            self._offsets[descriptor] = len(node.now()) if "O_APPEND" in flags else 0

    def _names(self, call: str, paths: Sequence[list[str] | None]) -> None:
        parts = paths[0]
        if parts is None:
            assert all(path is None for path in paths)
            return
        if call == "mkdir":
            self._folder(parts).since.append({parts[-1]: Folder()})
        elif call == "unlink":
            self._folder(parts).since.append({parts[-1]: None})
        else:
            other = paths[1]
            assert other is not None
            assert parts[:-1] == other[:-1]
            gone: dict[str, File | Folder | None] = {parts[-1]: None} if call == "rename" else {}
            self._folder(parts).since.append({**gone, other[-1]: self._node(parts)})

    def _change(self, call: str, arguments: Sequence[str], code: int) -> None:
        found = _FD.match(arguments[0])
        parts = None if found is None or found[2] is None else self._parts(_bytes(found[2]))
        node = None if parts is None else self._node(parts)
        if found is None or node is None:
            return
        descriptor = int(found[1])
        if isinstance(node, Folder):
            node.rest, node.since = node.after(), []
        elif call in ("fsync", "fdatasync"):
            node.rest, node.since = node.now(), []
        elif call == "ftruncate":
            node.since.append(Change(int(arguments[1]), None))
        elif call == "pwrite64":
            node.since.append(Change(int(arguments[3]), _bytes(arguments[1].strip('"'))[:code]))
        elif call == "write":
            at = self._offsets[descriptor]
            node.since.append(Change(at, _bytes(arguments[1].strip('"'))[:code]))
            self._offsets[descriptor] = at + code
        else:
            self._offsets[descriptor] = code


States = Iterator[dict[str, bytes | None]]
"""What may be left: the bytes by path; None for a folder."""


def _left(
    folder: Folder, count: Callable[[int], int], bytes_of: Callable[[File], bytes], at: str = ""
) -> dict[str, bytes | None]:
    """What is left of a folder: *count* says how many of so many changes of names, *bytes_of* what of a file."""
    found: dict[str, bytes | None] = {}
    for name, node in folder.after(count(len(folder.since))).items():
        path = f"{at}{name}"
        if isinstance(node, Folder):
            found[path] = None
            found |= _left(node, count, bytes_of, f"{path}/")
        else:
            found[path] = bytes_of(node)
    return found


def _states(root: Folder, dice: random.Random, tries: int) -> States:
    """States in which the disk may be: nothing since the last syncs came to rest, all of it, or any part."""
    yield _left(root, lambda most: 0, lambda file: file.rest)
    yield _left(root, lambda most: most, File.now)
    yield _left(root, lambda most: most, lambda file: file.rest)
    yield _left(root, lambda most: 0, File.now)
    for _ in range(tries):
        likely = dice.choice((0.1, 0.5, 0.9))

        def some(file: File, likely: float = likely) -> bytes:
            content, torn = file.rest, dice.random() < 0.5
            for change in file.since:
                if torn and change.data is not None:
                    content = change.on(content, lambda: dice.random() < likely)
                elif dice.random() < likely:
                    content = change.on(content)
            return content

        yield _left(root, lambda most: dice.randint(0, most), some)


class Cut(NamedTuple):
    """
    A state in which a power failure may leave the disk.

    Attributes:
        after: How many system calls were made before.
        said: What was said to the test by then.
        files: What is left, by path; None for a folder.
    """

    after: int
    said: tuple[str, ...]
    files: dict[str, bytes | None]

    def put(self, folder: Path) -> None:
        """Make the files in an empty folder."""
        for path, content in self.files.items():
            if content is None:
                (folder / path).mkdir()
            else:
                (folder / path).write_bytes(content)
                (folder / path).chmod(0o600)  # as that of a key must be


def written_down(nest: Nest, act: str, folder: Path, how: str = "ours") -> list[str]:
    """The system calls of an act, done in a folder, as strace writes them down."""
    child = nest.start(act_in_child, act, str(folder), how, None)
    with traced(child, [*CALLS, *UNKNOWN], options=["-xx", "-y", "-s", "10000000"]) as told:
        child.finished()
    return told


def cuts(prepared: Path, folder: Path, told: Sequence[str], *, tries: int, seed: int = 0) -> Iterator[Cut]:
    """
    The states in which a power failure may leave the disk, each once for what had been said.

    Args:
        prepared: The folder as it was before the act.
        folder: Where the act was done.
        told: Its system calls.
        tries: How many states by chance there are to be for each cut.
        seed: Where chance begins.
    """
    disk, dice, said = Disk(prepared, folder), random.Random(seed), list[str]()
    seen = set[tuple[int, int]]()
    for at in range(len(told) + 1):
        for files in _states(disk.root, dice, tries):
            mark = hash(tuple(sorted((path, content or b"") for path, content in files.items())))
            if (len(said), mark) not in seen:
                seen.add((len(said), mark))
                yield Cut(at, tuple(said), files)
        if at < len(told):
            words = disk.do(told[at])
            if words is not None:
                said.append(words.rstrip("\n"))
