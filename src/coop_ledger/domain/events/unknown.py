"""
An entry of a type that this version does not know: kept whole, interpreted not at all.
"""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["UnknownEvent"]


@attrs.frozen(hash=False)
class UnknownEvent:
    """
    What a newer writer recorded.

    Projections skip it, one anomaly each; ``verify`` says UNDECIDED.

    Args:
        type: The wire name, unknown here, or known in an older version only.
        version: The version of that type.
        raw: The plain body as recorded, with sealed fields put back where their opening is there.
    """

    type: str
    version: int
    raw: dict[str, Any]
