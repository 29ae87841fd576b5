"""What of a transaction knows how calls to one number went, whoever they were for."""

from typing import Protocol

from gateway.domain.transmission import Transmission


class DialledTransaction(Protocol):
    """Questions about one fax number."""

    def faxes_to(self, number: str, limit: int = 100) -> list[Transmission]:
        """Every fax that was or is to be sent to a number, the newest first."""
        ...
