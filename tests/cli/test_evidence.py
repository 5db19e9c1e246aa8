"""The verbs of evidence through real processes: keys, checkpoints, proofs, witnesses, folders, bundles, claims."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coop_ledger import Ledger, Source, announced, read_published
from coop_ledger import events as ev
from coop_ledger.cli.app import _EXIT_CODES
from coop_ledger.cli.catalogue import EXIT_CODES
from coop_ledger.log import (
    Checkpoint,
    Note,
    format_checkpoint,
    format_note,
    format_vkey,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_note,
)
from coop_ledger.signing import LogSigner, SigningKey, check_ed25519
from tests.cli.support import run
from tests.shared import ROOT

ORIGIN = "evidence.example/1"


class Office(NamedTuple):
    """A folder with a ledger of two entries, its key, a signed checkpoint, and a ledger that went on to four."""

    folder: Path

    def at(self, name: str) -> str:
        return str(self.folder / name)

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done[0] == 0, done
        return done[1]

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        given = [part.format(at=self.folder) for part in arguments]
        done = run(*given, **environment)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    def asked(self, *arguments: str) -> list[Any]:
        items: list[Any] = json.loads(self.ok(*arguments, "--format", "json"))["items"]
        return items

    def record(self, *slugs: str) -> None:
        with Ledger.open(self.folder / "forum.db", origin=ORIGIN, recorder="t") as ledger:
            for slug in slugs:
                ledger.record(announced(ev.InstitutionOpened(slug), when="2017", sources=Source("Gazette", title=slug)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(tmp_path_factory.mktemp("office"))
    office.record("one", "two")
    office.folder.joinpath("log.vkey").write_text(office.ok("key", "{at}/log-key", "--for", "{at}/forum.db"))
    office.folder.joinpath("wit.vkey").write_text(office.ok("key", "{at}/wit-key", "--witness", "wit.example"))
    office.ok("checkpoint", "{at}/forum.db", "--key", "{at}/log-key", "--out", "{at}/note-2")
    office.ok(
        "prove", "{at}/forum.db", "0", "--checkpoint", "{at}/note-2", "--out", "{at}/proof", "--leaf", "{at}/leaf"
    )
    office.ok("prove", "{at}/forum.db", "--since", "0", "--checkpoint", "{at}/note-2", "--out", "{at}/ask-2")
    shutil.copy(office.folder / "forum.db", office.folder / "older.db")
    office.record("three", "four")
    office.ok("checkpoint", "{at}/forum.db", "--key", "{at}/log-key", "--out", "{at}/note-4")
    office.ok("prove", "{at}/forum.db", "--since", "2", "--checkpoint", "{at}/note-4", "--out", "{at}/growth")
    return office.folder


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Office:
    shutil.copytree(made, tmp_path / "office")
    return Office(tmp_path / "office")


def test_a_key_is_made_once_and_shows_its_public_half(office: Office) -> None:
    public = (office.folder / "log.vkey").read_text()
    assert parse_vkey(public.removesuffix("\n")).name == ORIGIN
    assert office.ok("key", "{at}/log-key") == public
    assert office.asked("key", office.at("wit-key"))[0]["of"] == "witness"
    assert (office.folder / "log-key").stat().st_mode & 0o777 == 0o600
    assert (office.folder / "log-key.last").is_file()
    code, out, err = office.run("key", "{at}/log-key", "--for", "{at}/forum.db")
    assert (code, out) == (2, "")
    assert err == f"Error: something is there already ({office.at('log-key')})\n  name a new file\n"


def test_where_the_memory_of_a_key_cannot_be_made_no_key_is_left(office: Office) -> None:
    code, _, err = office.run("key", "{at}/new", "--for", "{at}/forum.db", "--state", "{at}/note-2")
    assert code == 2
    assert "note-2" in err
    assert not (office.folder / "new").exists()


def test_each_verb_answers_in_a_process_of_its_own(office: Office) -> None:
    office.ok("witness", "init", "{at}/w", "--key", "{at}/wit-key")
    for arguments, kind in (
        (["key", "{at}/log-key"], "key"),
        (["checkpoint", "{at}/forum.db"], "checkpoint"),
        (["prove", "{at}/forum.db", "0"], "proof"),
        (["check", "{at}/proof", "--leaf", "{at}/leaf", "--key", "{at}/log.vkey"], "check"),
        (["publish", "{at}/forum.db", "{at}/public"], "file"),
        (["witness", "show", "{at}/w", "--key", "{at}/wit-key"], "watched"),
    ):
        code, out, _ = office.run(*arguments, "--format", "json", COLUMNS="80")
        found = json.loads(out)
        assert (code, found["schema"], found["kind"]) == (0, 1, kind)
    code, out, err = office.run("export", "{at}/forum.db", "{at}/whole", COLUMNS="80")
    assert (code, out, "entries 4" in err) == (0, "", True)
    (item,) = office.asked("export", office.at("forum.db"), office.at("more"), "--public")
    assert (item["file"], item["as"], item["entries"], item["opened"]) == (office.at("more"), "bundle", 4, 0)
    (item,) = office.asked("export", office.at("forum.db"), office.at("claims.csv"), "--as", "csv")
    assert item == {"file": office.at("claims.csv"), "as": "csv"}
    code, out, _ = office.run("export", "{at}/forum.db", "{at}/last", "--format", "csv", COLUMNS="80")
    assert (code, out.splitlines()[0]) == (0, "file,as,entries,opened,root")
    code, out, _ = office.run("export", "{at}/forum.db", "-", "--as", "csv", "--format", "json", COLUMNS="80")
    assert (code, out) == (2, "")
    code, out, _ = office.run("restore", "{at}/whole", "{at}/again.db", COLUMNS="80")
    assert (code, "Restored" in out) == (0, True)


def test_a_checkpoint_is_what_verify_takes(office: Office) -> None:
    plain = office.ok("checkpoint", "{at}/forum.db")
    with Ledger.open(office.at("forum.db"), readonly=True) as ledger:
        assert parse_checkpoint(plain) == (ORIGIN, 4, ledger.root)
    (office.folder / "kept").write_text(plain)
    assert office.run("verify", "{at}/forum.db", "--checkpoint", "{at}/kept")[0] == 0
    item = office.asked("checkpoint", office.at("forum.db"))[0]
    assert (item["size"], item["signed"], item["text"]) == (4, False, plain)
    assert office.ok("checkpoint", "{at}/forum.db", "--format", "csv").startswith("origin,size,root\n")


def test_a_signed_checkpoint_is_signed_by_the_key(office: Office) -> None:
    note = (office.folder / "note-4").read_bytes()
    key = parse_vkey((office.folder / "log.vkey").read_text().strip())
    assert [one.key for one in verify_note(parse_note(note), [key], check_ed25519)] == [key]
    again = office.ok("checkpoint", "{at}/forum.db", "--key", "{at}/log-key")
    assert again.encode() == note


def test_an_empty_ledger_has_a_checkpoint(office: Office) -> None:
    Ledger.open(office.at("empty.db"), origin="empty.example/1").close()
    assert office.ok("checkpoint", "{at}/empty.db").split("\n")[1] == "0"
    code, out, _ = office.run("publish", "{at}/empty.db", "{at}/empty-folder")
    assert (code, out) == (0, "")
    assert office.run("prove", "{at}/empty.db", "0")[0] == 4


def test_a_receipt_is_checked_without_the_ledger(office: Office) -> None:
    (office.folder / "forum.db").unlink()
    check = ("check", "{at}/proof", "--leaf", "{at}/leaf")
    assert office.run(*check)[0] == 10
    for known in (("--key", "{at}/log.vkey"), ("--key", (office.folder / "log.vkey").read_text().strip())):
        code, out, _ = office.run(*check, *known, "--format", "json")
        (item,) = json.loads(out)["items"]
        assert (code, item["verdict"], item["signed_by"]) == (0, "ANCHORED", [ORIGIN])
    assert office.run(*check, "--checkpoint", "{at}/note-2")[0] == 0


def test_growth_is_checked_from_what_was_kept(office: Office) -> None:
    check = ("check", "{at}/growth", "--checkpoint", "{at}/note-2")
    code, out, _ = office.run(*check)
    assert (code, "STALE" in out) == (11, True)
    code, out, _ = office.run(*check, "--key", "{at}/log.vkey")
    assert (code, "only grew from 2 entries" in out) == (0, True)


def other(office: Office, *slugs: str) -> None:
    """Another history of the same origin, and what its keeper says of it."""
    with Ledger.open(office.folder / "other.db", origin=ORIGIN) as ledger:
        for slug in slugs:
            ledger.record(announced(ev.InstitutionOpened(slug), when="2018", sources=Source("Gazette")))
    office.folder.joinpath("other").write_text(office.ok("checkpoint", "{at}/other.db"))


# what is checked, the exit code, words of the error
REFUSED: list[tuple[list[str], int, str]] = [
    (["check", "{at}/note-2", "--leaf", "{at}/leaf"], 50, "this is no proof"),
    (["check", "{at}/nothing", "--leaf", "{at}/leaf"], 2, "there is no such file"),
    (["check", "{at}/proof", "--leaf", "{at}/note-2"], 40, "leads to another root"),
    (["check", "{at}/proof", "--leaf", "{at}/leaf", "--key", "{at}/wit.vkey"], 20, "no known key signed"),
    (["check", "{at}/proof", "--leaf", "{at}/leaf", "--key", "me"], 2, "coop-ledger key KEY"),
    (["check", "{at}/proof", "--leaf", "{at}/leaf", "--checkpoint", "{at}/other"], 30, "another root at the same"),
    (["check", "{at}/proof", "--leaf", "{at}/leaf", "--checkpoint", "{at}/note-4"], 2, "another size than"),
    (["check", "{at}/proof"], 2, "checked with --leaf"),
    (["check", "{at}/growth"], 2, "checked with --checkpoint"),
    (["check", "{at}/growth", "--checkpoint", "{at}/other"], 40, "does not show that the log only grew"),
    (["check", "{at}/ask-2", "--checkpoint", "{at}/other"], 30, "another root at the same size"),
    (["check", "{at}/ask-2", "--checkpoint", "{at}/note-4"], 30, "shorter than the checkpoint"),
    (["prove", "{at}/forum.db", "9"], 4, "coop-ledger log FILE"),
    (["prove", "{at}/forum.db", "--since", "9"], 2, "no such size"),
    (["prove", "{at}/forum.db"], 2, "Missing argument"),
    (["prove", "{at}/forum.db", "1", "--since", "1"], 2, "either ENTRY or --since"),
    (["prove", "{at}/forum.db", "1", "--out", "{at}/x"], 2, "needs a signed checkpoint"),
    (["prove", "{at}/forum.db", "3", "--checkpoint", "{at}/note-2"], 2, "not in a log of that size"),
    (["prove", "{at}/forum.db", "0", "--checkpoint", "{at}/other"], 50, "checkpoint FILE --key KEY"),
    (["prove", "{at}/other.db", "0", "--checkpoint", "{at}/note-2"], 30, "another root at the same size"),
    (["prove", "{at}/other.db", "--since", "1", "--checkpoint", "{at}/note-2"], 30, "another root at the same size"),
    (["checkpoint", "{at}/older.db", "--key", "{at}/log-key"], 30, "shorter than the last checkpoint"),
    (["checkpoint", "{at}/forum.db", "--key", "{at}/wit-key"], 2, "coop-ledger key KEY --for FILE"),
    (["checkpoint", "{at}/forum.db", "--key", "{at}/log-key", "--state", "{at}/x"], 2, "name it with --state"),
    (["checkpoint", "{at}/forum.db", "--state", "{at}/x"], 2, "--state goes with --key"),
    (["checkpoint", "{at}/nothing.db"], 4, "there is no ledger"),
    (["checkpoint", "{at}/note-2"], 50, "not a ledger"),
    (["publish", "{at}/other.db", "{at}/public", "--checkpoint", "{at}/note-2"], 30, "another root"),
    (["publish", "{at}/forum.db", "{at}/no/folder"], 4, "there is no such folder"),
    (["export", "{at}/forum.db", "{at}/x", "--checkpoint", "{at}/other"], 50, "no signed note"),
    (["export", "{at}/forum.db", "{at}/x.csv"], 2, "for the claims alone give --as csv"),
    (["export", "{at}/forum.db", "{at}/x.JSON"], 2, "for the claims alone give --as json"),
    (["export", "{at}/forum.db", "-"], 2, "give its name in place of -"),
    (["export", "{at}/forum.db", "{at}/x", "--on", "2018"], 2, "go with --as"),
    (["export", "{at}/forum.db", "{at}/x", "--as", "csv", "--public"], 2, "goes with none of"),
    (["export", "{at}/forum.db", "{at}/no/x", "--as", "csv"], 2, "could not be written"),
    (["restore", "{at}/note-2", "{at}/x.db"], 50, "line 1"),
    (["witness", "show", "{at}", "--key", "{at}/wit-key"], 2, "no memory here"),
    (["witness", "init", "{at}/w", "--key", "{at}/log-key"], 2, "a key of its own"),
]


def test_what_does_not_hold_is_refused_with_its_code_and_leaves_nothing(office: Office) -> None:
    other(office, "five", "six")
    before = sorted(path.name for path in office.folder.iterdir())
    for arguments, code, words in REFUSED:
        found, out, err = office.run(*arguments)
        assert (found, out) == (code, ""), (arguments, found, err)
        assert words in err, arguments
        assert "Traceback" not in err
        assert code in EXIT_CODES
    assert sorted(path.name for path in office.folder.iterdir()) == before


def test_a_key_of_another_log_vouches_for_nothing(office: Office) -> None:
    """Its owner can sign a checkpoint that names this one; only the log's own key counts for it."""
    with Ledger.open(office.at("forum.db"), readonly=True) as ledger:
        text = format_checkpoint(Checkpoint(ORIGIN, ledger.size, ledger.root))
        stranger = SigningKey.generate("other.example/1")
        note = format_note(Note(text, (stranger.sign_note(text),)))
        (office.folder / "strange").write_bytes(ledger.prove(0).text(note))
    code, out, err = office.run("check", "{at}/strange", "--leaf", "{at}/leaf", "--key", format_vkey(stranger.vkey))
    assert (code, out) == (20, "")
    assert "another log" in err


