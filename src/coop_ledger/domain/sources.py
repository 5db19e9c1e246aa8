"""
Who said so, where and when: the sources of claims. Knows no event.

A source counts from the latest possible day of its date; one without a date never counts in a
"published by" view (D1). A reprint names the publisher that it relays and is no voice of its own.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from typing import Final

from coop_ledger.domain.fields import code, date, label, prose, record
from coop_ledger.domain.prose import Prose
from coop_ledger.domain.value import Value
from coop_ledger.domain.when import When
from coop_ledger.errors import InvalidValueError

__all__ = ["MAX_QUOTE", "Source", "SourceKind", "publisher_key"]

MAX_QUOTE: Final = 300
"""The longest quotation, in characters: a pointer to the words, not a copy of the document."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+", re.ASCII)


class SourceKind(enum.StrEnum):
    """How near a source stands to what it reports; the order of preference is D6's."""

    PRIMARY = "primary"
    """An organ of a party."""
    AGENCY = "agency"
    PRESS = "press"
    REPRINT = "reprint"
    """A copy of another publisher's text, named in ``relays``."""
    TERTIARY = "tertiary"


@record
class Source(Value):
    """
    A document that says what a claim claims.

    Args:
        publisher: Who published it, at most 120 characters.
        published: When, as the document says; absent if it has no date.
        title: Its title; sealed.
        url: Its address, printable ASCII, at most 2,000 characters.
        author: Its author; sealed.
        language: BCP 47 tag.
        quote: The words that matter, at most 300 characters; sealed.
        kind: How near it stands to what it reports.
        relays: The publisher that it copies; a reprint must name one.
        digest: SHA-256 of the archived document, 64 small hex digits.

    Raises:
        InvalidValueError: A field off its shape, or a reprint that relays nobody.

    Source: DESIGN §3.

    >>> Source("Yonhap", When("2016-11-16"), kind=SourceKind.AGENCY).voice
    'yonhap'
    """

    publisher: str = label("who published it")
    published: When | None = date("when, as the document says", default=None)
    title: Prose | None = prose("its title", limit=500, default=None)
    url: str | None = label("its address", limit=2_000, default=None)
    author: Prose | None = prose("its author", limit=300, default=None)
    language: str | None = label("BCP 47 tag of its language", limit=35, default=None)
    quote: Prose | None = prose("the words that matter", limit=MAX_QUOTE, default=None)
    kind: SourceKind = code(SourceKind, "how near it stands to what it reports", default=SourceKind.PRESS)
    relays: str | None = label("the publisher that it copies", default=None)
    digest: str | None = label("SHA-256 of the archived document", default=None)

    def __attrs_post_init__(self) -> None:
        if self.kind is SourceKind.REPRINT and self.relays is None:
            raise InvalidValueError(
                "a reprint does not say what it copies", where="relays", hint='write relays="…", the first publisher'
            )
        for name, shape, wanted in (
            ("language", _LANGUAGE, "a BCP 47 tag like en or zh-Hant"),
            ("digest", _DIGEST, "64 hex digits in small letters"),
            ("url", _URL, "an absolute address in printable ASCII"),
        ):
            text = getattr(self, name)
            if text is not None and not shape.fullmatch(text):
                raise InvalidValueError("the text is off its shape", where=name, expected=wanted, found=repr(text))

    @property
    def voice(self) -> str:
        """Whose voice this is, for comparison only: the relayed publisher, else the publisher (D6)."""
        return publisher_key(self.relays or self.publisher)


def publisher_key(name: str) -> str:
    """
    What two spellings of one publisher have in common: NFKC, casefolded, blanks folded (DESIGN §3b).

    >>> publisher_key("Korea.net") == publisher_key("ＫＯＲＥＡ.NET ")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
