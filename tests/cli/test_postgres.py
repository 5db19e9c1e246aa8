"""The command line over a ledger in PostgreSQL: begin it with its roles, record, ask, erase, copy there and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.log import Checkpoint
from coop_ledger.signing import LogSigner, SigningKey
from coop_ledger.stores import schema_of
from tests.cli.support import run, told
from tests.postgres.databases import execute, new_database
from tests.postgres.support import adding, as_user

ORIGIN = "desk.example/1"
CLAIM = (
    "institution.opened", "--institution", "kcac", "--assertion", "announced", "--when", "2017",
    "--source", "Korea.net", "--note", "As told.",
)  # fmt: skip


@pytest.fixture
def desk() -> str:
    return new_database()


def ok(*arguments: str) -> str:
    code, out, err = told(*arguments)
    assert code == 0, (out, err)
    return out


def test_a_ledger_of_a_database_is_worked_with_as_a_file(desk: str, tmp_path: Path) -> None:
    begun = json.loads(ok("init", desk, "--origin", ORIGIN, "--format", "json"))["items"][0]
    assert begun["origin"] == ORIGIN
    roles = execute(desk, f"SELECT rolname FROM pg_roles WHERE rolname LIKE '{begun['schema']}%' ORDER BY 1")
    assert [name for (name,) in roles] == sorted(begun["roles"])
    code, _, err = told("init", desk, "--origin", ORIGIN)
    assert (code, "there already" in err) == (2, True)
    ok("record", desk, *CLAIM)
    assert "kcac" in ok("log", desk)
    assert "Korea.net" in ok("show", desk, "institution:kcac")
    ok("redact", desk, "0", "note", "--ground", "GDPR 17", "--by", "officer", "--yes")
    assert ORIGIN in ok("doctor", desk)
    assert ORIGIN in ok("checkpoint", desk)
    for address in (desk, "Postgres://me:secret@db/x"):
        code, _, err = told("verify", address)
        assert (code, "bundle" in err, "secret" in err) == (2, True, False)
    ok("export", desk, str(tmp_path / "desk.bundle"))
    assert told("verify", str(tmp_path / "desk.bundle"))[0] == 10
    ok("restore", str(tmp_path / "desk.bundle"), adding(new_database(), f"origin={ORIGIN}"))


@pytest.mark.parametrize("given", [["check", "{at}", "--leaf", "x"], ["restore", "{at}", "x"], ["key", "{at}"]])
def test_where_a_file_is_needed_an_address_is_refused_and_its_password_not_repeated(given: list[str]) -> None:
    code, out, err = told(*(part.format(at="mysql://me:secret@db/x") for part in given))
    assert (code, out, "secret" in err) == (2, "", False)
    assert "name a file" in err


def test_copies_go_in_each_direction_and_checkpoints_stay(desk: str, tmp_path: Path) -> None:
    first, last = tmp_path / "first.db", tmp_path / "last.db"
    ok("init", str(first), "--origin", ORIGIN)
    for note in ("one", "two"):
        ok("record", str(first), *CLAIM[:-1], note)
    with Ledger.open(first) as ledger:
        signed = ledger.checkpoint(LogSigner.begin(SigningKey.generate(ORIGIN), tmp_path / "key.last"))
        now = Checkpoint(ledger.origin, ledger.size, ledger.root)
    (tmp_path / "signed").write_bytes(signed)
    for source, target in ((str(first), desk), (desk, str(last)), (desk, new_database())):
        copied = json.loads(ok("copy", source, target, "--format", "json"))["items"][0]
        assert copied == {"origin": now.origin, "size": now.size, "root": now.root.hex()}
        code, _, err = told("copy", source, target)
        assert (code, "holds entries already" in err, "name a new file" in err) == (2, True, True)
        assert (target.rpartition("/")[2] if target == str(last) else "postgresql://") in err.splitlines()[0]
    assert told("verify", str(last), "--checkpoint", str(tmp_path / "signed"))[0] == 0
    assert ok("log", desk, "--format", "json") == ok("log", str(first), "--format", "json")


def test_a_ledger_of_a_database_has_a_key_and_signs(desk: str, tmp_path: Path) -> None:
    key, note, bundle = (str(tmp_path / name) for name in ("desk.key", "note", "desk.bundle"))
    ok("init", desk, "--origin", ORIGIN)
    ok("record", desk, *CLAIM)
    assert ok("key", key, "--for", desk).startswith(f"{ORIGIN}+")
    ok("checkpoint", desk, "--key", key, "--out", note)
    ok("export", desk, bundle)
    assert told("verify", bundle, "--checkpoint", note)[0] == 0
    ok("record", desk, *CLAIM[:-1], "More.")
    ok("export", desk, bundle, "--force")
    code, out, _ = told("verify", bundle, "--checkpoint", note)  # as of a dump that was made a little later
    assert (code, out.startswith("STALE")) == (11, True)
    ok("publish", desk, str(tmp_path / "site"), "--checkpoint", note)
    ok("prove", desk, "0", "--checkpoint", note)


def test_several_ledgers_in_a_database_are_named_and_none_is_begun(desk: str) -> None:
    code, _, err = told("log", desk.replace("postgres@", "postgres:geheim@", 1))
    assert (code, "to begin one: coop-ledger init" in err, "geheim" in err) == (4, True, False)
    for origin in (ORIGIN, "desk.example/2"):
        ok("init", desk, "--origin", origin)
    code, _, err = told("log", desk)
    assert (code, ORIGIN in err, "desk.example/2" in err, "?origin=" in err) == (4, True, True, True)
    assert "to begin one" not in err


def test_a_ledger_is_begun_under_one_origin(desk: str) -> None:
    """Neither of two that contradict each other is taken, as where a ledger is opened; one may be said twice."""
    named = adding(desk, f"origin={ORIGIN}")
    code, out, err = told("init", named, "--origin", "other.example/1")
    assert (code, out, "two origins are given (--origin)" in err, ORIGIN in err) == (2, "", True, True)
    assert execute(desk, "SELECT 1 FROM pg_class WHERE relname = 'coop_ledger'") == []
    for address, said in ((named, ("--origin", ORIGIN)), (adding(new_database(), f"origin={ORIGIN}"), ())):
        assert json.loads(ok("init", address, *said, "--format", "json"))["items"][0]["origin"] == ORIGIN


def test_what_is_left_of_erased_words_is_the_owner_s_to_rewrite(desk: str) -> None:
    roles = json.loads(ok("init", desk, "--origin", ORIGIN, "--format", "json"))["items"][0]["roles"]
    execute(desk, "DROP ROLE IF EXISTS user_officer", f"CREATE ROLE user_officer LOGIN IN ROLE {roles[2]}")
    ok("record", desk, *CLAIM)
    erased = ("0", "note", "--ground", "GDPR 17", "--by", "officer", "--yes")
    code, _, err = told("redact", as_user(desk, "user_officer"), *erased)
    assert (code, f"VACUUM FULL {schema_of(ORIGIN)}.openings;" in err, "sqlite3" in err) == (0, True, False)


def test_the_demo_goes_into_a_database_too(desk: str) -> None:
    said = ok("demo", desk.replace("postgres@", "postgres:geheim@", 1))
    assert ("claims recorded in 'postgresql://postgres@/" in said, "geheim" in said) == (True, False)
    assert "nothing was added" in ok("demo", desk)


def test_the_database_of_the_environment_and_no_server(desk: str, tmp_path: Path) -> None:
    Ledger.open(desk, origin=ORIGIN).close()
    assert run("log", COOP_LEDGER=desk).returncode == 0
    for verb in ("log", "init"):
        done = run(verb, f"postgresql:///x?host={tmp_path}", *(("--origin", ORIGIN) if verb == "init" else ()))
        assert done.returncode == 2
        assert "the server gives no answer" in done.stderr
        assert "Traceback" not in done.stderr
