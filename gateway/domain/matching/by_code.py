"""The printed code: proof that the page came out of our packet."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.rule import Finding, Identifier
from gateway.domain.referral import Referral

_PROOF = 16.0
_UNVERIFIED = 5.0


class ByCode:
    """The page carries this referral's code."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """A verified code is proof; one whose signature does not hold may be anybody's print."""
        del recipient
        code = evidence.code
        if code is None:
            return ()
        if code.number != referral.number:
            if code.verified:
                return (Finding(-_PROOF, "the page carries another referral's code", is_against=True),)
            return ()
        if code.verified:
            return (Finding(_PROOF, "the code printed on the page is this referral's", Identifier.PROOF),)
        return (Finding(_UNVERIFIED, "an unsigned code names this referral", Identifier.NUMBER),)
