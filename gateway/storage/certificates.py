"""Certificates by mail address, on one transaction's connection."""

from typing import Any

from sqlalchemy import Row, delete, insert, select

from gateway.domain.certificate import Certificate
from gateway.domain.event import Event
from gateway.errors import NotFound
from gateway.storage.chain import EventRows
from gateway.storage.trust_tables import certificates


class CertificateRows(EventRows):
    """Whose certificates are on file."""

    def save_certificate(self, certificate: Certificate, event: Event) -> None:
        """Keep it for its address, in place of an older one."""
        self._connection.execute(delete(certificates).where(certificates.c.address == certificate.address))
        self._connection.execute(
            insert(certificates).values(
                address=certificate.address,
                pem=certificate.pem,
                not_after=certificate.not_after,
                saved_by=certificate.saved_by,
                saved_at=certificate.saved_at,
            )
        )
        self.append(event)

    def remove_certificate(self, address: str, event: Event) -> None:
        """Forget it. Raises NotFound."""
        if self._connection.execute(delete(certificates).where(certificates.c.address == address)).rowcount != 1:
            raise NotFound(f"no certificate is on file for {address}: see `referloop certificate list`")
        self.append(event)

    def certificate_of(self, address: str) -> Certificate | None:
        """The one on file for a mail address."""
        found = self._connection.execute(select(certificates).where(certificates.c.address == address.lower()))
        row = found.one_or_none()
        return _certificate(row) if row else None

    def certificates(self) -> list[Certificate]:
        """All, by address."""
        return [_certificate(row) for row in self._connection.execute(select(certificates).order_by("address"))]


def _certificate(row: Row[Any]) -> Certificate:
    return Certificate(row.address, row.pem, row.not_after, row.saved_by, row.saved_at)
