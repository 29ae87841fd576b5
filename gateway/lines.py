"""The clinic's lines: from settings to carriers, by plain constructor calls. Nothing is connected here.

A cloud carrier is imported when the settings name it: what it brings takes a tenth of the daemon's start.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from config.fax_settings import HylafaxSettings
from config.settings import Settings
from config.vocabulary import Channel
from gateway.mail_keys import smime_of
from gateway.mailboxes import mailboxes, smtp_account
from gateway.services.mail_grants import MailGrants
from outbound.callbacks import CallbackReader
from outbound.carriers.fax_by_email import FaxByEmail, FaxService
from outbound.carriers.hylafax import HylafaxFax
from outbound.carriers.hylafax_server import HylafaxAccount
from outbound.carriers.loopback import LoopbackFax
from outbound.carriers.media_shelf import MediaShelf
from outbound.mail import SmtpSender
from outbound.mail_routes import MailRoute, MailRoutes
from outbound.sender import Sender
from outbound.smime import CertificateOf

if TYPE_CHECKING:
    from outbound.carriers.signalwire import SignalWireSender
    from outbound.carriers.sinch import SinchSender
    from outbound.carriers.telnyx import TelnyxSender

FaxCarrier: TypeAlias = "LoopbackFax | HylafaxFax | SinchSender | TelnyxSender | SignalWireSender"
"""Each sends and receives; the daemon hands the same object to all its users."""


def fax_carrier(settings: Settings, now: Callable[[], datetime]) -> "FaxCarrier | None":
    """The fax line that the settings name, not yet opened."""
    clinic, fax = settings.clinic, settings.fax
    match fax.carrier:
        case "loopback":
            return LoopbackFax(fax.loopback_exchange, clinic.fax_number, now)
        case "hylafax":
            incoming = settings.storage.data_dir / "hylafax"
            return HylafaxFax(hylafax_account(fax.hylafax), clinic.fax_number, incoming, clinic.country)
        case "sinch":
            return _sinch(settings, now)
        case "telnyx":
            return _telnyx(settings, now)
        case "signalwire":
            return _signalwire(settings, now)
        case "email" | "none":  # what comes in by mail comes through the mailbox
            return None


def calls_back(carrier: "FaxCarrier | None") -> CallbackReader | None:
    """The carrier as one that calls us back, if it is."""
    return carrier if isinstance(carrier, CallbackReader) else None


def media_shelf(settings: Settings, now: Callable[[], datetime]) -> MediaShelf:
    """Where packets lie that a carrier is to fetch."""
    secret = hmac.new(settings.code_key.get_secret_value().encode(), b"media addresses", hashlib.sha256).digest()
    return MediaShelf(settings.storage.data_dir / "media", settings.fax.callbacks.public_url, secret, now)


def _callback_url(settings: Settings) -> str:
    public_url = settings.fax.callbacks.public_url
    return f"{public_url}/callbacks/{settings.fax.carrier}" if public_url else ""


def _sinch(settings: Settings, now: Callable[[], datetime]) -> "SinchSender":
    from outbound.carriers.sinch import SinchAccount, SinchSender

    clinic, fax = settings.clinic, settings.fax
    account = SinchAccount(
        project_id=fax.sinch.project_id,
        key_id=fax.sinch.key_id,
        key_secret=fax.sinch.key_secret.get_secret_value(),
        own_number=clinic.fax_number,
        header=f"{clinic.name} {clinic.fax_number}".strip(),
        zone=clinic.zone,
        url=fax.sinch.url,
        callback_url=_callback_url(settings),
        callback_password=fax.callbacks.password.get_secret_value(),
    )
    return SinchSender(
        account, settings.storage.data_dir / "sinch", now, deletes_after_receipt=fax.delete_after_receipt
    )


def _telnyx(settings: Settings, now: Callable[[], datetime]) -> "TelnyxSender":
    from outbound.carriers.telnyx import TelnyxAccount, TelnyxSender

    fax = settings.fax
    account = TelnyxAccount(
        api_key=fax.telnyx.api_key.get_secret_value(),
        connection_id=fax.telnyx.connection_id,
        own_number=settings.clinic.fax_number,
        public_key=fax.telnyx.public_key,
        url=fax.telnyx.url,
        media_hosts=tuple(fax.telnyx.media_hosts),
        callback_url=_callback_url(settings),
    )
    return TelnyxSender(
        account, settings.storage.data_dir / "telnyx", now, deletes_after_receipt=fax.delete_after_receipt
    )


def _signalwire(settings: Settings, now: Callable[[], datetime]) -> "SignalWireSender":
    from outbound.carriers.signalwire import SignalWireAccount, SignalWireSender

    fax = settings.fax
    account = SignalWireAccount(
        url=fax.signalwire.url,
        project_id=fax.signalwire.project_id,
        token=fax.signalwire.token.get_secret_value(),
        own_number=settings.clinic.fax_number,
        signing_key=fax.signalwire.signing_key.get_secret_value(),
        media_hosts=tuple(fax.signalwire.media_hosts),
        callback_url=_callback_url(settings),
    )
    folder = settings.storage.data_dir / "signalwire"
    shelf = media_shelf(settings, now)
    return SignalWireSender(account, folder, shelf, now, deletes_after_receipt=fax.delete_after_receipt)


def hylafax_account(hylafax: HylafaxSettings) -> HylafaxAccount:
    """HylaFAX's server, and how stubbornly it is to dial."""
    return HylafaxAccount(
        host=hylafax.host,
        port=hylafax.port,
        username=hylafax.username,
        password=hylafax.password.get_secret_value(),
        admin_password=hylafax.admin_password.get_secret_value(),
        kill_hours=hylafax.kill_hours,
        max_dials=hylafax.max_dials,
        max_tries=hylafax.max_tries,
        notes=hylafax.notes_dir,
    )


def senders(
    settings: Settings, fax: "FaxCarrier | None", grants: MailGrants, certificate_of: CertificateOf
) -> Mapping[Channel, Sender]:
    """Who sends on each channel that the clinic has a line for; `certificate_of` knows whom mail is encrypted for."""
    found: dict[Channel, Sender] = {}
    boxes = [box for box in mailboxes(settings) if box.from_address]
    if fax is not None:
        found[Channel.FAX] = fax
    elif settings.fax.carrier == "email":
        found[Channel.FAX] = FaxByEmail(_fax_service(settings), smtp_account(boxes[0], grants))
    if boxes:
        first, *others = [SmtpSender(smtp_account(box, grants), smime_of(box, certificate_of)) for box in boxes]
        routes = [MailRoute(box.sends_to, one) for box, one in zip(boxes[1:], others, strict=True)]
        found[Channel.EMAIL] = MailRoutes(first, routes) if routes else first
    return found


def _fax_service(settings: Settings) -> FaxService:
    by_email = settings.fax.by_email
    return FaxService(by_email.address, by_email.subject, settings.clinic.fax_number)
