"""
Old versions of event bodies → newest, plain dict to plain dict; knows no class.

A step is registered by wire name and the version it starts from. The chain is checked at import: a name
at version 3 has steps from 1 and from 2, and there is none that leads nowhere. A step of an event sees the
event's fields, a step of an act its whole body. A sealed field is never renamed or moved: its path is hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from coop_ledger.codec.registry import VERSIONS

__all__ = ["UPCASTS", "Upcasts", "check_chain", "upcast"]

Upcasts = Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]]
"""(wire name, version) → the body as the next version has it; the argument is not changed."""

UPCASTS: Final[Upcasts] = {}


def check_chain(versions: Mapping[str, int], upcasts: Upcasts) -> None:
    """
    Refuse steps that do not lead from every old version to the newest.

    Raises:
        RuntimeError: A step is missing, or one starts from an unknown name or version.
    """
    wanted = {(name, version) for name, newest in versions.items() for version in range(1, newest)}
    wrong = wanted ^ upcasts.keys()
    if wrong:
        listed = ", ".join(f"{name} v{version}" for name, version in sorted(wrong))
        raise RuntimeError(f"upcasting steps are missing or lead nowhere: {listed}")


def upcast(
    name: str,
    version: int,
    body: dict[str, Any],
    *,
    versions: Mapping[str, int] = VERSIONS,
    upcasts: Upcasts = UPCASTS,
) -> dict[str, Any]:
    """
    The body of an event or act as its newest version has it.

    Args:
        name: A wire name that *versions* holds.
        version: The version of *body*, from 1 to the newest.
        body: Plain data.
    """
    for step in range(version, versions[name]):
        body = upcasts[name, step](body)
    return body


check_chain(VERSIONS, UPCASTS)
