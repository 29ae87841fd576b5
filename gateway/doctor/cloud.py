"""A cloud carrier: whether it knows our key, asked by a list of what came in just now, which changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from outbound.carriers.cloud_received import CloudFax
from outbound.errors import CarrierBusy, CarrierRefused, CarrierTrouble, CarrierUnreachable


class Listing(Protocol):
    """A carrier that lists what it received."""

    @property
    def name(self) -> str:
        """The carrier's name in settings."""
        ...

    async def received_since(self, since: datetime) -> Sequence[CloudFax]:
        """The list. Raises CarrierTrouble."""
        ...


_SECRET = {"sinch": "sinch_secret", "telnyx": "telnyx_key", "signalwire": "signalwire_token"}


@dataclass(frozen=True, slots=True)
class CloudCarrierCheck:
    """One carrier with our account."""

    carrier: Listing
    name: str = "carrier"
    limit_s: float = 90.0

    async def run(self, tell: Tell) -> list[Finding]:
        """Ask once."""
        who = self.carrier.name
        tell(f"asking {who} for its list")
        try:
            await self.carrier.received_since(datetime.now(UTC))
        except CarrierRefused as error:
            return [fault(f"{who}: {error}", self._refused(error.status))]
        except CarrierBusy as error:
            return [doubt(f"{who}: {error}", "too many questions from this account: wait, and raise fax.poll_seconds")]
        except CarrierUnreachable as error:
            mend = f"may this machine reach {who}'s address (fax.{who}.url) over https? look at DNS and firewall"
            return [fault(f"{who}: {error}", mend)]
        except CarrierTrouble as error:
            return [fault(f"{who}: {error}", f"look at {who}'s status page, and try again")]
        return [well(f"{who} knows our key")]

    def _refused(self, status: int) -> str:
        who = self.carrier.name
        if status in (401, 403):
            return f"correct credential {_SECRET[who]} and the ids in [fax.{who}]: docs/cloud-fax.md"
        if status == 402:
            return f"top up the account at {who}"
        if status == 404:
            return f"{who} does not know the project or application named in [fax.{who}]"
        return f"compare [fax.{who}] with docs/cloud-fax.md"
