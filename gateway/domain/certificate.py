"""Certificates on file for mail addresses: whom a mail can be locked for, and whose signature is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One X.509 certificate (PEM) that a person of the clinic has put on file for an address."""

    address: str  # lower case
    pem: str
    not_after: datetime
    saved_by: str
    saved_at: datetime

    def warning(self, now: datetime) -> str:
        """What is to be done about its end, in words; empty while it is far off."""
        if self.not_after <= now:
            return f"the certificate of {self.address} ended on {self.not_after:%Y-%m-%d}: ask for the new one"
        if self.not_after - now <= EXPIRES_SOON:
            return f"the certificate of {self.address} ends on {self.not_after:%Y-%m-%d}: ask for the next one"
        return ""
