"""Texts at the door: what is no text, or no Unicode, is refused by name."""

from __future__ import annotations

import pytest

from coop_ledger.domain import check_text
from coop_ledger.errors import InvalidValueError


@pytest.mark.parametrize("value", [5, None, b"text", "\ud800"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError) as refused:
        check_text("name", value)
    assert refused.value.where == "name"


def test_any_text_comes_back() -> None:
    assert check_text("name", "Қазақстан") == "Қазақстан"
