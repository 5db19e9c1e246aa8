"""
What the golden vectors say: written by hand, every field of every event filled. Knows no bytes.

``EVENTS`` are bodies, which may still change before the first release. ``ENVELOPE`` holds the frozen cases: the
leaf's own keys, canonical form, sealing and the acts; there, cases are only ever added.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ENVELOPE", "EVENTS", "claim_of"]

Plain = dict[str, Any]

EVENTS: Final[dict[str, Plain]] = {
    "initiative.adopted": {"initiative": "water-training", "description": "Training of water managers, 5 days."},
    "initiative.started": {"initiative": "silk-road-rail/phase-1", "description": "철도 현대화 사업"},
    "initiative.progressed": {
        "initiative": "water-training",
        "share": "62.5",
        "description": "Two of three courses held.",
    },
    "initiative.delivered": {
        "initiative": "health-care",
        "output": "medical skills training",
        "partial": True,
        "description": "Forty physicians from five countries.",
    },
    "initiative.closed": {"initiative": "water-training"},
    "initiative.suspended": {"initiative": "water-training"},
    "initiative.resumed": {"initiative": "water-training"},
    "initiative.cancelled": {"initiative": "water-training"},
    "initiative.partner-joined": {"initiative": "water-training", "party": "institution:korea-foundation"},
    "initiative.partner-withdrew": {"initiative": "water-training", "party": "TM"},
    "initiative.funds-reported": {
        "initiative": "water-training",
        "transaction": "3",
        "amount": "-1250000.50",
        "currency": "USD",
        "value_date": "2016-12-31",
    },
    "initiative.sectors-classified": {
        "subject": "initiative:water-training",
        "vocabulary": "1",
        "sectors": [{"code": "14010", "percentage": "60"}, {"code": "14081", "percentage": "40"}],
        "vocabulary_version": "2016",
    },
    "initiative.activity-linked": {
        "subject": "initiative:water-training",
        "target": "KR-GOV-010-2016-17",
        "relation": "2",
    },
    "agreement.negotiation-opened": {"agreement": "kcac-secretariat-agreement"},
    "agreement.negotiation-concluded": {"agreement": "kcac-secretariat-agreement"},
    "agreement.text-adopted": {"agreement": "joint-statement-10", "form": "joint statement", "binding": "no"},
    "agreement.signed": {
        "agreement": "air-services-kr-uz",
        "form": "Agreement",
        "binding": "yes",
        "signature": "subject-to-ratification",
    },
    "agreement.instrument-deposited": {"agreement": "air-services-kr-uz", "instrument": "ratification"},
    "agreement.reservation-made": {"agreement": "air-services-kr-uz", "text": "Article 9 shall not bind us."},
    "agreement.reservation-withdrawn": {"agreement": "air-services-kr-uz"},
    "agreement.provisional-application-began": {"agreement": "air-services-kr-uz"},
    "agreement.provisional-application-ended": {"agreement": "air-services-kr-uz"},
    "agreement.entered-into-force": {"agreement": "air-services-kr-uz"},
    "agreement.amended": {"agreement": "air-services-kr-uz", "instrument": "Exchange of notes of 2 May 2018"},
    "agreement.operation-suspended": {"agreement": "air-services-kr-uz"},
    "agreement.operation-resumed": {"agreement": "air-services-kr-uz"},
    "agreement.withdrawal-notified": {"agreement": "air-services-kr-uz"},
    "agreement.withdrawal-took-effect": {"agreement": "air-services-kr-uz"},
    "agreement.ended": {
        "agreement": "air-services-kr-uz",
        "how": "superseded",
        "successor": "air-services-kr-uz/2019",
    },
    "institution.establishment-agreed": {"institution": "kcac-secretariat"},
    "institution.proclaimed": {"institution": "kcac-secretariat"},
    "institution.statute-adopted": {"institution": "kcac-secretariat", "document": "kcac-secretariat-statute"},
    "institution.host-designated": {"institution": "kcac-secretariat", "host": "institution:korea-foundation"},
    "institution.opened": {"institution": "kcac-secretariat"},
    "institution.seat-established": {"institution": "kcac-secretariat", "place": "seoul"},
    "institution.member-admitted": {"institution": "kcac-secretariat", "party": "KG"},
    "institution.member-withdrew": {"institution": "kcac-secretariat", "party": "TM"},
    "institution.office-taken": {"institution": "kcac-secretariat", "office": "executive director", "person": "p-7f3a"},
    "institution.office-left": {"institution": "kcac-secretariat", "office": "executive director", "person": "p-7f3a"},
    "institution.work-plan-adopted": {"institution": "kcac-secretariat", "period": "2018/2020"},
    "institution.suspended": {"institution": "kcac-secretariat"},
    "institution.resumed": {"institution": "kcac-secretariat"},
    "institution.dissolved": {"institution": "kcac-secretariat"},
    "institution.succeeded": {"institution": "kcac-secretariat", "successor": "kcac-forum-office"},
    "meeting.held": {
        "meeting": "kcac-forum/10",
        "kind": "forum",
        "level": "deputy-minister",
        "level_as_worded": "vice-minister",
        "mode": "in-person",
        "series": "kcac-forum",
        "ordinal": 10,
    },
    "meeting.delegation-attended": {
        "meeting": "kcac-forum/10",
        "party": "KZ",
        "head": "p-b5a6",
        "head_as_written": "Әлібек Бақаев",
        "ranks": ["director-general", "special-envoy"],
        "rank_as_worded": "Director General",
        "mode": "in-person",
    },
    "meeting.topic-discussed": {"meeting": "kcac-forum/10", "topic": "water management"},
    "meeting.statement-made": {
        "about": "country:KP",
        "topic": "DPRK nuclear issue",
        "position": "All parties called for full implementation of resolution 2270.",
    },
    "relations.state-recognised": {"relationship": "KR-KZ"},
    "relations.established": {"relationship": "KR-KZ"},
    "relations.level-declared": {
        "relationship": "KR-UZ",
        "level": "special strategic partnership",
        "document": "joint-declaration-kr-uz-2017",
    },
    "relations.suspended": {"relationship": "KR-KZ"},
    "relations.severed": {"relationship": "KR-KZ"},
    "relations.restored": {"relationship": "KR-KZ"},
    "relations.mission-opened": {"relationship": "KR-TJ", "kind": "non-resident-embassy", "place": "tashkent"},
    "relations.mission-closed": {"relationship": "KR-TJ", "kind": "non-resident-embassy", "place": "tashkent"},
    "relations.visit-paid": {"visit": "kr-head-of-state/kz-2019", "rank": "head-of-state", "status": "state"},
    "relations.anniversary-marked": {
        "subject": "relationship:KG-KR",
        "of": "diplomatic relations",
        "count": 25,
    },
    "identity.name-used": {"subject": "place:astana", "name": "Нұр-Сұлтан", "script": "Cyrl", "language": "kk"},
    "identity.person-named": {"person": "p-7f3a", "name": "홍길동", "script": "Hang"},
    "figures.reported": {
        "subject": "meeting:kcac-forum/10",
        "measure": "attendance",
        "value": "150",
        "unit": "persons",
        "scope": "all sessions",
        "qualifier": "about",
    },
}
"""Wire name → plain fields, all of them."""

_AGENCY: Final[Plain] = {
    "publisher": "Yonhap",
    "published": "2016-11-16",
    "title": "Korea, Central Asia to launch secretariat",
    "url": "https://example.org/news?id=20161116",
    "author": "Lee H.",
    "language": "en",
    "quote": "set for launch in the later half of 2017",
    "kind": "agency",
    "digest": "5d41402abc4b2a76b9719d911017c592ae7c52b5a40e1d4f5cbb1c4f1c8f1b2a",
}
_REPRINT: Final[Plain] = {"publisher": "SGGP News", "published": "2016-11", "relays": "Yonhap", "kind": "reprint"}
_WHENS: Final = ("2016-11-15", "2017", "2017-41", "2016-11-13~", "2017-07/2017-12", "201X", "2017-05-XX?")
_ASSERTIONS: Final = ("OCCURRED", "PLANNED", "PROPOSED", "HOLDS", "DENIED")


def claim_of(name: str, roles: tuple[str, ...]) -> Plain:
    """The plain claim of the vector of an event: everything that a claim can hold, turn by turn."""
    turn = list(EVENTS).index(name)
    claim: Plain = {
        "assertion": _ASSERTIONS[turn % 5],
        "event": {"type": name, **EVENTS[name]},
        "when": _WHENS[turn % 7],
        "sources": [_AGENCY, _REPRINT] if turn % 2 else [_AGENCY],
    }
    if turn % 3:
        claim["where"] = ({"country": "KR", "place": "seoul"}, {"meeting": "kcac-forum/10"})[turn % 2]
    if turn % 4 == 1:
        claim["stated"], claim["stated_by"] = "2016-11-15", "institution:korea-foundation"
    if roles:
        claim["parties"] = [
            {"party": party, "role": role} for party, role in zip(("KR", "KZ", "KG"), roles, strict=False)
        ]
    if turn % 2 == 0:
        claim["note"] = f"The recorder's words, no. {turn}."
    return claim


_PLACE: Final[Plain] = {
    "origin": "forum.example.org/2026-k3f9",
    "id": "01586478-3800-7000-8000-000000000001",
    "recorder": "unnamed",
    "recorded_at": "2016-11-18T09:00:00.000000Z",
    "position": 0,
}
_OPENED: Final[Plain] = {
    "assertion": "PLANNED",
    "event": {"type": "institution.opened", "institution": "kcac-secretariat"},
    "sources": [{"publisher": "MOFA", "kind": "primary"}],
}
_TARGET: Final = "01586478-3800-7000-8000-0000000000aa"
_OTHER: Final = "01586478-3800-7000-8000-0000000000bb"

ENVELOPE: Final[dict[str, Plain]] = {
    "bare": {"about": "The smallest leaf: nothing sealed, no key, nobody named.", "claim": _OPENED, **_PLACE},
    "sealed": {
        "about": "Texts of every kind behind commitments: quotes, backslashes, tabs, line ends, Hangul, emoji.",
        "claim": {
            "assertion": "OCCURRED",
            "event": {"type": "identity.person-named", "person": "p-7f3a", "name": '이하나 \\ "Hana"'},
            "sources": [
                {"publisher": "MOFA", "kind": "primary"},
                {
                    "publisher": "Korea.net",
                    "kind": "press",
                    "title": "🕊 Ties",
                    "author": "Lee\u2028Hana",
                    "quote": "a/b~c",
                },
            ],
            "note": "first line\n\tsecond line \u00e9 e\u0301 \ufb33 \U0010ffff",
        },
        **_PLACE,
    },
    "once": {
        "about": "An entry of a call that was made under a key.",
        "claim": _OPENED,
        **_PLACE,
        "once": ['보도 2016-11-15 "a"', 1, 3],
    },
    "clamped": {
        "about": "The clock went back; the greatest position; the longest recorder.",
        "claim": _OPENED,
        **_PLACE,
        "position": 2**53 - 1,
        "recorded_clamped": True,
        "recorder": "r" * 31 + " ~" + "s" * 31,
        "recorded_at": "9999-12-31T23:59:59.999999Z",
    },
    "not-ascii": {
        "about": "Public labels of several scripts stand in the leaf as they are, never escaped or normalised.",
        "claim": {
            "assertion": "HOLDS",
            "event": {
                "type": "identity.name-used",
                "subject": "place:astana",
                "name": "한글 Ästana A\u030astana 🏙 \u2028|",
            },
            "when": "2016",
            "sources": [{"publisher": "Қазинформ", "kind": "agency"}],
        },
        **_PLACE,
        "position": 12_345,
        "recorder": 'desk 2, shift "b" \\ night',
    },
    "act.correction": {
        "about": "The whole corrected claim; type and version of its event stand beside it, as in a leaf.",
        "act": {
            "type": "act.correction",
            "target": _TARGET,
            "claim": {**_OPENED, "note": "The year was misread.", "when": "2017"},
            "reason": "A slip.",
            "sources": [{"publisher": "MOFA", "kind": "primary", "title": "Erratum"}],
        },
        **_PLACE,
    },
    "act.retraction": {
        "about": "A coded reason, a sealed note, and a document.",
        "act": {
            "type": "act.retraction",
            "target": _TARGET,
            "reason": "source-withdrawn",
            "sources": [{"publisher": "MOFA", "kind": "primary"}],
            "note": "The release was taken down.",
        },
        **_PLACE,
    },
    "act.duplicate": {
        "about": "Two entries, no text.",
        "act": {"type": "act.duplicate", "target": _TARGET, "of": _OTHER},
        **_PLACE,
    },
    "act.merge": {
        "about": "Two subjects are one.",
        "act": {
            "type": "act.merge",
            "subjects": ["institution:kcac-office", "institution:kcac-bureau"],
            "into": "institution:kcac-secretariat",
            "reason": "Three spellings of one body.",
        },
        **_PLACE,
    },
    "act.resolution": {
        "about": "A conflict decided for one of its claims.",
        "act": {
            "type": "act.resolution",
            "claims": [_TARGET, _OTHER],
            "chosen": _OTHER,
            "rationale": "The ministry counted registrations.",
        },
        **_PLACE,
    },
    "act.redaction": {
        "about": "Which sealed fields are erased, on what ground, ordered by whom.",
        "act": {
            "type": "act.redaction",
            "target": _TARGET,
            "paths": ["/event/head_as_written", "/note"],
            "basis": "GDPR article 17",
            "authority": "data-protection-desk",
        },
        **_PLACE,
    },
    "unknown-type": {
        "about": "A newer writer's event: it is read whole, as what it is not known to mean.",
        "value": {
            "body": {"assertion": "OCCURRED", "event": {"initiative": "x", "speed": 3}, "sources": [{"odd": [None]}]},
            "sealed": {},
            "type": "initiative.teleported",
            "v": 1,
            "version": 7,
            **_PLACE,
        },
        "unknown": ["initiative.teleported", 7],
    },
    "canonical-form": {
        "about": "JSON texts and the canonical bytes of what they say (RFC 8785 without fractions).",
        "texts": [
            "null",
            " [ true , false ] ",
            "[9007199254740991,-9007199254740991,0]",
            '{"b":1,"a":{"d":[],"c":{}}}',
            '{"\\uffff":1,"\\ud83d\\ude00":2,"z":3,"":4,"10":5,"9":6}',
            '"\\u0001\\b\\t\\n\\f\\r\\u001f\\"\\\\\\/\\u007f\\u2028\\u00e9e\\u0301"',
        ],
    },
}
"""Name → a frozen case: a claim or an act with its place, a whole leaf, or texts."""