def test_nothing_is_written_over_unasked_and_ledgers_and_keys_never(office: Office) -> None:
    ledger, key = (office.folder.joinpath(name).read_bytes() for name in ("forum.db", "log-key"))
    refused, forced = [], []
    for arguments in (
        ["checkpoint", office.at("forum.db"), "--out"],
        ["export", office.at("forum.db")],
        ["export", office.at("forum.db"), "--as", "csv"],
    ):
        for name, force in (("note-2", []), ("forum.db", ["--force"]), ("log-key", ["--force"]), (".", ["--force"])):
            refused.append([*arguments, office.at(name), *force])
        forced.append([*arguments, office.at("note-2"), "--force"])
    for code, out, err in (office.run(*arguments) for arguments in refused):
        assert (code, out, "name a new file" in err) == (2, "", True)
    for code, out, err in (office.run(*arguments) for arguments in forced):
        assert (code, out, "written: " in err) == (0, "", True)
    assert [office.folder.joinpath(name).read_bytes() for name in ("forum.db", "log-key")] == [ledger, key]
    assert not [path for path in office.folder.iterdir() if path.name.startswith(".")]


def test_what_is_remembered_is_never_written_over(office: Office) -> None:
    office.ok("witness", "init", "{at}/w", "--key", "{at}/wit-key")
    before = [office.folder.joinpath(name).read_bytes() for name in ("log-key.last", "w/state.json")]
    checkpoint = ("checkpoint", "{at}/forum.db", "--force", "--out")
    assert office.run(*checkpoint, "{at}/log-key.last", "--key", "{at}/log-key")[:2] == (2, "")
    assert office.run(*checkpoint, "{at}/w/state.json")[:2] == (2, "")
    assert [office.folder.joinpath(name).read_bytes() for name in ("log-key.last", "w/state.json")] == before


