"""A log as static files: those of the format and no others, each written once, and every change to them found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger, Published, read_published
from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    LedgerNotFoundError,
    NoteError,
    PublicationError,
    SignatureError,
    SplitViewError,
    StoreDamagedError,
    StoreError,
    UntrustedNoteError,
    WrongOriginError,
)
from coop_ledger.log import COSIGNATURE, EMPTY_ROOT, Checkpoint, format_note, leaf_hash, parse_note, reader_over
from coop_ledger.signing import SigningKey
from coop_ledger.static_files import StaticFolder
from coop_ledger.stores import MemoryStore
from tests.ledger.evidence import ORIGIN, checkpoint_of, damage, file_ledger, key_of, leaf, memory_ledger, signed
from tests.shared import ROOT

EDGES = [1, 2, 255, 256, 257, 511, 512, 513]
SECOND_LEVEL = [65_535, 65_536, 65_537]


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stamps_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file has which name, and when it was changed."""
    found = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {str(path.relative_to(folder)): (one.st_ino, one.st_mtime_ns) for path, one in found.items()}


def number(index: int) -> str:
    digits = f"{index:03}" if index < 1000 else f"x{index // 1000:03}/{index % 1000:03}"
    assert index < 1_000_000
    return digits


def names_of(size: int) -> set[str]:
    """The files that the format has for a log of a size, told by its own formula."""
    names = set[str]()
    for level in range(4):
        full, rest = size // 256**level // 256, size // 256**level % 256
        kinds = ["entries", "0"] if level == 0 else [str(level)]
        for kind in kinds:
            names |= {f"tile/{kind}/{number(index)}" for index in range(full)}
            names |= {f"tile/{kind}/{number(full)}.p/{rest}"} if rest else set()
    return names


@pytest.mark.parametrize("size", [*EDGES, *SECOND_LEVEL, 70_000])
def test_the_files_are_those_of_the_format(tmp_path: Path, size: int) -> None:
    ledger = memory_ledger(size)
    written = ledger.publish(tmp_path / "log")
    files = files_of(tmp_path / "log")
    assert set(written) == set(files) == names_of(size)
    assert len(written) == len(files)
    leaves = [leaf(at) for at in range(size)]
    read = reader_over([leaf_hash(one) for one in leaves])
    for name, data in files.items():
        kind, path = name.removeprefix("tile/").split("/", 1)
        place, _, width = path.partition(".p/")
        index, count = int(place.replace("x", "").replace("/", "")), int(width or 256)
        span = range(index * 256, index * 256 + count)
        if kind == "entries":
            assert data == b"".join(len(leaves[at]).to_bytes(2, "big") + leaves[at] for at in span)
        else:
            assert data == b"".join(read(8 * int(kind), at) for at in span)
    assert read_published(tmp_path / "log") == Published(size, ledger.root, None)


def test_the_example_of_the_format() -> None:
    """70,000 leaves: 273 full tiles and one of 112, one full and one of 17 above, one of 1 on top."""
    names = names_of(70_000)
    assert len([name for name in names if name.startswith("tile/0/") and ".p" not in name]) == 273
    assert {name for name in names if ".p" in name} == {
        "tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"
    }  # fmt: skip
    assert "tile/1/000" in names


def test_an_empty_log_has_a_checkpoint_and_no_tile(tmp_path: Path) -> None:
    ledger = memory_ledger(0)
    assert ledger.publish(tmp_path / "log") == ()
    with pytest.raises(PublicationError, match="nothing is published"):
        read_published(tmp_path / "log")
    note = checkpoint_of(ledger)
    assert ledger.publish(tmp_path / "log", checkpoint=note) == ("checkpoint",)
    assert read_published(tmp_path / "log") == Published(0, EMPTY_ROOT, note)


steps = st.integers(0, 600) | st.sampled_from([0, 1, 255, 256, 257, 511, 512, 513])


