"""
Closed vocabularies, with the codes of the lists they come from; knows no event.

Each value is what stands on the wire. IATI codes are the codelists' own digits; ranks are the coarse scale
of ``domain.md`` §2.5, in which vice, first deputy and deputy minister are one code.
"""

from __future__ import annotations

import enum
from typing import Final

from coop_ledger.domain.answer import UNDECIDED, Answer
from coop_ledger.domain.currency_table import CURRENCIES
from coop_ledger.errors import InvalidValueError

__all__ = [
    "DAC_PURPOSES",
    "ActivityStatus",
    "AgreementEnd",
    "Binding",
    "InstrumentKind",
    "MeetingMode",
    "MissionKind",
    "Rank",
    "RelatedActivityType",
    "SectorVocabulary",
    "SignatureKind",
    "TransactionType",
    "VisitStatus",
    "check_currency",
    "check_sector",
]


class ActivityStatus(enum.StrEnum):
    """IATI ActivityStatus."""

    PIPELINE = "1"
    IMPLEMENTATION = "2"
    FINALISATION = "3"
    CLOSED = "4"
    CANCELLED = "5"
    SUSPENDED = "6"


class TransactionType(enum.StrEnum):
    """IATI TransactionType; a pledge is indicative, a commitment a firm written obligation."""

    INCOMING_FUNDS = "1"
    OUTGOING_COMMITMENT = "2"
    DISBURSEMENT = "3"
    EXPENDITURE = "4"
    INTEREST_PAYMENT = "5"
    LOAN_REPAYMENT = "6"
    REIMBURSEMENT = "7"
    PURCHASE_OF_EQUITY = "8"
    SALE_OF_EQUITY = "9"
    CREDIT_GUARANTEE = "10"
    INCOMING_COMMITMENT = "11"
    OUTGOING_PLEDGE = "12"
    INCOMING_PLEDGE = "13"


class RelatedActivityType(enum.StrEnum):
    """IATI RelatedActivityType; a third party's report of the same activity is the standard's duplicate."""

    PARENT = "1"
    CHILD = "2"
    SIBLING = "3"
    CO_FUNDED = "4"
    THIRD_PARTY = "5"


class SectorVocabulary(enum.StrEnum):
    """IATI SectorVocabulary, those in use here."""

    DAC_PURPOSE = "1"
    """OECD DAC CRS purpose codes, five digits."""
    DAC_CATEGORY = "2"
    """OECD DAC CRS categories, three digits."""
    SDG_GOAL = "7"
    """Sustainable Development Goals, 1 to 17."""
    OWN = "99"
    """The reporting organisation's own codes."""


