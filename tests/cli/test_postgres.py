"""The command line over a ledger in PostgreSQL: begin it with its roles, record, ask, erase, copy there and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.log import Checkpoint
from coop_ledger.signing import LogSigner, SigningKey
from tests.cli.support import Session, run
from tests.postgres.databases import execute, new_database
from tests.postgres.support import adding

ORIGIN = "desk.example/1"
CLAIM = (
    "institution.opened", "--institution", "kcac", "--assertion", "announced", "--when", "2017",
    "--source", "Korea.net", "--note", "As told.",
)  # fmt: skip


@pytest.fixture
def desk() -> str:
    return new_database()


def ok(session: Session, *arguments: str) -> str:
    code, out, err = session(*arguments)
    assert code == 0, (out, err)
    return out


def test_a_ledger_of_a_database_is_worked_with_as_a_file(desk: str, session: Session, tmp_path: Path) -> None:
    begun = json.loads(ok(session, "init", desk, "--origin", ORIGIN, "--format", "json"))["items"][0]
    assert begun["origin"] == ORIGIN
    roles = execute(desk, f"SELECT rolname FROM pg_roles WHERE rolname LIKE '{begun['schema']}%' ORDER BY 1")
    assert [name for (name,) in roles] == sorted(begun["roles"])
    code, _, err = session("init", desk, "--origin", ORIGIN)
    assert (code, "there already" in err) == (2, True)
    ok(session, "record", desk, *CLAIM)
    assert "kcac" in ok(session, "log", desk)
    assert "Korea.net" in ok(session, "show", desk, "institution:kcac")
    ok(session, "redact", desk, "0", "note", "--ground", "GDPR 17", "--by", "officer", "--yes")
    assert ORIGIN in ok(session, "doctor", desk)
    assert ORIGIN in ok(session, "checkpoint", desk)
    for address in (desk, "Postgres://me:secret@db/x"):
        code, _, err = session("verify", address)
        assert (code, "bundle" in err, "secret" in err) == (2, True, False)
    ok(session, "export", desk, str(tmp_path / "desk.bundle"))
    assert session("verify", str(tmp_path / "desk.bundle"))[0] == 10
    ok(session, "restore", str(tmp_path / "desk.bundle"), adding(new_database(), f"origin={ORIGIN}"))


def test_copies_go_in_each_direction_and_checkpoints_stay(desk: str, session: Session, tmp_path: Path) -> None:
    first, last = tmp_path / "first.db", tmp_path / "last.db"
    ok(session, "init", str(first), "--origin", ORIGIN)
    for note in ("one", "two"):
        ok(session, "record", str(first), *CLAIM[:-1], note)
    with Ledger.open(first) as ledger:
        signed = ledger.checkpoint(LogSigner.begin(SigningKey.generate(ORIGIN), tmp_path / "key.last"))
        now = Checkpoint(ledger.origin, ledger.size, ledger.root)
    (tmp_path / "signed").write_bytes(signed)
    for source, target in ((str(first), desk), (desk, str(last)), (desk, new_database())):
        copied = json.loads(ok(session, "copy", source, target, "--format", "json"))["items"][0]
        assert copied == {"origin": now.origin, "size": now.size, "root": now.root.hex()}
        code, _, err = session("copy", source, target)
        assert (code, "holds entries already" in err) == (2, True)
    assert session("verify", str(last), "--checkpoint", str(tmp_path / "signed"))[0] == 0
    assert ok(session, "log", desk, "--format", "json") == ok(session, "log", str(first), "--format", "json")


def test_the_demo_goes_into_a_database_too(desk: str, session: Session) -> None:
    assert "claims recorded" in ok(session, "demo", desk)
    assert "nothing was added" in ok(session, "demo", desk)


def test_the_database_of_the_environment_and_no_server(desk: str, tmp_path: Path) -> None:
    Ledger.open(desk, origin=ORIGIN).close()
    assert run("log", COOP_LEDGER=desk).returncode == 0
    for verb in ("log", "init"):
        done = run(verb, f"postgresql:///x?host={tmp_path}", *(("--origin", ORIGIN) if verb == "init" else ()))
        assert done.returncode == 2
        assert "the server gives no answer" in done.stderr
        assert "Traceback" not in done.stderr