@settings(max_examples=25)
@given(st.lists(st.tuples(steps, st.booleans()), min_size=2, max_size=4))
def test_a_publication_writes_what_is_new_and_touches_nothing_else(plan: list[tuple[int, bool]]) -> None:
    everything = memory_ledger(600)
    noted, before = None, dict[str, tuple[int, int]]()
    with TemporaryDirectory() as name:
        folder = Path(name) / "log"
        for size, with_note in sorted(plan):
            ledger = memory_ledger(size)
            note = checkpoint_of(everything, size) if with_note else None
            written = ledger.publish(folder, checkpoint=note)
            after = stamps_of(folder)
            new = {name for name in names_of(size) if name not in before}
            if note is not None and (noted is None or noted[0] != note):
                new.add("checkpoint")
                assert written[-1] == "checkpoint"
            assert len(written) == len(set(written))
            assert set(written) == new == {name for name in after if after[name] != before.get(name)}
            assert before.keys() <= after.keys()
            noted, before = (note, size) if note is not None else noted, after
            expected = size if noted is None else noted[1]
            if expected or noted:
                root = everything.prove_consistency(expected).root_old
                assert read_published(folder) == Published(expected, root, None if noted is None else noted[0])
            assert ledger.publish(folder, checkpoint=note) == ()
            assert stamps_of(folder) == after


def test_a_checkpoint_of_an_earlier_size_goes_with_the_files_up_to_it(tmp_path: Path) -> None:
    ledger = memory_ledger(300)
    note = checkpoint_of(ledger, 258)
    assert set(ledger.publish(tmp_path, checkpoint=note)) == {*names_of(258), "checkpoint"}
    assert read_published(tmp_path) == Published(258, ledger.prove_consistency(258).root_old, note)
    assert set(ledger.publish(tmp_path)) == names_of(300) - names_of(258)
    assert read_published(tmp_path).size == 258  # what was published beyond the checkpoint is not spoken of
    (tmp_path / "tile/0/001.p/44").write_bytes(b"")
    assert read_published(tmp_path).size == 258


def test_more_signatures_replace_a_checkpoint_and_an_older_one_never_does(tmp_path: Path) -> None:
    ledger = memory_ledger(9)
    note = checkpoint_of(ledger)
    ledger.publish(tmp_path, checkpoint=note)
    twice = note + note.partition(b"\n\n")[2]
    assert ledger.publish(tmp_path, checkpoint=twice) == ("checkpoint",)
    assert read_published(tmp_path).checkpoint == twice
    with pytest.raises(InvalidValueError, match="later checkpoint"):
        ledger.publish(tmp_path, checkpoint=checkpoint_of(ledger, 8))
    assert read_published(tmp_path).checkpoint == twice


def refused(ledger: Ledger, folder: Path, kind: type[CoopLedgerError], note: bytes | None = None) -> CoopLedgerError:
    """The error with which a publication is refused; nothing of the folder has changed."""
    before = files_of(folder), stamps_of(folder)
    with pytest.raises(kind) as caught:
        ledger.publish(folder, checkpoint=note)
    assert (files_of(folder), stamps_of(folder)) == before
    assert type(caught.value) is kind
    return caught.value


