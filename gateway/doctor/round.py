"""Which checks a clinic's settings ask for. A new line adds its file beside this one, and its line here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from gateway.daemon import imap_account
from gateway.doctor.callback import CallbackCheck
from gateway.doctor.clock import ClockCheck
from gateway.doctor.cloud import CloudCarrierCheck
from gateway.doctor.database import DatabaseCheck
from gateway.doctor.fax_trip import FaxTripCheck
from gateway.doctor.finding import Check
from gateway.doctor.folders import FoldersCheck
from gateway.doctor.hylafax import HylafaxCheck
from gateway.doctor.hylafax_spool import SPOOL, HylafaxSpoolCheck
from gateway.doctor.mail_out import MailOutCheck
from gateway.doctor.mail_trip import MailTripCheck
from gateway.doctor.mailbox import MailboxCheck
from gateway.doctor.pages import PagesCheck
from gateway.doctor.reading import ReadingCheck
from gateway.doctor.secrets_given import SecretsCheck
from gateway.lines import calls_back, fax_carrier, hylafax_account, smtp_account


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for beside the settings."""

    time_server: str = "pool.ntp.org"
    time_port: int = 123
    hylafax_spool: Path = SPOOL
    fax_to: str = ""
    fax_minutes: float = 15.0
    mail_to: str = ""


def checks_for(settings: Settings, file: Path, now: Callable[[], datetime], asked: Asked) -> list[Check]:
    """In the order they are told."""
    return [
        FoldersCheck(_folders(settings)),
        DatabaseCheck(settings),
        SecretsCheck(settings, file),
        ClockCheck(asked.time_server, asked.time_port),
        ReadingCheck(settings),
        PagesCheck(settings.web, settings.storage.data_dir),
        *_mail(settings, asked),
        *_fax(settings, now, asked),
    ]


def _folders(settings: Settings) -> dict[str, Path]:
    folders = {
        "storage.data_dir": settings.storage.data_dir,
        "inbox.scan_dir": settings.inbox.scan_dir,
        "inbox.drop_dir": settings.inbox.drop_dir,
    }
    if settings.fax.carrier == "loopback":
        folders["fax.loopback_exchange"] = settings.fax.loopback_exchange
    return folders


def _mail(settings: Settings, asked: Asked) -> list[Check]:
    if not settings.mail.enabled:
        return []
    watched = settings.mail.imap.folders
    account = smtp_account(settings)
    checks: list[Check] = [
        MailboxCheck(imap_account(settings.mail, watched[0] if watched else "INBOX"), watched),
        MailOutCheck(account),
    ]
    if asked.mail_to:
        checks.append(MailTripCheck(settings, account, asked.mail_to))
    return checks


def _fax(settings: Settings, now: Callable[[], datetime], asked: Asked) -> list[Check]:
    fax, carrier = settings.fax, fax_carrier(settings, now)
    checks: list[Check] = []
    if fax.carrier == "hylafax":
        checks.append(HylafaxCheck(hylafax_account(fax.hylafax), settings.clinic.fax_number))
        checks.append(HylafaxSpoolCheck(fax.hylafax.notes_dir, asked.hylafax_spool))
    elif fax.carrier in ("sinch", "telnyx", "signalwire") and carrier is not None:
        checks.append(CloudCarrierCheck(carrier))  # pyright: ignore[reportArgumentType] - these three list
    if fax.callbacks.public_url and calls_back(carrier) is not None:
        checks.append(CallbackCheck(fax.callbacks.public_url, fax.carrier, fax.callbacks.listen))
    if asked.fax_to and carrier is not None:
        checks.append(FaxTripCheck(settings, carrier, asked.fax_to, limit_s=60 * asked.fax_minutes))
    return checks