def test_a_proof_without_a_checkpoint_is_shown(office: Office) -> None:
    out = office.ok("prove", "{at}/forum.db", "1", "--size", "3")
    assert "leaf hash" in out
    (item,) = office.asked("prove", office.at("forum.db"), "1", "--size", "3")
    assert (item["index"], item["size"], json.loads(item["leaf"])["position"]) == (1, 3, 1)
    (item,) = office.asked("prove", office.at("forum.db"), "--since", "1")
    assert (item["size_old"], item["size"]) == (1, 4)
    (kept,) = json.loads(office.ok("prove", "{at}/forum.db", item_id(office), "--format", "json"))["items"]
    assert kept["index"] == 2
    (begun,) = office.asked("prove", office.at("forum.db"), item_id(office)[:-1].upper())  # as all verbs do
    assert begun["index"] == 2
    code, _, err = office.run("prove", "{at}/forum.db", "9")
    assert (code, "the ledger has 4 entries" in err) == (4, True)
    named = office.run("prove", "1", "--format", "json", COOP_LEDGER=office.at("forum.db"))
    assert json.loads(named[1])["items"][0]["index"] == 1


def item_id(office: Office) -> str:
    with Ledger.open(office.at("forum.db"), readonly=True) as ledger:
        return ledger.entry(2).id


