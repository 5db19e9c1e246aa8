"""
Consoles that write in colours where that is asked for, and say when their reader went away. Knows no command.
"""

from __future__ import annotations

import errno
from typing import Any, Final, NoReturn

from rich.console import Console

__all__ = ["console_of"]

_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "auto": {},
    "always": {"force_terminal": True, "color_system": "standard", "no_color": False},
    "never": {"color_system": None},
}
"""What is said at the command line counts before what the environment says."""


class _Console(Console):
    """A console that raises where its reader went away; rich would exit with 1."""

    def on_broken_pipe(self) -> NoReturn:
        """Say so."""
        raise BrokenPipeError(errno.EPIPE, "the reader of the output went away")


def console_of(color: str, *, stderr: bool = False) -> Console:
    """
    A console of the standard output or error.

    Args:
        color: ``auto``, ``always`` or ``never``.
        stderr: Whether of the standard error.
    """
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, **_SETTINGS[color])
