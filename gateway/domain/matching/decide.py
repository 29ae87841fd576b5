"""File or ask: the one place that decides, and says why.

A wrong match is worse than no match. Filed without a person only if proof or two independent identifiers
agree, nothing contradicts, the posterior clears the threshold and the runner-up is far behind.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.vocabulary import DocumentKind, ServiceKind
from gateway.domain.answers import REPORTS, says_booked, tells_of_progress_only
from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.by_code import ByCode
from gateway.domain.matching.by_context import ByContext
from gateway.domain.matching.by_number import ByNumber
from gateway.domain.matching.by_patient import ByPatient
from gateway.domain.matching.by_sender import BySender
from gateway.domain.matching.by_thread import ByThread
from gateway.domain.matching.rule import Finding, Identifier, Rule
from gateway.domain.referral import FINAL, Referral, Status

RULES: tuple[Rule, ...] = (ByCode(), ByThread(), ByNumber(), ByPatient(), BySender(), ByContext())
_PRIOR = -7.0  # before any evidence, one referral in a thousand is meant
_VISITS = frozenset({ServiceKind.SPECIALIST_CONSULT, ServiceKind.THERAPY, ServiceKind.COMMUNITY_RESOURCE})
_NONE_OF_OURS = 0.0  # the weight of "it belongs to no referral of ours", always a candidate


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure is sure."""

    posterior: float = 0.99
    lead: float = 3.0  # natural log of how many times likelier than the runner-up (about 20)
    kind: float = 0.5  # below this the kind of document is a guess


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its posterior and what speaks for and against it."""

    referral: Referral
    posterior: float
    findings: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """Sure enough: file on these."""

    referrals: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A person decides; `reason` says why, the best guess comes first."""

    ranked: tuple[Ranked, ...]
    reason: str


Decision = File | Review


@dataclass(frozen=True, slots=True)
class _Weighed:
    referral: Referral
    weight: float
    found: tuple[Finding, ...]

    @property
    def identifiers(self) -> frozenset[Identifier]:
        return frozenset(f.identifies for f in self.found if f.identifies and not f.is_against)

    @property
    def is_identified(self) -> bool:
        """By proof, or by two things that a twin, or a father of the same name, does not share. They share a phone."""
        found = self.identifiers
        sure = found - {Identifier.PROOF, Identifier.PHONE}
        is_ours = Identifier.PHONE in found and bool(found & {Identifier.NUMBER, Identifier.MRN})
        return Identifier.PROOF in found or len(sure) > 1 or is_ours

    @property
    def is_named(self) -> bool:
        """Whether the paper names the referral itself, not only its patient."""
        return bool(self.identifiers & {Identifier.PROOF, Identifier.NUMBER})

    @property
    def is_numbered(self) -> bool:
        return Identifier.NUMBER in self.identifiers

    @property
    def is_from_stranger(self) -> bool:
        return any(f.is_stranger for f in self.found)

    @property
    def contradictions(self) -> tuple[str, ...]:
        return tuple(f.sentence for f in self.found if f.is_against)


def decide(evidence: Evidence, candidates: Sequence[tuple[Referral, Recipient]], thresholds: Thresholds) -> Decision:
    """Where this document goes, by everything it claims."""
    weighed = sorted((_weigh(evidence, *pair) for pair in candidates), key=lambda w: w.weight, reverse=True)
    ranked = _rank(weighed)
    if not weighed or not any(f.identifies for w in weighed for f in w.found):
        return Review(ranked, "; ".join(("names no referral of ours", *evidence.doubts)))
    best = weighed[0]
    if reason := _why_not(evidence, best, weighed[1:], ranked[0].posterior, thresholds):
        return Review(ranked, reason)
    return File((ranked[0],))


def _weigh(evidence: Evidence, referral: Referral, recipient: Recipient) -> _Weighed:
    found = tuple(finding for rule in RULES for finding in rule.judge(evidence, referral, recipient))
    return _Weighed(referral, _PRIOR + sum(f.weight for f in found), found)


