"""What can be no path of a file is refused wherever one is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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


@pytest.mark.parametrize(
    ("use", "given"),
    [
        (verify, "postgresql://desk:geheim@db.example/forum"),
        (verify, Path("postgres://desk:geheim@db.example/forum")),
        (read_published, "https://desk:geheim@log.example/forum"),
        (Ledger.open, "postgresql+psycopg://desk:geheim@db.example/forum"),
        (Ledger.open, Path("mysql://desk:geheim@db.example/forum")),
    ],
)
def test_an_address_is_no_path_and_is_not_repeated(use: Callable[[object], object], given: str | Path) -> None:
    with pytest.raises(InvalidValueError, match="address of a server") as caught:
        use(given)
    assert "geheim" not in str(caught.value)
    assert caught.value.hint is not None
    assert "postgresql://" in caught.value.hint or "bundle" in caught.value.hint


def test_a_folder_may_be_named_like_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mysql:").mkdir()
    with Ledger.open("mysql:/forum.db", origin="forum.example/1") as ledger:
        assert ledger.size == 0