def test_a_witness_works_by_files(office: Office) -> None:
    witness = ("{at}/w", "--key", "{at}/wit-key")
    office.ok("witness", "init", *witness)
    code, out, err = office.run("witness", "show", *witness)
    assert (code, out) == (0, "")
    assert "witness watch" in err
    assert office.run("witness", "answer", *witness, "{at}/ask-2")[:2] == (4, "refused 404\nunknown log\n")
    office.ok("witness", "watch", *witness, "{at}/log.vkey")
    office.ok("witness", "answer", *witness, "{at}/ask-2", "--out", "{at}/answer-2")
    office.ok("witness", "add", "{at}/note-2", "{at}/answer-2", "--key", "{at}/wit.vkey", "--out", "{at}/cosigned-2")
    assert office.run("check", "{at}/proof", "--leaf", "{at}/leaf", "--key", "{at}/log.vkey")[0] == 0
    (item,) = office.asked("witness", "show", office.at("w"), "--key", office.at("wit-key"))
    assert (item["origin"], item["size"]) == (ORIGIN, 2)
    office.folder.joinpath("in").mkdir()
    office.folder.joinpath("out").mkdir()
    shutil.copy(office.folder / "growth", office.folder / "in" / "forum.request")
    answer = office.ok("witness", "answer", *witness, "{at}/in", "--out", "{at}/out")
    assert answer == f"{office.at('out')}/forum.answer\n"
    assert office.ok("witness", "answer", *witness, "{at}/in", "--out", "{at}/out") == ""
    code, out, _ = office.run(
        "witness", "add", "{at}/note-4", "{at}/out/forum.answer", "--key", "{at}/wit.vkey", "--format", "json"
    )
    assert [item["name"] for item in json.loads(out)["items"]] == ["wit.example"]
    office.ok("prove", "{at}/forum.db", "--since", "3", "--checkpoint", "{at}/note-4", "--out", "{at}/ask-3")
    assert office.run("witness", "answer", *witness, "{at}/ask-3")[:2] == (3, "refused 409\n4\n")
    assert office.run("witness", "answer", *witness, "{at}/ask-2")[0] == 30  # a rollback, perhaps by mistake


