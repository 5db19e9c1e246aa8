"""
A witness that is killed between storing and signing, or right after it signed: never two inconsistent cosignatures.

The same with the order reversed, which must end in two: else these tests could not see the fault (F20).
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from coop_ledger.log import COSIGNATURE, AddCheckpoint, format_add_checkpoint, parse_note, verify_note
from coop_ledger.signing import SigningKey, check_ed25519
from coop_ledger.witnessing import Witness
from tests.witnessing.support import MadeLog, environment

LOG_KEY = SigningKey.generate("coop.example/ledger/1")
TRUE = MadeLog(LOG_KEY)
FALSE = MadeLog(LOG_KEY, branch="forked", fork=3)
ORIGIN = LOG_KEY.vkey.name

ONE_ANSWER = """
import os, signal, sys
from pathlib import Path
from coop_ledger.log import format_note, Note
from coop_ledger.signing import SigningKey
from coop_ledger.witnessing import witness as module

folder, key_file, request, moment, order = sys.argv[1:]
if order == "reversed":
    source = Path(module.__file__).read_text()
    store = source[source.index("        self._write({**logs, memory.key.name"):]
    store = store[: store.index("\\n") + 1]
    sign = "        line = self._key.cosign(note.text, now)\\n"
    assert source.count(store + sign) == 1
    exec(compile(source.replace(store + sign, sign + store), module.__file__, "exec"), vars(module))

key = SigningKey.load(key_file)

class Dying(SigningKey):
    def cosign(self, text, timestamp):
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        line = super().cosign(text, timestamp)
        os.write(1, format_note(Note(text, (line,))))  # from here on the cosignature is in the world
        os.kill(os.getpid(), signal.SIGKILL)

module.Witness(folder, Dying(key.vkey.name, key.vkey.kind, key._private)).reply(Path(request).read_bytes())
"""


class Place(NamedTuple):
    """Where a witness lives."""

    folder: Path
    key_file: Path
    key: SigningKey

    def witness(self) -> Witness:
        return Witness(self.folder, self.key)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    key = SigningKey.generate("witness.example/w1", kind=COSIGNATURE)
    key.save(tmp_path / "key")
    Witness.create(tmp_path / "witness", key).watch(LOG_KEY.vkey)
    return Place(tmp_path / "witness", tmp_path / "key", key)


def run(place: Place, script: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, str(place.folder), str(place.key_file), *arguments]
    pipe = subprocess.PIPE
    # unbuffered: what a buffer holds after readline() would be lost to communicate()
    return subprocess.Popen(command, bufsize=0, stdout=pipe, stderr=pipe, env=environment())


def killed(place: Place, request: bytes, moment: str, order: str = "store, sign") -> bytes | None:
    """The cosigned note that a witness let out before it was killed, if any."""
    file = place.folder.parent / "request"
    file.write_bytes(request)
    process = run(place, ONE_ANSWER, str(file), moment, order)
    out, error = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, error.decode()
    if not out:
        return None
    verify_note(parse_note(out), [place.key.vkey], check_ed25519)
    return out


def cosigned_size(place: Place, log: MadeLog, old: int, size: int) -> int | None:
    reply = place.witness().reply(log.request(old, size))
    if reply.status != 200:
        return None
    verify_note(
        parse_note(f"{parse_note(log.note(size)).text}\n".encode() + reply.body), [place.key.vkey], check_ed25519
    )
    return size


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_fork_is_refused_after_the_witness_was_killed(place: Place, moment: str) -> None:
    assert cosigned_size(place, TRUE, 0, 4) == 4
    let_out = killed(place, TRUE.request(4, 8), moment)
    assert (let_out is None) is (moment == "before")
    # the memory is ahead of what was said, never behind it
    assert place.witness().logs[ORIGIN] == TRUE.checkpoint(8)
    for old, size in ((0, 8), (4, 8), (8, 8), (8, 9), (4, 9), (0, 3)):
        assert cosigned_size(place, FALSE, old, size) is None
    assert {path.name.partition("-")[0] for path in place.witness().evidence} == {"fork", "rollback", "unproven"}
    # and the honest log asks again, learns the size, and gets the cosignature that it missed
    assert place.witness().answer(TRUE.request(4, 8)) == b"refused 409\n8\n"
    assert cosigned_size(place, TRUE, 8, 8) == 8
    assert cosigned_size(place, TRUE, 8, 12) == 12


def test_in_the_other_order_two_inconsistent_cosignatures_get_out(place: Place) -> None:
    assert cosigned_size(place, TRUE, 0, 3) == 3
    let_out = killed(place, TRUE.request(3, 8), "after", "reversed")
    assert let_out is not None
    assert place.witness().logs[ORIGIN].size == 3
    assert cosigned_size(place, FALSE, 3, 8) == 8  # 3 is where the two logs part: from there both have grown


GREEDY = """
import random, sys
from coop_ledger.signing import SigningKey
from coop_ledger.witnessing import Witness
from tests.witnessing.support import MadeLog

folder, key_file, log_file, seed = sys.argv[1:]
chance = random.Random(seed)
key = SigningKey.load(log_file)
logs = [MadeLog(key), MadeLog(key, branch="forked", fork=3)]
witness = Witness(folder, SigningKey.load(key_file))
while (seen := witness.logs[key.vkey.name].size) < 60:
    which = chance.randrange(2)
    size = seen + chance.randrange(3)
    reply = witness.reply(logs[which].request(seen, size))
    if reply.status == 200:
        print(which, size, flush=True)
"""


def branches(lines: list[bytes]) -> set[int]:
    """Which of the two logs were cosigned past the place where they part."""
    pairs = [line.split() for line in lines if line.endswith(b"\n")]
    return {int(which) for which, size in pairs if int(size) > 3}


def test_killed_at_any_moment_and_by_two_at_a_time_one_log_is_cosigned(place: Place) -> None:
    LOG_KEY.save(place.folder.parent / "log-key")
    lines: list[bytes] = []
    for number in range(8):
        writers = [run(place, GREEDY, str(place.folder.parent / "log-key"), str(2 * number + at)) for at in range(2)]
        for writer in writers:  # both have begun before the first is killed
            assert writer.stdout is not None
            lines.append(writer.stdout.readline())
        time.sleep(0.01 * number)
        for writer in writers:
            writer.kill()
            out, error = writer.communicate(timeout=60)
            assert not error, error.decode()
            lines += out.splitlines(keepends=True)
    seen = place.witness().logs[ORIGIN]
    assert seen.size > 3
    (branch,) = branches(lines)
    assert (TRUE, FALSE)[branch].checkpoint(seen.size) == seen


def test_a_request_over_what_was_stored_but_never_said_is_answered(place: Place) -> None:
    assert killed(place, TRUE.request(0, 4), "before") is None
    request = format_add_checkpoint(AddCheckpoint(4, (), TRUE.note(4)))
    assert place.witness().reply(request).status == 200
