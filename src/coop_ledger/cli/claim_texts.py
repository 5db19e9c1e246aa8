"""
Claims as texts that people edit and keep in files: read, and made claims. Knows no verb.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from coop_ledger.cli.claim_options import claim_of, with_texts
from coop_ledger.cli.template import line_namer, read_template
from coop_ledger.domain import Claim
from coop_ledger.errors import InvalidValueError

__all__ = ["claim_of_text", "is_text", "kept_text", "using_claim"]


def is_text(source: str) -> bool:
    """Whether a file is one text as an editor leaves it, rather than a file of claims."""
    return source.endswith(".toml")


def claim_of_text(text: str) -> Claim:
    """
    The claim of a text that a person edited; where it is none, all that is wrong is told, and the command ends.

    Raises:
        InvalidValueError: The text cannot be read at all.
    """
    texts = read_template(text)
    return claim_of(with_texts(texts, texts.get("event", "")), line_namer(text))


def using_claim(use: Callable[[Claim], None]) -> Callable[[str], None]:
    """What takes a text that a person edited, where *use* takes its claim."""
    return lambda text: use(claim_of_text(text))


def kept_text(source: str) -> str:
    """
    The text of a file, or of the standard input for ``-``.

    Raises:
        InvalidValueError: It cannot be read, or is no UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return raw.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise InvalidValueError(
            "the text of the claim cannot be read", where="--from", found=source[:200], hint="check the path"
        ) from error
