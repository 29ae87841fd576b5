"""Whether it fits: sent before it was answered, still open, and a report of the service asked for. Weak."""

from datetime import timedelta

from config.vocabulary import DocumentKind, ServiceKind
from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.rule import Finding
from gateway.domain.referral import FINAL, Referral, Status

_OLD = timedelta(days=2)


class ByContext:
    """Time, state and kind of service."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """Small weights only; none of this names a patient."""
        del recipient
        found: list[Finding] = []
        if referral.status in FINAL:
            found.append(Finding(-0.5, f"the referral is already {referral.status.value}"))
        if referral.sent_at is None and referral.status is Status.READY:
            found.append(Finding(-2.0, "the referral was not sent yet"))
        seen = max(evidence.dates, default=None)
        if seen and referral.sent_at and seen < (referral.sent_at - _OLD).date():
            found.append(Finding(-2.0, "its dates lie before the referral was sent"))
        if evidence.kind is DocumentKind.RESULT and referral.intake.service in (ServiceKind.LAB, ServiceKind.IMAGING):
            found.append(Finding(0.7, "a result is what this referral asks for"))
        return tuple(found)
