"""The printed code: proof that the page came out of our packet."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.rule import Finding, Identifier
from gateway.domain.referral import Referral

_PROOF = 16.0
_UNSIGNED = 5.0
_FOREIGN = -1.0


class ByCode:
    """The page carries this referral's code."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """A verified code is proof; one whose signature does not hold is another clinic's or a forger's print.

        Nobody misreads a signature: the symbols correct their own errors. So it is for a person, whatever agrees.
        """
        del recipient
        code = evidence.code
        if code is None:
            return ()
        if not code.verified:
            is_named = code.number == referral.number
            what = "names this referral but is not signed by this clinic" if is_named else "is not this clinic's"
            return (Finding(_UNSIGNED if is_named else _FOREIGN, f"the page's code {what}", is_against=True),)
        if code.number != referral.number:
            return (Finding(-_PROOF, "the page carries another referral's code", is_against=True),)
        return (Finding(_PROOF, "the code printed on the page is this referral's", Identifier.PROOF),)
