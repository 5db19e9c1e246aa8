"""A witness in its folder: what it cosigns, what it refuses and keeps, and what stops it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import InvalidValueError, KeyFileError
from coop_ledger.log import (
    COSIGNATURE,
    Checkpoint,
    Note,
    Reply,
    Verified,
    format_note,
    format_vkey,
    parse_checkpoint,
    parse_note,
    parse_reply,
    parse_vkey,
    verify_note,
)
from coop_ledger.signing import SigningKey, check_ed25519
from coop_ledger.witnessing import Witness
from tests.shared import shared_json
from tests.witnessing.support import MadeLog, environment

KEY = SigningKey.generate("witness.example/w1", kind=COSIGNATURE)
LOG_KEY = SigningKey.generate("coop.example/ledger/1")
TRUE = MadeLog(LOG_KEY)
FALSE = MadeLog(LOG_KEY, branch="forked", fork=3)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: int = 1_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(tmp_path: Path, clock: Clock) -> Witness:
    made = Witness.create(tmp_path / "witness", KEY, clock=clock)
    made.watch(LOG_KEY.vkey)
    return made


def cosignature(reply: Reply, text: str) -> Verified:
    assert reply.status == 200
    (found,) = verify_note(parse_note(f"{text}\n".encode() + reply.body), [KEY.vkey], check_ed25519)
    return found


def test_the_public_conversation_with_a_witness_of_ours(tmp_path: Path, clock: Clock) -> None:
    conversation = shared_json("data/vectors/merkle/notes/witness-add-checkpoint.json")["conversation"]
    key = SigningKey.generate("example.com/witness", kind=COSIGNATURE)
    witness = Witness.create(tmp_path / "w", key, clock=clock)
    witness.watch(parse_vkey(conversation["log_vkey_derived"]))
    ours = {1: 400, 2: 404}  # decided by rules of ours: tests/log/test_witness_rules.py
    assert len(conversation["steps"]) == 9
    for at, step in enumerate(conversation["steps"]):
        reply = witness.reply(step["request_body"].encode())
        status = ours.get(at, step["status"])
        assert reply.status == status, at
        if status == 200:
            assert step["body_contains"] in reply.body.decode()
        if status == 409:
            assert reply.body.decode() == step["body_equals"]
    assert witness.logs[conversation["log_origin"]].size == 5


def test_a_cosignature_says_when_and_over_what(witness: Witness, clock: Clock) -> None:
    assert witness.logs == {LOG_KEY.vkey.name: TRUE.checkpoint(0)}
    text = parse_note(TRUE.note(5)).text
    assert cosignature(witness.reply(TRUE.request(0, 5)), text) == Verified(witness.vkey, 1_000)
    clock.now += 60
    assert cosignature(witness.reply(TRUE.request(5, 5)), text).timestamp == 1_060
    answer = witness.answer(TRUE.request(5, 9))
    assert cosignature(parse_reply(answer), parse_note(TRUE.note(9)).text).timestamp == 1_060
    assert witness.answer(TRUE.request(5, 9)) == b"refused 409\n9\n"
    assert witness.answer(b"nonsense") == b"refused 400\nmalformed request: this is no request\n"
    assert witness.evidence == ()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 8), st.integers(-2, 5), st.booleans())))
def test_whatever_is_asked_all_that_was_cosigned_is_one_log(steps: list[tuple[bool, int, int, int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        witness = Witness.create(folder, KEY, clock=clock)
        witness.watch(LOG_KEY.vkey)
        cosigned: list[tuple[int, Checkpoint]] = []
        for forked, old, size, later, again in steps:
            clock.now += later
            if again:
                witness = Witness(folder, KEY, clock=clock)
            log = FALSE if forked else TRUE
            before = witness.logs[LOG_KEY.vkey.name]
            reply = witness.reply(log.request(min(old, size), size))
            after = witness.logs[LOG_KEY.vkey.name]
            if reply.status == 200:
                found = cosignature(reply, parse_note(log.note(size)).text)
                assert found.timestamp == clock.now
                cosigned.append((clock.now, log.checkpoint(size)))
                assert after == log.checkpoint(size)
            else:
                assert after == before
            if reply.status == 503:
                assert clock.now < cosigned[-1][0]
        for (earlier, small), (later, large) in pairwise(cosigned):
            assert earlier <= later
            assert small.size <= large.size
        assert any(all(log.checkpoint(one.size) == one for _, one in cosigned) for log in (TRUE, FALSE))


def test_forks_and_rollbacks_are_refused_and_kept(witness: Witness, clock: Clock) -> None:
    """T18, T19, T08: two notes of one log that a third party can compare."""
    assert witness.reply(TRUE.request(0, 5)).status == 200
    clock.now += 9
    asked = {
        "fork": FALSE.request(0, 5),
        "rollback": TRUE.request(0, 2),
        "unproven": FALSE.request(5, 8),
    }
    assert {kind: witness.reply(request).status for kind, request in asked.items()} == {
        "fork": 409, "rollback": 409, "unproven": 422,
    }  # fmt: skip
    assert [witness.reply(request).status for request in asked.values()] == [409, 409, 422]  # kept once
    kept = {path.name.partition("-")[0]: json.loads(path.read_text()) for path in witness.evidence}
    assert len(witness.evidence) == 3
    for kind, value in kept.items():
        assert (value["kind"], value["origin"], value["kept_at"]) == (kind, LOG_KEY.vkey.name, 1_009)
        assert (value["accepted_at"], value["key"]) == (1_000, format_vkey(LOG_KEY.vkey))
        for note in ("accepted", "offered"):
            verify_note(parse_note(value[note].encode()), [LOG_KEY.vkey], check_ed25519)
        assert parse_checkpoint(parse_note(value["accepted"].encode()).text) == TRUE.checkpoint(5)
    fork = parse_checkpoint(parse_note(kept["fork"]["offered"].encode()).text)
    assert (fork.size, fork.root) == (5, FALSE.checkpoint(5).root)
    assert parse_checkpoint(parse_note(kept["rollback"]["offered"].encode()).text).size == 2
    assert (kept["unproven"]["old"], len(kept["unproven"]["proof"])) == (5, len(FALSE.proof(5, 8)))
    # and the witness goes on with what it accepted
    assert witness.reply(TRUE.request(5, 8)).status == 200


def test_forks_and_rollbacks_are_kept_whatever_old_size_is_asked_with(witness: Witness) -> None:
    """T18, T19, T08: an old size beyond the checkpoint is refused, and hides nothing that the log signed."""
    assert witness.reply(TRUE.request(0, 5)).status == 200
    asked = {"fork": FALSE.request(6, 5), "rollback": TRUE.request(5, 4)}
    refused = Reply(400, b"the old size is beyond the checkpoint\n")
    for count, (kind, request) in enumerate(asked.items(), 1):
        assert [witness.reply(request) for _ in range(2)] == [refused, refused]  # kept once
        assert len(witness.evidence) == count
        (value,) = (json.loads(path.read_text()) for path in witness.evidence if path.name.startswith(kind))
        assert value["offered"].encode() == request.partition(b"\n\n")[2]
        verify_note(parse_note(value["accepted"].encode()), [LOG_KEY.vkey], check_ed25519)
    # of the checkpoint seen, or of a larger one, there is nothing to say
    assert [witness.reply(TRUE.request(9, size)) for size in (5, 8)] == [refused, refused]
    assert len(witness.evidence) == 2


def test_of_a_note_only_what_its_log_signed_is_kept(witness: Witness) -> None:
    stranger = SigningKey.generate("stranger.example")

    def padded(request: bytes) -> bytes:
        head, _, body = request.partition(b"\n\n")
        note = parse_note(body)
        more = Note(note.text, (stranger.sign_note(note.text), *note.signatures))
        return head + b"\n\n" + format_note(more)

    assert witness.reply(padded(TRUE.request(0, 5))).status == 200
    assert witness.reply(padded(FALSE.request(0, 5))).status == 409
    assert witness.reply(FALSE.request(0, 5)).status == 409
    (path,) = witness.evidence
    assert b"stranger" not in path.read_bytes()
    assert b"stranger" not in (path.parent.parent / "state.json").read_bytes()


def test_a_log_is_unknown_until_the_witness_is_told(witness: Witness) -> None:
    other = MadeLog(SigningKey.generate("coop.example/ledger/2"))
    assert witness.reply(other.request(0, 3)).status == 404
    witness.watch(other.key.vkey)
    assert witness.reply(other.request(0, 3)).status == 200
    assert witness.reply(TRUE.request(0, 5)).status == 200
    assert {origin: seen.size for origin, seen in witness.logs.items()} == {
        "coop.example/ledger/1": 5, "coop.example/ledger/2": 3,
    }  # fmt: skip
    with pytest.raises(InvalidValueError, match="watched already"):
        witness.watch(SigningKey.generate("coop.example/ledger/2").vkey)
    with pytest.raises(InvalidValueError, match="no key of a log"):
        witness.watch(KEY.vkey)
    assert witness.logs["coop.example/ledger/2"].size == 3


def test_a_witness_that_lost_its_memory_does_not_start_again_by_itself(witness: Witness, tmp_path: Path) -> None:
    assert witness.reply(TRUE.request(0, 5)).status == 200
    state = tmp_path / "witness" / "state.json"
    state.unlink()
    with pytest.raises(KeyFileError, match="no memory here") as refused:
        witness.reply(FALSE.request(0, 5))
    assert "retire the key" in str(refused.value.hint)
    with pytest.raises(KeyFileError, match="no memory here"):
        Witness(tmp_path / "witness", KEY)
    with pytest.raises(KeyFileError, match="no memory here"):
        witness.watch(LOG_KEY.vkey)
    assert not state.exists()


def test_a_memory_is_made_once(witness: Witness, tmp_path: Path) -> None:
    assert witness.reply(TRUE.request(0, 5)).status == 200
    with pytest.raises(KeyFileError, match="there already"):
        Witness.create(tmp_path / "witness", KEY)
    assert Witness(tmp_path / "witness", KEY).logs[LOG_KEY.vkey.name].size == 5
    with pytest.raises(KeyFileError, match="cannot be made"):
        Witness.create(tmp_path / "witness" / "state.json", KEY)


def test_a_witness_has_a_key_of_its_own(witness: Witness, tmp_path: Path) -> None:
    other = SigningKey.generate(KEY.vkey.name, kind=COSIGNATURE)
    with pytest.raises(KeyFileError, match="memory of another witness"):
        Witness(tmp_path / "witness", other)
    for make in (Witness, Witness.create):
        with pytest.raises(InvalidValueError, match="key of its own"):
            make(tmp_path / "other", LOG_KEY)


def changed(value: object, path: str, new: object) -> str:
    copy = json.loads(json.dumps(value))
    place = copy
    *steps, last = path.split("|")
    for step in steps:
        place = place[step]
    if new is None:
        del place[last]
    else:
        place[last] = new
    return json.dumps(copy)


def test_a_damaged_memory_stops_the_witness(witness: Witness, tmp_path: Path) -> None:
    assert witness.reply(TRUE.request(0, 5)).status == 200
    path = tmp_path / "witness" / "state.json"
    text = path.read_text()
    value = json.loads(text)
    row = f"logs|{LOG_KEY.vkey.name}"
    stranger = MadeLog(SigningKey.generate(LOG_KEY.vkey.name)).note(5).decode()
    rows = value["logs"]
    other = {"key": format_vkey(LOG_KEY.vkey._replace(kind=COSIGNATURE)), "note": "", "timestamp": 0}
    damaged = [
        changed(value, "logs", {"coop.example/ledger/3": rows[LOG_KEY.vkey.name]}), changed(value, row, other),
        "", "[]", "5", "{}", text[:-2], text.replace(LOG_KEY.vkey.name, "coop.example/ledger/3"), "[" * 100_000,
        changed(value, "format", 2), changed(value, "logs", 5), changed(value, f"{row}|key", format_vkey(KEY.vkey)),
        changed(value, f"{row}|key", "nothing"), changed(value, f"{row}|note", stranger),
        changed(value, f"{row}|note", TRUE.note(5).decode()[:-1]), changed(value, f"{row}|note", 5),
        changed(value, f"{row}|timestamp", -1), changed(value, f"{row}|timestamp", "now"),
        changed(value, f"{row}|timestamp", 2**63), changed(value, f"{row}|timestamp", True), changed(value, row, []),
        *(changed(value, place, None) for place in (
            "format", "witness", "logs", f"{row}|key", f"{row}|note", f"{row}|timestamp")),
    ]  # fmt: skip
    for bad in damaged:
        path.write_text(bad)
        with pytest.raises(KeyFileError, match="damaged"):
            witness.reply(TRUE.request(5, 6))
    path.write_bytes(b"\xff")
    with pytest.raises(KeyFileError, match="damaged"):
        Witness(tmp_path / "witness", KEY)
    path.write_text(text)
    path.chmod(0o666)
    with pytest.raises(KeyFileError, match="others may use this file"):
        Witness(tmp_path / "witness", KEY)
    path.chmod(0o600)
    assert witness.reply(TRUE.request(5, 6)).status == 200


def test_times_of_cosignatures_never_go_back(witness: Witness, clock: Clock) -> None:
    assert witness.reply(TRUE.request(0, 5)).status == 200
    clock.now = 999
    assert witness.answer(TRUE.request(5, 6)) == b"refused 503\nthe clock stands behind the last cosignature\n"
    assert witness.logs[LOG_KEY.vkey.name].size == 5
    clock.now = 1_000
    assert witness.reply(TRUE.request(5, 6)).status == 200


def test_a_clock_that_gives_no_time_leaves_the_memory_as_it_was(witness: Witness, clock: Clock) -> None:
    for wrong in (1_000.5, 2**63):
        clock.now = wrong  # type: ignore[assignment]
        with pytest.raises(InvalidValueError, match="no time of a cosignature"):
            witness.reply(TRUE.request(0, 5))
    clock.now = 1_000
    assert witness.reply(TRUE.request(0, 5)).status == 200


def test_the_clock_of_the_system_is_the_default(tmp_path: Path) -> None:
    witness = Witness.create(tmp_path / "w", KEY)
    witness.watch(LOG_KEY.vkey)
    found = cosignature(witness.reply(TRUE.request(0, 1)), parse_note(TRUE.note(1)).text)
    assert found.timestamp is not None
    assert found.timestamp >= 1_479_200_400  # the forum of November 2016


def test_evidence_that_cannot_be_kept_is_no_reason_to_sign(witness: Witness, tmp_path: Path) -> None:
    assert witness.reply(TRUE.request(0, 5)).status == 200
    (tmp_path / "witness" / "evidence").rmdir()
    with pytest.raises(KeyFileError):
        witness.reply(FALSE.request(0, 5))
    assert witness.logs[LOG_KEY.vkey.name] == TRUE.checkpoint(5)


FULL = """
import resource, signal, sys
from pathlib import Path
from coop_ledger.errors import KeyFileError
from coop_ledger.signing import SigningKey
from coop_ledger.witnessing import Witness
folder, key, request = sys.argv[1:]
witness = Witness(folder, SigningKey.load(key))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    print(witness.reply(Path(request).read_bytes()))
except KeyFileError as error:
    print("stopped", error.found)
"""


def test_a_full_disk_means_no_cosignature(witness: Witness, tmp_path: Path) -> None:
    KEY.save(tmp_path / "key")
    (tmp_path / "request").write_bytes(TRUE.request(0, 5))
    before = (tmp_path / "witness" / "state.json").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "witness"), str(tmp_path / "key"), str(tmp_path / "request")],
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    assert done.stdout == "stopped File too large\n"
    assert (tmp_path / "witness" / "state.json").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "witness").iterdir()) == ["evidence", "lock", "state.json"]
    assert witness.reply(TRUE.request(0, 5)).status == 200
