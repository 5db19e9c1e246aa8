"""The registry of countries, and the generated tables against the libraries that maintain them."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import ISO_COUNTRIES, Country, CountryRegistry, When
from coop_ledger.errors import InvalidValueError, UnknownCountryError
from coop_ledger.testing import countries, whens
from tests.domain.generate_tables import DOMAIN, country_table, currency_table


def test_the_tables_are_what_their_generator_writes() -> None:
    assert (DOMAIN / "country_table.py").read_text(encoding="utf-8") == country_table()
    assert (DOMAIN / "currency_table.py").read_text(encoding="utf-8") == currency_table()


def test_codes_are_those_of_iso() -> None:
    current = {country.code for country in ISO_COUNTRIES if country.until is None}
    assert current == {country.alpha_2 for country in pycountry.countries}
    withdrawn = {country.code for country in ISO_COUNTRIES if country.until is not None}
    assert withdrawn == {country.alpha_2 for country in pycountry.historic_countries}


@given(countries(), st.none() | whens())
def test_current_codes_are_taken_at_any_time(code: str, when: When | None) -> None:
    ISO_COUNTRIES.check(code, when)
    assert ISO_COUNTRIES[code].code == code
    assert code in ISO_COUNTRIES


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("KOR", "write 'KR'"),
        ("kr", "write 'KR'"),
        ("UK", "write 'GB'"),
        ("KO", "write 'KR'"),
        ("ROK", "write 'KR'"),
        ("XX", "list it with CountryRegistry.with_ if you track it as a country"),
    ],
)
def test_unknown_codes_are_refused_with_the_one_meant(code: str, hint: str) -> None:
    with pytest.raises(UnknownCountryError) as caught:
        ISO_COUNTRIES.check(code, None)
    assert caught.value.hint == hint
    with pytest.raises(UnknownCountryError):
        ISO_COUNTRIES[code]
    assert code not in ISO_COUNTRIES


def test_a_code_must_not_be_text_to_be_refused() -> None:
    with pytest.raises(UnknownCountryError):
        ISO_COUNTRIES.check(7, None)  # type: ignore[arg-type]


def test_a_withdrawn_code_holds_until_it_was_withdrawn() -> None:
    ISO_COUNTRIES.check("SU", When("1990"))
    ISO_COUNTRIES.check("SU", When("../1995"))
    ISO_COUNTRIES.check("SU", None)
    with pytest.raises(UnknownCountryError, match="withdrawn before"):
        ISO_COUNTRIES.check("SU", When("2016-11-15"))
    assert ISO_COUNTRIES["SU"].until is not None


def test_a_code_may_have_been_held_twice() -> None:
    assert "Serbia" in ISO_COUNTRIES["CS"].name
    ISO_COUNTRIES.check("CS", When("1990"))
    ISO_COUNTRIES.check("CS", When("2005"))


def test_a_registry_takes_what_iso_does_not_list() -> None:
    more = ISO_COUNTRIES.with_(Country("EU", "European Union"), Country("AU", "another holder"))
    more.check("EU", When("2016"))
    assert more["EU"].name == "European Union"
    assert "EU" not in ISO_COUNTRIES
    with pytest.raises(InvalidValueError):
        CountryRegistry([Country("eu", "European Union")])
