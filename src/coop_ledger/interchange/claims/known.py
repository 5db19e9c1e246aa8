"""
Which claims a ledger holds already, each as often as it stands there. Knows no file.

A claim is known by a digest of its plain form, which never leaves memory. Where a text was erased the entry still
counts: what reads *redacted* equals any text, so that importing a file again never brings erased words back.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Final, NamedTuple

from coop_ledger.codec import Plain, canonical, claim_to_plain, sealed_paths
from coop_ledger.domain import EVENT_TYPES, REDACTED, Claim, Source, sealed_fields
from coop_ledger.scope import Scope

__all__ = ["Known", "lacks_words"]

_SIZE: Final = 16
_A_TEXT: Final = ""
"""Stands for a sealed text in what is compared without them; no text is empty."""


class _Worded(NamedTuple):
    """A claim some of whose texts were erased: digests of those left, by path; None where it was erased."""

    texts: dict[str, bytes | None]

    def fits(self, other: _Worded) -> bool:
        return self.texts.keys() == other.texts.keys() and all(
            one is None or two is None or one == two
            for one, two in zip(self.texts.values(), (other.texts[path] for path in self.texts), strict=True)
        )


class Known:
    """
    The claims of a scope, to be taken one by one.

    Args:
        scope: What is read of the ledger. Counted is each entry that is a claim, as it was recorded and, where acts
            made another claim of it, as it counts.
    """

    def __init__(self, scope: Scope) -> None:
        self._whole: Counter[bytes] = Counter()
        self._erased: dict[bytes, list[_Worded]] = {}
        if not scope.size:
            return
        effects = scope.effects()
        for entry in scope.all_entries():
            if not isinstance(entry.body, Claim):
                continue
            self._add(entry.body)
            counting = effects.apply(entry) if effects.acts else None
            if counting is not None and counting.claim != entry.body:
                self._add(counting.claim)

    def _add(self, claim: Claim) -> None:
        plain = claim_to_plain(claim)
        if lacks_words(claim):
            key, worded = _public(claim, plain)
            self._erased.setdefault(key, []).append(worded)
        else:
            self._whole[_digest(plain)] += 1

    def take(self, claim: Claim) -> bool:
        """Whether the claim is there; each entry answers so once."""
        if not self._whole and not self._erased:
            return False
        plain = claim_to_plain(claim)
        if not lacks_words(claim):
            digest = _digest(plain)
            left = self._whole.get(digest, 0)
            if left:
                self._whole[digest] = left - 1
                return True
        if not self._erased:
            return False
        key, worded = _public(claim, plain)
        candidates = self._erased.get(key, [])
        for at, one in enumerate(candidates):
            if one.fits(worded):
                del candidates[at]
                return True
        return False


_SEALED: Final = {cls: sealed_fields(cls) for cls in (Claim, Source, *EVENT_TYPES)}


def lacks_words(claim: Claim) -> bool:
    """Whether a text of a claim stands as erased."""
    return any(
        getattr(holder, name) is REDACTED
        for holder in (claim, claim.event, *claim.sources)
        for name in _SEALED[type(holder)]
    )


def _digest(plain: Any) -> bytes:
    return hashlib.blake2b(canonical(plain), digest_size=_SIZE).digest()


def _public(claim: Claim, plain: Plain) -> tuple[bytes, _Worded]:
    """The digest of a claim without its sealed texts, and these apart."""
    texts: dict[str, bytes | None] = {}
    for path in sealed_paths(claim):
        holder: Any = plain
        *way, name = path.split("/")[1:]
        for part in way:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        texts[path] = None if holder[name] is REDACTED else _digest(holder[name])
        holder[name] = _A_TEXT
    return _digest(plain), _Worded(texts)
