"""Files that go with a ledger and are none: one sentence says what each is, and what checks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.audit.other_files import STARTS, recognised
from coop_ledger.log import (
    COSIGNATURE,
    AddCheckpoint,
    Checkpoint,
    format_add_checkpoint,
    format_checkpoint,
    format_vkey,
)
from coop_ledger.signing import LogSigner, SigningKey
from tests.attacks.signed import policy_text
from tests.attacks.tools import ORIGIN, honest, root_of_file

KINDS = {
    "proof": ("a proof of one entry (.tlog-proof)", "coop-ledger check FILE --leaf"),
    "leaf": ("the leaf of one entry", "--leaf FILE"),
    "note": ("a checkpoint", "--checkpoint FILE"),
    "plain": ("a checkpoint", "--checkpoint FILE"),
    "cut": ("a checkpoint", "--checkpoint FILE"),
    "other-note": ("a signed note, and no checkpoint", "verify_note"),
    "policy": ("a policy", "--policy FILE"),
    "bare-policy": ("a policy", "--policy FILE"),
    "key": ("a private key: nobody else should have it", "coop-ledger key FILE"),
    "vkey": ("a verifier key", "--policy POLICY"),
    "request": ("a request to a witness", "coop-ledger witness answer"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file that goes with a ledger, as our own code writes it."""
    folder = tmp_path_factory.mktemp("files")
    path = honest(folder / "ledger.db")
    key = SigningKey.generate(ORIGIN)
    key.save(folder / "key")
    signer = LogSigner.begin(key, folder / "note")
    with Ledger.open(path) as ledger:
        note = ledger.checkpoint(signer)
        (folder / "proof").write_bytes(ledger.prove(3).text(note))
        (folder / "leaf").write_bytes(ledger.prove(3).leaf)
    checkpoint = Checkpoint(*root_of_file(path))
    plain = format_checkpoint(checkpoint)
    (folder / "note").chmod(0o644)
    (folder / "plain").write_text(plain, encoding="utf-8")
    (folder / "cut").write_text(plain.removesuffix("\n"), encoding="utf-8")
    (folder / "other-note").write_bytes(b"Seen on Monday.\n\n" + note.partition(b"\n\n")[2])
    (folder / "policy").write_text("# whom we trust\n\n" + policy_text(), encoding="utf-8")
    (folder / "bare-policy").write_text("quorum none\n", encoding="utf-8")
    (folder / "vkey").write_text(format_vkey(key.vkey) + "\n", encoding="utf-8")
    (folder / "request").write_bytes(format_add_checkpoint(AddCheckpoint(0, (), note)))
    return folder


@pytest.mark.parametrize("name", sorted(KINDS))
def test_one_sentence_says_what_it_is(files: Path, name: str) -> None:
    what, how = KINDS[name]
    report = verify(files / name)
    (finding,) = report.findings
    assert (report.verdict, finding.code, finding.found) == (Verdict.UNREADABLE, "T32", what)
    assert finding.message == f"this is no ledger, but {what}"
    assert finding.hint is not None
    assert how in finding.hint
    assert not finding.hint.endswith("…")
    assert finding.hint in report.as_text()


def test_a_key_is_not_shown(files: Path) -> None:
    secret = (files / "key").read_text(encoding="utf-8").rpartition("+")[2].strip()
    report = verify(files / "key")
    assert secret not in report.as_text() + report.as_json()


def test_a_witnesss_key_is_a_key_too(files: Path) -> None:
    text = format_vkey(SigningKey.generate("witness.example", kind=COSIGNATURE).vkey)
    found = recognised(text.encode())
    assert found is not None
    assert found.what == "a verifier key"


@pytest.mark.parametrize(
    "start", [b"", b"x\n", b"log\n", b"quorum two words\n", b"old boats\n", b"a\nb\nc\n", b"\x00" * 600, b"a+b+c\n"]
)
def test_what_is_nothing_of_ours_is_not_given_a_name(start: bytes) -> None:
    assert recognised(start) is None


def test_long_starts_are_looked_at_quickly() -> None:
    for start in (b"#\n" * (STARTS // 2), b" " * STARTS, b"a\n\n" * (STARTS // 3), b"A+" * (STARTS // 2)):
        assert recognised(start) is None
