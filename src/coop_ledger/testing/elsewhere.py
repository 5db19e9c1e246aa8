"""
The same folds in another process, in which sets have another order; knows no law.

What a set of texts gives first depends on a number that each process draws anew. No process can see that of itself,
so another is asked. It must find the projection by its module: one that was made inside a function it cannot find.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from coop_ledger.projections import Projection
from coop_ledger.testing.laws import plain_states
from coop_ledger.testing.tour import tour

__all__ = ["place_of", "states_elsewhere"]

_START = (
    "import json, sys; given = json.load(sys.stdin); sys.path[:] = given['path']; "
    "from coop_ledger.testing.elsewhere import answer; print(); print(answer(given['places']))"
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


def answer(places: list[list[str]]) -> str:
    """What the other process says: for each projection the states of each history of the tour, as JSON."""
    found = [getattr(import_module(module), name) for module, name in places]
    return json.dumps([[plain_states(projection, history) for history in tour()] for projection in found])


def states_elsewhere(places: list[tuple[str, str]]) -> list[list[dict[str, Any]]] | None:
    """
    The states of the tour's histories as another process gives them, for each of some projections.

    Args:
        places: Module and name of each projection.

    Returns:
        None if the other process could not import them.
    """
    number = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-c", _START],
        input=json.dumps({"path": sys.path, "places": places}),
        env={**os.environ, "PYTHONHASHSEED": number},
        capture_output=True,
        text=True,
        timeout=_TIME_S,
        check=False,
    )
    if done.returncode:
        return None
    states: list[list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return states
