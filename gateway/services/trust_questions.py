"""What of a transaction is about trust: verdicts of a virus scanner, text messages, certificates of addresses."""

from typing import Protocol

from gateway.domain.certificate import Certificate
from gateway.domain.event import Event
from gateway.services.scanning import ScanningTransaction
from gateway.services.text_questions import TextTransaction


class TrustTransaction(ScanningTransaction, TextTransaction, Protocol):
    """Verdicts and certificates."""

    def save_certificate(self, certificate: Certificate, event: Event) -> None:
        """Keep it for its address, in place of an older one."""
        ...

    def remove_certificate(self, address: str, event: Event) -> None:
        """Forget it. Raises NotFound."""
        ...

    def certificate_of(self, address: str) -> Certificate | None:
        """The one on file for a mail address."""
        ...

    def certificates(self) -> list[Certificate]:
        """All, by address."""
        ...
