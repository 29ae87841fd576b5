"""A clinic's fax line as values: who carries faxes, and with which account. Part of `config/settings.py`."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator, model_validator

from config.section import Section


def _is_carrier_url(value: str) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError as error:
        raise ValueError("write an address like https://example.signalwire.com") from error
    if host == "twilio.com" or host.endswith(".twilio.com"):
        raise ValueError("Twilio ended Programmable Fax on 17 December 2021: use sinch, telnyx or signalwire")
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host))):
        raise ValueError("faxes are patient data: the address begins with https://")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


OptionalFolder = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
"""A folder that may be left out; an empty string leaves it out."""

CarrierUrl = Annotated[str, AfterValidator(_is_carrier_url)]
"""An https address; http for a server on this machine. Twilio's are refused with the reason."""


class HylafaxSettings(Section):
    """HylaFAX's server, where the carrier is hylafax: docs/hylafax.md."""

    host: str = Field(default="localhost", description="Where hfaxd listens; its protocol is not encrypted.")
    port: int = Field(default=4559, ge=1, le=65535, description="hfaxd's port.")
    username: str = Field(default="referloop", description="Owner of our jobs; a name in hosts.hfaxd.")
    password: SecretStr = Field(default=SecretStr(""), description="Better given as credential hylafax_password.")
    admin_password: SecretStr = Field(
        default=SecretStr(""),
        description="Lets received faxes be deleted there once they are ours. Better as credential hylafax_admin.",
    )
    kill_hours: int = Field(default=3, ge=1, le=72, description="HylaFAX gives a job up after this.")
    max_dials: int = Field(default=6, ge=1, le=12, description="Calls in all for one packet.")
    notes_dir: OptionalFolder = Field(
        default=None, description="Where the receive hook leaves notes, if it is installed: /var/lib/referloop-hylafax."
    )
    max_tries: int = Field(default=3, ge=1, le=12, description="Calls that a fax machine answered.")


class SinchSettings(Section):
    """Sinch, where the carrier is sinch: docs/cloud-fax.md."""

    url: CarrierUrl = Field(default="https://fax.api.sinch.com", description="Sinch's fax API, or that of a region.")
    project_id: str = Field(default="", description="The project in Sinch's dashboard.")
    key_id: str = Field(default="", description="An access key of the project.")
    key_secret: SecretStr = Field(default=SecretStr(""), description="Better given as credential sinch_secret.")


class TelnyxSettings(Section):
    """Telnyx, where the carrier is telnyx: docs/cloud-fax.md."""

    url: CarrierUrl = Field(default="https://api.telnyx.com", description="Telnyx's API.")
    api_key: SecretStr = Field(default=SecretStr(""), description="Better given as credential telnyx_key.")
    connection_id: str = Field(default="", description="The fax application's id.")
    public_key: str = Field(default="", description="Checks callbacks; base64, from Telnyx's portal.")
    media_hosts: list[str] = Field(
        default_factory=lambda: ["s3.amazonaws.com"], description="Hosts that received faxes are fetched from."
    )


class SignalWireSettings(Section):
    """SignalWire, where the carrier is signalwire: docs/cloud-fax.md."""

    url: CarrierUrl = Field(default="", description="Your space, like https://example.signalwire.com.")
    project_id: str = Field(default="", description="The project's id.")
    token: SecretStr = Field(default=SecretStr(""), description="Better given as credential signalwire_token.")
    signing_key: SecretStr = Field(
        default=SecretStr(""), description="Checks callbacks. Better given as credential signalwire_signing_key."
    )
    media_hosts: list[str] = Field(
        default_factory=lambda: ["files.signalwire.com"], description="Hosts that received faxes are fetched from."
    )


