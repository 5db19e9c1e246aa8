"""
Sectors per country: which initiatives were announced in a sector, and which of them surely brought something there.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from coop_ledger.domain import YES, Role, SectorVocabulary, SubjectId, Value
from coop_ledger.projections.initiative import InitiativeState

__all__ = ["SectorOutputs", "outputs_by_sector"]


@attrs.frozen(eq=False, repr=False)
class SectorOutputs(Value):
    """
    One sector in one country.

    Args:
        country: Country code; None for initiatives of which no claim names a country.
        vocabulary: IATI sector vocabulary.
        code: The code in it.
        announced: The initiatives in it of which somebody said that they will begin or deliver.
        delivered: Those of them of which a claim says that an output reached the country.
    """

    country: str | None
    vocabulary: SectorVocabulary
    code: str
    announced: tuple[SubjectId, ...]
    delivered: tuple[SubjectId, ...]


def _countries(state: InitiativeState) -> tuple[str | None, ...]:
    """For whom it is: the beneficiaries that claims name, else all countries that take part; None where none is."""
    countries = [party for party in state.parties if len(party.party) == 2]
    served = [party.party for party in countries if party.role is Role.BENEFICIARY]
    return tuple(dict.fromkeys(served or [party.party for party in countries])) or (None,)


def _reached(state: InitiativeState, country: str | None) -> bool:
    """Whether an output surely reached a country; what was delivered to nobody by name reached no country for sure."""
    return any(delivery.delivered is YES and delivery.beneficiary == country for delivery in state.deliveries)


def outputs_by_sector(states: Iterable[InitiativeState]) -> tuple[SectorOutputs, ...]:
    """
    What was announced and what was delivered, by country and sector, sorted; wishes are no announcements (P6).

    An initiative in several sectors counts in each of them.

    Args:
        states: Initiatives, each once.
    """
    found: dict[tuple[str, SectorVocabulary, str], tuple[list[SubjectId], list[SubjectId]]] = {}
    for state in states:
        for country in _countries(state) if state.target is not None else ():
            for sector in state.sectors:
                row = found.setdefault((country or "", sector.vocabulary, sector.code), ([], []))
                row[0].append(state.subject)
                if _reached(state, country):
                    row[1].append(state.subject)
    return tuple(
        SectorOutputs(country or None, vocabulary, code, tuple(announced), tuple(delivered))
        for (country, vocabulary, code), (announced, delivered) in sorted(found.items())
    )
