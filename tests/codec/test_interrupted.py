"""Ctrl-C while a class's reader or writer is being made: the next call makes it, as if nothing had been."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest

from coop_ledger.codec.converters import converter
from coop_ledger.domain import Claim, Party, Source


def interrupted(work: Callable[[], Any], stop: int) -> bool:
    """Whether a piece of work was interrupted: at the call or the return, of Python's or of C's, with that number."""
    passed = itertools.count(1)

    def at(*_: Any) -> None:
        if next(passed) == stop:
            raise KeyboardInterrupt

    before = sys.getprofile()
    gc.disable()  # what is raised in what it calls is told to nobody but the test's own watcher
    try:
        sys.setprofile(at)
        work()
        sys.setprofile(before)  # also a call: here, and not below, it may be the one that is interrupted
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
        gc.enable()
    return False


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("way", ["get_structure_hook", "get_unstructure_hook"])
@pytest.mark.parametrize(("cls", "step"), [(Party, 1), (Source, 7), (Claim, 61)])
def test_what_was_interrupted_is_made_at_the_next_call(cls: type, step: int, way: str, detailed: bool) -> None:
    for stop in itertools.count(1, step):
        fresh = converter(detailed=detailed)
        if not interrupted(lambda fresh=fresh: getattr(fresh, way)(cls), stop):  # type: ignore[misc]
            break
        assert callable(getattr(fresh, way)(cls))
    assert stop > 50
