"""Who sent it: number, address, NPI or name against the directory. Weak: offices share and spoof numbers."""

from gateway.domain.directory import Recipient
from gateway.domain.evidence import Evidence
from gateway.domain.matching.names import folded
from gateway.domain.matching.rule import Finding
from gateway.domain.referral import Referral

_NUMBER, _NPI, _NAME, _DOMAIN, _STRANGER = 4.0, 4.0, 1.5, 2.5, -0.7  # one office in fifty has this number
_SIGNED = 0.5  # a From that nobody signed is right nearly always too
_TITLES = frozenset(
    {"dr", "doctor", "md", "do", "phd", "np", "pa", "rn", "dpm", "dds", "pt", "mr", "mrs", "ms", "prof", "facc", "facs"}
    | {"the", "and", "of", "inc", "llc", "pc"}
)
_MAIL_FOR_ALL = frozenset({"gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "aol.com", "icloud.com"})


class BySender:
    """It came from the office this referral went to."""

    def judge(self, evidence: Evidence, referral: Referral, recipient: Recipient) -> tuple[Finding, ...]:
        """The strongest of what the sender's traces say, and whether its domain signed the mail."""
        del referral
        found = self._traces(evidence, recipient)
        theirs = recipient.email.casefold().partition("@")[2]
        signed = evidence.vouched_domain
        is_signed = bool(signed) and theirs not in _MAIL_FOR_ALL and (theirs == signed or theirs.endswith("." + signed))
        if not is_signed or any(one.is_stranger for one in found):
            return found
        if evidence.is_vouched_by_certificate:
            return (*found, Finding(_SIGNED, f"this office's certificate signed it ({signed}, S/MIME)"))
        return (*found, Finding(_SIGNED, f"this office's mail domain signed it ({signed})"))

    def _traces(self, evidence: Evidence, recipient: Recipient) -> tuple[Finding, ...]:
        sender = evidence.sender.casefold()
        if sender and sender in (recipient.fax, recipient.email.casefold()):
            what = "address" if "@" in sender else "fax number"
            return (Finding(_NUMBER, f"the {what} it came from is this office's"),)
        if recipient.npi and recipient.npi in evidence.specialist_npis:
            return (Finding(_NPI, "the specialist's NPI is this office's"),)
        if _is_same_domain(sender, recipient.email.casefold()):
            return (Finding(_DOMAIN, "it came from this office's mail domain"),)
        names = (recipient.name, recipient.organization)
        if any(_is_same_office(name, said) for name in names for said in evidence.specialists):
            return (Finding(_NAME, "the letter names this office"),)
        if sender:
            return (Finding(_STRANGER, "it did not come from this office's number or address", is_stranger=True),)
        if evidence.specialists:
            return (Finding(_STRANGER, "the letter names another office", is_stranger=True),)
        return ()


def _is_same_office(name: str, said: str) -> bool:
    """Whether every word of the shorter name, titles aside, stands in the longer one; one word alone is too little."""
    a, b = _words(name), _words(said)
    return bool(a) and (a == b or (min(len(a), len(b)) > 1 and (a <= b or b <= a)))


def _words(name: str) -> set[str]:
    return {word for word in folded(name).split() if len(word) > 1} - _TITLES


def _is_same_domain(sender: str, known: str) -> bool:
    domain = known.partition("@")[2]
    return bool(domain) and domain not in _MAIL_FOR_ALL and sender.endswith("@" + domain)
