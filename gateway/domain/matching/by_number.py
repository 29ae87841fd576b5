"""The referral number in the text, with a good check character."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.rule import Finding, Identifier
from gateway.domain.referral import Referral

_WEIGHT = 8.0


class ByNumber:
    """The referral's number is written in the text."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """A random misreading passes the check once in 32 and then hits an open number hardly ever."""
        del recipient
        if referral.number in evidence.numbers:
            return (Finding(_WEIGHT, "the referral number is written on it", Identifier.NUMBER),)
        return ()
