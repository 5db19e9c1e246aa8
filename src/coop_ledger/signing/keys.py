"""
Signing keys, made, kept in files and used; knows no log and no witness's memory.

A key file is one line, ``PRIVATE+KEY+name+ID+base64(kind and seed)``, as tools around Go's checksum database
write it; its mode is 0600. No message of an error shows what is in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coop_ledger.errors import InvalidValueError, KeyFileError, NoteError, UnsupportedKeyError
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    Note,
    Signature,
    VerifierKey,
    cosigned_message,
    decode_base64,
    encode_base64,
    format_note,
    format_vkey,
    join_cosignature,
    parse_checkpoint,
)
from coop_ledger.signing.ed25519 import new_private, private_from
from coop_ledger.signing.files import OTHERS, read_guarded, write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["SigningKey"]

_PREFIX: Final = "PRIVATE+KEY+"
_SEED: Final = 32
_MAX_NAME: Final = 255
_MAX_FILE: Final = 4096


class SigningKey:
    """
    A private Ed25519 key with its name; ``generate`` makes one and ``load`` reads one.

    Its ``repr`` shows the public half only, and it cannot be pickled.
    """

    def __init__(self, name: str, kind: int, private: Ed25519PrivateKey) -> None:
        if kind not in (ED25519, COSIGNATURE):
            raise UnsupportedKeyError(
                "a key of a kind that cannot sign here",
                expected="0x01 (Ed25519) or 0x04 (cosignature)",
                found=f"{kind:#04x}",
            )
        if len(name) > _MAX_NAME:
            raise InvalidValueError(
                "the name of the key is too long", expected=f"at most {_MAX_NAME}", found=f"{len(name)} characters"
            )
        self._private = private
        self._vkey = VerifierKey(name, kind, private.public_key().public_bytes_raw())
        format_vkey(self._vkey)

    def __repr__(self) -> str:
        return f"SigningKey({format_vkey(self._vkey)!r})"

    @classmethod
    def generate(cls, name: str, *, kind: int = ED25519) -> SigningKey:
        """
        Make a new key.

        Args:
            name: Who signs: for a log its origin, for a witness a name like ``witness.example.org``.
            kind: ``ED25519`` for a log, ``COSIGNATURE`` for a witness.

        Raises:
            InvalidValueError: The name is none, or has more than 255 characters.
            UnsupportedKeyError: Another kind.
            MissingExtraError: The extra ``sign`` is not installed.
        """
        return cls(name, kind, new_private())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SigningKey:
        """
        Read a key from its file.

        Raises:
            KeyFileError: No such file, one that group or others have any right to, or one that holds no key.
            UnsupportedKeyError: A key of another kind.
            MissingExtraError: The extra ``sign`` is not installed.
        """
        file = Path(path)
        data = read_guarded(file, limit=_MAX_FILE, forbidden=OTHERS)
        try:
            name, key_id, material = _parse(data)
        except (NoteError, UnicodeDecodeError):
            raise _no_key(file) from None  # the cause would show the key
        key = _made(cls, file, name, material)
        if key.vkey.key_id.hex() != key_id:
            raise _no_key(file)
        return key

    def save(self, path: str | os.PathLike[str]) -> None:
        """
        Write the key to a new file of mode 0600.

        Raises:
            KeyFileError: Something of that name is there already, or the system could not do it.

        Guarantees: the file is there as a whole, and on disk, or not at all.
        """
        material = bytes((self._vkey.kind,)) + self._private.private_bytes_raw()
        line = f"{_PREFIX}{self._vkey.name}+{self._vkey.key_id.hex()}+{encode_base64(material)}\n"
        write_whole(Path(path), line.encode(), over=False)

    @property
    def vkey(self) -> VerifierKey:
        """The public half, to be handed to those who check."""
        return self._vkey

    def sign(self, message: bytes) -> bytes:
        """
        The signature over exactly these bytes, 64 bytes; ``sign_note`` and ``cosign`` say what is signed.

        Source: RFC 8032, 5.1.6: the same message gives the same signature.
        """
        return self._private.sign(message)

    def sign_note(self, text: str) -> Signature:
        """
        The signature line of a note.

        Args:
            text: The text of the note, with its last newline.

        Raises:
            InvalidValueError: The key is a witness's, or the text is that of no note.

        A log signs its checkpoints through ``LogSigner``, which remembers what it signed.
        """
        self.check_kind(ED25519, "this key cannot sign a note")
        line = self._line(self.sign(text.encode("utf-8", "surrogatepass")))
        format_note(Note(text, (line,)))  # refuses a text that no reader would take
        return line

    def cosign(self, text: str, timestamp: int) -> Signature:
        """
        The signature line of a witness under a checkpoint.

        Args:
            text: The text of the checkpoint.
            timestamp: Seconds since 1970-01-01 UTC.

        Raises:
            InvalidValueError: The key is no witness's, or there is no such time.
            NoteError: The text is that of no checkpoint.

        Whoever calls this has checked the checkpoint against all that it signed before.
        Source: C2SP tlog-cosignature, Ed25519.
        """
        self.check_kind(COSIGNATURE, "this key cannot cosign")
        parse_checkpoint(text)
        return self._line(join_cosignature(timestamp, self.sign(cosigned_message(timestamp, text))))

    def _line(self, blob: bytes) -> Signature:
        return Signature(self._vkey.name, self._vkey.key_id, blob)

    def check_kind(self, kind: int, what: str, hint: str = "a log and a witness have keys of their own") -> None:
        """
        Refuse the key where one of another kind is wanted.

        Args:
            kind: The kind wanted, such as ``ED25519``.
            what: What is wrong if it is another one.
            hint: What to do then.

        Raises:
            InvalidValueError: It is of another kind.
        """
        if self._vkey.kind != kind:
            raise InvalidValueError(
                what, where=self._vkey.name, expected=f"kind {kind:#04x}", found=f"{self._vkey.kind:#04x}", hint=hint
            )


def _parse(data: bytes) -> tuple[str, str, bytes]:
    """Name, ID and material (kind and seed) of a key file."""
    line = data.decode("utf-8").removesuffix("\n")
    parts = line.removeprefix(_PREFIX).split("+", 2)
    if not line.startswith(_PREFIX) or len(parts) != 3:
        raise NoteError("this is no signing key")
    name, key_id, coded = parts
    material = decode_base64(coded, where="key")
    if len(material) != 1 + _SEED:
        raise NoteError("this is no signing key")
    return name, key_id, material


def _made(cls: type[SigningKey], file: Path, name: str, material: bytes) -> SigningKey:
    try:
        return cls(name, material[0], private_from(material[1:]))
    except InvalidValueError:
        raise _no_key(file) from None


def _no_key(file: Path) -> KeyFileError:
    return KeyFileError(
        "this file holds no signing key", where=str(file), expected=f"{_PREFIX}name+ID+base64, on one line",
        hint="check the path, or bring the file back from its backup",
    )  # fmt: skip