def test_a_witness_keeps_what_contradicts(office: Office) -> None:
    witness = ("{at}/w", "--key", "{at}/wit-key")
    office.ok("witness", "init", *witness)
    office.ok("witness", "watch", *witness, "{at}/log.vkey")
    office.ok("witness", "answer", *witness, "{at}/ask-2", "--out", "{at}/answer-2")
    other(office, "five", "six")
    os.replace(office.folder / "log-key.last", office.folder / "kept.last")
    LogSigner.begin(SigningKey.load(office.folder / "log-key"), office.folder / "log-key.last")
    office.ok("checkpoint", "{at}/other.db", "--key", "{at}/log-key", "--out", "{at}/forked")
    office.ok("prove", "{at}/other.db", "--since", "2", "--checkpoint", "{at}/forked", "--out", "{at}/ask-fork")
    code, out, err = office.run("witness", "answer", *witness, "{at}/ask-fork", "--out", "{at}/refusal")
    assert (code, out) == (30, "")
    assert "evidence/fork-" in err
    code, _, err = office.run("witness", "add", "{at}/forked", "{at}/refusal", "--key", "{at}/wit.vkey")
    assert (code, "the witness refused" in err) == (2, True)
    assert "evidence/fork-" in office.run("witness", "show", *witness)[2]


def test_a_folder_is_published_and_only_what_is_new(office: Office) -> None:
    publish = ("publish", "{at}/forum.db", "{at}/public", "--checkpoint", "{at}/note-4")
    assert "tile/entries/000.p/4" in office.ok(*publish)
    found = read_published(office.folder / "public", origin=ORIGIN)
    assert (found.size, found.checkpoint) == (4, (office.folder / "note-4").read_bytes())
    code, out, err = office.run(*publish)
    assert (code, out, err) == (0, "", "nothing is new: the folder holds all of it\n")
    assert office.asked(*publish) == []
    office.record("five")
    (first, *_) = office.asked("publish", office.at("forum.db"), office.at("public"))
    assert first == {"name": "tile/entries/000.p/5"}


