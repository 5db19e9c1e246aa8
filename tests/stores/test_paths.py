"""What can be no path of a file is refused wherever one is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import verify
from coop_ledger.errors import InvalidValueError
from coop_ledger.publication import read_published


@pytest.mark.parametrize("given", ["", "a\x00b", "\ud800", "a\udfff"])
@pytest.mark.parametrize("use", [verify, Ledger.open, read_published])
def test_what_is_no_path(use: Callable[[str], object], given: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        use(given)
    assert caught.value.where == "path"
    assert caught.value.found is not None
    caught.value.found.encode()
