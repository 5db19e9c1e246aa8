"""
The same folds in another process, in which sets have another order; knows no law.

What a set of texts gives first depends on a number that each process draws anew. No process can see that of itself,
so another is asked. It must find the projection by its module: one that was made inside a function it cannot find.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from coop_ledger.domain import Entry
from coop_ledger.projections import Projection
from coop_ledger.testing.laws import plain_states

__all__ = ["place_of", "states_elsewhere"]

_START = (
    "import json, sys; given = json.load(sys.stdin); sys.path[:] = given['path']; "
    "from coop_ledger.testing.elsewhere import answer; print(); print(answer(given['given']))"
)
_TIME_S = 300


def place_of(projection: Projection[Any]) -> tuple[str, str] | None:
    """The module and the name under which another process finds a projection; None if there are none."""
    for module_name, module in sorted(sys.modules.items(), key=lambda pair: pair[0]):
        if isinstance(module, ModuleType) and module_name != "__main__":
            for name, value in list(vars(module).items()):
                if value is projection:
                    return module_name, name
    return None


def answer(given: str) -> str:
    """
    What the other process says of a line: the states of each history, as JSON.

    Args:
        given: Module and name of a projection, and histories, as :func:`states_elsewhere` spells them.
    """
    (module, name), histories = pickle.loads(base64.b64decode(given))
    projection = getattr(import_module(module), name)
    return json.dumps([plain_states(projection, history) for history in histories])


def states_elsewhere(
    place: tuple[str, str], histories: Sequence[Sequence[Entry]], seed: int = 1
) -> list[dict[str, Any]] | None:
    """
    The states of some histories as another process gives them.

    Args:
        place: Module and name of the projection.
        histories: The histories, as they read after their redactions.
        seed: Another number gives sets another order.

    Returns:
        None if the other process could not import the projection.
    """
    own = os.environ.get("PYTHONHASHSEED")
    done = subprocess.run(
        [sys.executable, "-c", _START],
        input=json.dumps({"path": sys.path, "given": base64.b64encode(pickle.dumps((place, histories))).decode()}),
        env={**os.environ, "PYTHONHASHSEED": str(seed + 1_000 if own == str(seed) else seed)},
        capture_output=True,
        text=True,
        timeout=_TIME_S,
        check=False,
    )
    if done.returncode:
        return None
    states: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return states