def test_a_bundle_goes_out_and_becomes_a_ledger_again(office: Office) -> None:
    code, out, err = office.run("export", "{at}/forum.db", "{at}/whole", "--checkpoint", "{at}/note-4")
    assert (code, out) == (0, "")
    assert "entries 4, with sealed texts 4, root " in err
    assert office.run("verify", "{at}/whole", "--checkpoint", "{at}/note-4")[0] == 0
    assert "ORIGIN" not in office.ok("restore", "{at}/whole", "{at}/again.db")
    (item,) = office.asked("restore", office.at("whole"), office.at("once-more.db"), "--origin", ORIGIN)
    assert (item["origin"], item["size"]) == (ORIGIN, 4)
    assert office.ok("checkpoint", "{at}/again.db") == office.ok("checkpoint", "{at}/forum.db")
    code, out, err = office.run("restore", "{at}/whole", "{at}/again.db")
    assert (code, out, err) == (
        2, "",
        f"Error: the store holds entries already ({office.at('again.db')})\n  found 4 entries\n"
        "  name a new file, or a database in which the ledger of this origin is empty or not begun\n",
    )  # fmt: skip
    for flag in ("--public", "--without-openings"):
        code, _, err = office.run("export", "{at}/forum.db", f"{{at}}/sealed{flag}", flag, "--size", "2")
        assert (code, "entries 2, with sealed texts 0, root " in err) == (0, True)
        assert b'"title"' not in office.folder.joinpath(f"sealed{flag}").read_bytes()


def test_claims_go_out_as_tables_and_lines(office: Office) -> None:
    office.ok("export", "{at}/forum.db", "{at}/claims.csv", "--as", "csv")
    head, *rows = (office.folder / "claims.csv").read_text().splitlines()
    assert (head.split(",")[:3], len(rows)) == (["assertion", "event", "when"], 4)
    lines = office.ok("export", "{at}/forum.db", "-", "--as", "ndjson").splitlines()
    assert [json.loads(line)["event"]["institution"] for line in lines] == ["one", "two", "three", "four"]
    assert json.loads(office.ok("export", "{at}/forum.db", "-", "--as", "json", "--published", "2017-01-01")) == []


def test_without_the_extra_signing_says_what_to_install(office: Office) -> None:
    hidden = office.folder / "hidden" / "cryptography"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('no cryptography', name='cryptography')")
    path = f"{hidden.parent}:{ROOT / 'src'}"
    for arguments in (
        ["key", "{at}/new", "--for", "{at}/forum.db"],
        ["checkpoint", "{at}/forum.db", "--key", "{at}/log-key"],
        ["check", "{at}/proof", "--leaf", "{at}/leaf", "--key", "{at}/log.vkey"],
    ):
        code, out, err = office.run(*arguments, PYTHONPATH=path)
        assert (code, out) == (2, "")
        assert err.splitlines()[1].strip() == "in a checkout of coop_ledger, run: pip install '.[sign]'"
    for arguments in (
        ["checkpoint", "{at}/forum.db"],
        ["prove", "{at}/forum.db", "0"],
        ["publish", "{at}/forum.db", "{at}/p"],
    ):
        assert office.run(*arguments, PYTHONPATH=path)[0] == 0
    assert office.run("check", "{at}/proof", "--leaf", "{at}/leaf", PYTHONPATH=path)[0] == 10


def test_verify_takes_the_ledger_of_the_environment(office: Office) -> None:
    named = {"COOP_LEDGER": office.at("forum.db")}
    reports: list[Any] = []
    for flags in (["--json"], ["--format", "json"]):
        code, out, _ = office.run("verify", "--checkpoint", "{at}/note-4", *flags, **named)
        assert code == 0
        reports.append(json.loads(out))
    assert reports[0] == reports[1]
    assert office.run("verify", "{at}/older.db", "--checkpoint", "{at}/note-4", **named)[0] == 30
    assert office.run("verify", COOP_LEDGER="")[0] == 2


def test_every_code_of_an_error_is_told() -> None:
    assert {code for _, code in _EXIT_CODES} <= set(EXIT_CODES)
    kinds = [kind for kind, _ in _EXIT_CODES]
    for at, kind in enumerate(kinds):  # an error is looked for from the front: its own kind before what it is a kind of
        assert not any(issubclass(kind, earlier) for earlier in kinds[:at]), kind