def test_a_checkpoint_that_does_not_fit_is_not_published(tmp_path: Path) -> None:
    ledger = memory_ledger(9)
    root = ledger.root
    refused(ledger, tmp_path, WrongOriginError, signed(Checkpoint("other.example/1", 9, root)))
    refused(ledger, tmp_path, WrongOriginError, signed(Checkpoint("other.example/1", 10, root)))
    refused(ledger, tmp_path, SplitViewError, signed(Checkpoint(ORIGIN, 9, bytes(32))))
    refused(ledger, tmp_path, SplitViewError, signed(Checkpoint(ORIGIN, 8, root)))
    refused(ledger, tmp_path, SplitViewError, signed(Checkpoint(ORIGIN, 10, root)))
    refused(ledger, tmp_path, NoteError, b"no note")
    refused(ledger, tmp_path, InvalidValueError, "text")  # type: ignore[arg-type]


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_fork_of_the_published_history_is_refused(old: int, size: int, data: st.DataObject) -> None:
    """Whatever was published of one history, another one adds nothing to it; up to where they part it may."""
    parts = data.draw(st.integers(0, old - 1))
    with TemporaryDirectory() as name:
        folder = Path(name)
        memory_ledger(old).publish(folder)
        other = memory_ledger(size, other_from=parts)
        if size <= parts and size == old:
            assert other.publish(folder) == ()
        else:
            error = refused(other, folder, PublicationError)
            assert str(error.where).startswith("tile/")
        if size > parts and size < old:
            with pytest.raises(PublicationError):
                memory_ledger(old, other_from=parts).publish(folder)


def test_a_fork_is_found_by_the_published_checkpoint_alone(tmp_path: Path) -> None:
    memory_ledger(5).publish(tmp_path, checkpoint=checkpoint_of(memory_ledger(5)))
    shutil.rmtree(tmp_path / "tile")
    refused(memory_ledger(9, other_from=3), tmp_path, SplitViewError)
    refused(memory_ledger(4), tmp_path, SplitViewError)
    refused(memory_ledger(5, origin="other.example/1"), tmp_path, WrongOriginError)
    other = memory_ledger(9, other_from=5)
    other.publish(tmp_path, checkpoint=checkpoint_of(other))
    assert read_published(tmp_path).size == 9


def test_a_ledger_that_lost_entries_publishes_nothing(tmp_path: Path) -> None:
    memory_ledger(257).publish(tmp_path)
    error = refused(memory_ledger(256), tmp_path, PublicationError)
    assert (error.where, error.found) == ("tile/0/001.p/1", "257 entries") or error.where == "tile/entries/001.p/1"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four publications, so that it holds narrower files too."""
    folder = tmp_path_factory.mktemp("published") / "log"
    for size in (3, 250, 300, 520):
        ledger = memory_ledger(size)
        ledger.publish(folder, checkpoint=checkpoint_of(ledger))
    return folder


def copied(published: Path, into: Path) -> Path:
    shutil.copytree(published, into / "log")
    return into / "log"


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\x00")


def flip_first(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def flip_last(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 0x80]))


def link(path: Path) -> None:
    path.rename(path.with_name(".moved"))
    path.symlink_to(".moved")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def socket(path: Path) -> None:
    import socket

    path.unlink()
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket has 107 bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


NARROWER = {f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000.p/3", "000.p/250", "001.p/44")}
NARROWER.add("tile/1/000.p/1")


@pytest.mark.parametrize("spoil", [remove, empty, cut, lengthen, flip_first, flip_last, link, pipe, folder, socket])
def test_every_file_counts(published: Path, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    names = sorted(files_of(published))
    assert {*names_of(520), *NARROWER, "checkpoint"} == set(names)
    for at, name in enumerate(names):
        (tmp_path / str(at)).mkdir()
        log = copied(published, tmp_path / str(at))
        spoil(log / name)
        if spoil is remove and name in NARROWER:
            assert read_published(log).size == 520  # they may go once the wider ones are there
            continue
        if spoil is remove and name == "checkpoint":
            assert read_published(log) == Published(520, memory_ledger(520).root, None)
            continue
        if spoil is flip_first and name == "checkpoint":  # its origin, which only a signature vouches for
            assert read_published(log)[:2] == (520, memory_ledger(520).root)
            refused(memory_ledger(520), log, WrongOriginError)
            continue
        with pytest.raises(PublicationError) as caught:
            read_published(log)
        assert name in str(caught.value.where).split(" and ")
        if spoil is remove:
            assert memory_ledger(520).publish(log) == (name,)  # what was lost is written again
            assert read_published(log).size == 520
        elif spoil not in (pipe, socket, folder):
            error = refused(memory_ledger(520), log, PublicationError)
            assert error.where == name


@settings(max_examples=80)
@given(st.data())
def test_no_byte_changes_unnoticed(published: Path, data: st.DataObject) -> None:
    """A changed byte is found, or only the signature speaks against it: in a checkpoint's origin and signatures."""
    whole = read_published(published)
    name = data.draw(st.sampled_from(sorted(files_of(published))))
    original = (published / name).read_bytes()
    at = data.draw(st.integers(0, len(original) - 1))
    changed = bytes([original[at] ^ data.draw(st.integers(1, 255))])
    (published / name).write_bytes(original[:at] + changed + original[at + 1 :])
    found: Published | str
    try:
        found = read_published(published)
    except PublicationError as error:
        found = str(error.where)
    finally:
        (published / name).write_bytes(original)
    if isinstance(found, str):
        assert name in found.split(" and ")
    else:
        assert (name, found[:2]) == ("checkpoint", whole[:2])
        assert found.checkpoint != whole.checkpoint


