"""Which faxes went to one number, whoever they were for."""

from sqlalchemy import select

from config.vocabulary import Channel
from gateway.domain.transmission import Transmission
from gateway.storage.chain import EventRows
from gateway.storage.tables import transmissions
from gateway.storage.values import transmission_of


class DialledRows(EventRows):
    """Faxes by their number, on one transaction's connection."""

    def faxes_to(self, number: str, limit: int = 100) -> list[Transmission]:
        """Every fax that was or is to be sent to a number, the newest first."""
        query = (
            select(transmissions)
            .where(transmissions.c.destination == number, transmissions.c.channel == Channel.FAX.value)
            .order_by(transmissions.c.id.desc())
            .limit(limit)
        )
        return [transmission_of(row) for row in self._connection.execute(query)]
