"""
coop_ledger: a tamper-evident record of who promised, agreed and delivered what, who said so, and when.

    from coop_ledger import Ledger, Source, announced
    from coop_ledger import events as ev

Knows no extra: command line and test kit are imported by name (``coop_ledger.cli``, ``coop_ledger.testing``).
The names stand in ``public.py``, loaded with the first that is asked for: the help of the command line needs none.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coop_ledger.public import *  # noqa: F403 - for type checkers; a second list of names would have to be kept in step

__version__ = "0.1.0"
"""The version of this package."""


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
        return import_module(f"{__name__}.{name}")
    public = import_module(f"{__name__}.public")
    if name == "__all__" or name in public.__all__:
        return getattr(public, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *import_module(f"{__name__}.public").__all__]