@pytest.mark.parametrize(
    "name",
    [
        "tile/0/index.html",
        "tile/0/0",
        "tile/readme",
        "tile/0/000.p/007",
        "tile/0/000.p/x/1",
        "tile/64/000",
        "tile/00/000",
    ],
)
def test_what_is_no_file_of_a_log_is_refused_under_tile(published: Path, tmp_path: Path, name: str) -> None:
    """T61: names lead nowhere but to files that a log of this size has."""
    log = copied(published, tmp_path)
    (log / name).parent.mkdir(parents=True, exist_ok=True)
    (log / name).write_bytes(b"")
    with pytest.raises(PublicationError) as caught:
        read_published(log)
    assert caught.value.where == name
    assert refused(memory_ledger(520), log, PublicationError).where == name


def test_a_linked_folder_is_refused_and_other_files_beside_are_not(published: Path, tmp_path: Path) -> None:
    log = copied(published, tmp_path)
    (log / "index.html").write_text("a page about the log")
    (log / "tile/.htaccess").write_text("for the web server")
    (log / "tile/0/.part-0123456789abcdef").write_bytes(b"left by a publication that was killed")
    assert read_published(log) == read_published(published)
    (log / "tile/1").rename(log / "elsewhere")
    (log / "tile/1").symlink_to("../elsewhere")
    with pytest.raises(PublicationError) as caught:
        read_published(log)
    assert caught.value.where == "tile/1"


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("tile/0/x999/x999/x999/x999/x999/999", "tile/entries/002"),
        ("tile/63/000.p/1", "tile/entries/002"),
        ("tile/1/000.p/3", "tile/entries/002"),
        ("tile/entries/002.p/9", "tile/entries/002.p/9"),
    ],
)
def test_a_folder_that_claims_to_hold_more_is_refused_at_the_first_gap(
    published: Path, tmp_path: Path, name: str, where: str
) -> None:
    """Without a checkpoint the size is what the files reach; with one the same files are beyond it."""
    log = copied(published, tmp_path)
    (log / name).parent.mkdir(parents=True, exist_ok=True)
    (log / name).write_bytes(b"")
    assert read_published(log).size == 520
    (log / "checkpoint").unlink()
    with pytest.raises(PublicationError) as caught:
        read_published(log)
    assert caught.value.where == where


@pytest.mark.parametrize("size", [519, 521, 0, 600])
def test_a_checkpoint_that_is_not_of_the_files_is_refused(published: Path, tmp_path: Path, size: int) -> None:
    log = copied(published, tmp_path)
    ledger = memory_ledger(600)
    (log / "checkpoint").write_bytes(checkpoint_of(ledger, size))
    if size == 0:
        assert read_published(log).size == 0  # an old one, of nothing: it is genuine
    else:
        with pytest.raises(PublicationError):
            read_published(log)
    (log / "checkpoint").write_bytes(signed(Checkpoint(ORIGIN, 520, bytes(32))))
    with pytest.raises(PublicationError) as caught:
        read_published(log)
    assert (caught.value.where, caught.value.expected) == ("checkpoint", memory_ledger(520).root.hex())


