"""The way by files: requests in a folder, answers in another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coop_ledger.errors import KeyFileError
from coop_ledger.log import COSIGNATURE, MAX_REQUEST, add_cosignatures, parse_note, parse_reply, verify_note
from coop_ledger.signing import SigningKey, check_ed25519
from coop_ledger.witnessing import Witness, answer_requests
from tests.witnessing.support import MadeLog

KEY = SigningKey.generate("witness.example/w1", kind=COSIGNATURE)
LOG = MadeLog(SigningKey.generate("coop.example/ledger/1"))


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.now = 1_000
        self.inbox, self.outbox = folder / "in", folder / "out"
        self.inbox.mkdir()
        self.outbox.mkdir()
        self.witness = Witness.create(folder / "witness", KEY, clock=lambda: self.now)
        self.witness.watch(LOG.key.vkey)

    def put(self, name: str, request: bytes) -> None:
        (self.inbox / name).write_bytes(request)

    def answered(self) -> list[str]:
        return [path.name for path in answer_requests(self.witness, self.inbox, self.outbox)]

    def status(self, name: str) -> int:
        return parse_reply((self.outbox / name).read_bytes()).status


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


def test_each_request_is_answered_once_in_order(mailbox: Mailbox) -> None:
    mailbox.put("2.request", LOG.request(5, 9))
    mailbox.put("1.request", LOG.request(0, 5))
    mailbox.put("3.request", b"")
    mailbox.put("notes.txt", LOG.request(0, 1))
    assert mailbox.answered() == ["1.answer", "2.answer", "3.answer"]
    assert [mailbox.status(f"{at}.answer") for at in (1, 2, 3)] == [200, 200, 400]
    first = (mailbox.outbox / "1.answer").read_bytes()
    cosigned = add_cosignatures(LOG.note(5), first, [KEY.vkey], check_ed25519)
    keys = [LOG.key.vkey, KEY.vkey]
    assert [found.key for found in verify_note(parse_note(cosigned), keys, check_ed25519)] == keys
    assert mailbox.answered() == []
    mailbox.put("4.request", LOG.request(5, 10))
    assert mailbox.answered() == ["4.answer"]
    assert (mailbox.outbox / "4.answer").read_bytes() == b"refused 409\n9\n"
    assert (mailbox.outbox / "1.answer").read_bytes() == first
    assert (mailbox.outbox / "1.answer").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in mailbox.outbox.iterdir()) == [f"{at}.answer" for at in (1, 2, 3, 4)]


def test_what_is_no_file_of_the_allowed_size_is_refused_and_holds_up_no_other(mailbox: Mailbox) -> None:
    mailbox.put("target", LOG.request(0, 5))
    (mailbox.inbox / "a.request").symlink_to(mailbox.inbox / "target")
    (mailbox.inbox / "b.request").mkdir()
    os.mkfifo(mailbox.inbox / "c.request")
    mailbox.put("d.request", b"x" * (MAX_REQUEST + 1))
    mailbox.put("e.request", LOG.request(0, 5))
    assert mailbox.answered() == [f"{name}.answer" for name in "abcde"]
    assert [mailbox.status(f"{name}.answer") for name in "abcde"] == [400, 400, 400, 400, 200]


def test_a_request_that_cannot_be_answered_now_waits(mailbox: Mailbox) -> None:
    mailbox.put("1.request", LOG.request(0, 5))
    assert mailbox.answered() == ["1.answer"]
    mailbox.put("2.request", LOG.request(5, 6))
    mailbox.put("3.request", LOG.request(0, 6))
    mailbox.now = 900
    assert mailbox.answered() == ["3.answer"]
    mailbox.now = 1_100
    assert mailbox.answered() == ["2.answer"]
    assert mailbox.status("2.answer") == 200


def test_folders_that_are_not_there(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.put("1.request", LOG.request(0, 5))
    for inbox, outbox in ((tmp_path / "none", mailbox.outbox), (mailbox.inbox, tmp_path / "none"), ("\x00", "out")):
        with pytest.raises(KeyFileError):
            answer_requests(mailbox.witness, inbox, outbox)
    # what was accepted without being handed out is handed out when it is asked for again
    assert mailbox.witness.logs[LOG.key.vkey.name].size == 5
    assert mailbox.answered() == ["1.answer"]
    assert mailbox.status("1.answer") == 409
    mailbox.put("2.request", LOG.request(5, 5))
    assert mailbox.answered() == ["2.answer"]
    assert mailbox.status("2.answer") == 200
