"""What the pages know of the clinic and of the way they are reached; values of the settings."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """The clinic's name and zone; `names` are host names answered to besides this machine's own."""

    clinic: str
    zone: ZoneInfo
    names: frozenset[str] = frozenset()
    is_secure: bool = False  # browsers come by https only
    api_per_minute: int = 600  # requests of one token
    provider: str = ""  # how the log-in page calls the account elsewhere; empty without one
    has_passwords_for_all: bool = True  # else for administrators alone

    @classmethod
    def of(cls, settings: Settings, zone: ZoneInfo) -> "House":
        """From the settings."""
        names = frozenset(name.lower() for name in settings.web.names)
        web = settings.web
        oidc = settings.oidc
        return cls(
            settings.clinic.name,
            zone,
            names,
            web.is_secure,
            web.api_per_minute,
            provider=oidc.label if oidc.issuer else "",
            has_passwords_for_all=oidc.local_passwords == "everybody" or not oidc.issuer,
        )

    @property
    def cookie(self) -> str:
        """The stay's cookie. Where it can be, its name makes browsers keep it to this host and to https."""
        return "__Host-referloop" if self.is_secure else "referloop"