def _rank(weighed: Sequence[_Weighed]) -> tuple[Ranked, ...]:
    top = max([_NONE_OF_OURS, *[w.weight for w in weighed]])
    total = math.exp(_NONE_OF_OURS - top) + sum(math.exp(w.weight - top) for w in weighed)
    return tuple(
        Ranked(
            referral=w.referral,
            posterior=math.exp(w.weight - top) / total,
            findings=tuple(f.sentence for f in w.found if not f.is_against),
            against=w.contradictions,
        )
        for w in weighed
    )


def _why_not(
    evidence: Evidence, best: _Weighed, others: Sequence[_Weighed], posterior: float, thresholds: Thresholds
) -> str:
    """The first reason a person must look; empty if there is none."""
    mailed_about_mail = evidence.kind in (DocumentKind.BOUNCE, DocumentKind.AUTO_REPLY)
    is_unclear = evidence.kind is DocumentKind.OTHER or evidence.kind_confidence < thresholds.kind
    runner_up = max((w.weight for w in others), default=-math.inf)
    elsewhere = [w for w in others if Identifier.NUMBER in w.identifiers]
    checks = (
        (bool(best.contradictions), "; ".join(best.contradictions)),
        (bool(elsewhere) and not best.is_numbered, "the number of another referral is written on it"),
        (evidence.text_disagrees, "its text layer says other than its page shows"),
        (evidence.is_partial, "the fax was cut off: pages are missing"),
        (bool(evidence.doubts), "; ".join(evidence.doubts)),
        (not best.is_identified, "too little says whose it is: one identifier is not enough"),
        (best.weight - runner_up < thresholds.lead, "several referrals fit about equally well"),
        (posterior < thresholds.posterior, f"not sure enough ({posterior:.0%})"),
        (_comes_too_late(evidence, best.referral), f"the referral it fits is already {best.referral.status.value}"),
        (_is_before_asking(evidence, best.referral), "it books a day before the referral was sent"),
        (is_unclear and not mailed_about_mail, "unclear what kind of document it is"),
        (evidence.kind is DocumentKind.NEW_REFERRAL, "looks like a new referral, not an answer"),
        (
            not best.is_named and best.is_from_stranger,
            "it names the patient, but is not from the office that was asked",
        ),
        (
            evidence.kind in REPORTS and best.is_from_stranger and best.identifiers == frozenset({Identifier.PROOF}),
            "a report that names no patient, and not from the office that was asked: was our page used again?",
        ),
        (
            not best.is_named and _is_of_another_service(evidence, best.referral),
            "a result, where a visit was asked for",
        ),
    )
    return next((text for is_so, text in checks if is_so), "")


def _is_before_asking(evidence: Evidence, referral: Referral) -> bool:
    """Whether the appointment lies before the packet that asked for it: then a figure of its date was misread.

    Paper names days of the clinic's zone, so a day more is allowed.
    """
    if evidence.appointment_at is None or referral.sent_at is None or not says_booked(evidence):
        return False
    return evidence.appointment_at.date() < referral.sent_at.date() - timedelta(days=1)


def _is_of_another_service(evidence: Evidence, referral: Referral) -> bool:
    """A laboratory's result for a patient whom a specialist should see is not the specialist's report."""
    return evidence.kind is DocumentKind.RESULT and referral.intake.service in _VISITS


def _comes_too_late(evidence: Evidence, referral: Referral) -> bool:
    """Whether a person must look because the referral has ended.

    Not for a "received" or "booked" that came before the report closed the referral and was only read after it.
    """
    if referral.status not in FINAL:
        return False
    is_overtaken = (
        referral.status is Status.CLOSED
        and referral.closed_at is not None
        and evidence.received_at <= referral.closed_at
        and tells_of_progress_only(evidence)
    )
    return not is_overtaken
