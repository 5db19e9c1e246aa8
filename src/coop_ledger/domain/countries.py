"""
Countries by their code, with the years for which a code held. Knows no claim.

The default registry is ISO 3166-1 with the withdrawn codes of ISO 3166-3 (``country_table.py``, generated).
A registry is a value: users who track bodies that ISO does not list (EU, AU) make one with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Final

import attrs

from coop_ledger.domain.country_table import CURRENT, MISTAKEN, WITHDRAWN
from coop_ledger.domain.edtf import Bounds
from coop_ledger.domain.subjects import check_slug
from coop_ledger.domain.value import Value
from coop_ledger.domain.when import When
from coop_ledger.errors import UnknownCountryError

__all__ = ["ISO_COUNTRIES", "Country", "CountryRegistry"]


@attrs.frozen(eq=False, repr=False)
class Country(Value):
    """
    A country, or a body that stands where countries stand.

    Args:
        code: Two capital letters.
        name: English short name.
        alpha3: ISO 3166-1 alpha-3 code, if it has one; used for hints only.
        until: When the code was withdrawn; None while it holds.
    """

    code: str
    name: str
    alpha3: str | None = None
    until: When | None = None


class CountryRegistry:
    """
    An immutable set of countries.

    One code may stand for several countries over time (CS: Czechoslovakia, then Serbia and Montenegro).

    >>> ISO_COUNTRIES["KR"].name
    'South Korea'
    >>> ISO_COUNTRIES.check("KOR", None)
    Traceback (most recent call last):
        ...
    coop_ledger.errors.UnknownCountryError: no such country; where: country; \
expected: a code of the registry, like KR; found: 'KOR'; write 'KR'
    """

    def __init__(self, countries: Iterable[Country]) -> None:
        by_code: dict[str, tuple[Country, ...]] = {}
        for country in countries:
            check_slug("code", "country", country.code)
            by_code[country.code] = (*by_code.get(country.code, ()), country)
        self._by_code = MappingProxyType(by_code)
        self._current = frozenset(code for code, group in by_code.items() if any(one.until is None for one in group))

    def __iter__(self) -> Iterator[Country]:
        return (country for group in self._by_code.values() for country in group)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Country:
        """The country that holds a code now, else the one that held it last."""
        try:
            group = self._by_code[code]
        except KeyError:
            raise self._unknown(code) from None
        return next((country for country in group if country.until is None), group[-1])

    def with_(self, *countries: Country) -> CountryRegistry:
        """
        A registry that knows more.

        >>> "EU" in ISO_COUNTRIES.with_(Country("EU", "European Union"))
        True
        """
        return CountryRegistry([*self, *countries])

    def check(self, code: str, when: When | None) -> None:
        """
        Refuse a code that no country can have held at that time.

        Args:
            code: Two capital letters.
            when: The time in question; None asks only whether the code is known.

        Raises:
            UnknownCountryError: Not listed, or withdrawn before the earliest day of *when*.
        """
        if code in self._current:
            return
        group = self._by_code.get(code)
        if group is None:
            raise self._unknown(code)
        if when is None or when.earliest is None:
            return
        if any(country.until is not None and _may_hold(country.until, when) for country in group):
            return
        raise UnknownCountryError(
            "the country code was withdrawn before that time",
            where="country",
            expected=f"a time up to {group[-1].until}",
            found=f"{code!r} at {when}",
        )

    def _unknown(self, code: object) -> UnknownCountryError:
        hint = None
        if isinstance(code, str):
            upper = code.strip().upper()
            by_alpha3 = next((country.code for country in self if country.alpha3 == upper), None)
            meant = upper if upper in self._by_code else by_alpha3 or MISTAKEN.get(upper)
            hint = f"write {meant!r}" if meant else "list it with CountryRegistry.with_ if you track it as a country"
        return UnknownCountryError(
            "no such country", where="country", expected="a code of the registry, like KR", found=repr(code), hint=hint
        )


def _may_hold(until: When, when: When) -> bool:
    return Bounds(None, until.latest).narrow(Bounds(when.earliest, when.latest)) is not None


def _iso() -> Iterator[Country]:
    for code, alpha3, name, until in WITHDRAWN:
        yield Country(code, name, alpha3, When(until))
    for code, alpha3, name in CURRENT:
        yield Country(code, name, alpha3)


ISO_COUNTRIES: Final = CountryRegistry(_iso())
"""ISO 3166-1, with the withdrawn codes of ISO 3166-3."""
