"""The reply's thread: it answers a mail of ours, by a signed token or our Message-ID."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.rule import Finding, Identifier
from gateway.domain.referral import Referral

_PROOF = 14.0


class ByThread:
    """It is a reply to what we sent for this referral."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """A page of ours attached to the answer of another mail is what its own code says; words are not."""
        del recipient
        if referral.number in evidence.thread_numbers:
            return (Finding(_PROOF, "it replies to our mail about this referral", Identifier.PROOF),)
        is_page_of_ours = evidence.code is not None and evidence.code.verified
        if evidence.thread_numbers and not is_page_of_ours:
            return (Finding(-_PROOF / 2, "it replies to our mail about another referral", is_against=True),)
        return ()