class FaxByEmailSettings(Section):
    """A fax-by-email service, where the carrier is email: docs/cloud-fax.md."""

    address: str = Field(
        default="",
        description="Where faxes are mailed: {number}@sinchfax.com; {digits} is without the plus.",
    )
    subject: str = Field(
        default="Referral {reference}", description="Subject of these mails; may hold {own_number} and {reference}."
    )
    results_from: list[str] = Field(
        default_factory=list[str], description="Domains whose mails say how a fax went, like sinch.com."
    )

    @field_validator("address", "subject")
    @classmethod
    def _is_pattern(cls, value: str) -> str:
        try:
            value.format(number="1", digits="1", own_number="1", reference="1")
        except (ValueError, LookupError, AttributeError) as error:
            raise ValueError("it may hold {number}, {digits}, {own_number} and {reference}, nothing else") from error
        return value


class CallbackSettings(Section):
    """Where cloud carriers reach the clinic; off without a public URL: docs/cloud-fax.md."""

    public_url: str = Field(
        default="", description="https://fax.clinic.example: leads to the listener. Empty: carriers are only asked."
    )
    listen: str = Field(
        default="127.0.0.1:8471", description="The listener's address and port; a proxy in front of it speaks TLS."
    )
    password: SecretStr = Field(
        default=SecretStr(""), description="With it Sinch calls. Better given as credential callback_password."
    )

    @field_validator("public_url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        if value and not value.startswith("https://"):
            raise ValueError("callbacks carry patient data: the public URL begins with https://")
        return value.rstrip("/")

    @field_validator("listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        host, port = address_of(value)
        if not host or not 0 <= port <= 65535:
            raise ValueError("write an address and a port, like 127.0.0.1:8471 or [::1]:8471")
        return value


def address_of(listen: str) -> tuple[str, int]:
    """Host and port of what `listen` says; an empty host if it is no address."""
    host, _, port = listen.rpartition(":")
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]"))), int(port)
    except ValueError:
        return "", -1


class FaxSettings(Section):
    """The fax line."""

    carrier: Literal["none", "hylafax", "sinch", "telnyx", "signalwire", "email", "loopback"] = Field(
        default="none",
        description="Who carries faxes (docs/cloud-fax.md, docs/hylafax.md); loopback is simulated.",
    )
    poll_seconds: int = Field(
        default=1, ge=1, le=240, description="How often received faxes are fetched; at cloud carriers 15 or more."
    )
    delete_after_receipt: bool = Field(
        default=False, description="Delete received faxes at the cloud carrier once they are durably here."
    )
    test_unconfirmed_numbers: bool = Field(
        default=False, description="Send a page without patient data before the first packet to a new number."
    )
    set_aside_after: int = Field(
        default=3, ge=1, description="Packets in a row that a number did not take, until it is dialled no more."
    )
    loopback_exchange: Path = Field(default=Path("exchange"), description="The simulated exchange's folder.")
    hylafax: HylafaxSettings = Field(default_factory=HylafaxSettings, description="HylaFAX's server.")
    sinch: SinchSettings = Field(default_factory=SinchSettings, description="Sinch.")
    telnyx: TelnyxSettings = Field(default_factory=TelnyxSettings, description="Telnyx.")
    signalwire: SignalWireSettings = Field(default_factory=SignalWireSettings, description="SignalWire.")
    by_email: FaxByEmailSettings = Field(default_factory=FaxByEmailSettings, description="A fax-by-email service.")
    callbacks: CallbackSettings = Field(default_factory=CallbackSettings, description="Where carriers call back.")

    @model_validator(mode="after")
    def _carrier_is_whole(self) -> "FaxSettings":
        missing = {
            "sinch": {"project_id": self.sinch.project_id, "key_id": self.sinch.key_id},
            "telnyx": {"connection_id": self.telnyx.connection_id},
            "email": {"by_email.address": self.by_email.address},
            "signalwire": {"url": self.signalwire.url, "project_id": self.signalwire.project_id},
        }.get(self.carrier, {})
        for key, value in missing.items():
            if not value:
                section = "" if "." in key else f"{self.carrier}."
                raise ValueError(f"fax.{section}{key} is empty")
        if self.carrier == "signalwire" and not self.callbacks.public_url:
            raise ValueError("SignalWire fetches what it sends: fax.callbacks.public_url must be where it reaches us")
        return self
