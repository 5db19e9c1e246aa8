"""F12: file, folder or file system cannot be written: each write is refused, nothing changes, reading works."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import CoopLedgerError
from coop_ledger.signing import LogSigner, SigningKey
from tests.faults.acts import ACTS, redaction_in
from tests.faults.harness import ORIGIN, opened, told
from tests.faults.nest import Line, Nest

_NOBODY = 65_534
_NEW_MOUNTS, _NEW_USER = 0x0002_0000, 0x1000_0000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4_096, 16_384, 1 << 18


def _mounted_read_only(folder: Path) -> None:
    """Have this process, and nobody else, see a folder on a file system that cannot be written."""
    libc = ctypes.CDLL(None, use_errno=True)

    def done(code: int) -> None:
        if code:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    done(libc.unshare(_NEW_MOUNTS | (_NEW_USER if os.geteuid() else 0)))
    place = os.fsencode(folder)
    done(libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None))
    done(libc.mount(place, place, None, _BIND, None))
    done(libc.mount(None, place, None, _REMOUNT | _BIND | _READ_ONLY, None))


def _as_nobody() -> None:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)


def restricted(folder: Path, way: str) -> None:
    """Take rights from this process: ``file`` and ``folder`` say which of them it cannot write, ``mount`` both."""
    if way == "mount":
        _mounted_read_only(folder)
    elif way in ("file", "folder"):
        folder.chmod(0o777 if way == "file" else 0o755)
        (folder / "ledger.db").chmod(0o644 if way == "file" else 0o666)
        _as_nobody()


def _record(folder: Path, store: str) -> None:
    with opened(folder / "ledger.db", store) as ledger:
        ledger.record(*told("w", 0), once="w/0")


def _redact(folder: Path, store: str) -> None:
    with opened(folder / "ledger.db", store) as ledger:
        ledger.record(redaction_in(ledger))


WRITES: dict[str, Callable[[Path, str], object]] = {
    "record": _record,
    "redact": _redact,
    "create": lambda folder, store: opened(folder / "new.db", store).close(),
    "backup": lambda folder, _: _reader(folder).backup(folder / "backup.db"),
    "export": lambda folder, _: _reader(folder).export(folder / "out.bundle"),
    "publish": lambda folder, _: _reader(folder).publish(folder / "site"),
    "sign": lambda folder, _: LogSigner.begin(SigningKey.generate(ORIGIN), folder / "signed"),
    "key": lambda folder, _: SigningKey.generate(ORIGIN).save(folder / "key"),
}
ONLY_IN_FOLDER = ("create", "backup", "export", "publish", "sign", "key")
REFUSALS = ("StoreReadOnlyError", "KeyFileError")
"""Where a file alone cannot be written, these go on: they make new files."""


def _reader(folder: Path) -> Ledger:
    return Ledger.open(folder / "ledger.db", readonly=True)


def _read(folder: Path) -> str:
    """Who only reads: an examiner, a reader, and one who carries copies elsewhere; what they found."""
    elsewhere = Path(tempfile.mkdtemp())
    report = verify(folder / "ledger.db")
    assert report.verdict is Verdict.SELF_CONSISTENT, report.as_text()
    with _reader(folder) as ledger:
        assert len(list(ledger.entries())) == report.size == ledger.size
        ledger.backup(elsewhere / "copy.db")
        ledger.export(elsewhere / "copy.bundle")
    assert verify(elsewhere / "copy.db").root == verify(elsewhere / "copy.bundle").root == report.root
    shutil.rmtree(elsewhere)
    return f"read {report.size}"


def attempt_all(line: Line, path: str, way: str, store: str) -> None:
    """The work of who lacks rights: each write, and how it ended; then what there is to read."""
    folder = Path(path)
    tempfile.tempdir = str(folder.with_name("elsewhere"))
    warm = Path(tempfile.mkdtemp())
    made = warm / "made"
    shutil.copytree(folder, made)  # where all that is imported late is imported: who has no rights cannot
    for write in WRITES.values():
        write(made, "ours")
    _read(folder)
    shutil.rmtree(warm)
    try:
        restricted(folder, way)
    except OSError as error:
        line.say("impossible", error)
        return
    for name, write in WRITES.items():
        try:
            write(folder, store)
            line.say(name, "done")
        except CoopLedgerError as error:
            line.say(name, type(error).__name__, repr(str(error)))
    line.say(_read(folder))


def attempts(nest: Nest, tmp_path: Path, way: str, store: str = "ours") -> tuple[dict[str, str], set[str]]:
    """How each write ended, and the names of files that are others than before."""
    folder = tmp_path / "folder"
    folder.mkdir()
    ACTS["redact"].prepare(folder)
    for above in (tmp_path, *(one for one in tmp_path.parents if "pytest-of-" in str(one))):
        above.chmod(0o755)  # so that nobody comes as far as the folder
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere").chmod(0o777)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    said = nest.start(attempt_all, str(folder), way, store).finished()
    if said[0].startswith("impossible"):
        pytest.skip(f"needs the right to mount: {said[0]}")
    assert said.pop().startswith("read ")
    after = {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return dict(line.split(maxsplit=1) for line in said), changed


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user without rights")
@pytest.mark.parametrize("way", ["folder", "mount"])
def test_nothing_can_be_written(nest: Nest, tmp_path: Path, way: str) -> None:
    ended, changed = attempts(nest, tmp_path, way)
    assert {name: how for name, how in ended.items() if how.split()[0] not in REFUSALS} == {}
    assert all(str(tmp_path / "folder") in how for how in ended.values()), ended
    assert changed == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user without rights")
def test_the_file_alone_cannot_be_written(nest: Nest, tmp_path: Path) -> None:
    ended, changed = attempts(nest, tmp_path, "file")
    refused = {name for name, how in ended.items() if how.startswith("StoreReadOnlyError")}
    assert refused == WRITES.keys() - set(ONLY_IN_FOLDER), ended
    assert "ledger.db" not in changed


def test_with_all_rights_all_is_done(nest: Nest, tmp_path: Path) -> None:
    """The same writes where nothing stands in their way: what is refused above is refused for its rights."""
    ended, changed = attempts(nest, tmp_path, "none")
    assert set(ended.values()) == {"done"}, ended
    assert "ledger.db" in changed


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user without rights")
def test_a_store_that_does_not_look_is_found(nest: Nest, tmp_path: Path) -> None:
    ended, _ = attempts(nest, tmp_path, "folder", "deaf")
    assert ended["record"] == "done"
