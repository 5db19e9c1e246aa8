"""
Ed25519 by the extra ``sign``, loaded when first used; knows no note and no key file.

Source: RFC 8032.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coop_ledger.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["check_ed25519", "new_private", "private_from"]

_KEY = 32


def _ed25519() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtraError(
            f"signatures can be neither made nor checked ({error.name} is missing)",
            hint="run: pip install 'coop_ledger[sign]'",
        ) from error
    return ed25519


def check_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """
    Whether an Ed25519 signature holds.

    Args:
        public: The public key, 32 bytes.
        message: The bytes that are said to be signed, any number.
        signature: The signature, 64 bytes.

    Returns:
        False for a wrong signature, and for a key or signature of another length.

    Raises:
        MissingExtraError: The extra ``sign`` is not installed.

    Source: RFC 8032, 5.1.7; a second form of a good signature (S not reduced) is refused.
    """
    ed25519 = _ed25519()
    from cryptography.exceptions import InvalidSignature

    if len(public) != _KEY:
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def new_private() -> Ed25519PrivateKey:
    """A new private key from the random numbers of the system."""
    made: Ed25519PrivateKey = _ed25519().Ed25519PrivateKey.generate()
    return made


def private_from(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a seed of 32 bytes."""
    made: Ed25519PrivateKey = _ed25519().Ed25519PrivateKey.from_private_bytes(seed)
    return made