@pytest.mark.parametrize("note", [b"", b"text\n", b"x" * (256 * 1024 + 1)])
def test_a_checkpoint_that_is_none_is_refused(published: Path, tmp_path: Path, note: bytes) -> None:
    log = copied(published, tmp_path)
    (log / "checkpoint").write_bytes(note)
    with pytest.raises(PublicationError) as caught:
        read_published(log)
    assert caught.value.where == "checkpoint"
    refused(memory_ledger(520), log, PublicationError)


def test_whose_log_it_is_is_checked_where_the_caller_knows_it(tmp_path: Path) -> None:
    ledger, log = memory_ledger(3), tmp_path / "log"
    known, stranger = key_of(ORIGIN).vkey, SigningKey.generate(ORIGIN).vkey
    witness = SigningKey.generate("witness.example", kind=COSIGNATURE)
    ledger.publish(log)
    for asked in ({"origin": ORIGIN}, {"keys": [known]}):
        with pytest.raises(PublicationError, match="no checkpoint says whose log this is"):
            read_published(log, **asked)
    note = parse_note(checkpoint_of(ledger))
    cosigned = format_note(note._replace(signatures=(*note.signatures, witness.cosign(note.text, 1))))
    ledger.publish(log, checkpoint=cosigned)
    whole = Published(3, ledger.root, cosigned)
    assert read_published(log) == whole
    assert read_published(log, origin=ORIGIN, keys=[known]) == whole
    assert read_published(log, keys=iter([stranger, known, witness.vkey])) == whole
    with pytest.raises(WrongOriginError) as caught:
        read_published(log, origin="other.example/1")
    assert (caught.value.expected, caught.value.found) == ("other.example/1", ORIGIN)
    for keys in ([stranger], [witness.vkey]):
        with pytest.raises(UntrustedNoteError):
            read_published(log, keys=keys)
    (log / "checkpoint").write_bytes(cosigned.replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(SignatureError):
        read_published(log, keys=[known])


@pytest.mark.parametrize("place", [None, "", "a\x00b", "\ud800", 3])
def test_paths_that_are_none_are_refused(place: object) -> None:
    with pytest.raises(InvalidValueError):
        memory_ledger(1).publish(place)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError):
        read_published(place)  # type: ignore[arg-type]


def test_what_the_system_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    ledger = memory_ledger(3)
    with pytest.raises(LedgerNotFoundError):
        ledger.publish(tmp_path / "missing" / "log")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        ledger.publish(tmp_path / "file")
    with pytest.raises(StoreError):
        ledger.publish(tmp_path / ("x" * 300))
    with pytest.raises(StoreError):
        read_published(tmp_path / ("x" * 300))
    for name in ("file", "missing"):
        with pytest.raises(PublicationError, match="nothing is published"):
            read_published(tmp_path / name)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "tile").write_bytes(b"")
    with pytest.raises(StoreError):
        ledger.publish(tmp_path / "log")
    (tmp_path / "log" / "tile").unlink()
    (tmp_path / "log" / "tile").symlink_to("tile")
    for attempt in (lambda: ledger.publish(tmp_path / "log"), lambda: read_published(tmp_path / "log")):
        with pytest.raises(PublicationError):
            attempt()


