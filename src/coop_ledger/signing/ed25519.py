"""
Ed25519 by the extra ``sign``, loaded when first used; knows no note and no key file.

Source: RFC 8032.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from coop_ledger.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["check_ed25519", "new_private", "private_from"]

_KEY: Final = 32
_SIGNATURE: Final = 64

_PRIME: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_SIGN: Final = 1 << 255
"""The bit of an encoded point that says which of the two x belongs to its y."""

_OF_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL: Final = frozenset((0, 1, _PRIME - 1, _OF_ORDER_8, _PRIME - _OF_ORDER_8))
"""The y of the eight points of small order: of order 4, 1, 2, and twice 8; whatever the x, also an impossible one."""


def _ed25519() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtraError(
            f"signatures can be neither made nor checked ({error.name} is missing)",
            hint="in a checkout of coop_ledger, run: pip install '.[sign]'",
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
        False for a wrong signature, for a key or signature of another length, for a second spelling of a good one (S
        not reduced, a key's y not reduced), and for a key of small order, which fits signatures that nobody made.

    Raises:
        MissingExtraError: The extra ``sign`` is not installed.

    Source: RFC 8032, 5.1.3 and 5.1.7. What the library underneath takes of these is not relied on.
    """
    ed25519 = _ed25519()
    from cryptography.exceptions import InvalidSignature

    if not _in_one_spelling(public, signature):
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _in_one_spelling(public: bytes, signature: bytes) -> bool:
    """Whether lengths are right, S and the key's y are reduced, and the key is not of small order."""
    if len(public) != _KEY or len(signature) != _SIGNATURE:
        return False
    y = int.from_bytes(public, "little") & ~_SIGN
    return y < _PRIME and y not in _SMALL and int.from_bytes(signature[_SIGNATURE // 2 :], "little") < _ORDER


def new_private() -> Ed25519PrivateKey:
    """A new private key from the random numbers of the system."""
    made: Ed25519PrivateKey = _ed25519().Ed25519PrivateKey.generate()
    return made


def private_from(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a seed of 32 bytes."""
    made: Ed25519PrivateKey = _ed25519().Ed25519PrivateKey.from_private_bytes(seed)
    return made
