"""Who sent it: number, address, NPI or name against the directory. Weak: offices share and spoof numbers."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.names import folded
from gateway.domain.matching.rule import Finding
from gateway.domain.referral import Referral

_NUMBER, _NPI, _NAME, _DOMAIN, _STRANGER = 2.5, 3.0, 1.5, 1.5, -0.7
_MAIL_FOR_ALL = frozenset({"gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "aol.com", "icloud.com"})


class BySender:
    """It came from the office this referral went to."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """The strongest of what the sender's traces say."""
        del referral
        sender = evidence.sender.casefold()
        if sender and sender in (recipient.fax, recipient.email.casefold()):
            what = "address" if "@" in sender else "fax number"
            return (Finding(_NUMBER, f"the {what} it came from is this office's"),)
        if recipient.npi and recipient.npi in evidence.specialist_npis:
            return (Finding(_NPI, "the specialist's NPI is this office's"),)
        if _is_same_domain(sender, recipient.email.casefold()):
            return (Finding(_DOMAIN, "it came from this office's mail domain"),)
        names = {folded(recipient.name), folded(recipient.organization)} - {""}
        if any(name in folded(said) or folded(said) in name for name in names for said in evidence.specialists if said):
            return (Finding(_NAME, "the letter names this office"),)
        if sender:
            return (Finding(_STRANGER, "it did not come from this office's number or address"),)
        return ()


def _is_same_domain(sender: str, known: str) -> bool:
    domain = known.partition("@")[2]
    return bool(domain) and domain not in _MAIL_FOR_ALL and sender.endswith("@" + domain)