def test_a_file_that_cannot_get_its_name_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    with pytest.raises(OSError, match="directory"):
        StaticFolder(tmp_path).write("name", b"bytes")
    assert os.listdir(tmp_path) == ["name"]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE entries SET leaf = x'00' WHERE position = 300", names_of(256)),
        ("UPDATE tiles SET blob = zeroblob(8192) WHERE place = 1", set()),
        ("UPDATE entries SET hash = zeroblob(32) WHERE position = 514", set()),
        ("UPDATE head SET frontier = zeroblob(96)", set()),
        ("DELETE FROM tiles WHERE place = 1", set()),
    ],
)
def test_a_damaged_ledger_is_not_published(tmp_path: Path, statement: str, names: set[str]) -> None:
    """Tiles that contradict the root write nothing; a leaf that is not the hashed one is never written."""
    path, log = tmp_path / "x.db", tmp_path / "log"
    with file_ledger(path, 515) as ledger:
        note = checkpoint_of(ledger)
    damage(path, statement)
    with file_ledger(path, 0) as ledger, pytest.raises(StoreDamagedError):
        ledger.publish(log)
    assert {name for name in files_of(log) if ".p" not in name} == {name for name in names if ".p" not in name}
    if "leaf" not in statement:
        with file_ledger(path, 0) as ledger, pytest.raises(StoreDamagedError):
            ledger.publish(log, checkpoint=note)
    assert not (log / "checkpoint").exists()


def test_a_damaged_root_of_a_tile_is_never_published(tmp_path: Path) -> None:
    """Tiles are computed anew: what is wrong in the cache of roots does not reach the folder."""
    path, log = tmp_path / "x.db", tmp_path / "log"
    file_ledger(path, 515).close()
    damage(path, "UPDATE tiles SET root = zeroblob(32) WHERE place = 0")
    with file_ledger(path, 0) as ledger:
        ledger.publish(log)
        assert read_published(log).root == ledger.root


def test_what_is_published_can_be_read_by_the_web_server(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        memory_ledger(3).publish(tmp_path / "log", checkpoint=checkpoint_of(memory_ledger(3)))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "log").rglob("*") if path.is_file()} == {0o644}


PUBLISH = """
import resource, sys
from coop_ledger import CoopLedgerError, Ledger
from coop_ledger.errors import StoreError
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
ledger = Ledger.open(sys.argv[1], readonly=True)
print("begins", flush=True)
try:
    ledger.publish(sys.argv[2])
except StoreError as error:
    print("refused", flush=True)
"""


def publishing(path: Path, log: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PUBLISH, str(path), str(log), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment["PYTHONPATH"] = str(ROOT / "src")  # what is killed, or may write no file, cannot leave its coverage
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def test_a_publication_that_is_killed_leaves_whole_files_and_is_taken_up(tmp_path: Path) -> None:
    path, log = tmp_path / "x.db", tmp_path / "log"
    size = 20_000
    file_ledger(path, size).close()
    whole = memory_ledger(size)
    for delay_s in (0.0, 0.05, 0.1, 0.2):
        process = publishing(path, log)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = {name for name in files_of(log) if not Path(name).name.startswith(".part-")} if log.exists() else set()
        assert found <= names_of(size)
        assert all((log / name).stat().st_size % 32 == 0 for name in found if "entries" not in name)
    whole.publish(log)
    assert read_published(log) == Published(size, whole.root, None)


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    path, log = tmp_path / "x.db", tmp_path / "log"
    file_ledger(path, 300).close()
    process = publishing(path, log, "1000")  # bytes that a file may have: less than a full tile
    assert process.communicate()[0] == "refused\n"
    assert files_of(log) == {}
    memory_ledger(300).publish(log)
    assert read_published(log).size == 300


def test_a_ledger_that_grows_meanwhile_is_published_as_it_was(tmp_path: Path) -> None:
    ledger = memory_ledger(300)
    store = ledger._store
    assert isinstance(store, MemoryStore)
    read = store.read

    def growing(*arguments: object, **options: object) -> object:
        from tests.stores.support import draft

        store.append([draft(store.head().size)])
        return read(*arguments, **options)  # type: ignore[arg-type]

    store.read = growing  # type: ignore[assignment,method-assign]
    root = ledger.root
    ledger.publish(tmp_path / "log")
    assert ledger.size > 300
    assert read_published(tmp_path / "log") == Published(300, root, None)
