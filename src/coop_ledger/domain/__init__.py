"""
What a claim is: dates, parties, sources, subjects, events, claims, acts, entries and their tables.

Pure values that check themselves; no clock, no configuration, no bytes, no state. The door of floor F0.
"""

from __future__ import annotations

from coop_ledger.domain import events
from coop_ledger.domain.acts import (
    ACT_TYPES,
    Act,
    Correction,
    Duplicate,
    Merge,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
)
from coop_ledger.domain.answer import NO, UNDECIDED, YES, Answer
from coop_ledger.domain.claims import Assertion, Claim, Where, announced, denied, observed, occurred, proposed
from coop_ledger.domain.codes import (
    DAC_PURPOSES,
    ActivityStatus,
    AgreementEnd,
    Binding,
    InstrumentKind,
    MeetingMode,
    MissionKind,
    Rank,
    RelatedActivityType,
    SectorVocabulary,
    SignatureKind,
    TransactionType,
    VisitStatus,
    check_currency,
    check_sector,
)
from coop_ledger.domain.countries import ISO_COUNTRIES, Country, CountryRegistry
from coop_ledger.domain.edtf import Bounds
from coop_ledger.domain.entries import Body, Effective, Entry, Once
from coop_ledger.domain.events import EVENT_TYPES, Event, EventBase, EventSpec, UnknownEvent
from coop_ledger.domain.fields import FieldSpec, field_specs
from coop_ledger.domain.lifecycles import IATI_STATUS, LIFECYCLES, Lifecycle, Move, Status
from coop_ledger.domain.milestones import MilestoneId, country_parties, milestones_of, subjects_of, targets_of
from coop_ledger.domain.parties import PartiesLike, Party, Role, parties_of
from coop_ledger.domain.prose import MAX_PROSE, REDACTED, Prose, Redacted, check_label, check_prose
from coop_ledger.domain.sources import MAX_QUOTE, Source, SourceKind, publisher_key
from coop_ledger.domain.subjects import (
    MAX_SUBJECT,
    SubjectId,
    SubjectKind,
    check_party,
    check_slug,
    check_subject,
    full_id,
    party_subject,
    relationship_slug,
    subject_kind,
)
from coop_ledger.domain.timing import PLANS, claim_bounds, order_key, source_day, stated_bounds, stated_when
from coop_ledger.domain.when import MAX_WHEN, Days, When

__all__ = [
    "ACT_TYPES",
    "DAC_PURPOSES",
    "EVENT_TYPES",
    "IATI_STATUS",
    "ISO_COUNTRIES",
    "LIFECYCLES",
    "MAX_PROSE",
    "MAX_QUOTE",
    "MAX_SUBJECT",
    "MAX_WHEN",
    "NO",
    "PLANS",
    "REDACTED",
    "UNDECIDED",
    "YES",
    "Act",
    "ActivityStatus",
    "AgreementEnd",
    "Answer",
    "Assertion",
    "Binding",
    "Body",
    "Bounds",
    "Claim",
    "Correction",
    "Country",
    "CountryRegistry",
    "Days",
    "Duplicate",
    "Effective",
    "Entry",
    "Event",
    "EventBase",
    "EventSpec",
    "FieldSpec",
    "InstrumentKind",
    "Lifecycle",
    "MeetingMode",
    "Merge",
    "MilestoneId",
    "MissionKind",
    "Move",
    "Once",
    "PartiesLike",
    "Party",
    "Prose",
    "Rank",
    "Redacted",
    "Redaction",
    "RelatedActivityType",
    "Resolution",
    "Retraction",
    "RetractionReason",
    "Role",
    "SectorVocabulary",
    "SignatureKind",
    "Source",
    "SourceKind",
    "Status",
    "SubjectId",
    "SubjectKind",
    "TransactionType",
    "UnknownEvent",
    "VisitStatus",
    "When",
    "Where",
    "announced",
    "check_currency",
    "check_label",
    "check_party",
    "check_prose",
    "check_sector",
    "check_slug",
    "check_subject",
    "claim_bounds",
    "country_parties",
    "denied",
    "events",
    "field_specs",
    "full_id",
    "milestones_of",
    "observed",
    "occurred",
    "order_key",
    "parties_of",
    "party_subject",
    "proposed",
    "publisher_key",
    "relationship_slug",
    "source_day",
    "stated_bounds",
    "stated_when",
    "subject_kind",
    "subjects_of",
    "targets_of",
]
