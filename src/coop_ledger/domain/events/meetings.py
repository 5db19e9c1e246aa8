"""
What happens at meetings: sessions, delegations, topics and statements.

A meeting's level is not a delegation's rank: "vice-ministerial" meetings seat directors-general.
"""

from __future__ import annotations

from coop_ledger.domain.codes import MeetingMode, Rank
from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import code, codes, label, party_ref, prose, slug, subject_id, whole
from coop_ledger.domain.parties import Role
from coop_ledger.domain.prose import Prose
from coop_ledger.errors import InvalidValueError

__all__ = ["DelegationAttended", "MeetingHeld", "StatementMade", "TopicDiscussed"]


@event(subject="meeting", roles=(Role.ORGANISER, Role.HOST, Role.PARTICIPANT))
class MeetingHeld(EventBase):
    """
    A meeting was held; one of a series names the series and its ordinal.

    DENIED with a series and no meeting denies every session of the series on the days of ``when`` (D10).
    """

    meeting: str | None = slug("meeting", "what was held; absent only with a series", default=None)
    kind: str | None = label("kind as worded: forum, summit, consultation …", default=None)
    level: Rank | None = code(Rank, "the level of the meeting, not of a delegation", default=None)
    level_as_worded: str | None = label("the level in the source's words", default=None)
    mode: MeetingMode | None = code(MeetingMode, "in person, by video, by phone …", default=None)
    series: str | None = slug("series", "the series it belongs to", default=None)
    ordinal: int | None = whole("its number in the series, from 1", least=1, default=None)

    def __attrs_post_init__(self) -> None:
        if self.meeting is None and self.series is None:
            raise InvalidValueError("neither meeting nor series is named", where="meeting", hint="name the meeting")
        if self.ordinal is not None and (self.series is None or self.meeting is None):
            raise InvalidValueError("an ordinal needs its series and its meeting", where="ordinal")
        last = (self.meeting or "").rpartition("/")
        numbered = self.series is not None and last[0] == self.series and last[2].isdigit()
        if numbered and self.ordinal is not None and self.ordinal != int(last[2]):
            raise InvalidValueError(
                "the meeting's id and its ordinal disagree", where="ordinal", expected=last[2], found=str(self.ordinal)
            )


@event(subject="meeting", key=("party",))
class DelegationAttended(EventBase):
    """A party's delegation took part; DENIED means that it was absent."""

    meeting: str = slug("meeting", "what was attended")
    party: str = party_ref("who sent the delegation")
    head: str | None = slug("person", "opaque id of the head of delegation", default=None)
    head_as_written: Prose | None = prose("the head's name as the source writes it", limit=300, default=None)
    ranks: tuple[Rank, ...] = codes(Rank, "ranks of the head; one person may hold two", default=())
    rank_as_worded: str | None = label("the rank in the source's words", default=None)
    mode: MeetingMode | None = code(MeetingMode, "how this delegation took part", default=None)


@event(subject="meeting", key=("topic",), promise=False)
class TopicDiscussed(EventBase):
    """A topic was on the table."""

    meeting: str = slug("meeting", "where it was discussed")
    topic: str = label("the topic")


@event(subject="about", key=("topic", "@stated_day"), roles=(Role.SPEAKER, Role.ADDRESSEE), promise=False)
class StatementMade(EventBase):
    """A position was stated; without a speaker among the parties, the publisher speaks."""

    about: str = subject_id("what the statement is about")
    topic: str = label("the topic, the same words for the same topic")
    position: Prose | None = prose("what was said, in words", default=None)
