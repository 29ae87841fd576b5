"""The clinic's lines: from settings to carriers, by plain constructor calls. Nothing is connected here."""

from collections.abc import Callable, Mapping
from datetime import datetime

from config.settings import HylafaxSettings, Settings
from config.vocabulary import Channel
from outbound.carriers.hylafax import HylafaxFax
from outbound.carriers.hylafax_server import HylafaxAccount
from outbound.carriers.loopback import LoopbackFax
from outbound.mail import SmtpAccount, SmtpSender
from outbound.sender import Sender

FaxCarrier = LoopbackFax | HylafaxFax
"""Each sends and receives; the daemon hands the same object to both users."""


def fax_carrier(settings: Settings, now: Callable[[], datetime]) -> FaxCarrier | None:
    """The fax line that the settings name, not yet opened."""
    clinic, fax = settings.clinic, settings.fax
    match fax.carrier:
        case "loopback":
            return LoopbackFax(fax.loopback_exchange, clinic.fax_number, now)
        case "hylafax":
            incoming = settings.storage.data_dir / "hylafax"
            return HylafaxFax(_hylafax_account(fax.hylafax), clinic.fax_number, incoming, clinic.country)
        case "none":
            return None


def _hylafax_account(hylafax: HylafaxSettings) -> HylafaxAccount:
    return HylafaxAccount(
        host=hylafax.host,
        port=hylafax.port,
        username=hylafax.username,
        password=hylafax.password.get_secret_value(),
        admin_password=hylafax.admin_password.get_secret_value(),
        kill_hours=hylafax.kill_hours,
        max_dials=hylafax.max_dials,
        max_tries=hylafax.max_tries,
    )


def senders(settings: Settings, fax: FaxCarrier | None) -> Mapping[Channel, Sender]:
    """Who sends on each channel that the clinic has a line for."""
    found: dict[Channel, Sender] = {}
    if fax is not None:
        found[Channel.FAX] = fax
    if settings.mail.enabled:
        found[Channel.EMAIL] = SmtpSender(_smtp_account(settings))
    return found


def _smtp_account(settings: Settings) -> SmtpAccount:
    mail, smtp = settings.mail, settings.mail.smtp
    return SmtpAccount(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
        ca_file=smtp.ca_file,
        from_address=mail.from_address,
        from_name=mail.from_name,
        reply_address=settings.clinic.reply_address,
        dot_timeout_s=smtp.dot_timeout_s,
    )
