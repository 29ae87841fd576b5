"""Whether carriers reach us: what nobody signed, sent to the public address, must be refused by ourselves."""

from dataclasses import dataclass

from gateway.doctor.finding import Finding, Tell, doubt, fault, well
from outbound.carriers.cloud_http import CloudHttp
from outbound.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierTrouble


@dataclass(frozen=True, slots=True)
class CallbackCheck:
    """Tried from this machine: a name or a firewall that differs outside is not seen."""

    public_url: str
    carrier: str
    listen: str
    name: str = "callbacks"
    limit_s: float = 90.0

    async def run(self, tell: Tell) -> list[Finding]:
        """One request, which changes nothing."""
        tell(f"calling {self.public_url}")
        try:
            await CloudHttp(self.public_url).ask("POST", f"/callbacks/{self.carrier}")
        except CarrierRefused as error:
            return [self._refused(error.status)]
        except (CarrierBusy, CarrierSilent) as error:
            mend = f"start the daemon, and lead the proxy to fax.callbacks.listen ({self.listen})"
            return [fault(f"a proxy answers at {self.public_url}, and nobody behind it: {error}", mend)]
        except CarrierTrouble as error:
            mend = "its name must lead to your proxy, whose certificate must be good, and port 443 be open"
            return [fault(f"nobody answers at {self.public_url}: {error}", mend)]
        mend = "something else answers there: lead the proxy to fax.callbacks.listen"
        return [fault(f"{self.public_url} takes a callback that nobody signed", mend)]

    def _refused(self, status: int) -> Finding:
        if status == 403:
            return well(f"{self.public_url} leads to us, and refuses what is not signed")
        what = f"{self.public_url} answers {status} where our listener would answer 403"
        mend = f"pass path and query on unchanged to fax.callbacks.listen ({self.listen})"
        return fault(what, mend) if status != 429 else doubt(what, mend)
