"""Keys: what they sign holds, their files are guarded, and nothing shows the private half."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    KeyFileError,
    NoteError,
    UnsupportedKeyError,
)
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Checkpoint,
    Note,
    Signature,
    Verified,
    VerifierKey,
    format_checkpoint,
    format_note,
    parse_note,
    verify_note,
)
from coop_ledger.signing import SigningKey, check_ed25519
from coop_ledger.testing import checkpoints, key_names, note_texts
from tests.shared import ROOT

LOG = SigningKey.generate("example.org/log")
WITNESS = SigningKey.generate("witness.example.org", kind=COSIGNATURE)
TEXT = format_checkpoint(Checkpoint("example.org/log", 8, bytes(range(32))))


def key_file(folder: Path, key: SigningKey = LOG) -> Path:
    path = folder / "key"
    key.save(path)
    return path


# what is signed holds


@given(note_texts())
def test_what_a_key_signs_it_has_signed(text: str) -> None:
    note = Note(text, (LOG.sign_note(text),))
    assert verify_note(parse_note(format_note(note)), [LOG.vkey], check_ed25519) == (Verified(LOG.vkey, None),)


@given(checkpoints(), st.integers(0, 2**63 - 1))
def test_what_a_witness_cosigns_it_has_cosigned_with_its_time(checkpoint: Checkpoint, timestamp: int) -> None:
    text = format_checkpoint(checkpoint)
    note = Note(text, (LOG.sign_note(text), WITNESS.cosign(text, timestamp)))
    found = verify_note(parse_note(format_note(note)), [WITNESS.vkey, LOG.vkey], check_ed25519)
    assert found == (Verified(LOG.vkey, None), Verified(WITNESS.vkey, timestamp))


@given(st.data())
def test_no_bit_of_a_signed_note_can_change(data: st.DataObject) -> None:
    """T03: without the key, no other note can be made of one."""
    key, line = data.draw(st.sampled_from([(LOG, LOG.sign_note(TEXT)), (WITNESS, WITNESS.cosign(TEXT, 1_700_000_000))]))
    whole = bytearray(format_note(Note(TEXT, (line,))))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CoopLedgerError):
        verify_note(parse_note(bytes(whole)), [key.vkey], check_ed25519)


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=80))
def test_any_bytes_are_checked_without_an_exception(public: bytes, message: bytes, signature: bytes) -> None:
    assert check_ed25519(public, message, signature) is False
    assert check_ed25519(LOG.vkey.key, message, signature) is False
    assert check_ed25519(LOG.vkey.key, message, LOG.sign(message)) is True
    assert check_ed25519(LOG.vkey.key, message + b"\x00", LOG.sign(message)) is False


def test_a_log_and_a_witness_sign_only_what_is_theirs() -> None:
    with pytest.raises(InvalidValueError):
        LOG.cosign(TEXT, 1)
    with pytest.raises(InvalidValueError):
        WITNESS.sign_note(TEXT)
    with pytest.raises(NoteError):
        WITNESS.cosign("example.org/log\n", 1)
    with pytest.raises(InvalidValueError):
        WITNESS.cosign(TEXT, -1)


@pytest.mark.parametrize("text", ["", "a", "a\r\n", "\x00\n", "\ud800\n", "x" * 300_000 + "\n"])
def test_only_the_text_of_a_note_is_signed(text: str) -> None:
    with pytest.raises(InvalidValueError):
        LOG.sign_note(text)


def test_only_two_kinds_of_key_sign() -> None:
    for kind in (ML_DSA_44, 0, 2, 300):
        with pytest.raises(UnsupportedKeyError):
            SigningKey.generate("a", kind=kind)
    for name in ("", "a b", "a+b", "a\n", "a" * 256):
        with pytest.raises(InvalidValueError):
            SigningKey.generate(name)


# key files


@given(key_names(), st.sampled_from([ED25519, COSIGNATURE]))
def test_a_key_reads_back_from_its_file(tmp_path_factory: pytest.TempPathFactory, name: str, kind: int) -> None:
    key = SigningKey.generate(name, kind=kind)
    path = key_file(tmp_path_factory.mktemp("keys"), key)
    assert path.stat().st_mode & 0o777 == 0o600
    again = SigningKey.load(path)
    assert again.vkey == key.vkey == VerifierKey(name, kind, again.vkey.key)
    assert again.sign(b"x") == key.sign(b"x")


def test_a_key_file_is_private_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = key_file(tmp_path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("wider", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_a_key_file_that_others_may_use_is_refused(tmp_path: Path, wider: int) -> None:
    path = key_file(tmp_path)
    path.chmod(0o400)
    SigningKey.load(path)
    path.chmod(0o600 | wider)
    with pytest.raises(KeyFileError, match="others may use") as caught:
        SigningKey.load(path)
    assert caught.value.found == f"{0o600 | wider:03o}"
    assert "chmod 600" in str(caught.value)


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="already"):
        WITNESS.save(path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_no_readable_file_is_refused_without_waiting(tmp_path: Path) -> None:
    fifo, large, folder = tmp_path / "fifo", tmp_path / "large", tmp_path / "folder"
    os.mkfifo(fifo, 0o600)
    folder.mkdir(0o700)
    large.write_bytes(b"x" * 4097)
    large.chmod(0o600)
    for path in (
        fifo,
        folder,
        large,
        tmp_path / "none",
        tmp_path / "none" / "key",
        Path("a\x00b"),
        Path("\ud800"),
        Path("x" * 300),
    ):
        with pytest.raises(KeyFileError) as caught:
            SigningKey.load(path)
        assert len(str(caught.value)) < 500
    for path, told in ((fifo, "regular"), (folder, "regular"), (large, "too large")):
        with pytest.raises(KeyFileError, match=told):
            SigningKey.load(path)
    for path in (tmp_path / "none" / "key", large / "key", folder, Path("a\x00b")):
        with pytest.raises(KeyFileError):
            LOG.save(path)


def test_a_link_to_a_guarded_file_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(key_file(tmp_path))
    assert SigningKey.load(link).vkey == LOG.vkey


def private_texts(path: Path) -> list[str]:
    """What must never be shown of a key file: its seed, in the spellings that a message could hold."""
    coded = path.read_text().strip().split("+", 4)[4]
    seed = base64.b64decode(coded)[1:]
    return [coded[8:24], coded[-20:], seed.hex()[:16], repr(seed)[2:20]]


@given(st.data())
def test_no_message_shows_what_is_in_a_key_file(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = key_file(tmp_path_factory.mktemp("keys"), WITNESS)
    secrets = private_texts(path)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    instead = data.draw(st.sampled_from([b"", b"\n", b"=", b"+", b"\xff", b"A", b"\x00", b"\r"]))
    spoiled = whole[:at] + instead + whole[at + data.draw(st.integers(0, 1)) :]
    path.write_bytes(spoiled)
    path.chmod(0o600)
    try:
        key = SigningKey.load(path)
    except CoopLedgerError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        assert not any(secret in told for secret in secrets)
    else:
        assert key.vkey == WITNESS.vkey
        assert spoiled.rstrip(b"\n") == whole.rstrip(b"\n")


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000", "PRIVATE+KEY+a+00000000+AAAA", "PUBLIC+KEY+a+0+A",
        "PRIVATE+KEY+a b+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "PRIVATE+KEY+a+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "PRIVATE+KEY+a+00000000+" + base64.b64encode(b"\x01" + bytes(31)).decode(),
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="holds no signing key"):
        SigningKey.load(path)


def test_a_key_of_another_kind_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("PRIVATE+KEY+a+00000000+" + base64.b64encode(b"\x06" + bytes(32)).decode())
    path.chmod(0o600)
    with pytest.raises(UnsupportedKeyError):
        SigningKey.load(path)


def test_a_key_shows_its_public_half_only(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    assert repr(LOG).startswith("SigningKey('example.org/log+")
    assert not any(secret in repr(LOG) + repr(vars(LOG)) for secret in private_texts(path))
    with pytest.raises(TypeError):
        pickle.dumps(LOG)


# the extra


def run(code: str) -> str:
    env = {"PYTHONPATH": f"{ROOT / 'src'}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    return done.stdout.strip()


def test_without_the_extra_notes_are_read_and_signatures_ask_for_it() -> None:
    note = format_note(Note(TEXT, (LOG.sign_note(TEXT),)))
    code = f"""
import sys
sys.modules["cryptography"] = None
from coop_ledger.errors import MissingExtraError
from coop_ledger.log import VerifierKey, parse_note, verify_note
from coop_ledger.signing import SigningKey, check_ed25519
note = parse_note({note!r})
for attempt in (
    lambda: verify_note(note, [VerifierKey(*{tuple(LOG.vkey)!r})], check_ed25519),
    lambda: SigningKey.generate("a"),
):
    try:
        attempt()
    except MissingExtraError as error:
        print(error)
"""
    told = run(code).splitlines()
    assert len(told) == 2
    assert all("in a checkout of coop_ledger, run: pip install '.[sign]'" in line for line in told)


def test_the_extra_is_loaded_when_it_is_first_used() -> None:
    code = """
import sys, coop_ledger.signing
print("cryptography" in sys.modules)
coop_ledger.signing.SigningKey.generate("a")
print("cryptography" in sys.modules)
"""
    assert run(code).split() == ["False", "True"]


def test_a_line_names_the_key_that_made_it() -> None:
    assert LOG.sign_note("a\n") == Signature(LOG.vkey.name, LOG.vkey.key_id, LOG.sign(b"a\n"))
