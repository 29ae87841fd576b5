"""Which checks a clinic's settings ask for. A new line adds its file beside this one, and its line here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import Settings
from gateway.desk import SystemClock
from gateway.doctor.callback import CallbackCheck
from gateway.doctor.certificates import CertificatesCheck
from gateway.doctor.clock import ClockCheck
from gateway.doctor.cloud import CloudCarrierCheck
from gateway.doctor.database import DatabaseCheck
from gateway.doctor.fax_trip import FaxTripCheck
from gateway.doctor.finding import Check
from gateway.doctor.folders import FoldersCheck
from gateway.doctor.grants import GrantsOnDisk
from gateway.doctor.hylafax import HylafaxCheck
from gateway.doctor.hylafax_spool import SPOOL, HylafaxSpoolCheck
from gateway.doctor.mail_out import MailOutCheck
from gateway.doctor.mail_trip import MailTripCheck
from gateway.doctor.mailbox import MailboxCheck
from gateway.doctor.pages import PagesCheck
from gateway.doctor.reading import ReadingCheck
from gateway.doctor.secrets_given import SecretsCheck
from gateway.lines import calls_back, fax_carrier, hylafax_account
from gateway.mail_watchers import imap_account
from gateway.mailboxes import MAIN, Mailbox, mail_grants, mailboxes, smtp_account, watched
from gateway.services.mail_grants import MailGrants


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for beside the settings."""

    time_server: str = "pool.ntp.org"
    time_port: int = 123
    hylafax_spool: Path = SPOOL
    fax_to: str = ""
    fax_minutes: float = 15.0
    mail_to: str = ""
    login_follows: bool = False  # of setup: a mailbox that nobody has logged in to yet is no fault


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
    grants = mail_grants(settings, GrantsOnDisk(settings), SystemClock())
    boxes = list(mailboxes(settings))
    checks = [check for box in boxes for check in _mailbox(box, settings, grants, asked)]
    if boxes and asked.mail_to:
        checks.append(MailTripCheck(settings, smtp_account(boxes[0], grants), asked.mail_to))
    return [*checks, CertificatesCheck(settings)] if boxes else []


def _mailbox(box: Mailbox, settings: Settings, grants: MailGrants, asked: Asked) -> list[Check]:
    """Both ways of one mailbox, as far as it has them; a further one is called by its name."""
    is_main, folders = box.name == MAIN, watched(box)
    setting, behind = ("mail", "") if is_main else (f"mail.boxes ({box.name})", f" {box.name}")
    found: list[Check] = []
    if is_main or box.imap.username:
        account = imap_account(box, folders[0] if folders else "INBOX", ZoneInfo(settings.clinic.zone), grants)
        found.append(
            MailboxCheck(account, folders, f"{setting}.imap", f"mailbox{behind}", login_follows=asked.login_follows)
        )
    if is_main or box.from_address:
        out = smtp_account(box, grants)
        found.append(MailOutCheck(out, f"{setting}.smtp", f"outgoing mail{behind}", login_follows=asked.login_follows))
    return found


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