class Binding(enum.StrEnum):
    """Whether a document binds, as a source says; a title decides nothing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    DISPUTED = "disputed"


class SignatureKind(enum.StrEnum):
    """What a signature does (VCLT 10 to 12, 18)."""

    DEFINITIVE = "definitive"
    SUBJECT_TO_RATIFICATION = "subject-to-ratification"
    AD_REFERENDUM = "ad-referendum"


class InstrumentKind(enum.StrEnum):
    """How consent to be bound is expressed (VCLT 14 to 16)."""

    RATIFICATION = "ratification"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    ACCESSION = "accession"
    SUCCESSION = "succession"
    FORMAL_CONFIRMATION = "formal-confirmation"


class AgreementEnd(enum.StrEnum):
    """How an agreement ends for all (VCLT 54, 59, 60)."""

    TERMINATED = "terminated"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class MeetingMode(enum.StrEnum):
    """How people meet."""

    IN_PERSON = "in-person"
    VIDEO = "video"
    HYBRID = "hybrid"
    PHONE = "phone"
    WRITTEN = "written"


class VisitStatus(enum.StrEnum):
    """The protocol of a visit."""

    STATE = "state"
    OFFICIAL = "official"
    WORKING = "working"
    PRIVATE = "private"
    TRANSIT = "transit"


class MissionKind(enum.StrEnum):
    """The kind of a diplomatic mission."""

    EMBASSY = "embassy"
    NON_RESIDENT_EMBASSY = "non-resident-embassy"
    CONSULATE = "consulate"
    PERMANENT_MISSION = "permanent-mission"
    LIAISON_OFFICE = "liaison-office"


class Rank(enum.StrEnum):
    """
    The coarse scale of representation, highest first; a special envoy stands outside the order.

    >>> Rank.MINISTER.outranks(Rank.DIRECTOR_GENERAL), Rank.SPECIAL_ENVOY.outranks(Rank.OFFICIAL)
    (Answer.YES, Answer.UNDECIDED)
    """

    HEAD_OF_STATE = "head-of-state"
    HEAD_OF_GOVERNMENT = "head-of-government"
    DEPUTY_HEAD_OF_GOVERNMENT = "deputy-head-of-government"
    MINISTER = "minister"
    DEPUTY_MINISTER = "deputy-minister"
    """Vice, first deputy, deputy and assistant minister."""
    DIRECTOR_GENERAL = "director-general"
    AMBASSADOR = "ambassador"
    CHARGE = "charge"
    OFFICIAL = "official"
    SPECIAL_ENVOY = "special-envoy"

    def outranks(self, other: Rank) -> Answer:
        """Whether this rank stands above the other; UNDECIDED where one is outside the order."""
        if self is other:
            return Answer.NO
        if Rank.SPECIAL_ENVOY in (self, other):
            return UNDECIDED
        return Answer.of(_ORDER[self] < _ORDER[other])


_ORDER: Final = {rank: place for place, rank in enumerate(Rank)}

DAC_PURPOSES: Final = {
    "11110": "Education policy and administrative management",
    "11231": "Basic life skills for youth",
    "11330": "Vocational training",
    "11420": "Higher education",
    "11430": "Advanced technical and managerial training",
    "12110": "Health policy and administrative management",
    "12181": "Medical education/training",
    "12182": "Medical research",
    "12191": "Medical services",
    "12220": "Basic health care",
    "12230": "Basic health infrastructure",
    "12261": "Health education",
    "12281": "Health personnel development",
    "14010": "Water sector policy and administrative management",
    "14015": "Water resources conservation",
    "14040": "River basins development",
    "14081": "Education and training in water supply and sanitation",
    "15110": "Public sector policy and administrative management",
    "16015": "Social services",
    "16061": "Culture and recreation",
    "16066": "Culture",
    "21010": "Transport policy and administrative management",
    "22040": "Information and communication technology",
    "23110": "Energy policy and administrative management",
    "31140": "Agricultural water resources",
    "31210": "Forestry policy and administrative management",
    "33210": "Tourism policy and administrative management",
    "41010": "Environmental policy and administrative management",
    "41040": "Site preservation",
    "43010": "Multisector aid",
    "99810": "Sectors not specified",
    "99820": "Promotion of development awareness",
}
"""Names of the DAC CRS purpose codes that cooperation news needs; any other five digits are taken, unnamed."""

_DIGITS: Final = {SectorVocabulary.DAC_PURPOSE: 5, SectorVocabulary.DAC_CATEGORY: 3}


def check_sector(vocabulary: SectorVocabulary, code: str) -> None:
    """
    Refuse a sector code that its vocabulary cannot hold.

    Codes are retired and added over the years, so their shape is checked and not their being in a list.

    Raises:
        InvalidValueError: Not five digits (purpose), three (category) or 1 to 17 (goal).
    """
    digits = _DIGITS.get(vocabulary)
    is_number = code.isascii() and code.isdigit()
    if digits is not None and not (is_number and len(code) == digits):
        raise InvalidValueError("no such sector code", where="sectors", expected=f"{digits} digits", found=repr(code))
    if vocabulary is SectorVocabulary.SDG_GOAL and not (is_number and code[0] != "0" and 1 <= int(code) <= 17):
        raise InvalidValueError("no such goal", where="sectors", expected="1 to 17", found=repr(code))


def check_currency(name: str, code: object) -> None:
    """
    Refuse what is not a currency code of ISO 4217, current or withdrawn.

    Raises:
        InvalidValueError: Any other value, with the code meant where only its case is wrong.
    """
    if code in CURRENCIES:
        return
    meant = code.upper() if isinstance(code, str) and code.upper() in CURRENCIES else None
    raise InvalidValueError(
        "no such currency", where=name, expected="an ISO 4217 code like USD", found=repr(code),
        hint=f"write {meant!r}" if meant else None,
    )  # fmt: skip
