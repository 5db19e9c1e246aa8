"""The signer of a log: whatever it is asked, all that it signed are prefixes of one log."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import ConsistencyError, CoopLedgerError, InvalidValueError, KeyFileError, SplitViewError
from coop_ledger.log import (
    COSIGNATURE,
    EMPTY_ROOT,
    Checkpoint,
    Note,
    Verified,
    format_checkpoint,
    format_note,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    prove_consistency,
    reader_over,
    root_of,
    verify_note,
)
from coop_ledger.signing import LogSigner, Prove, SigningKey, check_ed25519
from coop_ledger.signing.files import locked
from tests.shared import ROOT

ORIGIN = "example.org/log"
KEY = SigningKey.generate(ORIGIN)
LEAVES = [leaf_hash(bytes([at])) for at in range(20)]


def grown(size: int, leaves: Sequence[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(leaves[:size]))


def over(leaves: Sequence[bytes] = LEAVES) -> partial[tuple[bytes, ...]]:
    return partial(prove_consistency, read=reader_over(leaves))


def checked(note: bytes) -> Checkpoint:
    parsed = parse_note(note)
    assert verify_note(parsed, [KEY.vkey], check_ed25519) == (Verified(KEY.vkey, None),)
    return parse_checkpoint(parsed.text)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "last-checkpoint"


def test_a_log_that_grows_is_signed_and_remembered(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    assert checked(signer.last) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    for size in (0, 1, 1, 5, 8, 20):
        note = LogSigner(KEY, state).sign(grown(size), over())
        assert checked(note) == grown(size)
        assert signer.last == note == state.read_bytes()
    assert {path.name for path in state.parent.iterdir()} == {"last-checkpoint", "last-checkpoint.lock"}
    assert state.stat().st_mode & 0o777 == 0o600


def test_a_shorter_log_and_another_root_are_refused(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    last = signer.sign(grown(9), over())
    other = [*LEAVES[:8], leaf_hash(b"other"), *LEAVES[9:]]
    with pytest.raises(SplitViewError, match="shorter"):
        signer.sign(grown(8), over())
    with pytest.raises(SplitViewError, match="shorter"):
        signer.sign(grown(0), over())
    with pytest.raises(SplitViewError, match="another root"):
        signer.sign(grown(9, other), over(other))
    for proofs in (over(other), over(), lambda _old, _new: ()):
        with pytest.raises(ConsistencyError):
            signer.sign(grown(12, other), proofs)
    with pytest.raises(ConsistencyError):
        signer.sign(grown(12), lambda _old, _new: ())
    with pytest.raises(InvalidValueError):
        signer.sign(grown(12), lambda _old, _new: (b"short",))
    assert signer.last == last


def test_the_checkpoints_of_other_logs_and_what_is_none_are_refused(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    for bad in (
        Checkpoint("example.org/other", 1, root_of(LEAVES[:1])),
        Checkpoint(f"{ORIGIN}\n", 1, root_of(LEAVES[:1])),
        Checkpoint(ORIGIN, -1, EMPTY_ROOT),
        Checkpoint(ORIGIN, 0, LEAVES[0]),
        Checkpoint(ORIGIN, 1, b"short"),
        Checkpoint(ORIGIN, 2**63, LEAVES[0]),
    ):
        with pytest.raises(InvalidValueError):
            signer.sign(bad, over())
    assert checked(signer.last).size == 0


FORKS = {fork: [*LEAVES[:fork], *(leaf_hash(bytes([fork, at])) for at in range(fork, 20))] for fork in (0, 3, 7, 20)}
"""Logs that agree up to some entry; each with 20 entries."""

requests = st.tuples(st.sampled_from([*FORKS]), st.integers(0, 20), st.sampled_from(["honest", "other", "none"]))


@given(st.lists(requests, max_size=12))
def test_all_that_is_signed_is_one_log(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, int, str]]
) -> None:
    state = tmp_path_factory.mktemp("signer") / "state"
    LogSigner.begin(KEY, state)
    signed: list[tuple[int, list[bytes]]] = []
    for fork, size, proving in asked:
        leaves = FORKS[fork]
        proofs: dict[str, Prove] = {"honest": over(leaves), "other": over(), "none": lambda _old, _new: ()}
        prove = proofs[proving]
        before = LogSigner(KEY, state).last
        last = signed[-1][1] if signed else []
        may = proving == "honest" and size >= len(last) and leaves[: len(last)] == last
        try:
            note = LogSigner(KEY, state).sign(grown(size, leaves), prove)
        except CoopLedgerError:
            assert not may
            assert LogSigner(KEY, state).last == before
        else:
            assert checked(note) == grown(size, leaves)
            signed.append((size, leaves[:size]))
    for (_, earlier), (_, later) in pairwise(signed):
        assert later[: len(earlier)] == earlier


# the state


def test_to_begin_again_is_refused_and_so_is_a_lost_state(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    with pytest.raises(KeyFileError, match="already"):
        LogSigner.begin(KEY, state)
    state.unlink()
    with pytest.raises(KeyFileError, match="no such file"):
        LogSigner(KEY, state)
    with pytest.raises(KeyFileError, match="no such file"):
        signer.sign(grown(1), over())
    assert not state.exists()


def other_states() -> Iterator[tuple[str, bytes]]:
    text = format_checkpoint(grown(4))
    other = SigningKey.generate(ORIGIN)
    yield "empty", b""
    yield "no note", b"something else\n"
    yield "unsigned", text.encode()
    yield "another key of that name", format_note(Note(text, (other.sign_note(text),)))
    yield "signature moved", format_note(Note(format_checkpoint(grown(5)), (KEY.sign_note(text),)))
    yield "another text", format_note(Note("hello\n", (KEY.sign_note("hello\n"),)))
    foreign = format_checkpoint(Checkpoint("example.org/other", 4, grown(4).root))
    yield "another log", format_note(Note(foreign, (KEY.sign_note(foreign),)))
    yield "too large", b"x" * 300_000


@pytest.mark.parametrize(("name", "data"), [*other_states()], ids=lambda value: value if isinstance(value, str) else "")
def test_a_state_that_this_key_did_not_sign_is_refused(state: Path, name: str, data: bytes) -> None:
    signer = LogSigner.begin(KEY, state)
    state.write_bytes(data)
    for attempt in (lambda: LogSigner(KEY, state), lambda: signer.sign(grown(6), over()), lambda: signer.last):
        with pytest.raises(KeyFileError):
            attempt()
    assert state.read_bytes() == data, name


def test_a_state_may_be_read_by_all_and_written_by_its_owner_only(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    state.chmod(0o644)
    signer.sign(grown(2), over())
    for mode in (0o620, 0o602):
        state.chmod(mode)
        with pytest.raises(KeyFileError, match="others may use"):
            LogSigner(KEY, state)


def test_a_witness_does_not_sign_for_a_log(state: Path) -> None:
    witness = SigningKey.generate(ORIGIN, kind=COSIGNATURE)
    with pytest.raises(InvalidValueError):
        LogSigner.begin(witness, state)
    LogSigner.begin(KEY, state)
    with pytest.raises(InvalidValueError):
        LogSigner(witness, state)


# faults


@contextmanager
def no_room() -> Iterator[None]:
    """Files cannot grow: every write of a byte fails, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_note_leaves_that_is_not_on_disk(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    signer.sign(grown(3), over())
    before = state.read_bytes()
    with no_room(), pytest.raises(KeyFileError, match="could not"):
        signer.sign(grown(5), over())
    assert state.read_bytes() == before
    assert len([*state.parent.iterdir()]) == 2
    other = [*LEAVES[:4], leaf_hash(b"other")]
    signer.sign(grown(5, other), over(other))  # nothing had left, so nothing binds


def test_of_forks_that_are_signed_at_the_same_time_one_is(state: Path) -> None:
    signer = LogSigner.begin(KEY, state)
    signer.sign(grown(1), over())
    start, signed = threading.Barrier(6), []

    def sign(fork: int) -> None:
        leaves = [*LEAVES[:1], leaf_hash(bytes([fork, fork]))]

        def slow(old: int, new: int) -> Sequence[bytes]:
            time.sleep(0.02)
            return over(leaves)(old, new)

        start.wait()
        with suppress(SplitViewError):
            signed.append(LogSigner(KEY, state).sign(grown(2, leaves), slow))

    threads = [threading.Thread(target=sign, args=(fork,)) for fork in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert signed == [state.read_bytes()]


def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(KeyFileError, match="another process"), locked(path, timeout_s=0.05):
            pytest.fail("held twice")
    with locked(path, timeout_s=0):
        pass
    with pytest.raises(KeyFileError), locked(tmp_path, timeout_s=0):
        pytest.fail("a folder is no lock")


def test_a_system_without_locks_signs_nothing(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = LogSigner.begin(KEY, state)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(KeyFileError, match="locks"):
        signer.sign(grown(1), over())


SIGNING = """
import sys
from functools import partial
from coop_ledger.log import Checkpoint, leaf_hash, prove_consistency, reader_over, root_of
from coop_ledger.signing import LogSigner, SigningKey
signer = LogSigner(SigningKey.load(sys.argv[1]), sys.argv[2])
leaves = []
for at in range(100_000):
    leaves.append(leaf_hash(b"%d" % at))
    if at >= int(sys.argv[3]):
        prove = partial(prove_consistency, read=reader_over(leaves))
        signer.sign(Checkpoint("example.org/log", at + 1, root_of(leaves)), prove)
        print(at + 1, flush=True)
"""


def test_a_killed_signer_has_remembered_all_that_it_handed_out(tmp_path: Path, state: Path) -> None:
    KEY.save(tmp_path / "key")
    LogSigner.begin(KEY, state)
    size = 0
    for after in (1, 4, 9):
        command = [sys.executable, "-c", SIGNING, str(tmp_path / "key"), str(state), str(size)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT / "src")}
        ) as child:
            assert child.stdout is not None
            for _ in range(after):
                size = int(child.stdout.readline())
            os.kill(child.pid, signal.SIGKILL)
            rest = child.stdout.read().split("\n")
            size = max([size, *(int(line) for line in rest[:-1])])
        last = checked(LogSigner(KEY, state).last)
        assert last.size in (size, size + 1)  # signed and killed before it was told
        size = last.size
